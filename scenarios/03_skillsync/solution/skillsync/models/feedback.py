"""The shapes of feedback: ratings and comments are kept in one table, because they are read as one list."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StrictInt
from sqlmodel import Field, Index, SQLModel, text

from shared.database import utc_now
from shared.text import NonBlank

from .ids import PayloadId


class RatingCreate(SQLModel):
    """What a client sends to rate a challenge."""

    stars: Annotated[StrictInt, Field(ge=1, le=5)]


class CommentCreate(SQLModel):
    """What a client sends to comment on a challenge."""

    user_id: PayloadId
    text: NonBlank


IS_RATING = text("stars IS NOT NULL")


class Feedback(SQLModel, table=True):
    """A row of the table: a rating has stars, a comment has text."""

    __table_args__ = (
        Index("one_rating_each", "challenge_id", "user_id", unique=True, sqlite_where=IS_RATING),
    )

    id: int | None = Field(default=None, primary_key=True)
    challenge_id: int = Field(foreign_key="challenge.id", index=True)
    user_id: int = Field(foreign_key="user.id")
    stars: int | None = None
    text: str | None = None
    created_at: datetime = Field(default_factory=utc_now)

    @property
    def kind(self) -> str:
        """What sort of feedback this is."""
        return "comment" if self.stars is None else "rating"


class FeedbackPublic(SQLModel):
    """What a client gets."""

    id: int
    kind: Literal["rating", "comment"]
    user_id: int
    stars: int | None
    text: str | None
    created_at: datetime
