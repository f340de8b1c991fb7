"""The shapes of a task: what a client sends, what the table holds, and what a client gets back."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import MISSING, model_validator
from sqlmodel import Field, SQLModel

from shared.text import NonBlank

LONGEST_PERIOD = timedelta(days=366)


class TaskStatus(StrEnum):
    """How far a task is; it may go from any status to any other."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class TaskCreate(SQLModel):
    """What a client sends to log a task."""

    title: NonBlank
    description: NonBlank | None = None
    status: TaskStatus = Field(default=TaskStatus.PENDING, index=True)
    due_date: date | None = Field(default=None, index=True)


class TaskUpdate(SQLModel):
    """What a client sends to change a task: absent is untouched, and null clears what may be empty."""

    title: NonBlank | MISSING = MISSING
    description: NonBlank | MISSING | None = MISSING
    status: TaskStatus | MISSING = MISSING
    due_date: date | MISSING | None = MISSING


class Task(TaskCreate, table=True):
    """A row of the table; its times are the service's to set."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(index=True)
    updated_at: datetime
    completed_at: datetime | None = Field(default=None, index=True)


class TaskPublic(TaskCreate):
    """A task as it is answered."""

    id: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


class TaskFilter(SQLModel):
    """Which tasks to list: those that fit all that is given; a range of days, in UTC, holds both its ends."""

    status: list[TaskStatus] = []
    due_from: date | None = None
    due_to: date | None = None
    created_from: date | None = None
    created_to: date | None = None
    overdue: bool | None = None

    @model_validator(mode="after")
    def refuse_inverted_ranges(self) -> Self:
        """Refuse a range that ends before it begins: it is a slip, and an empty list would hide it."""
        for first, last in ((self.due_from, self.due_to), (self.created_from, self.created_to)):
            if first and last and last < first:
                raise ValueError(f"{last} is before {first}")
        return self


class Period(SQLModel):
    """The days, in UTC, that a summary is about, both ends included."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def refuse_inverted_and_endless(self) -> Self:
        """Refuse a period that ends before it begins, or whose answer would grow without bounds."""
        if not timedelta(0) <= self.last - self.first < LONGEST_PERIOD:
            raise ValueError(f"a period has from 1 to {LONGEST_PERIOD.days} days")
        return self

    @property
    def days(self) -> list[date]:
        """Every day of the period, in order."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


class DayCompletions(SQLModel):
    """How many tasks were completed on one day."""

    day: date
    completed: int


class Summary(SQLModel):
    """How the work goes: where all tasks stand now, and what was completed on each day of a period."""

    by_status: dict[TaskStatus, int]
    overdue: int
    completions: list[DayCompletions]
