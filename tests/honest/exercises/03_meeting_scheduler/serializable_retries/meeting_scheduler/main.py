"""A meeting scheduler that looks and then writes, in serializable transactions that are tried again."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, TypeVar

from fastapi import FastAPI, HTTPException, Request
from pydantic import EmailStr, Strict
from sqlalchemy.exc import DBAPIError
from sqlmodel import Field, Session, SQLModel, col, create_engine, select, text

from shared.database import get_row
from shared.problems import install_problem_handlers

SERIALIZATION_FAILURE = "40001"
LARGEST = 2**31 - 1
Result = TypeVar("Result")


class SlotOut(SQLModel):
    """A slot without the person who has it."""

    id: int
    start_time: datetime
    end_time: datetime


class TimeSlot(SQLModel, table=True):
    """A row of the table."""

    __tablename__ = "time_slots"

    id: int | None = Field(default=None, primary_key=True)
    start_time: datetime
    end_time: datetime
    is_booked: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    booked_by_email: str | None = None


class BookingIn(SQLModel):
    """Who wants which slot."""

    slot_id: Annotated[int, Strict()]
    email: EmailStr


class BookingOut(SQLModel):
    """A slot with a sentence about it."""

    confirmation: str
    email: str
    slot: SlotOut


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
    """Create and fill the table, in a transaction that sees what was committed while it waited for the lock."""
    engine = create_engine(os.environ["DATABASE_URL"], isolation_level="SERIALIZABLE")
    today = date.fromisoformat(os.environ.get("SCHEDULER_TODAY") or f"{datetime.now(UTC):%Y-%m-%d}")
    day = next(
        today + timedelta(days=days) for days in (1, 2, 3) if (today + timedelta(days=days)).isoweekday() <= 5
    )
    with engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(2)"))
        SQLModel.metadata.create_all(connection)
        with Session(connection) as session:
            if not session.exec(select(TimeSlot)).all():
                for half_hour in range(18, 34):
                    start = datetime.combine(day, time(half_hour // 2, half_hour % 2 * 30), UTC)
                    session.add(TimeSlot(start_time=start, end_time=start + timedelta(minutes=30)))
            session.flush()
    yield {"engine": engine}
    engine.dispose()


app = FastAPI(lifespan=lifespan)
install_problem_handlers(app)


def in_transaction(request: Request, work: Callable[[Session], Result]) -> Result:
    """Do the work in a transaction, as often as it takes until no other one was in its way."""
    while True:
        try:
            with Session(request.state.engine, expire_on_commit=False) as session, session.begin():
                return work(session)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != SERIALIZATION_FAILURE:
                raise


@app.get("/availability")
def list_free(request: Request) -> list[SlotOut]:
    """List the free slots."""
    free = (
        select(TimeSlot)
        .where(TimeSlot.is_booked == False)  # noqa: E712
        .order_by(col(TimeSlot.start_time), col(TimeSlot.id))
    )
    return in_transaction(
        request, lambda session: [SlotOut.model_validate(slot) for slot in session.exec(free)]
    )


@app.post("/book")
def book(new: BookingIn, request: Request) -> BookingOut:
    """Book a slot."""

    def take(session: Session) -> SlotOut:
        slot = get_row(session, TimeSlot, new.slot_id) if abs(new.slot_id) <= LARGEST else None
        if slot is None:
            raise HTTPException(404, "No such slot.")
        if slot.is_booked:
            raise HTTPException(409, "Taken.")
        slot.is_booked = True
        slot.booked_by_email = new.email
        return SlotOut.model_validate(slot)

    slot = in_transaction(request, take)
    return BookingOut(confirmation="Booked.", email=new.email, slot=slot)
