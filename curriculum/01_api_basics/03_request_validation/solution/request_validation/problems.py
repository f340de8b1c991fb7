"""The response to an invalid request: problem details (RFC 9457) that name every wrong field."""

from typing import Any, Literal

from fastapi import Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from shared.problems import MEDIA_TYPE, Problem, problem


class FieldError(BaseModel):
    """What is wrong with one field."""

    place: Literal["body", "query", "path"] = Field(alias="in")
    field: str | None = Field(description="its name, such as `supplier.email`; null: the body as a whole")
    reason: str


class ValidationProblem(Problem):
    """What a client gets when its request is not valid."""

    errors: list[FieldError]


SCHEMA = ValidationProblem.model_json_schema()
# In an OpenAPI document, a reference to "#/$defs/FieldError" would lead nowhere: put in what it refers to.
SCHEMA["properties"]["errors"]["items"] = SCHEMA.pop("$defs")["FieldError"]

VALIDATION_RESPONSES: dict[int | str, dict[str, Any]] = {
    status.HTTP_422_UNPROCESSABLE_CONTENT: {
        "description": "Each wrong field, and the reason",
        "content": {MEDIA_TYPE: {"schema": SCHEMA}},
    }
}


async def answer_validation_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer a request that is not valid with one error for each wrong field; no value is repeated."""
    assert isinstance(error, RequestValidationError)
    errors = [name_field(fault) for fault in error.errors()]
    return problem(status.HTTP_422_UNPROCESSABLE_CONTENT, "The request is not valid.", errors=errors)


def name_field(fault: dict[str, Any]) -> dict[str, str | None]:
    """Return where a field is, its name, and what is wrong with it: a `FieldError`, as pydantic reported it."""
    place, *path = fault["loc"]
    if fault["type"] == "json_invalid":
        path = []  # instead of the position of the character at which the body stops being JSON
    return {"in": place, "field": ".".join(map(str, path)) if path else None, "reason": fault["msg"]}
