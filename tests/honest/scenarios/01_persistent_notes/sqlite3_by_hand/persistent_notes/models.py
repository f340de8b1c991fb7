"""What a note looks like on its way in and out."""

from datetime import datetime

from pydantic import BaseModel, field_validator


class NoteDraft(BaseModel):
    """A note that a client wants to keep."""

    title: str
    content: str

    @field_validator("*")
    @classmethod
    def has_text(cls, value: str) -> str:
        """Refuse white space alone."""
        if value.strip() == "":
            raise ValueError("write something")
        return value


class Note(BaseModel):
    """A note that is kept."""

    id: int
    title: str
    content: str
    created_at: datetime
