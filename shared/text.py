"""The string type that all payloads of the course share."""

from typing import Annotated

from pydantic import StringConstraints

NonBlank = Annotated[str, StringConstraints(pattern=r"\S")]
"""A string with at least one character that is not white space; it is kept as it was sent, blanks included."""
