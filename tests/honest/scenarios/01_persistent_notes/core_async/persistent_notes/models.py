"""The table as Core describes it, and what goes over the wire."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints, field_serializer
from sqlalchemy import Column, Integer, MetaData, Row, Table, Text

metadata = MetaData()
notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("created_at", Integer, nullable=False),  # seconds since 1970
    sqlite_autoincrement=True,
)
Line = Annotated[str, StringConstraints(pattern=r"\S")]


class Draft(BaseModel):
    """A note on its way in."""

    title: Line
    content: Line


class Note(Draft):
    """A note on its way out."""

    id: int
    created_at: int

    @classmethod
    def of(cls, row: Row[Any]) -> "Note":
        """Make a note of a row."""
        return cls(**row._mapping)

    @field_serializer("created_at")
    def as_text(self, seconds: int) -> str:
        """Write the time out."""
        return datetime.fromtimestamp(seconds, UTC).isoformat()
