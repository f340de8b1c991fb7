"""The shapes: what `/assign` takes and returns; an experiment as the file describes it is yours to write."""

from pydantic import BaseModel

from shared.text import NonBlank


class AssignmentQuery(BaseModel):
    """Whose variant is asked for."""

    experiment_name: NonBlank
    user_id: NonBlank


class Assignment(AssignmentQuery):
    """The variant of an experiment that a user gets."""

    variant: str


class ErrorMessage(BaseModel):
    """Why a request failed."""

    detail: str
