"""Assembles the meeting scheduler: it starts, and its two paths answer 501."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import database, routes


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Close the database after the last request; what must be there before the first one is yours to add."""
    yield
    database.close()


app = FastAPI(title="Meeting scheduler", lifespan=lifespan)
app.include_router(routes.router)
install_problem_handlers(app)
