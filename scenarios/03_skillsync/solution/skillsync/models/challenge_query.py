"""What a client can ask for when it lists challenges."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from shared.text import NonBlank

from ..paging import PageQuery
from .challenges import Difficulty
from .users import Id


class Sort(StrEnum):
    """What challenges can be sorted by."""

    RELEVANCE = "relevance"
    DIFFICULTY = "difficulty"
    POPULARITY = "popularity"
    NEWEST = "newest"


class Order(StrEnum):
    """The direction of a sort."""

    ASC = "asc"
    DESC = "desc"


class ChallengeQuery(PageQuery):
    """Which challenges a client asks for, and in which order."""

    tag: list[NonBlank] = Field(default=[], max_length=20)
    topic: NonBlank | None = None
    difficulty: Difficulty | None = None
    completed_by: Id | None = None
    not_completed_by: Id | None = None
    search: NonBlank | None = None
    sort: Sort | None = None
    order: Order | None = None

    @model_validator(mode="after")
    def require_search_for_relevance(self) -> Self:
        """Refuse to sort by relevance when there is nothing to be relevant to."""
        if self.sort == Sort.RELEVANCE and self.search is None:
            raise ValueError("sort=relevance needs a search")
        return self

    @property
    def sorted_by(self) -> Sort:
        """The sort: without a word about it, the best match of a search, and otherwise the newest, comes first."""
        return self.sort or (Sort.NEWEST if self.search is None else Sort.RELEVANCE)

    @property
    def descending(self) -> bool:
        """The direction: without a word about it, the easiest comes first, and otherwise the most."""
        return self.order == Order.DESC if self.order else self.sorted_by != Sort.DIFFICULTY
