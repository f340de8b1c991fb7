"""The response to a request that failed.

Still missing: the handlers that answer every exception in the envelope. One of them gets a `RequestValidationError`,
whose `errors()` are what `name_field` takes.
"""

from typing import Any

from .models import FieldError


def name_field(fault: dict[str, Any]) -> FieldError:
    """Return where a wrong field is, its name, and what is wrong with it, as pydantic reported it."""
    place, *path = fault["loc"]
    if fault["type"] == "json_invalid":
        path = []  # instead of the position of the character at which the body stops being JSON
    return FieldError(place=place, field=path[0] if path else None, reason=fault["msg"])
