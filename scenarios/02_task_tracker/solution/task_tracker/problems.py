"""Errors as problem details: one JSON shape for all of them (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from .errors import NotFoundError

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """The body of every error response; `about:blank` means that the status says it all."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def problem(status_code: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return a response with problem details."""
    body = Problem(title=HTTPStatus(status_code).phrase, status=status_code, detail=detail)
    return JSONResponse(body.model_dump(), status_code, headers, MEDIA_TYPE)


def problem_responses(*status_codes: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of these statuses, for the argument `responses` of a router or an endpoint."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {code: {"description": HTTPStatus(code).phrase, "content": content} for code in status_codes}


def install_problem_handlers(app: FastAPI) -> None:
    """Let an app answer its own errors and FastAPI's with problem details."""

    @app.exception_handler(NotFoundError)
    def answer_not_found(_request: Request, error: NotFoundError) -> JSONResponse:
        """Answer what the service does not find."""
        return problem(status.HTTP_404_NOT_FOUND, str(error))

    @app.exception_handler(HTTPException)
    def answer_http_exception(_request: Request, error: HTTPException) -> JSONResponse:
        """Answer what the framework raises, such as for an unknown path."""
        return problem(error.status_code, error.detail, error.headers)

    @app.exception_handler(RequestValidationError)
    def answer_invalid_request(_request: Request, error: RequestValidationError) -> JSONResponse:
        """Answer an invalid request without repeating its input, which may hold what JSON cannot, such as NaN."""
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        return problem(status.HTTP_422_UNPROCESSABLE_CONTENT, "; ".join(faults))
