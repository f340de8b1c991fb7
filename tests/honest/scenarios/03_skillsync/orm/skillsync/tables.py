"""The tables."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, TypeDecorator, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column, relationship

from shared.database import utc_now


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, kept without its offset."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Drop the offset, which is that of UTC."""
        return value.replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give the offset back."""
        return value.replace(tzinfo=UTC) if value else None


class Base(DeclarativeBase):
    """The base of all tables."""

    type_annotation_map = {datetime: Moment, list[str]: JSON}  # noqa: RUF012


class Numbered:
    """What has an id that is never used twice, and a moment of creation."""

    __table_args__: Any = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class User(Numbered, Base):
    """Someone who learns, designs or mentors."""

    __tablename__ = "user"

    name: Mapped[str]


class Completion(Base):
    """That a user has completed a challenge."""

    __tablename__ = "completion"

    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, index=True)


class Challenge(Numbered, Base):
    """Something to be done by a learner."""

    __tablename__ = "challenge"

    title: Mapped[str]
    description: Mapped[str]
    difficulty: Mapped[str] = mapped_column(index=True)
    topic: Mapped[str] = mapped_column(index=True)
    tags: Mapped[list[str]]
    designer_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


Challenge.completions = column_property(
    select(func.count(Completion.user_id))
    .where(Completion.challenge_id == Challenge.id)
    .correlate_except(Completion)
    .scalar_subquery()
)


class FoldedTag(Base):
    """A tag, without its letter case, by which a challenge is found."""

    __tablename__ = "folded_tag"

    tag: Mapped[str] = mapped_column(primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), primary_key=True, index=True)


class Word(Base):
    """A word by which a challenge is found, and whether its title holds it."""

    __tablename__ = "word"

    word: Mapped[str] = mapped_column(primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), primary_key=True, index=True)
    in_title: Mapped[bool]


class Feedback(Numbered, Base):
    """A rating or a comment."""

    __tablename__ = "feedback"
    __table_args__ = (
        Index(
            "one_rating_each", "challenge_id", "user_id", unique=True, sqlite_where=text("kind = 'rating'")
        ),
        {"sqlite_autoincrement": True},
    )

    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[str]
    stars: Mapped[int | None]
    text: Mapped[str | None]


class PathStep(Base):
    """A challenge on its place in a path."""

    __tablename__ = "path_step"

    path_id: Mapped[int] = mapped_column(ForeignKey("path.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    challenge: Mapped[Challenge] = relationship()


class Path(Numbered, Base):
    """A way through some challenges."""

    __tablename__ = "path"

    title: Mapped[str]
    description: Mapped[str]
    steps: Mapped[list[PathStep]] = relationship(order_by=PathStep.position, lazy="selectin")

    @property
    def challenge_ids(self) -> list[int]:
        """The challenges in their order."""
        return [step.challenge_id for step in self.steps]


class Enrolment(Base):
    """That a user follows a path."""

    __tablename__ = "enrolment"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    path_id: Mapped[int] = mapped_column(ForeignKey("path.id"), primary_key=True)
    path: Mapped[Path] = relationship(lazy="joined")
