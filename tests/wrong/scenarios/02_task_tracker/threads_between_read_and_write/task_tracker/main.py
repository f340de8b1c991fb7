"""The API of the task tracker."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response

from . import problems
from .payloads import Change, Day, NewTask, Status
from .store import Store, now

MOST_DAYS = 366


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep the file open while the app runs."""
    app.state.store = Store(os.getenv("DATABASE_URL", "sqlite:///tasks.db").removeprefix("sqlite:///"))
    yield
    app.state.store.close()


app = FastAPI(title="Task tracker", lifespan=lifespan)
problems.install(app)


async def get_store(request: Request) -> Store:
    """Give the store of the app."""
    store: Store = request.app.state.store
    return store


Tasks = Annotated[Store, Depends(get_store)]


async def get_task(task_id: int, tasks: Tasks) -> dict[str, Any]:
    """Look up the task in the path."""
    task = await asyncio.to_thread(tasks.get, task_id)
    if task is None:
        raise HTTPException(404, f"There is no task {task_id}.")
    return task


Task = Annotated[dict[str, Any], Depends(get_task)]


def check_range(first: date | None, last: date | None) -> None:
    """Refuse a range that ends before it begins."""
    if first and last and last < first:
        raise HTTPException(422, f"{last} is before {first}.")


@app.post("/tasks", status_code=201)
async def create_task(new: NewTask, tasks: Tasks) -> dict[str, Any]:
    """Log a task."""
    return tasks.add(new.title, new.description, new.status, new.due_date)


@app.get("/tasks")
async def list_tasks(
    tasks: Tasks,
    status: Annotated[list[Status], Query()] = [],  # noqa: B006 - nobody changes it
    due_from: Day | None = None,
    due_to: Day | None = None,
    created_from: Day | None = None,
    created_to: Day | None = None,
    overdue: bool | None = None,
) -> list[dict[str, Any]]:
    """List the tasks that fit all filters."""
    check_range(due_from, due_to)
    check_range(created_from, created_to)
    return tasks.find(
        status, overdue, due_from=due_from, due_to=due_to, created_from=created_from, created_to=created_to
    )


@app.get("/tasks/summary")
async def summarise(
    tasks: Tasks, first: Annotated[Day, Query(alias="from")], last: Annotated[Day, Query(alias="to")]
) -> dict[str, Any]:
    """Sum up where the tasks are, and how they came there."""
    check_range(first, last)
    length = (last - first).days + 1
    if length > MOST_DAYS:
        raise HTTPException(422, f"{length} days are too many: {MOST_DAYS} at most.")
    counts = tasks.count_completions()
    days = [(first + timedelta(days=number)).isoformat() for number in range(length)]
    return {
        "by_status": tasks.count_by_status(),
        "overdue": tasks.count_overdue(),
        "completions": [{"day": day, "completed": counts.get(day, 0)} for day in days],
    }


@app.get("/tasks/{task_id}")
async def read_task(task: Task) -> dict[str, Any]:
    """Read one task."""
    return task


@app.patch("/tasks/{task_id}")
async def change_task(task_id: int, change: Change, tasks: Tasks) -> dict[str, Any]:
    """Change what is named; while the threads work, the event loop serves other requests."""
    task = await get_task(task_id, tasks)
    task |= change.model_dump(mode="json", exclude_unset=True)
    task["updated_at"] = now()
    if task["status"] != Status.COMPLETED:
        task["completed_at"] = None
    elif task["completed_at"] is None:
        task["completed_at"] = task["updated_at"]
    await asyncio.to_thread(tasks.save, task)
    return task


@app.delete("/tasks/{task_id}", status_code=204)
async def delete_task(task_id: int, tasks: Tasks) -> Response:
    """Delete a task."""
    await get_task(task_id, tasks)
    await asyncio.to_thread(tasks.remove, task_id)
    return Response(status_code=204)
