"""The rules of the tasks; they know no HTTP, so that a nightly job, say, can keep them as well."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, Date
from sqlmodel import Session, and_, col, delete, func, not_, select, update

from shared.database import utc_now

from .errors import TaskNotFoundError
from .models import DayCompletions, Period, Summary, Task, TaskCreate, TaskFilter, TaskStatus, TaskUpdate


def create_task(session: Session, new: TaskCreate) -> Task:
    """Log a task, which may be in any status already."""
    now = utc_now()
    completed_at = now if new.status == TaskStatus.COMPLETED else None
    times = {"created_at": now, "updated_at": now, "completed_at": completed_at}
    task = Task.model_validate(new, update=times)
    session.add(task)
    session.commit()
    return task


def get_task(session: Session, task_id: int) -> Task:
    """Give the task with this id, or raise `TaskNotFoundError`."""
    task = session.get(Task, task_id)
    if task is None:
        raise TaskNotFoundError(task_id)
    return task


def list_tasks(session: Session, wanted: TaskFilter) -> Sequence[Task]:
    """Give the tasks that fit the filter, the oldest first."""
    return session.exec(select(Task).where(*conditions(wanted)).order_by(col(Task.id))).all()


def change_task(session: Session, task_id: int, change: TaskUpdate) -> Task:
    """Change what is given, and keep `completed_at` true to the status; or raise `TaskNotFoundError`.

    One statement does it all: between a read and a write of ours another change would fit, and be lost.
    """
    now = utc_now()
    values = {"updated_at": now, **change.model_dump()}
    if "status" in values:
        completed = values["status"] == TaskStatus.COMPLETED
        values["completed_at"] = func.coalesce(Task.completed_at, now) if completed else None
    statement = update(Task).where(col(Task.id) == task_id).values(values).returning(Task)
    task: Task | None = session.exec(statement).scalar_one_or_none()
    if task is None:
        raise TaskNotFoundError(task_id)
    session.commit()
    return task


def delete_task(session: Session, task_id: int) -> None:
    """Delete one task, or raise `TaskNotFoundError`."""
    deleted = session.exec(delete(Task).where(col(Task.id) == task_id)).rowcount
    if deleted == 0:
        raise TaskNotFoundError(task_id)
    session.commit()


def summarize(session: Session, period: Period) -> Summary:
    """Count all tasks by status, those that are overdue, and the completions on each day of the period."""
    tasks = dict(session.exec(select(Task.status, func.count()).group_by(col(Task.status))).all())
    return Summary(
        by_status={status: tasks.get(status, 0) for status in TaskStatus},
        overdue=session.exec(select(func.count()).where(is_overdue())).one(),
        completions=count_completions(session, period),
    )


def count_completions(session: Session, period: Period) -> list[DayCompletions]:
    """Count the tasks that were completed on each day of the period, days without any included."""
    day = func.date(Task.completed_at, type_=Date)
    within = col(Task.completed_at).between(start_of(period.first), end_of(period.last))
    completed = dict(session.exec(select(day, func.count()).where(within).group_by(day)).all())
    return [DayCompletions(day=one, completed=completed.get(one, 0)) for one in period.days]


def conditions(wanted: TaskFilter) -> Iterator[ColumnElement[bool]]:
    """Say in SQL what must be true of a task that is wanted."""
    if wanted.status:
        yield col(Task.status).in_(wanted.status)
    if wanted.due_from is not None:
        yield col(Task.due_date) >= wanted.due_from
    if wanted.due_to is not None:
        yield col(Task.due_date) <= wanted.due_to
    if wanted.created_from is not None:
        yield col(Task.created_at) >= start_of(wanted.created_from)
    if wanted.created_to is not None:
        yield col(Task.created_at) <= end_of(wanted.created_to)
    if wanted.overdue is not None:
        yield is_overdue() if wanted.overdue else not_(is_overdue())


def is_overdue() -> ColumnElement[bool]:
    """Say in SQL that a task is not completed, and was due before today (in UTC).

    A task without a due date is told apart first: what is compared with NULL is neither true nor false, even
    after a NOT.
    """
    open_still = col(Task.status) != TaskStatus.COMPLETED
    return and_(open_still, col(Task.due_date).is_not(None), col(Task.due_date) < utc_now().date())


def start_of(day: date) -> datetime:
    """Give the first moment of a day in UTC."""
    return datetime.combine(day, time.min, UTC)


def end_of(day: date) -> datetime:
    """Give the last moment of a day in UTC, which exists even for the last day that Python knows."""
    return datetime.combine(day, time.max, UTC)
