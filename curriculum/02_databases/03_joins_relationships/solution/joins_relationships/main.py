"""Assembles the shop's reports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI
from sqlalchemy import Engine

from shared.problems import install_problem_handlers

from . import database, routes


class State(TypedDict):
    """What the lifespan gives to each request, as `request.state`."""

    engine: Engine


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
    """Open the database before the first request, and close it after the last."""
    with database.open_database() as engine:
        yield {"engine": engine}


app = FastAPI(title="Shop reports", lifespan=lifespan)
app.include_router(routes.router)
install_problem_handlers(app)
