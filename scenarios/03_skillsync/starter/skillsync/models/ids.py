"""The ids that clients send; those in a path are plain integers."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.database import MAX_ID


def or_nobodys(number: int) -> int:
    """Return 0, which nobody has, for an id that fits no column."""
    return number if abs(number) <= MAX_ID else 0


PayloadId = Annotated[int, Field(ge=1, le=MAX_ID)]
"""An id in a payload: what can be nobody's is refused there."""
QueryId = Annotated[int, AfterValidator(or_nobodys)]
"""An id in a query: one that nobody has is as good as any other."""
