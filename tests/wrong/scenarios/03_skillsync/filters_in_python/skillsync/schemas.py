"""What goes over the wire."""

from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import Query
from pydantic import AfterValidator, BaseModel, Field, StrictInt


def nobody_if_too_large(number: int) -> int:
    """Turn an id that SQLite cannot even be asked for into 0, which is nobody's either."""
    return number if abs(number) < 2**63 else 0


def without_repetition(tags: list[str]) -> list[str]:
    """Keep the first of the tags that differ in letter case only."""
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(tag.lower(), tag)
    return list(first.values())


def each_once(ids: list[int]) -> list[int]:
    """Refuse an id that stands there twice."""
    if len(set(ids)) < len(ids):
        raise ValueError("an id is repeated")
    return ids


Text = Annotated[str, Field(pattern=r"\S")]
Id = Annotated[int, AfterValidator(nobody_if_too_large)]
StrictId = Annotated[StrictInt, AfterValidator(nobody_if_too_large)]
Difficulty = Literal["beginner", "intermediate", "advanced"]
Tags = Annotated[list[Text], Field(max_length=20), AfterValidator(without_repetition)]
Item = TypeVar("Item")


class Paging:
    """Which page a client wants."""

    def __init__(
        self, page: Annotated[int, Query(ge=1)] = 1, size: Annotated[int, Query(ge=1, le=100)] = 10
    ) -> None:
        self.page = page
        self.size = size


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    page: int
    size: int
    total: int
    pages: int


class NewUser(BaseModel):
    """Someone who joins."""

    name: Text


class User(NewUser):
    """Someone who learns, designs or mentors."""

    id: int
    created_at: str


class NewChallenge(BaseModel):
    """A challenge that a designer has thought of."""

    title: Text
    description: Text
    difficulty: Difficulty
    topic: Text
    tags: Tags = []
    designer_id: StrictId


class ChallengeChange(BaseModel):
    """Any of the fields of a challenge; the defaults only say that none is required."""

    title: Text = ""
    description: Text = ""
    difficulty: Difficulty = "beginner"
    topic: Text = ""
    tags: Tags = []
    designer_id: StrictId = 0

    def sent(self) -> dict[str, Any]:
        """Give the fields that the client mentioned."""
        return self.model_dump(exclude_unset=True)


class Viewer(BaseModel):
    """What someone has done with a challenge."""

    completed: bool
    stars: int | None


class Challenge(NewChallenge):
    """A challenge to be completed."""

    id: int
    completions: int
    created_at: str
    viewer: Viewer | None = None


class NewPath(BaseModel):
    """A way through some challenges."""

    title: Text
    description: Text
    challenge_ids: Annotated[list[StrictId], Field(max_length=100), AfterValidator(each_once)] = []


class Path(NewPath):
    """A learning path."""

    id: int
    created_at: str


class Step(BaseModel):
    """A challenge that is still to do."""

    id: int
    title: str


class PathProgress(BaseModel):
    """How far someone is on one path."""

    path_id: int
    title: str
    challenges: int
    completed: int
    share: float
    remaining: list[Step]


class Progress(BaseModel):
    """How far someone is on all their paths."""

    user_id: int
    paths: list[PathProgress]


class Rating(BaseModel):
    """How good someone thinks a challenge is."""

    stars: Annotated[StrictInt, Field(ge=1, le=5)]


class NewComment(BaseModel):
    """What someone has to say about a challenge."""

    user_id: StrictId
    text: Text


class Entry(BaseModel):
    """A rating or a comment."""

    id: int
    kind: Literal["rating", "comment"]
    user_id: int
    stars: int | None
    text: str | None
    created_at: str
