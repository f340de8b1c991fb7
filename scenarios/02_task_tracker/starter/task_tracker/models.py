"""The shapes of a task: what a client sends, what the table holds, and what a client gets back.

As in the rung before: `TaskBase`, `TaskCreate`, `Task` (the table) and `TaskPublic`. New are `TaskUpdate`, a filter for
the list, a range for the summary, and the summary.
"""

from enum import StrEnum

from pydantic import MISSING
from sqlmodel import SQLModel

from shared.text import NonBlank


class TaskStatus(StrEnum):
    """How far a task is; any status may follow any other."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class TaskUpdate(SQLModel):
    """What a client sends to change a task.

    A field that was not sent is `MISSING`, and `model_dump` leaves it out; null is a value like any other.
    """

    title: NonBlank | MISSING = MISSING
