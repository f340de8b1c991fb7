"""Assembles the shop's API. Still missing: the response to a weak password."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response, status

from shared.problems import install_problem_handlers, problem

from . import database, routes
from .errors import ConflictError, LoginError

CHALLENGE = 'Password realm="shop"'
"""RFC 9110, section 15.5.2, demands one; at `Basic`, browsers would show a dialog of their own."""


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Prepare the database before the first request."""
    database.prepare()
    yield


app = FastAPI(title="Shop", lifespan=lifespan)
app.include_router(routes.router)
install_problem_handlers(
    app,
    {
        ConflictError: status.HTTP_409_CONFLICT,
        NotImplementedError: status.HTTP_501_NOT_IMPLEMENTED,  # remove this at the end
    },
)


@app.exception_handler(LoginError)
async def answer_login_error(_request: Request, error: LoginError) -> Response:
    """Answer whoever did not prove who they are."""
    return problem(status.HTTP_401_UNAUTHORIZED, str(error), {"WWW-Authenticate": CHALLENGE})
