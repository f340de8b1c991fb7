"""What clients send and get."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Generic, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from shared.text import NonBlank

Reference = Annotated[int, Field(ge=1, lt=2**63)]
Filter = Annotated[
    int,
    BeforeValidator(lambda text: -1 if str(text).lstrip("+-").isdigit() and len(str(text)) > 18 else text),
]
Item = TypeVar("Item")


class Difficulty(StrEnum):
    """How hard a challenge is, the easiest first."""

    beginner = "beginner"
    intermediate = "intermediate"
    advanced = "advanced"


class Sort(StrEnum):
    """By what challenges are ordered."""

    relevance = "relevance"
    path = "path"
    difficulty = "difficulty"
    popularity = "popularity"
    newest = "newest"


class Order(StrEnum):
    """In which direction challenges are ordered."""

    asc = "asc"
    desc = "desc"


class FromRow(BaseModel):
    """What is made of a row."""

    model_config = ConfigDict(from_attributes=True)


class PageQuery(BaseModel):
    """Which page is wanted."""

    page: int = Field(1, ge=1)
    size: int = Field(10, ge=1, le=100)


class ChallengeQuery(PageQuery):
    """Which challenges are wanted, and in which order."""

    tag: list[NonBlank] = Field([], max_length=20)
    topic: NonBlank | None = None
    difficulty: Difficulty | None = None
    path: Filter | None = None
    completed_by: Filter | None = None
    not_completed_by: Filter | None = None
    viewer: Filter | None = None
    search: Annotated[NonBlank, Field(max_length=200)] | None = None
    sort: Sort | None = None
    order: Order | None = None

    @model_validator(mode="after")
    def decide_the_order(self) -> Self:
        """Fill in what was left out, and refuse a sort that lacks what it sorts by."""
        if self.sort is None:
            other = Sort.newest if self.path is None else Sort.path
            self.sort = other if self.search is None else Sort.relevance
        if self.sort is Sort.path and self.path is None:
            raise ValueError("the order of a path needs a path")
        if self.sort is Sort.relevance and self.search is None:
            raise ValueError("relevance needs a search")
        if self.order is None:
            self.order = Order.asc if self.sort in {Sort.difficulty, Sort.path} else Order.desc
        return self


class Page(FromRow, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    page: int
    size: int
    total: int
    pages: int


class UserCreate(BaseModel):
    """The payload of a new user."""

    name: NonBlank


class UserRead(FromRow):
    """A user."""

    id: int
    name: str
    created_at: datetime


class ChallengeCreate(BaseModel):
    """The payload of a new challenge."""

    title: NonBlank
    description: NonBlank
    difficulty: Difficulty
    topic: NonBlank
    tags: list[NonBlank] = Field([], max_length=20)
    designer_id: Reference

    @field_validator("tags")
    @classmethod
    def drop_repetitions(cls, tags: list[str]) -> list[str]:
        """Keep the first of each tag, whatever its letter case."""
        return [tag for n, tag in enumerate(tags) if tag.lower() not in {other.lower() for other in tags[:n]}]


class ChallengeUpdate(ChallengeCreate):
    """The payload of a change: the fields of a challenge, none of them required."""

    title: NonBlank = ""
    description: NonBlank = ""
    difficulty: Difficulty = Difficulty.beginner
    topic: NonBlank = ""
    designer_id: Reference = 0


class Viewer(BaseModel):
    """What somebody did with a challenge."""

    completed: bool
    stars: int | None


class ChallengeRead(FromRow):
    """A challenge."""

    id: int
    title: str
    description: str
    difficulty: Difficulty
    topic: str
    tags: list[str]
    designer_id: int
    completions: int
    created_at: datetime
    viewer: Viewer | None = None


class PathCreate(BaseModel):
    """The payload of a new path."""

    title: NonBlank
    description: NonBlank
    challenge_ids: list[Reference] = Field([], max_length=100)

    @field_validator("challenge_ids")
    @classmethod
    def hold_each_once(cls, ids: list[int]) -> list[int]:
        """Refuse repetitions."""
        if len(set(ids)) != len(ids):
            raise ValueError("each challenge can be there once")
        return ids


class PathRead(FromRow):
    """A path."""

    id: int
    title: str
    description: str
    challenge_ids: list[int]
    created_at: datetime


class TagCount(FromRow):
    """A tag, and how many challenges have it."""

    tag: str
    challenges: int


class TopicCount(FromRow):
    """A topic, and how many challenges have it."""

    topic: str
    challenges: int


class Remaining(BaseModel):
    """A challenge that is still to be completed."""

    id: int
    title: str


class PathProgress(BaseModel):
    """How far a user is on one path."""

    path_id: int
    title: str
    challenges: int
    completed: int
    share: float
    remaining: list[Remaining]


class Progress(BaseModel):
    """How far a user is on all paths."""

    user_id: int
    paths: list[PathProgress]


class RatingWrite(BaseModel):
    """The payload of a rating."""

    stars: int = Field(strict=True, ge=1, le=5)


class CommentCreate(BaseModel):
    """The payload of a comment."""

    user_id: Reference
    text: NonBlank


class FeedbackRead(FromRow):
    """A rating or a comment."""

    id: int
    kind: str
    user_id: int
    stars: int | None
    text: str | None
    created_at: datetime
