"""The one path: who gets which variant."""

from fastapi import APIRouter, HTTPException, status
from pydantic import BaseModel

from shared.text import NonBlank

router = APIRouter(tags=["assignments"])

NOT_WRITTEN_YET = HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "This body is yours to write.")


class Assignment(BaseModel):
    """Which variant of an experiment a user gets."""

    user_id: str
    experiment_name: str
    variant: str


@router.get("/assign")
def assign(experiment_name: NonBlank, user_id: NonBlank) -> Assignment:
    """Assign a user to a variant: the same one each time, as long as the experiment is not changed."""
    raise NOT_WRITTEN_YET
