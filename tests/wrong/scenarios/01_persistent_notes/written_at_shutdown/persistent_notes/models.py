"""The shapes of a note."""

from datetime import datetime

from pydantic import BaseModel, Field


class Draft(BaseModel):
    """What a client sends."""

    title: str = Field(pattern=r"\S")
    content: str = Field(pattern=r"\S")


class Note(Draft):
    """What a client gets."""

    id: int
    created_at: datetime
