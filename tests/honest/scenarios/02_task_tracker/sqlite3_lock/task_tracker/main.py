"""A task tracker on one SQLite connection, which a lock gives to one request at a time."""

import os
import sqlite3
import threading
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, field_validator
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.responses import JSONResponse

FIELDS = (
    "id",
    "title",
    "description",
    "status",
    "due_date",
    "created_at",
    "updated_at",
    "completed_at",
)


class Status(str, Enum):  # noqa: UP042 - as in many tutorials
    """How far a task is."""

    pending = "pending"
    in_progress = "in_progress"
    completed = "completed"


class TaskIn(BaseModel):
    """What a client sends; both for a new task and for a change."""

    title: str = ""
    description: str | None = None
    status: Status = Status.pending
    due_date: date | None = None

    @field_validator("title", "description")
    @classmethod
    def not_blank(cls, text: str | None) -> str | None:
        """Refuse what is blank, or what UTF-8 cannot hold; a default is not checked."""
        if text is not None and (not text.strip() or not text.encode()):
            raise ValueError("must not be blank")
        return text


class NewTask(TaskIn):
    """A new task needs a title."""

    title: str


class Tasks:
    """The table, and the lock that everybody takes."""

    def __init__(self, url: str) -> None:
        self.lock = threading.Lock()
        self.db = sqlite3.connect(url.removeprefix("sqlite:///"), check_same_thread=False)
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS tasks (id INTEGER PRIMARY KEY AUTOINCREMENT, title, description, status,"
            " due_date, created_at, updated_at, completed_at)"
        )

    def all(self) -> list[dict[str, Any]]:
        """Read all tasks, oldest first."""
        rows = self.db.execute(f"SELECT {', '.join(FIELDS)} FROM tasks ORDER BY id")  # noqa: S608
        return [dict(zip(FIELDS, row, strict=True)) for row in rows]

    def get(self, task_id: int) -> dict[str, Any]:
        """Read a task, or raise a 404."""
        for task in self.all():
            if task["id"] == task_id:
                return task
        raise HTTPException(404, "There is no such task.")

    def write(self, task: dict[str, Any]) -> dict[str, Any]:
        """Store a task, new or changed, and return it with its id."""
        marks = ", ".join(f":{field}" for field in FIELDS)
        cursor = self.db.execute(f"REPLACE INTO tasks ({', '.join(FIELDS)}) VALUES ({marks})", task)  # noqa: S608
        self.db.commit()
        return {**task, "id": cursor.lastrowid}


table = Tasks(os.getenv("DATABASE_URL") or "sqlite:///tasks.db")
app = FastAPI()


def problem(status: int, detail: str, headers: Any = None) -> JSONResponse:
    """Make the response of an error."""
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(content, status, headers, "application/problem+json")


@app.exception_handler(AnyHTTPException)
def on_http_exception(_request: Request, error: AnyHTTPException) -> JSONResponse:
    """Answer what was raised."""
    return problem(error.status_code, error.detail, error.headers)


@app.exception_handler(RequestValidationError)
def on_invalid_request(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Answer what is invalid."""
    return problem(422, f"{len(error.errors())} faults")


def clock() -> datetime:
    """Return the time in UTC."""
    return datetime.fromisoformat(os.getenv("TRACKER_NOW") or str(datetime.now(UTC))).astimezone(UTC)


def now() -> str:
    """Return the time in UTC as it is answered."""
    return clock().isoformat()


def overdue(task: dict[str, Any]) -> bool:
    """Say whether a task is overdue."""
    if task["status"] == "completed" or task["due_date"] is None:
        return False
    return date.fromisoformat(task["due_date"]) < clock().date()


def within(day: str | None, first: date | None, last: date | None) -> bool:
    """Say whether a day or time is in a range."""
    if first is None and last is None:
        return True
    if day is None:
        return False
    return (first or date.min) <= date.fromisoformat(day[:10]) <= (last or date.max)


def check_range(first: date | None, last: date | None) -> None:
    """Refuse a range that is no range."""
    if (first or date.min) > (last or date.max):
        raise HTTPException(422, "Not a range.")


@app.post("/tasks", status_code=201)
def create_task(new: NewTask) -> dict[str, Any]:
    """Create a task."""
    moment = now()
    done = moment if new.status is Status.completed else None
    times = {"created_at": moment, "updated_at": moment, "completed_at": done}
    with table.lock:
        return table.write({"id": None, **new.model_dump(mode="json"), **times})


@app.get("/tasks")
def list_tasks(
    status: Annotated[list[Status], Query()] = [],  # noqa: B006 - nobody changes it
    due_from: date | None = None,
    due_to: date | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    is_overdue: Annotated[bool | None, Query(alias="overdue")] = None,
) -> list[dict[str, Any]]:
    """List tasks."""
    check_range(due_from, due_to)
    check_range(created_from, created_to)
    with table.lock:
        return [
            task
            for task in table.all()
            if (not status or task["status"] in status)
            and within(task["due_date"], due_from, due_to)
            and within(task["created_at"], created_from, created_to)
            and is_overdue in (None, overdue(task))
        ]


@app.get("/tasks/summary")
def read_summary(
    first: Annotated[date, Query(alias="from")], last: Annotated[date, Query(alias="to")]
) -> dict[str, Any]:
    """Sum up tasks."""
    check_range(first, last)
    if last - first > timedelta(days=365):
        raise HTTPException(422, "Too long.")
    with table.lock:
        tasks = table.all()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return {
        "by_status": {one.value: len([task for task in tasks if task["status"] == one]) for one in Status},
        "overdue": len([task for task in tasks if overdue(task)]),
        "completions": [
            {
                "day": day,
                "completed": len([task for task in tasks if (task["completed_at"] or "")[:10] == str(day)]),
            }
            for day in days
        ],
    }


@app.get("/tasks/{task_id}")
def read_task(task_id: int) -> dict[str, Any]:
    """Read a task."""
    with table.lock:
        return table.get(task_id)


@app.patch("/tasks/{task_id}")
def change_task(task_id: int, change: TaskIn) -> dict[str, Any]:
    """Change a task."""
    with table.lock:
        task = table.get(task_id) | change.model_dump(mode="json", exclude_unset=True)
        task["updated_at"] = now()
        task["completed_at"] = (
            (task["completed_at"] or task["updated_at"]) if task["status"] == "completed" else None
        )
        return table.write(task)


@app.delete("/tasks/{task_id}", status_code=204)
def delete_task(task_id: int) -> Response:
    """Delete a task."""
    with table.lock:
        table.get(task_id)
        table.db.execute("DELETE FROM tasks WHERE id = ?", [task_id])
        table.db.commit()
    return Response(status_code=204)
