"""The only place that knows SQL."""

from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Engine
from sqlmodel import Session, SQLModel, and_, col, delete, func, not_, select, update

from .models import Task, TaskFilter, TaskStatus


def overdue_on(day: date) -> ColumnElement[bool]:
    """Express that a task should have been completed before a day; this is never null."""
    return and_(
        col(Task.status) != TaskStatus.completed, col(Task.due_date).is_not(None), col(Task.due_date) < day
    )


def fits_a_column(task_id: int) -> bool:
    """Say whether a key can be stored at all; a larger one cannot even be asked for."""
    return -(2**63) <= task_id < 2**63


class TaskRepository:
    """Stores tasks; each method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def create_tables(self) -> None:
        """Create the table, unless it is there."""
        SQLModel.metadata.create_all(self.engine)

    def add(self, task: Task) -> Task:
        """Store a new task, which gets its id."""
        with Session(self.engine, expire_on_commit=False) as session:
            session.add(task)
            session.commit()
            return task

    def get(self, task_id: int) -> Task | None:
        """Find a task by its id."""
        with Session(self.engine) as session:
            return session.get(Task, task_id) if fits_a_column(task_id) else None

    def update(self, task_id: int, values: dict[str, Any], now: datetime) -> Task | None:
        """Set some fields in one statement, so that changes of other fields at the same time are kept."""
        if not fits_a_column(task_id):
            return None
        values = values | {"updated_at": now}
        if "status" in values:
            completed = values["status"] is TaskStatus.completed
            values["completed_at"] = func.coalesce(col(Task.completed_at), now) if completed else None
        statement = update(Task).where(col(Task.id) == task_id).values(values).returning(Task)
        with Session(self.engine, expire_on_commit=False) as session:
            task = session.scalars(statement).one_or_none()
            session.commit()
            return task

    def delete(self, task_id: int) -> bool:
        """Delete a task, and tell whether there was one."""
        if not fits_a_column(task_id):
            return False
        with Session(self.engine) as session:
            found = session.exec(delete(Task).where(col(Task.id) == task_id)).rowcount
            session.commit()
            return found > 0

    def search(self, wanted: TaskFilter, today: date) -> list[Task]:
        """Find the tasks that fit all filters, the oldest first."""
        statement = select(Task).order_by(col(Task.id))
        if wanted.status:
            statement = statement.where(col(Task.status).in_(wanted.status))
        if wanted.due_from:
            statement = statement.where(col(Task.due_date) >= wanted.due_from)
        if wanted.due_to:
            statement = statement.where(col(Task.due_date) <= wanted.due_to)
        if wanted.created_from:
            start = datetime.combine(wanted.created_from, time.min, UTC)
            statement = statement.where(col(Task.created_at) >= start)
        if wanted.created_to:
            end = datetime.combine(wanted.created_to, time.max, UTC)
            statement = statement.where(col(Task.created_at) <= end)
        if wanted.overdue is not None:
            overdue = overdue_on(today)
            statement = statement.where(overdue if wanted.overdue else not_(overdue))
        with Session(self.engine) as session:
            return list(session.exec(statement))

    def count_by_status(self) -> dict[TaskStatus, int]:
        """Count the tasks in each status that has any."""
        with Session(self.engine) as session:
            return dict(session.exec(select(Task.status, func.count()).group_by(Task.status)).all())

    def count_overdue(self, today: date) -> int:
        """Count the overdue tasks."""
        with Session(self.engine) as session:
            return session.exec(select(func.count()).select_from(Task).where(overdue_on(today))).one()

    def completion_times(self, first: date, last: date) -> list[datetime]:
        """List when tasks were completed, from one day to another."""
        start, end = datetime.combine(first, time.min, UTC), datetime.combine(last, time.max, UTC)
        with Session(self.engine) as session:
            completed_at = col(Task.completed_at)
            return list(session.scalars(select(completed_at).where(completed_at.between(start, end))))
