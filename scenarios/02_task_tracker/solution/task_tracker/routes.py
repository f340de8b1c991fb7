"""The paths of the tasks: they translate between HTTP and the service, and decide nothing."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, status

from shared.database import RowId

from . import service
from .database import SessionDep
from .models import Period, Summary, Task, TaskCreate, TaskFilter, TaskPublic, TaskUpdate

router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.post("", status_code=status.HTTP_201_CREATED, response_model=TaskPublic)
def create_task(new: TaskCreate, session: SessionDep) -> Task:
    """Log a new task; the answer goes out when the task is safely stored."""
    return service.create_task(session, new)


@router.get("", response_model=list[TaskPublic])
def list_tasks(wanted: Annotated[TaskFilter, Query()], session: SessionDep) -> Sequence[Task]:
    """List the tasks that fit every filter that is given, the oldest first."""
    return service.list_tasks(session, wanted)


@router.get("/summary")  # before /{task_id}: the first path that fits is taken, and "summary" is no id
def read_summary(period: Annotated[Period, Query()], session: SessionDep) -> Summary:
    """Tell where all tasks stand now, and how many were completed on each day of a period."""
    return service.summarize(session, period)


@router.get("/{task_id}", response_model=TaskPublic)
def read_task(task_id: RowId, session: SessionDep) -> Task:
    """Read one task."""
    return service.get_task(session, task_id)


@router.patch("/{task_id}", response_model=TaskPublic)
def change_task(task_id: RowId, change: TaskUpdate, session: SessionDep) -> Task:
    """Change the fields that are sent; null clears the description and the due date."""
    return service.change_task(session, task_id, change)


@router.delete("/{task_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_task(task_id: RowId, session: SessionDep) -> None:
    """Delete one task."""
    service.delete_task(session, task_id)
