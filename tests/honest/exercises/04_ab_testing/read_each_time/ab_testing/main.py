"""A/B tests in functions: the file is read for each request, and taken if its bytes are others than before."""

import bisect
import hashlib
import itertools
import json
import math
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import Any

from fastapi import FastAPI, HTTPException

FILE = Path(os.environ.get("EXPERIMENTS_FILE", Path(__file__).parent / "experiments.json"))


class ConfigurationError(Exception):
    """The configuration is not valid; the text names the experiment or the file."""


@dataclass(frozen=True)
class Experiment:
    """The variants, and for each the sum of the weights up to its own."""

    variants: list[str]
    edges: list[Fraction]


Experiments = dict[str, Experiment]


@dataclass
class State:
    """What was in the file when it was last read, and the last experiments that were valid."""

    content: bytes | None
    experiments: Experiments


def read(path: Path) -> bytes | None:
    """Give the bytes of a file, or None if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def parse(content: bytes | None) -> Experiments:
    """Give the experiments that a file configures, or raise a ConfigurationError."""
    if content is None:
        raise ConfigurationError(f"{FILE} cannot be read")
    try:
        configuration = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{FILE} is not JSON: {error}") from error
    if not isinstance(configuration, dict):
        raise ConfigurationError(f"{FILE} holds no JSON object")
    return {name: parse_experiment(name, value) for name, value in configuration.items()}


def parse_experiment(name: str, value: Any) -> Experiment:
    """Give an experiment, or raise a ConfigurationError that names it."""
    if not isinstance(value, dict) or value.keys() != {"variants", "weights"}:
        raise ConfigurationError(f'experiment "{name}": it is no object with "variants" and "weights" alone')
    variants, weights = value["variants"], value["weights"]
    if not isinstance(variants, list) or not variants or not all(map(is_text, variants)):
        raise ConfigurationError(f'experiment "{name}": the variants are no array of names')
    if len(set(variants)) < len(variants):
        raise ConfigurationError(f'experiment "{name}": a variant is there twice')
    if not isinstance(weights, list) or not all(map(is_weight, weights)) or not any(weights):
        raise ConfigurationError(f'experiment "{name}": the weights are no array of numbers from 0 on')
    if len(weights) != len(variants):
        raise ConfigurationError(f'experiment "{name}": there are not as many weights as variants')
    return Experiment(variants, list(itertools.accumulate(map(Fraction, weights))))


def is_text(value: Any) -> bool:
    """Tell whether a value is a string that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def is_weight(value: Any) -> bool:
    """Tell whether a value is a number that is finite and not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value) and value >= 0
    except OverflowError:
        return False


def choose(name: str, experiment: Experiment, user_id: str) -> str:
    """Give the variant of a user: where a hash of both names falls on the line of all weights."""
    digest = hashlib.sha256(f"{len(name)}:{name}:{user_id}".encode()).digest()
    point = Fraction(int.from_bytes(digest), 2**256) * experiment.edges[-1]
    return experiment.variants[bisect.bisect_right(experiment.edges, point)]


state = State(None, {})
lock = Lock()


def current_experiments() -> Experiments:
    """Give the experiments of the file as it is now, or the last good ones if it is not valid now."""
    with lock:
        content = read(FILE)
        if content != state.content:
            state.content = content
            try:
                state.experiments = parse(content)
            except ConfigurationError as error:
                print(f"The configuration stays as it was: {error}", file=sys.stderr, flush=True)
        return state.experiments


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Read the file for the first time; if it is not valid, the app does not start."""
    state.content = read(FILE)
    state.experiments = parse(state.content)
    yield


app = FastAPI(title="A/B tests", lifespan=lifespan)


@app.get("/assign")
def assign(experiment_name: str, user_id: str) -> dict[str, str]:
    """Tell which variant a user sees."""
    if not is_text(experiment_name) or not is_text(user_id):
        raise HTTPException(422, "Neither parameter may be blank.")
    experiment = current_experiments().get(experiment_name)
    if experiment is None:
        raise HTTPException(404, "There is no experiment with this name.")
    variant = choose(experiment_name, experiment, user_id)
    return {"user_id": user_id, "experiment_name": experiment_name, "variant": variant}
