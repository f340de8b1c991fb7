"""Assembles the shop's API. Nothing is authorized yet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, status

from shared.problems import install_problem_handlers, problem_responses

from . import database
from .errors import ConflictError, LoginError, NotFoundError
from .routes import orders, reports, reviews, tokens, users


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Prepare the database before the first request."""
    database.prepare()
    yield


app = FastAPI(
    title="Shop",
    lifespan=lifespan,
    responses=problem_responses(status.HTTP_401_UNAUTHORIZED, status.HTTP_403_FORBIDDEN),
)
app.include_router(users.router)
app.include_router(tokens.router)
app.include_router(reviews.router)
app.include_router(orders.router)
app.include_router(reports.router)
install_problem_handlers(
    app,
    {
        LoginError: status.HTTP_401_UNAUTHORIZED,  # still without a challenge
        NotFoundError: status.HTTP_404_NOT_FOUND,
        ConflictError: status.HTTP_409_CONFLICT,
    },
)
