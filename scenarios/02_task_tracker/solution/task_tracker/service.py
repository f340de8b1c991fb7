"""The rules of the tasks; they know no HTTP, so that a nightly job, say, can keep them as well."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, Date
from sqlmodel import Session, and_, col, delete, func, not_, select, update

from shared.database import get_row, utc_now

from .errors import NotFoundError
from .models import DayCompletions, Period, Summary, Task, TaskCreate, TaskFilter, TaskStatus, TaskUpdate
from .settings import settings


def now() -> datetime:
    """Return the present time in UTC, or the one that the settings put in its place."""
    return settings.tracker_now or utc_now()


def create_task(session: Session, new: TaskCreate) -> Task:
    """Create a task, which may be completed already."""
    moment = now()
    completed_at = moment if new.status == TaskStatus.COMPLETED else None
    times = {"created_at": moment, "updated_at": moment, "completed_at": completed_at}
    task = Task.model_validate(new, update=times)
    session.add(task)
    session.commit()
    return task


def get_task(session: Session, task_id: int) -> Task:
    """Return the task with this id.

    Raises:
        NotFoundError: there is none.
    """
    task = get_row(session, Task, task_id)
    if task is None:
        raise NotFoundError("task", task_id)
    return task


def list_tasks(session: Session, wanted: TaskFilter) -> Sequence[Task]:
    """Return the tasks that match the filter, oldest first."""
    return session.exec(select(Task).where(*conditions(wanted)).order_by(col(Task.id))).all()


def change_task(session: Session, task: Task, change: TaskUpdate) -> Task:
    """Change the given fields, and keep `completed_at` true to the status.

    One statement does it all, since requests compete: what was read before may have changed by now.

    Raises:
        NotFoundError: another request has deleted the task meanwhile.
    """
    moment = now()
    values = {**change.model_dump(), "updated_at": moment}
    if "status" in values:
        completed = values["status"] == TaskStatus.COMPLETED
        values["completed_at"] = func.coalesce(Task.completed_at, moment) if completed else None
    statement = update(Task).where(col(Task.id) == task.id).values(values).returning(Task)
    changed: Task | None = session.exec(statement).scalar_one_or_none()
    if changed is None:
        raise NotFoundError("task", task.id)
    session.commit()
    return changed


def delete_task(session: Session, task: Task) -> None:
    """Delete a task.

    Raises:
        NotFoundError: another request has deleted it meanwhile.
    """
    deleted = session.exec(delete(Task).where(col(Task.id) == task.id)).rowcount
    if deleted == 0:
        raise NotFoundError("task", task.id)
    session.commit()


def summarize(session: Session, period: Period) -> Summary:
    """Count all tasks by status, the overdue ones, and the completions on each day of the period."""
    tasks = dict(session.exec(select(Task.status, func.count()).group_by(col(Task.status))).all())
    return Summary(
        by_status={status: tasks.get(status, 0) for status in TaskStatus},
        overdue=session.exec(select(func.count()).where(is_overdue())).one(),
        completions=count_completions(session, period),
    )


def count_completions(session: Session, period: Period) -> list[DayCompletions]:
    """Count the tasks that were completed on each day of the period, including days without any."""
    day = func.date(Task.completed_at, type_=Date)
    within = col(Task.completed_at).between(start_of(period.first), end_of(period.last))
    completed = dict(session.exec(select(day, func.count()).where(within).group_by(day)).all())
    return [DayCompletions(day=one, completed=completed.get(one, 0)) for one in period.days]


def conditions(wanted: TaskFilter) -> Iterator[ColumnElement[bool]]:
    """Return the SQL conditions that a wanted task fulfils."""
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
    """Return the SQL condition that a task is not completed, and was due before today (in UTC).

    A task without a due date is excluded first: a comparison with NULL is neither true nor false, even after a NOT.
    """
    unfinished = col(Task.status) != TaskStatus.COMPLETED
    return and_(unfinished, col(Task.due_date).is_not(None), col(Task.due_date) < now().date())


def start_of(day: date) -> datetime:
    """Return the first moment of a day in UTC."""
    return datetime.combine(day, time.min, UTC)


def end_of(day: date) -> datetime:
    """Return the last moment of a day in UTC, which exists even on the last day that Python knows."""
    return datetime.combine(day, time.max, UTC)
