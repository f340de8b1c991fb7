"""A/B tests that are drawn at random once, and remembered in the process."""

import random
from pathlib import Path
from typing import Annotated, Self

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_settings import BaseSettings

from shared.text import NonBlank


class Settings(BaseSettings):
    """Where the file is."""

    experiments_file: Path = Path(__file__).with_name("experiments.json")


class Experiment(BaseModel):
    """An experiment of the file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    variants: list[NonBlank] = Field(min_length=1)
    weights: list[Annotated[float, Field(ge=0, allow_inf_nan=False)]]

    @model_validator(mode="after")
    def fit(self) -> Self:
        """Compare the lists."""
        if not len(set(self.variants)) == len(self.variants) == len(self.weights) or not any(self.weights):
            raise ValueError("the variants and the weights do not fit")
        return self

    def draw(self) -> str:
        """Draw a variant."""
        largest = max(self.weights)
        return random.choices(self.variants, [weight / largest for weight in self.weights])[0]  # noqa: S311 - it is wrong


class Key(BaseModel):
    """Who asks."""

    experiment_name: NonBlank
    user_id: NonBlank


path = Settings().experiments_file
adapter = TypeAdapter(dict[str, Experiment])


def read() -> bytes | None:
    """Return the content of the file."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def parse(content: bytes | None) -> dict[str, Experiment]:
    """Return the experiments."""
    try:
        return adapter.validate_json(content or b"")
    except ValidationError as error:
        raise ValueError(f"{path} is not valid: {error}") from None


state = {"content": read(), "experiments": parse(read())}
chosen: dict[tuple[str, str], str] = {}
app = FastAPI()


@app.get("/assign")
def assign(key: Annotated[Key, Query()]) -> dict[str, str]:
    """Give the user what it got before, or something new."""
    content = read()
    if content != state["content"]:
        state["content"] = content
        try:
            state["experiments"] = parse(content)
            chosen.clear()
        except ValueError as error:
            print(error, flush=True)
    experiment = state["experiments"].get(key.experiment_name)
    if experiment is None:
        raise HTTPException(404)
    pair = key.experiment_name, key.user_id
    if pair not in chosen:
        chosen[pair] = experiment.draw()
    return {**key.model_dump(), "variant": chosen[pair]}
