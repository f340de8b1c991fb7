"""The shapes of a user."""

from datetime import datetime
from typing import Annotated

from sqlmodel import Field, SQLModel

from shared.database import utc_now
from shared.text import NonBlank

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""An id within a payload or a query."""


class UserCreate(SQLModel):
    """What a client sends to add a user."""

    name: NonBlank


class User(UserCreate, table=True):
    """A row of the table."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=utc_now)


class UserPublic(UserCreate):
    """A user as they are answered."""

    id: int
    created_at: datetime


class PathProgress(SQLModel):
    """How far a learner has come on one path."""

    path_id: int
    title: str
    challenges: int
    completed: int
    share: float


class Progress(SQLModel):
    """How far a learner has come on all their paths."""

    user_id: int
    paths: list[PathProgress]
