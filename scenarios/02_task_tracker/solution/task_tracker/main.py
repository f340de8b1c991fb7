"""Assembles the task tracker: each noun of the API adds its router here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from . import database, routes
from .problems import install_problem_handlers


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the tables before the first request."""
    database.create_tables()
    yield


app = FastAPI(title="Task tracker", lifespan=lifespan)
app.include_router(routes.router)
install_problem_handlers(app)
