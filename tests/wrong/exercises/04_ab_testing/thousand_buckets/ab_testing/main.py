"""A/B tests with a table of buckets for each experiment, made anew by a thread when the file changes."""

import asyncio
import hashlib
import json
import math
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException

BUCKETS = 1000
FILE = Path(os.environ.get("EXPERIMENTS_FILE", Path(__file__).with_name("experiments.json")))

tables: dict[str, list[str]] = {}


def table_of(name: str, value: Any) -> list[str]:
    """Return the variant of each bucket of an experiment."""
    try:
        assert isinstance(value, dict)
        assert value.keys() == {"variants", "weights"}
        variants, weights = value["variants"], value["weights"]
        assert isinstance(variants, list)
        assert isinstance(weights, list)
        assert all(isinstance(one, str) and one.strip() for one in variants)
        assert len(set(variants)) == len(variants) == len(weights) > 0
        assert all(type(one) in {int, float} and math.isfinite(one) and one >= 0 for one in weights)
        assert any(weights)
    except (AssertionError, OverflowError):
        raise ValueError(f"experiment {name} is not valid") from None
    table: list[str] = []
    for variant, weight in zip(variants, weights, strict=True):
        table += [variant] * round(BUCKETS * weight / sum(weights))
    return table


def read() -> dict[str, list[str]]:
    """Return the tables of all experiments."""
    try:
        content = json.loads(FILE.read_bytes().decode("utf-8"))
        assert isinstance(content, dict)
    except (OSError, ValueError, AssertionError) as error:
        raise ValueError(f"{FILE} cannot be read: {error!r}") from None
    return {name: table_of(name, value) for name, value in content.items()}


async def follow() -> None:
    """Read the file ten times a second."""
    said = ""
    while True:
        await asyncio.sleep(0.1)
        try:
            globals()["tables"] = read()
            said = ""
        except ValueError as error:
            if str(error) != said:
                print(error, file=sys.stderr, flush=True)
            said = str(error)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Begin to follow the file."""
    globals()["tables"] = read()
    following = asyncio.create_task(follow())
    yield
    following.cancel()


app = FastAPI(lifespan=lifespan)


@app.get("/assign")
async def assign(experiment_name: str, user_id: str) -> dict[str, str]:
    """Look into the table."""
    if not experiment_name.strip() or not user_id.strip():
        raise HTTPException(422)
    table = tables.get(experiment_name)
    if table is None:
        raise HTTPException(404)
    digest = hashlib.sha256(f"{experiment_name}/{user_id}".encode()).hexdigest()
    variant = table[int(digest, 16) % len(table)]
    return {"experiment_name": experiment_name, "user_id": user_id, "variant": variant}
