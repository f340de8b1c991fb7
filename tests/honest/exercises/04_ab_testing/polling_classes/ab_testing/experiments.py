"""The shape of the configuration, and the choice of a variant."""

import json
import random
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"\S")]
Weight = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]


class Experiment(BaseModel):
    """Variants, and how often each is given."""

    model_config = ConfigDict(extra="forbid")

    variants: list[Name] = Field(min_length=1)
    weights: list[Weight]

    @model_validator(mode="after")
    def check(self) -> Self:
        """Compare the two lists with each other."""
        if len(self.variants) != len(self.weights):
            raise ValueError("there must be one weight for each variant")
        if len(set(self.variants)) != len(self.variants):
            raise ValueError("no variant may be there twice")
        if max(self.weights) == 0:
            raise ValueError("one weight at least must be greater than 0")
        return self

    def choose(self, seed: str) -> str:
        """Choose a variant; the same seed always gives the same one.

        The weights are scaled first, for their sum may be too large for a float.
        """
        largest = max(self.weights)
        rng = random.Random(seed)  # noqa: S311 - it must be repeatable, and hides nothing
        return rng.choices(self.variants, [weight / largest for weight in self.weights])[0]


class Experiments(RootModel[dict[str, Experiment]]):
    """All experiments by their names."""

    def assign(self, experiment_name: str, user_id: str) -> str | None:
        """Give the variant of a user, or None if there is no such experiment."""
        experiment = self.root.get(experiment_name)
        return experiment and experiment.choose(json.dumps([experiment_name, user_id]))
