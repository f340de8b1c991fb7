"""The shapes: an experiment as the file describes it, and what `/assign` takes and returns."""

from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.text import NonBlank

from .service import bounds_of, number_of, place_of

Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Experiment(BaseModel):
    """The variants of an experiment, and how often each is given in proportion to the others."""

    model_config = ConfigDict(strict=True, extra="forbid")

    variants: tuple[NonBlank, ...]
    weights: tuple[Weight, ...]

    @model_validator(mode="after")
    def require_variants_and_weights_that_fit(self) -> Self:
        """Raise `ValueError` for lists that do not fit together."""
        if len(self.variants) != len(self.weights):
            raise ValueError(f"{len(self.variants)} variants have {len(self.weights)} weights")
        if len(set(self.variants)) < len(self.variants):
            raise ValueError("two variants are equal")
        if not any(self.weights):
            raise ValueError("no weight is above 0")
        return self

    @cached_property
    def bounds(self) -> tuple[float, ...]:
        """Where the share of each variant ends; computed once, not for each request."""
        return bounds_of(self.weights)

    def variant_for(self, experiment_name: str, user_id: str) -> str:
        """Return the variant of a user."""
        return self.variants[place_of(number_of(experiment_name, user_id), self.bounds)]


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
