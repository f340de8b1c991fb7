"""The response to a request that failed: one envelope for whatever went wrong."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from .models import ErrorInfo, Failure, FieldError


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of these statuses."""
    return {status_code: {"model": Failure} for status_code in statuses}


def install_error_handlers(app: FastAPI) -> None:
    """Let an app answer every error in the envelope: its own, FastAPI's and Starlette's, and the unexpected."""
    app.add_exception_handler(HTTPException, answer_http_exception)
    app.add_exception_handler(RequestValidationError, answer_validation_error)
    app.add_exception_handler(Exception, answer_unexpected_error)


async def answer_http_exception(_request: Request, error: Exception) -> JSONResponse:
    """Answer what the app, FastAPI or Starlette has raised; its headers, such as `Allow`, stay."""
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).name.lower()  # such as `not_found`
    return failure(error.status_code, ErrorInfo(code=code, message=error.detail), error.headers)


async def answer_validation_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer a request that is not valid, with one entry for each wrong field."""
    assert isinstance(error, RequestValidationError)
    fields = [name_field(fault) for fault in error.errors()]
    info = ErrorInfo(code="validation_error", message="The request is not valid.", fields=fields)
    return failure(status.HTTP_422_UNPROCESSABLE_CONTENT, info)


async def answer_unexpected_error(_request: Request, _error: Exception) -> JSONResponse:
    """Answer an error that nobody foresaw: the log has the traceback, the client learns nothing of it."""
    info = ErrorInfo(code="internal_error", message="Something went wrong on our side.")
    return failure(status.HTTP_500_INTERNAL_SERVER_ERROR, info)


def failure(status_code: int, info: ErrorInfo, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return an error in its envelope, as a response."""
    return JSONResponse(Failure(error=info).model_dump(by_alias=True), status_code, headers)


def name_field(fault: dict[str, Any]) -> FieldError:
    """Return where a wrong field is, its name, and what is wrong with it, as pydantic reported it."""
    place, *path = fault["loc"]
    if fault["type"] == "json_invalid":
        path = []  # instead of the position of the character at which the body stops being JSON
    return FieldError(place=place, field=path[0] if path else None, reason=fault["msg"])
