"""Assembles the shop's API. Every operation is authorized here, once for all of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, status

from shared.problems import install_problem_handlers, problem_responses

from . import access, database
from .errors import ConflictError, NotFoundError
from .routes import orders, reports, reviews, tokens, users


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Prepare the database before the first request."""
    database.prepare()
    yield


app = FastAPI(
    title="Shop",
    lifespan=lifespan,
    dependencies=[Depends(access.authorize)],
    responses=problem_responses(status.HTTP_401_UNAUTHORIZED, status.HTTP_403_FORBIDDEN),
)
app.include_router(users.router)
app.include_router(tokens.router)
app.include_router(reviews.router)
app.include_router(orders.router)
app.include_router(reports.router)
for refusal in access.REFUSALS:
    app.add_exception_handler(refusal, access.refuse)
install_problem_handlers(
    app, {NotFoundError: status.HTTP_404_NOT_FOUND, ConflictError: status.HTTP_409_CONFLICT}
)
