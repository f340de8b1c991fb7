"""The paths of the tasks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, status

from .models import Period, Summary, Task, TaskCreate, TaskFilter, TaskUpdate
from .service import TaskService

router = APIRouter(prefix="/tasks", tags=["tasks"])


def get_service(request: Request) -> TaskService:
    """Give the service that `main` has put together."""
    service: TaskService = request.app.state.tasks
    return service


Service = Annotated[TaskService, Depends(get_service)]


@router.post("", status_code=status.HTTP_201_CREATED)
def log_task(data: TaskCreate, service: Service) -> Task:
    """Log a task."""
    return service.log(data)


@router.get("")
def list_tasks(wanted: Annotated[TaskFilter, Query()], service: Service) -> list[Task]:
    """List tasks."""
    return service.list(wanted)


@router.get("/summary")
def summarise_tasks(period: Annotated[Period, Query()], service: Service) -> Summary:
    """Sum up the tasks."""
    return service.summary(period)


@router.get("/{task_id}")
def read_task(task_id: int, service: Service) -> Task:
    """Read a task."""
    return service.get(task_id)


@router.patch("/{task_id}")
def change_task(task_id: int, data: TaskUpdate, service: Service) -> Task:
    """Change a task."""
    return service.change(task_id, data)


@router.delete("/{task_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_task(task_id: int, service: Service) -> None:
    """Delete a task."""
    service.delete(task_id)
