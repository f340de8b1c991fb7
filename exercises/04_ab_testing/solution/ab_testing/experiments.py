"""The experiments: what their file must hold, and how it is read while the app serves."""

import logging
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from shared.text import NonBlank

from .assignment import bounds_of, number_of, place_of

CHECK_SECONDS = 0.1
"""How old a look at the file may be when a request is answered."""

logger = logging.getLogger(__name__)

Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Experiment(BaseModel):
    """The variants of an experiment, and how often each is given in proportion to the others."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    variants: tuple[NonBlank, ...]
    weights: tuple[Weight, ...]

    @model_validator(mode="after")
    def refuse_what_cannot_be_given(self) -> Self:
        """Refuse variants and weights that do not fit together."""
        if len(self.variants) != len(self.weights):
            raise ValueError(f"{len(self.variants)} variants have {len(self.weights)} weights")
        if len(set(self.variants)) < len(self.variants):
            raise ValueError("a variant stands there twice")
        if not any(self.weights):
            raise ValueError("no weight is above 0")
        return self

    @cached_property
    def bounds(self) -> tuple[float, ...]:
        """Where the share of each variant ends; computed once, and not for each request."""
        return bounds_of(self.weights)

    def variant_for(self, experiment_name: str, user_id: str) -> str:
        """Give the variant of a user."""
        return self.variants[place_of(number_of(experiment_name, user_id), self.bounds)]


Experiments = dict[NonBlank, Experiment]
configuration = TypeAdapter(Experiments)


class ConfigurationError(Exception):
    """The configuration is not valid; the message names the file and, where one is at fault, the experiment."""


class ExperimentsFile:
    """The experiments of a file, and those of its next version as soon as it is valid.

    Args:
        path: the file.

    Raises:
        ConfigurationError: the file is not valid, and there is no earlier version to go on with.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = self.read()
        self.experiments = self.parse(self.content)
        self.problem: str | None = None
        self.checked_at = monotonic()

    def current(self) -> Experiments:
        """Give the experiments as they are now; the file is looked at, unless it was a moment ago."""
        if monotonic() - self.checked_at >= CHECK_SECONDS:
            self.check()
        return self.experiments

    def check(self) -> None:
        """Take what is new in the file, or log why it is not taken: once, not at each look.

        The content decides, and not the time of its last change: a file may change twice within one tick of that
        clock, or be replaced by an older one.
        """
        try:
            content = self.read()
            if content != self.content:
                self.experiments = self.parse(content)
                self.content = content
            self.problem = None
        except ConfigurationError as error:
            if str(error) != self.problem:
                self.problem = str(error)
                logger.error("The experiments stay as they were. %s", error)
        self.checked_at = monotonic()

    def read(self) -> bytes:
        """Give the content of the file, or raise `ConfigurationError`."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{self.path}: {error.strerror}") from None

    def parse(self, content: bytes) -> Experiments:
        """Give the experiments that the content describes, or raise `ConfigurationError`."""
        try:
            return configuration.validate_json(content)
        except ValidationError as error:
            faults = [": ".join(map(str, (*fault["loc"], fault["msg"]))) for fault in error.errors()]
            raise ConfigurationError(f"{self.path}: {'; '.join(faults)}") from None
