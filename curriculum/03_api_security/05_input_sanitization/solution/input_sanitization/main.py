"""Assembles the blog."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, status

from shared.problems import install_problem_handlers

from . import database
from .errors import ConflictError, NotFoundError
from .routes import comments, posts, users


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Prepare the database before the first request."""
    database.prepare()
    yield


app = FastAPI(title="Blog", lifespan=lifespan)
app.include_router(users.router)
app.include_router(posts.router)
app.include_router(comments.router)
install_problem_handlers(
    app, {NotFoundError: status.HTTP_404_NOT_FOUND, ConflictError: status.HTTP_409_CONFLICT}
)
