"""The shapes of a learner's progress; it is computed, so it has no table."""

from sqlmodel import SQLModel


class ChallengeToDo(SQLModel):
    """A challenge of a path that the learner has not completed."""

    id: int
    title: str


class PathProgress(SQLModel):
    """How far a learner has come on one path."""

    path_id: int
    title: str
    challenges: int
    completed: int
    share: float
    remaining: list[ChallengeToDo]


class Progress(SQLModel):
    """How far a learner has come on all paths."""

    user_id: int
    paths: list[PathProgress]
