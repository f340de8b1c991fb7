"""Assembles the task tracker: each noun of the API adds its router and its errors here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, status

from shared.problems import install_problem_handlers

from . import database, routes
from .errors import TaskNotFoundError


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the tables before the first request."""
    database.create_tables()
    yield


app = FastAPI(title="Task tracker", lifespan=lifespan)
app.include_router(routes.router)
install_problem_handlers(app, {TaskNotFoundError: status.HTTP_404_NOT_FOUND})
