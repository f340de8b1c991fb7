"""What a client can ask for when it lists challenges."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.text import NonBlank

from ..paging import PageQuery
from .challenges import MAX_TAGS, Difficulty
from .ids import QueryId

MAX_SEARCH_LENGTH = 200


class Sort(StrEnum):
    """What challenges can be sorted by."""

    RELEVANCE = "relevance"
    PATH = "path"
    DIFFICULTY = "difficulty"
    POPULARITY = "popularity"
    NEWEST = "newest"


class Order(StrEnum):
    """The direction of a sort."""

    ASC = "asc"
    DESC = "desc"


class ChallengeQuery(PageQuery):
    """Which challenges a client asks for, and in which order."""

    path: QueryId | None = None
    tag: list[NonBlank] = Field(default=[], max_length=MAX_TAGS)
    topic: NonBlank | None = None
    difficulty: Difficulty | None = None
    completed_by: QueryId | None = None
    not_completed_by: QueryId | None = None
    search: Annotated[NonBlank, Field(max_length=MAX_SEARCH_LENGTH)] | None = None
    viewer: QueryId | None = None
    sort: Sort | None = None
    order: Order | None = None

    @model_validator(mode="after")
    def require_what_the_sort_needs(self) -> Self:
        """Refuse to sort by relevance without a search, and by a path's order without a path."""
        if self.sort == Sort.RELEVANCE and self.search is None:
            raise ValueError("sort=relevance needs a search")
        if self.sort == Sort.PATH and self.path is None:
            raise ValueError("sort=path needs a path")
        return self

    @property
    def sorted_by(self) -> Sort:
        """The sort, or its default, which depends on what else is asked for."""
        if self.sort is not None:
            return self.sort
        if self.search is not None:
            return Sort.RELEVANCE
        return Sort.NEWEST if self.path is None else Sort.PATH

    @property
    def descending(self) -> bool:
        """Whether the order, or its default for the sort, is descending."""
        if self.order is not None:
            return self.order == Order.DESC
        return self.sorted_by not in {Sort.DIFFICULTY, Sort.PATH}
