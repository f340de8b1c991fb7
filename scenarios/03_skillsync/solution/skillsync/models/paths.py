"""The shapes of a learning path, of its steps, and of an enrolment in it."""

from datetime import datetime
from typing import Annotated

from sqlmodel import Field, Relationship, SQLModel, UniqueConstraint

from shared.database import utc_now
from shared.text import NonBlank

from .users import Id


class PathBase(SQLModel):
    """What a path is called, and what it is about."""

    title: NonBlank
    description: NonBlank


class PathCreate(PathBase):
    """What a client sends to lay a path; the order of the challenges is theirs."""

    challenge_ids: Annotated[list[Id], Field(max_length=1000)] = []


class LearningPath(PathBase, table=True):
    """A row of the table."""

    __tablename__ = "learning_path"
    __table_args__ = {"sqlite_autoincrement": True}

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
    """One challenge of a path; no challenge stands in a path twice."""

    __tablename__ = "path_step"
    __table_args__ = (UniqueConstraint("path_id", "challenge_id"), {"sqlite_with_rowid": False})

    path_id: int | None = Field(default=None, primary_key=True, foreign_key="learning_path.id")
    position: int = Field(primary_key=True)
    challenge_id: int = Field(foreign_key="challenge.id")


class PathPublic(PathBase):
    """A path as it is answered."""

    id: int
    challenge_ids: list[int]
    created_at: datetime


class EnrolmentCreate(SQLModel):
    """What a client sends to enrol a user in a path."""

    user_id: Id


class Enrolment(SQLModel, table=True):
    """A row of the table; its key is what makes a second enrolment impossible."""

    __table_args__ = {"sqlite_with_rowid": False}

    user_id: int = Field(primary_key=True, foreign_key="user.id")
    path_id: int = Field(primary_key=True, foreign_key="learning_path.id")
    enrolled_at: datetime = Field(default_factory=utc_now)


class EnrolmentPublic(SQLModel):
    """An enrolment as it is answered."""

    user_id: int
    path_id: int
    enrolled_at: datetime
