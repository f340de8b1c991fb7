"""What clients send: the two payloads, and the types of their fields."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator


class Status(StrEnum):
    """How far a task is."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


def says_something(text: str) -> str:
    """Refuse a blank text, and one that no file can hold: half of a surrogate pair has no UTF-8."""
    text.encode()
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def looks_like_a_day(value: Any) -> Any:
    """Refuse numbers and times, which pydantic would take for dates as well."""
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"[0-9]{4}(-[0-9]{2}){2}", value)):
        return value
    raise ValueError("must be a day such as 2031-05-17")


Text = Annotated[str, AfterValidator(says_something)]
Day = Annotated[date, BeforeValidator(looks_like_a_day)]


class NewTask(BaseModel):
    """A task to be logged."""

    title: Text
    description: Text | None = None
    status: Status = Status.PENDING
    due_date: Day | None = None


class Change(BaseModel):
    """A change of a task; what was not sent is not changed, so the defaults are never used."""

    title: Text = ""
    description: Text | None = None
    status: Status = Status.PENDING
    due_date: Day | None = None
