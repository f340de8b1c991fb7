"""The rules of the slots; they know no HTTP."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, not_, select, update

from .errors import NotFoundError, SlotTakenError
from .models import TimeSlot

OPENING = time(9, tzinfo=UTC)
SLOT_LENGTH = timedelta(minutes=30)
SLOTS_A_DAY = 16
SATURDAY = 5
SLOT_IDS = range(-(2**31), 2**31)
"""All values of a PostgreSQL `integer`; a statement with any other fails."""


def add_first_slots(session: Session, today: date) -> None:
    """Add the slots of the next business day to a table that has no slot at all."""
    if session.exec(select(TimeSlot.id).limit(1)).first() is None:
        session.add_all(slots_of(next_business_day(today)))


def next_business_day(today: date) -> date:
    """Return the first day after today that is neither a Saturday nor a Sunday."""
    day = today + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day


def slots_of(day: date) -> list[TimeSlot]:
    """Return the slots of a day, one after the other from the opening on."""
    opening = datetime.combine(day, OPENING)
    starts = [opening + number * SLOT_LENGTH for number in range(SLOTS_A_DAY)]
    return [TimeSlot(start_time=start, end_time=start + SLOT_LENGTH) for start in starts]


def list_free_slots(session: Session) -> Sequence[TimeSlot]:
    """Return the free slots, sorted by their start."""
    with session.begin():
        return session.exec(
            select(TimeSlot)
            .where(not_(TimeSlot.is_booked))
            .order_by(col(TimeSlot.start_time), col(TimeSlot.id))
        ).all()


def book_slot(session: Session, slot_id: int, email: str) -> TimeSlot:
    """Book a free slot.

    One statement both asks whether the slot is free and takes it: of all that try, the database lets one through.
    The transaction ends here and not with the request, so that the next request can have the connection.

    Raises:
        NotFoundError: no slot has this id.
        SlotTakenError: the slot is booked already.
    """
    if slot_id not in SLOT_IDS:
        raise NotFoundError(f"There is no slot {slot_id}.")
    statement = (
        update(TimeSlot)
        .where(col(TimeSlot.id) == slot_id, not_(TimeSlot.is_booked))
        .values(is_booked=True, booked_by_email=email)
        .returning(TimeSlot)
    )
    with session.begin():
        slot: TimeSlot | None = session.exec(statement).scalar_one_or_none()
        if slot is None and session.get(TimeSlot, slot_id) is None:
            raise NotFoundError(f"There is no slot {slot_id}.")
    if slot is None:
        raise SlotTakenError(f"Slot {slot_id} is booked already.")
    return slot
