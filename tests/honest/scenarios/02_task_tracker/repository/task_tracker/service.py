"""What the tracker does, whoever asks for it."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from .models import Completions, Period, Summary, Task, TaskCreate, TaskFilter, TaskStatus, TaskUpdate
from .repository import TaskRepository


class TaskNotFoundError(Exception):
    """There is no task with this id."""

    def __init__(self, task_id: int) -> None:
        super().__init__(f"There is no task {task_id}.")


class TaskService:
    """The use cases of the tracker."""

    def __init__(self, repository: TaskRepository, clock: Callable[[], datetime]) -> None:
        self.repository = repository
        self.clock = clock

    def log(self, data: TaskCreate) -> Task:
        """Log a task."""
        now = self.clock()
        completed_at = now if data.status is TaskStatus.completed else None
        return self.repository.add(
            Task(**data.model_dump(), created_at=now, updated_at=now, completed_at=completed_at)
        )

    def get(self, task_id: int) -> Task:
        """Get a task, or raise TaskNotFoundError."""
        task = self.repository.get(task_id)
        if task is None:
            raise TaskNotFoundError(task_id)
        return task

    def change(self, task_id: int, data: TaskUpdate) -> Task:
        """Change the fields that were sent, or raise TaskNotFoundError."""
        task = self.repository.update(task_id, data.model_dump(exclude_unset=True), self.clock())
        if task is None:
            raise TaskNotFoundError(task_id)
        return task

    def delete(self, task_id: int) -> None:
        """Delete a task, or raise TaskNotFoundError."""
        if not self.repository.delete(task_id):
            raise TaskNotFoundError(task_id)

    def list(self, wanted: TaskFilter) -> list[Task]:
        """List the tasks that fit."""
        return self.repository.search(wanted, self.clock().date())

    def summary(self, period: Period) -> Summary:
        """Sum up all tasks, and the completions in a period."""
        per_day = Counter(
            moment.date() for moment in self.repository.completion_times(period.first, period.last)
        )
        return Summary(
            by_status=dict.fromkeys(TaskStatus, 0) | self.repository.count_by_status(),
            overdue=self.repository.count_overdue(self.clock().date()),
            completions=[Completions(day=day, completed=per_day[day]) for day in period.days()],
        )
