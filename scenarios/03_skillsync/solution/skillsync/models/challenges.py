"""The shapes of a challenge, what it is found by, and its completions."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import MISSING, AfterValidator
from sqlalchemy import JSON, ColumnClause, Dialect, SmallInteger, TypeDecorator, column, table
from sqlmodel import Field, Index, SQLModel

from shared.database import utc_now
from shared.text import NonBlank

from .ids import PayloadId

MAX_TAGS = 20


class Difficulty(StrEnum):
    """How hard a challenge is, the easiest first."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class DifficultyRank(TypeDecorator[Difficulty]):
    """A column type that stores 0, 1 or 2, so that the database sorts by difficulty and not by the alphabet."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: Difficulty | None, dialect: Dialect) -> int | None:
        """Turn a difficulty into its rank."""
        return None if value is None else list(Difficulty).index(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Difficulty | None:
        """Turn a rank into its difficulty."""
        return None if value is None else list(Difficulty)[value]


def drop_repeated(tags: list[str]) -> list[str]:
    """Return the first of the tags that differ in letter case only."""
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(tag.lower(), tag)
    return list(first.values())


Tags = Annotated[list[NonBlank], Field(max_length=MAX_TAGS), AfterValidator(drop_repeated)]


class ChallengeBase(SQLModel):
    """What a client decides about a challenge."""

    title: NonBlank
    description: NonBlank
    difficulty: Difficulty
    topic: NonBlank
    tags: Tags = []
    designer_id: PayloadId


class ChallengeCreate(ChallengeBase):
    """What a client sends to create a challenge."""


class ChallengeUpdate(SQLModel):
    """What a client sends to change a challenge: what is absent stays as it is."""

    title: NonBlank | MISSING = MISSING
    description: NonBlank | MISSING = MISSING
    difficulty: Difficulty | MISSING = MISSING
    topic: NonBlank | MISSING = MISSING
    tags: Tags | MISSING = MISSING
    designer_id: PayloadId | MISSING = MISSING


class Challenge(ChallengeBase, table=True):
    """A row of the table; SQLite ends each index with the id, so each holds its rows in the order of a list."""

    __table_args__ = (
        Index("challenge_by_difficulty", "difficulty"),
        Index("challenge_by_popularity", "completions"),
        Index("challenge_by_difficulty_and_popularity", "difficulty", "completions"),
        Index("challenge_by_topic", "topic"),
        Index("challenge_by_topic_and_difficulty", "topic", "difficulty"),
        Index("challenge_by_topic_and_popularity", "topic", "completions"),
    )

    id: int | None = Field(default=None, primary_key=True)
    difficulty: Difficulty = Field(sa_type=DifficultyRank)
    tags: list[str] = Field(sa_type=JSON)  # as they were sent; challenges are found through ChallengeTag
    designer_id: int = Field(foreign_key="user.id")
    completions: int = 0
    created_at: datetime = Field(default_factory=utc_now)


class ChallengeTag(SQLModel, table=True):
    """A tag of a challenge in lower case, beside a copy of what challenges are filtered and sorted by.

    The copies let one index both find the challenges of a tag and hold them in the order that is asked for.
    Without them, every challenge of the tag would be looked up and sorted to return ten of them.
    """

    __tablename__ = "challenge_tag"
    __table_args__ = (
        Index("tag_by_difficulty", "tag", "difficulty", "challenge_id"),
        Index("tag_by_popularity", "tag", "completions", "challenge_id"),
    )

    tag: str = Field(primary_key=True)
    challenge_id: int = Field(primary_key=True, foreign_key="challenge.id", index=True)
    difficulty: Difficulty = Field(sa_type=DifficultyRank)
    topic: str
    completions: int


CREATE_CHALLENGE_TEXT = """
CREATE VIRTUAL TABLE IF NOT EXISTS challenge_text
USING fts5(title, description, tokenize = 'unicode61 remove_diacritics 0')
"""
"""The full-text index (https://www.sqlite.org/fts5.html); its `rowid` is the challenge's id."""

ALL_TEXT: ColumnClause[str] = column("challenge_text")
"""A column with the table's own name, by which `MATCH` means all columns."""
challenge_text = table("challenge_text", column("rowid"), column("title"), column("description"))
"""The same table for statements."""


class Completion(SQLModel, table=True):
    """A row of the table; its key is what makes completing twice the same as completing once."""

    user_id: int = Field(primary_key=True, foreign_key="user.id")
    challenge_id: int = Field(primary_key=True, foreign_key="challenge.id")


class Viewer(SQLModel):
    """What the user who looks at a challenge has done with it."""

    completed: bool
    stars: int | None


class ChallengePublic(ChallengeBase):
    """What a client gets."""

    id: int
    completions: int
    created_at: datetime
    viewer: Viewer | None = None
