"""Assembles the shop's API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI, status
from sqlalchemy import Engine

from shared.problems import install_problem_handlers

from . import database
from .errors import KeyReusedError, NotCoveredError, NotFoundError
from .routes import accounts, report, transfers


class State(TypedDict):
    """What the lifespan gives to each request, as `request.state`."""

    engine: Engine


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
    """Open the database before the first request, and close it after the last."""
    with database.open_database() as engine:
        yield {"engine": engine}


app = FastAPI(title="Shop", lifespan=lifespan)
app.include_router(accounts.router)
app.include_router(transfers.router)
app.include_router(report.router)
install_problem_handlers(
    app,
    {
        NotFoundError: status.HTTP_404_NOT_FOUND,
        NotCoveredError: status.HTTP_409_CONFLICT,
        KeyReusedError: status.HTTP_422_UNPROCESSABLE_CONTENT,
    },
)
