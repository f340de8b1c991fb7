"""The shapes of a task: what a client sends, what the table holds, and what a client gets back."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import MISSING, model_validator
from sqlmodel import Field, SQLModel

from shared.text import NonBlank

MAX_DAYS = 366


class TaskStatus(StrEnum):
    """How far a task is; any status may follow any other."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class TaskBase(SQLModel):
    """What a client decides about a task."""

    title: NonBlank
    description: NonBlank | None = None
    status: TaskStatus = TaskStatus.PENDING
    due_date: date | None = None


class TaskCreate(TaskBase):
    """What a client sends to create a task."""


class TaskUpdate(SQLModel):
    """What a client sends to change a task: absent is untouched, and null clears what may be empty."""

    title: NonBlank | MISSING = MISSING
    description: NonBlank | MISSING | None = MISSING
    status: TaskStatus | MISSING = MISSING
    due_date: date | MISSING | None = MISSING


class Task(TaskBase, table=True):
    """A row of the table; the service sets its times."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None


class TaskPublic(TaskBase):
    """What a client gets back."""

    id: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


class TaskFilter(SQLModel):
    """Which tasks to list: those that match all that is given; both ends of a range are included."""

    status: list[TaskStatus] = []
    due_from: date | None = None
    due_to: date | None = None
    created_from: date | None = None
    created_to: date | None = None
    overdue: bool | None = None

    @model_validator(mode="after")
    def refuse_inverted_ranges(self) -> Self:
        """Refuse a range that ends before it begins: an empty list would hide the mistake."""
        for first, last in ((self.due_from, self.due_to), (self.created_from, self.created_to)):
            if first and last and last < first:
                raise ValueError(f"{last} is before {first}")
        return self


class Period(SQLModel):
    """The days, in UTC, that a summary is about; both ends are included."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def refuse_inverted_and_long_periods(self) -> Self:
        """Refuse a period that ends before it begins, or whose summary would grow without limit."""
        if not 1 <= self.length <= MAX_DAYS:
            raise ValueError(f"a period has from 1 to {MAX_DAYS} days")
        return self

    @property
    def length(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1

    @property
    def days(self) -> list[date]:
        """Every day of the period, in order."""
        return [self.first + timedelta(days=number) for number in range(self.length)]


class DayCompletions(SQLModel):
    """How many tasks were completed on one day."""

    day: date
    completed: int


class Summary(SQLModel):
    """How the work goes: how many tasks have each status now, and how many were completed on each day."""

    by_status: dict[TaskStatus, int]
    overdue: int
    completions: list[DayCompletions]
