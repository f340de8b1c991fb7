"""A task tracker on SQLAlchemy Core: one writing transaction at a time; times are whole seconds."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, StringConstraints
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    create_engine,
    event,
    func,
    select,
)
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import JSONResponse

Text = Annotated[str, StringConstraints(pattern=r"\S")]
Status = Literal["pending", "in_progress", "completed"]

metadata = MetaData()
tasks = Table(
    "tasks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", String, nullable=False),
    Column("description", String),
    Column("status", String, nullable=False),
    Column("due_date", String),
    Column("created_at", String, nullable=False),
    Column("updated_at", String, nullable=False),
    Column("completed_at", String),
    sqlite_autoincrement=True,
)
engine = create_engine(
    os.environ.get("DATABASE_URL", "sqlite:///tasks.db"), max_overflow=-1, connect_args={"timeout": 30}
)


@event.listens_for(engine, "connect")
def leave_transactions_to_us(connection: Any, _record: Any) -> None:
    """Keep the driver from opening transactions by itself."""
    connection.isolation_level = None


@contextmanager
def writing() -> Iterator[Connection]:
    """Open a transaction that is the only writing one from its first statement on."""
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise


metadata.create_all(engine)
app = FastAPI(title="Task tracker")


def problem(status: int, detail: str, headers: Any = None) -> JSONResponse:
    """Make a response of an error."""
    content = {"type": "about:blank", "title": "Error", "status": status, "detail": detail}
    return JSONResponse(content, status, headers, "application/problem+json")


@app.exception_handler(StarletteHTTPException)
async def on_http_exception(_request: Request, error: StarletteHTTPException) -> JSONResponse:
    """Turn an HTTPException into problem details."""
    return problem(error.status_code, error.detail, error.headers)


@app.exception_handler(RequestValidationError)
async def on_invalid_request(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Turn a validation error into problem details."""
    return problem(422, ", ".join(fault["msg"] for fault in error.errors()))


class NewTask(BaseModel):
    """A task to create."""

    title: Text
    description: Text | None = None
    status: Status = "pending"
    due_date: date | None = None


class Change(BaseModel):
    """A change: what was not sent is not in `model_fields_set`."""

    title: Text = "-"
    description: Text | None = None
    status: Status = "pending"
    due_date: date | None = None


def now() -> str:
    """Return the time in UTC, in whole seconds."""
    given = os.environ.get("TRACKER_NOW")
    moment = datetime.fromisoformat(given) if given else datetime.now(UTC)
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def find(connection: Connection, task_id: int) -> RowMapping:
    """Read a task, or raise a 404."""
    row = None
    if 0 < task_id < 2**63:
        row = connection.execute(select(tasks).where(tasks.c.id == task_id)).mappings().one_or_none()
    if row is None:
        raise HTTPException(404, f"No task {task_id}")
    return row


def in_order(first: date | None, last: date | None) -> None:
    """Raise a 422 for a range that ends before it begins."""
    if first and last and last < first:
        raise HTTPException(422, "The range ends before it begins")


@app.post("/tasks", status_code=201)
def create_task(new: NewTask) -> dict[str, Any]:
    """Create a task."""
    moment = now()
    values = new.model_dump(mode="json") | {
        "created_at": moment,
        "updated_at": moment,
        "completed_at": moment if new.status == "completed" else None,
    }
    with writing() as connection:
        key = connection.execute(tasks.insert().values(values)).inserted_primary_key
    assert key is not None
    return {"id": key[0], **values}


@app.get("/tasks")
def list_tasks(
    status: Annotated[list[Status] | None, Query()] = None,
    due_from: date | None = None,
    due_to: date | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    overdue: bool | None = None,
) -> list[dict[str, Any]]:
    """List tasks."""
    in_order(due_from, due_to)
    in_order(created_from, created_to)
    query = select(tasks).order_by(tasks.c.id)
    created = func.substr(tasks.c.created_at, 1, 10)
    if status:
        query = query.where(tasks.c.status.in_(status))
    if due_from:
        query = query.where(tasks.c.due_date >= str(due_from))
    if due_to:
        query = query.where(tasks.c.due_date <= str(due_to))
    if created_from:
        query = query.where(created >= str(created_from))
    if created_to:
        query = query.where(created <= str(created_to))
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return [row for row in rows if overdue is None or is_overdue(row) == overdue]


def is_overdue(row: dict[str, Any]) -> bool:
    """Say whether a task is overdue."""
    return row["status"] != "completed" and row["due_date"] is not None and row["due_date"] < now()[:10]


@app.get("/tasks/summary")
def read_summary(
    first: Annotated[date, Query(alias="from")], last: Annotated[date, Query(alias="to")]
) -> dict[str, Any]:
    """Sum up the tasks."""
    in_order(first, last)
    if (last - first).days > 365:
        raise HTTPException(422, "366 days at most")
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(tasks)).mappings()]
    days = [str(first + timedelta(days=number)) for number in range((last - first).days + 1)]
    completed = [row["completed_at"][:10] for row in rows if row["completed_at"]]
    return {
        "by_status": {
            status: sum(row["status"] == status for row in rows)
            for status in ("pending", "in_progress", "completed")
        },
        "overdue": sum(map(is_overdue, rows)),
        "completions": [{"day": day, "completed": completed.count(day)} for day in days],
    }


@app.get("/tasks/{task_id}")
def read_task(task_id: int) -> dict[str, Any]:
    """Read a task."""
    with engine.connect() as connection:
        return dict(find(connection, task_id))


@app.patch("/tasks/{task_id}")
def change_task(task_id: int, change: Change) -> dict[str, Any]:
    """Change a task."""
    with writing() as connection:
        task = dict(find(connection, task_id))
        task |= change.model_dump(mode="json", exclude_unset=True)
        task["updated_at"] = now()
        if task["status"] != "completed":
            task["completed_at"] = None
        else:
            task["completed_at"] = task["completed_at"] or task["updated_at"]
        connection.execute(tasks.update().where(tasks.c.id == task_id).values(task))
    return task


@app.delete("/tasks/{task_id}", status_code=204)
def delete_task(task_id: int) -> None:
    """Delete a task."""
    with writing() as connection:
        find(connection, task_id)
        connection.execute(tasks.delete().where(tasks.c.id == task_id))
