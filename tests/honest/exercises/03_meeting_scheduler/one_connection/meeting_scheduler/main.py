"""A meeting scheduler with a single connection, and an advisory lock for each slot."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from threading import Lock
from typing import Annotated, Any

import psycopg
from fastapi import Body, Depends, FastAPI, HTTPException, Request
from psycopg.rows import DictRow, dict_row
from pydantic import EmailStr, StrictInt

from shared.problems import install_problem_handlers

CREATE = """
CREATE TABLE IF NOT EXISTS time_slots (
    id serial PRIMARY KEY,
    start_time timestamp NOT NULL,
    end_time timestamp NOT NULL,
    is_booked boolean DEFAULT false NOT NULL,
    booked_by_email varchar
)
"""
FREE = """
SELECT id, start_time AT TIME ZONE 'UTC' AS start_time, end_time AT TIME ZONE 'UTC' AS end_time
FROM time_slots WHERE is_booked IS FALSE ORDER BY time_slots.start_time, id
"""
LOOK = """
SELECT id, start_time AT TIME ZONE 'UTC' AS start_time, end_time AT TIME ZONE 'UTC' AS end_time, is_booked
FROM time_slots WHERE id = %s
"""
Connection = psycopg.Connection[DictRow]


class Database:
    """One connection that one request has at a time."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(
            url, autocommit=True, options="-c timezone=UTC", row_factory=dict_row
        )
        self.lock = Lock()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Have the connection to oneself, from BEGIN to COMMIT."""
        with self.lock, self.connection.transaction():
            yield self.connection


def next_business_day() -> datetime:
    """Return the midnight at which the next business day begins."""
    today = os.environ.get("SCHEDULER_TODAY") or datetime.now(UTC).date().isoformat()
    day = date.fromisoformat(today).toordinal() + 1
    while date.fromordinal(day).strftime("%w") in "60":
        day += 1
    return datetime.fromordinal(day)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Database]]:
    """Open the connection, and see that the table is there and holds something."""
    database = Database(os.environ["DATABASE_URL"])
    with database.transaction() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(0)")
        connection.execute(CREATE)
        if not connection.execute("SELECT FROM time_slots").fetchall():
            day = next_business_day()
            edges = [day + timedelta(minutes=minutes) for minutes in range(9 * 60, 17 * 60 + 1, 30)]
            with connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO time_slots (start_time, end_time) VALUES (%s, %s)",
                    list(pairwise(edges)),
                )
    yield {"database": database}
    database.connection.close()


app = FastAPI(lifespan=lifespan)
install_problem_handlers(app)


def get_database(request: Request) -> Database:
    """Give the database to a request."""
    database: Database = request.state.database
    return database


@app.get("/availability")
def availability(database: Annotated[Database, Depends(get_database)]) -> list[dict[str, Any]]:
    """List the free slots."""
    with database.transaction() as connection:
        return connection.execute(FREE).fetchall()


@app.post("/book")
def book(
    slot_id: Annotated[StrictInt, Body()],
    email: Annotated[EmailStr, Body()],
    database: Annotated[Database, Depends(get_database)],
) -> dict[str, Any]:
    """Book a slot: whoever has its lock looks, and then writes."""
    with database.transaction() as connection:
        if slot_id.bit_length() > 31:
            raise HTTPException(404)
        connection.execute("SELECT pg_advisory_xact_lock(1, %s::integer)", [slot_id])
        slot = connection.execute(LOOK, [slot_id]).fetchone()
        if slot is None:
            raise HTTPException(404)
        if slot.pop("is_booked"):
            raise HTTPException(409)
        connection.execute(
            "UPDATE time_slots SET is_booked = true, booked_by_email = %s WHERE id = %s", [email, slot_id]
        )
    return {"confirmation": f"{slot['start_time']:%c} is yours.", "email": email, "slot": slot}
