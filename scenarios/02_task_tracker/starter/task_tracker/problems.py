"""Errors as problem details: one JSON shape for all of them (RFC 9457).

Here belong the exception handlers: for your own errors (`errors.py`), for Starlette's `HTTPException` (unknown paths
and methods) and for FastAPI's `RequestValidationError` (invalid requests). Install them in `main.py`, last of all.
"""

from pydantic import BaseModel

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """The body of every error response; `about:blank` means that the status says it all."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
