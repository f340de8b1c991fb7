"""Errors as problem details: one JSON shape for all of them (RFC 9457)."""

from collections.abc import Mapping
from http.client import responses
from typing import Any

from fastapi import FastAPI, Request, Response, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
WITHOUT_BODY = {status.HTTP_204_NO_CONTENT, status.HTTP_205_RESET_CONTENT, status.HTTP_304_NOT_MODIFIED}


class Problem(BaseModel):
    """What a client gets instead of what it asked for (RFC 9457, section 3.1)."""

    type: str = Field(description="a URI of the kind of problem; `about:blank`: the status says it all")
    title: str
    status: int
    detail: str


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of these statuses, for the argument `responses` of FastAPI, a router or an endpoint.

    Args:
        statuses: those that are answered with a `Problem`; 422 replaces FastAPI's own description of it.
    """
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {code: {"description": responses[code], "content": content} for code in statuses}


def install_problem_handlers(app: FastAPI, statuses: Mapping[type[Exception], int] | None = None) -> None:
    """Let an app answer every error with problem details: its own, FastAPI's, and the unexpected.

    Args:
        app: the app, before it serves.
        statuses: the domain's own exceptions, and the status that each becomes; an exception's text is its detail.
    """

    async def answer_domain_error(_request: Request, error: Exception) -> JSONResponse:
        kind = next(kind for kind in type(error).__mro__ if kind in domain_statuses)
        return problem(domain_statuses[kind], str(error))

    domain_statuses = dict(statuses or {})
    for error_type in domain_statuses:
        app.add_exception_handler(error_type, answer_domain_error)
    app.add_exception_handler(HTTPException, answer_http_exception)
    app.add_exception_handler(RequestValidationError, answer_validation_error)
    app.add_exception_handler(Exception, answer_unexpected_error)


def problem(
    status_code: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Make an answer of problem details.

    Args:
        status_code: the HTTP status.
        detail: what happened, for a person who reads it.
        headers: of the answer, such as `WWW-Authenticate`.
        more: extension members (RFC 9457, section 3.2).
    """
    title = responses.get(
        status_code, "Error"
    )  # of the type "about:blank", it is the status's (section 4.2.1)
    content = {"type": "about:blank", "title": title, "status": status_code, "detail": detail, **more}
    return JSONResponse(content, status_code, headers, MEDIA_TYPE)


async def answer_http_exception(_request: Request, error: Exception) -> Response:
    """Answer what was raised as an `HTTPException`, by the app or by the framework (an unknown path, say)."""
    assert isinstance(error, HTTPException)
    if error.status_code in WITHOUT_BODY:
        return Response(status_code=error.status_code, headers=error.headers)
    return problem(error.status_code, str(error.detail), error.headers)


async def answer_validation_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer a request that is not valid; `errors` names each place and what is wrong there.

    The input itself is not repeated: it may hold what JSON cannot (NaN, half of a surrogate pair).
    """
    assert isinstance(error, RequestValidationError)
    errors = [{"place": ".".join(map(str, fault["loc"])), "detail": fault["msg"]} for fault in error.errors()]
    return problem(status.HTTP_422_UNPROCESSABLE_CONTENT, "The request is not valid.", errors=errors)


async def answer_unexpected_error(_request: Request, _error: Exception) -> JSONResponse:
    """Answer an error that nobody foresaw: the log has the traceback, the client learns nothing of it."""
    return problem(status.HTTP_500_INTERNAL_SERVER_ERROR, "Something went wrong on our side.")
