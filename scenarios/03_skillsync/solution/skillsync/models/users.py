"""The shapes of a user."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from shared.database import utc_now
from shared.text import NonBlank


class UserBase(SQLModel):
    """What a client decides about a user."""

    name: NonBlank


class UserCreate(UserBase):
    """What a client sends to create a user."""


class User(UserBase, table=True):
    """A row of the table."""

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=utc_now)


class UserPublic(UserBase):
    """What a client gets."""

    id: int
    created_at: datetime
