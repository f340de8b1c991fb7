"""What payloads of the course share about strings."""

from typing import Annotated

from pydantic import StringConstraints

NonBlank = Annotated[str, StringConstraints(pattern=r"\S")]
"""A string with at least one character that is not white space; it is kept as it was sent, blanks included."""


def refuse_nul(text: str) -> str:
    """Refuse the one character that PostgreSQL cannot store (its documentation, 8.3).

    Raises:
        ValueError: it is there.
    """
    if "\0" in text:
        raise ValueError("a text has no NUL character")
    return text
