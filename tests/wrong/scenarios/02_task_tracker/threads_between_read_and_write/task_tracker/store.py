"""The tasks in SQLite: one connection, which the driver gives to one thread at a time."""

import os
import sqlite3
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from .payloads import Status

Row = dict[str, Any]

SCHEMA = """
    CREATE TABLE IF NOT EXISTS task (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        title        TEXT NOT NULL,
        description  TEXT,
        status       TEXT NOT NULL,
        due_date     TEXT,
        created_at   TEXT NOT NULL,
        updated_at   TEXT NOT NULL,
        completed_at TEXT
    )
"""
OVERDUE = "coalesce(due_date < :today AND status <> 'completed', FALSE)"


def now() -> str:
    """Tell the time in UTC, to the millisecond."""
    given = os.getenv("TRACKER_NOW")
    time = datetime.fromisoformat(given) if given else datetime.now(UTC)
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def today() -> str:
    """Tell the day in UTC."""
    return now()[:10]


class Store:
    """The table of the tasks."""

    def __init__(self, file: str) -> None:
        self.db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self.db.row_factory = lambda cursor, row: {
            column[0]: value for column, value in zip(cursor.description, row, strict=True)
        }
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def add(self, title: str, description: str | None, status: Status, due_date: date | None) -> Row:
        """Log a new task."""
        moment = now()
        task = {
            "title": title,
            "description": description,
            "status": status.value,
            "due_date": due_date and due_date.isoformat(),
            "created_at": moment,
            "updated_at": moment,
            "completed_at": moment if status is Status.COMPLETED else None,
        }
        sql = f"INSERT INTO task ({', '.join(task)}) VALUES ({', '.join(f':{name}' for name in task)})"  # noqa: S608
        return {"id": self.db.execute(sql, task).lastrowid, **task}

    def get(self, task_id: int) -> Row | None:
        """Read one task; SQLite cannot even be asked for an id beyond its largest."""
        if not 0 < task_id < 2**63:
            return None
        row: Row | None = self.db.execute("SELECT * FROM task WHERE id = ?", [task_id]).fetchone()
        return row

    def save(self, task: Row) -> None:
        """Write all fields of a task."""
        self.db.execute(
            "UPDATE task SET title = :title, description = :description, status = :status, due_date = :due_date,"
            " updated_at = :updated_at, completed_at = :completed_at WHERE id = :id",
            task,
        )

    def remove(self, task_id: int) -> None:
        """Delete a task."""
        self.db.execute("DELETE FROM task WHERE id = ?", [task_id])

    def find(self, statuses: Iterable[Status], overdue: bool | None, **days: date | None) -> list[Row]:
        """List the tasks that fit, the oldest first; `days` are the ends of the ranges, by their parameters' names."""
        values: Row = {name: day and day.isoformat() for name, day in days.items()}
        values |= {"today": today(), "overdue": overdue}
        wanted = {f"status_{number}": status.value for number, status in enumerate(statuses)}
        any_status = ", ".join(f":{name}" for name in wanted)
        conditions = {
            f"status IN ({any_status})": bool(wanted),
            f"{OVERDUE} = :overdue": overdue is not None,
            "due_date >= :due_from": values["due_from"],
            "due_date <= :due_to": values["due_to"],
            "substr(created_at, 1, 10) >= :created_from": values["created_from"],
            "substr(created_at, 1, 10) <= :created_to": values["created_to"],
        }
        where = " AND ".join(["TRUE", *(condition for condition, asked in conditions.items() if asked)])
        return self.db.execute(f"SELECT * FROM task WHERE {where} ORDER BY id", values | wanted).fetchall()  # noqa: S608

    def count_by_status(self) -> dict[str, int]:
        """Count the tasks in each status, also those without any."""
        rows = self.db.execute("SELECT status, count(*) AS tasks FROM task GROUP BY status")
        return {status.value: 0 for status in Status} | {row["status"]: row["tasks"] for row in rows}

    def count_overdue(self) -> int:
        """Count the tasks that should be completed by now."""
        sql = f"SELECT count(*) AS tasks FROM task WHERE {OVERDUE}"  # noqa: S608
        return int(self.db.execute(sql, {"today": today()}).fetchone()["tasks"])

    def count_completions(self) -> dict[str, int]:
        """Count the tasks that were completed on each day."""
        sql = (
            "SELECT substr(completed_at, 1, 10) AS day, count(*) AS tasks FROM task"
            " WHERE completed_at IS NOT NULL GROUP BY day"
        )
        return {row["day"]: row["tasks"] for row in self.db.execute(sql)}
