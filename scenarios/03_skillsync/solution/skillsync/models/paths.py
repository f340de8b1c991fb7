"""The shapes of a learning path, of its steps, and of an enrolment in it."""

from datetime import datetime

from sqlmodel import Field, Relationship, SQLModel

from shared.database import utc_now
from shared.text import NonBlank

from .ids import PayloadId

MAX_STEPS = 100


class PathBase(SQLModel):
    """What a client decides about a path."""

    title: NonBlank
    description: NonBlank


class PathCreate(PathBase):
    """What a client sends to create a path, with its challenges in their order."""

    challenge_ids: list[PayloadId] = Field(default=[], max_length=MAX_STEPS)


class LearningPath(PathBase, table=True):
    """A row of the table."""

    __tablename__ = "learning_path"

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=utc_now)
    # "selectin" loads the steps of all paths of a page with one query, not with one for each path.
    steps: list["PathStep"] = Relationship(
        sa_relationship_kwargs={"lazy": "selectin", "order_by": "PathStep.position"}
    )

    @property
    def challenge_ids(self) -> list[int]:
        """The path's challenges, in their order."""
        return [step.challenge_id for step in self.steps]


class PathStep(SQLModel, table=True):
    """A challenge of a path, and its place there."""

    __tablename__ = "path_step"

    path_id: int | None = Field(default=None, primary_key=True, foreign_key="learning_path.id")
    challenge_id: int = Field(primary_key=True, foreign_key="challenge.id")
    position: int


class PathPublic(PathBase):
    """What a client gets."""

    id: int
    challenge_ids: list[int]
    created_at: datetime


class Enrolment(SQLModel, table=True):
    """A row of the table; its key is what makes enrolling twice the same as enrolling once."""

    user_id: int = Field(primary_key=True, foreign_key="user.id")
    path_id: int = Field(primary_key=True, foreign_key="learning_path.id")
