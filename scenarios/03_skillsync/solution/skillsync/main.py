"""Assembles the SkillSync API: each noun adds its router here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, status

from shared.problems import install_problem_handlers

from . import database
from .errors import NotFoundError, UnknownIdError
from .routes import challenges, feedback, labels, paths, progress, users


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the tables before the first request."""
    database.create_tables()
    yield


app = FastAPI(title="SkillSync", lifespan=lifespan)
app.include_router(users.router)
app.include_router(progress.router)
app.include_router(challenges.router)
app.include_router(feedback.router)
app.include_router(paths.router)
app.include_router(labels.router)
install_problem_handlers(
    app,
    {
        NotFoundError: status.HTTP_404_NOT_FOUND,
        UnknownIdError: status.HTTP_422_UNPROCESSABLE_CONTENT,
    },
)
