"""The response to an invalid request: problem details (RFC 9457) that name every wrong field.

The shape is finished, and OpenAPI knows it. Still missing: a function that makes such a response from the
`RequestValidationError` that FastAPI raises; `problem` of `shared.problems` takes `errors` as well.
"""

from typing import Any, Literal

from fastapi import status
from pydantic import BaseModel, Field

from shared.problems import MEDIA_TYPE, Problem


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
