"""The paths of the tasks: they translate between HTTP and the service, and decide nothing."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, status

from . import service
from .database import SessionDep
from .models import Period, Summary, Task, TaskCreate, TaskFilter, TaskPublic, TaskUpdate
from .problems import problem_responses

router = APIRouter(prefix="/tasks", tags=["tasks"], responses=problem_responses(422))


def get_task(task_id: int, session: SessionDep) -> Task:
    """Return the task with this id, or raise what becomes a 404."""
    return service.get_task(session, task_id)


TaskDep = Annotated[Task, Depends(get_task)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=TaskPublic)
def create_task(new: TaskCreate, session: SessionDep) -> Task:
    """Create a task; it is stored before the response is sent."""
    return service.create_task(session, new)


@router.get("", response_model=list[TaskPublic])
def list_tasks(wanted: Annotated[TaskFilter, Query()], session: SessionDep) -> Sequence[Task]:
    """List the tasks that match every given filter, oldest first."""
    return service.list_tasks(session, wanted)


@router.get("/summary")  # before /{task_id}: the first path that fits is taken, and "summary" is no id
def read_summary(period: Annotated[Period, Query()], session: SessionDep) -> Summary:
    """Count the tasks in each status, the overdue ones, and the completions on each day of a period."""
    return service.summarize(session, period)


@router.get("/{task_id}", response_model=TaskPublic, responses=problem_responses(404))
def read_task(task: TaskDep) -> Task:
    """Read one task."""
    return task


@router.patch("/{task_id}", response_model=TaskPublic, responses=problem_responses(404))
def change_task(task: TaskDep, change: TaskUpdate, session: SessionDep) -> Task:
    """Change the fields that are sent; null clears the description and the due date."""
    return service.change_task(session, task, change)


@router.delete("/{task_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problem_responses(404))
def delete_task(task: TaskDep, session: SessionDep) -> None:
    """Delete one task."""
    service.delete_task(session, task)
