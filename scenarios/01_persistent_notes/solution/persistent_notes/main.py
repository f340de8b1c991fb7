"""Assembles the sticky notes API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import database, routes


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the tables before the first request."""
    database.create_tables()
    yield


app = FastAPI(title="Persistent notes", lifespan=lifespan)
install_problem_handlers(app)
app.include_router(routes.router)
