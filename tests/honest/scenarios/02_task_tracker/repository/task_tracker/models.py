"""The table of the tasks, and the shapes that go over the wire."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from shared.text import NonBlank


def parse_day(value: Any) -> date:
    """Read a day that is written as days are written in JSON, and in no other way."""
    if isinstance(value, str):
        day = date.fromisoformat(value)
        if day.isoformat() == value:
            return day
    raise ValueError("a day is written YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(parse_day)]


class TaskStatus(StrEnum):
    """The three states of a task."""

    pending = "pending"
    in_progress = "in_progress"
    completed = "completed"


class Task(SQLModel, table=True):
    """One task."""

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Column(default=None, primary_key=True)
    title: str
    description: str | None = None
    status: TaskStatus
    due_date: date | None = None
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None


class TaskCreate(BaseModel):
    """What a client sends to log a task."""

    title: NonBlank
    description: NonBlank | None = None
    status: TaskStatus = TaskStatus.pending
    due_date: Day | None = None


class TaskUpdate(BaseModel):
    """What a client sends to change a task."""

    title: NonBlank | None = None
    description: NonBlank | None = None
    status: TaskStatus | None = None
    due_date: Day | None = None

    @field_validator("title", "status")
    @classmethod
    def cannot_be_cleared(cls, value: object) -> object:
        """Refuse null where a task needs a value; a field that was left out does not come here."""
        if value is None:
            raise ValueError("cannot be null")
        return value


class TaskFilter(BaseModel):
    """The filters of the list."""

    status: list[TaskStatus] = []
    due_from: Day | None = None
    due_to: Day | None = None
    created_from: Day | None = None
    created_to: Day | None = None
    overdue: bool | None = None

    @model_validator(mode="after")
    def ranges_are_in_order(self) -> Self:
        """Refuse a range whose end is before its beginning."""
        for first, last in ((self.due_from, self.due_to), (self.created_from, self.created_to)):
            if first is not None and last is not None and last < first:
                raise ValueError("the range ends before it begins")
        return self


class Period(BaseModel):
    """The days of a summary."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")

    @model_validator(mode="after")
    def has_a_sensible_length(self) -> Self:
        """Refuse a period without a day, and one of more than a leap year."""
        if not 0 <= (self.last - self.first).days < 366:
            raise ValueError("the period must have 1 to 366 days")
        return self

    def days(self) -> list[date]:
        """Give all days, the first and the last included."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


class Completions(BaseModel):
    """How many tasks were completed on a day."""

    day: date
    completed: int


class Summary(BaseModel):
    """Where the tasks are, and how they got there."""

    by_status: dict[TaskStatus, int]
    overdue: int
    completions: list[Completions]
