"""What clients send and get."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class NoteCreate(BaseModel):
    """The payload of a new note."""

    title: str = Field(pattern=r"\S")
    content: str = Field(pattern=r"\S")


class NoteRead(NoteCreate):
    """A note with what the server added."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    created_at: datetime
