"""The rules of the slots; they know no HTTP."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, not_, select, update

from .errors import SlotNotFoundError, SlotTakenError
from .models import TimeSlot

OPENING = time(9, tzinfo=UTC)
SLOT_LENGTH = timedelta(minutes=30)
SLOTS_A_DAY = 16
SATURDAY = 5


def add_first_slots(session: Session, today: date) -> None:
    """Fill an empty table with the slots of the next business day; one with any slot, booked or not, is left alone."""
    if session.exec(select(TimeSlot.id).limit(1)).first() is None:
        session.add_all(slots_of(next_business_day(today)))


def next_business_day(today: date) -> date:
    """Give the first day after today that is neither a Saturday nor a Sunday."""
    day = today + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day


def slots_of(day: date) -> list[TimeSlot]:
    """Give the slots of a day, one after the other from the opening on."""
    opening = datetime.combine(day, OPENING)
    starts = [opening + number * SLOT_LENGTH for number in range(SLOTS_A_DAY)]
    return [TimeSlot(start_time=start, end_time=start + SLOT_LENGTH) for start in starts]


def list_free_slots(session: Session) -> Sequence[TimeSlot]:
    """Give the slots that nobody has booked, by their start."""
    with session.begin():
        return session.exec(
            select(TimeSlot).where(not_(TimeSlot.is_booked)).order_by(col(TimeSlot.start_time))
        ).all()


def book_slot(session: Session, slot_id: int, email: str) -> TimeSlot:
    """Book a slot, or raise `SlotNotFoundError` or `SlotTakenError`.

    One statement both asks and answers whether the slot is free: of all who try it, the database lets one through.
    The transaction ends here, and not with the request: the connection is free for others before the answer is out.
    """
    statement = (
        update(TimeSlot)
        .where(col(TimeSlot.id) == slot_id, not_(TimeSlot.is_booked))
        .values(is_booked=True, booked_by_email=email)
        .returning(TimeSlot)
    )
    with session.begin():
        slot: TimeSlot | None = session.exec(statement).scalar_one_or_none()
        if slot is None:
            exists = session.get(TimeSlot, slot_id) is not None
            raise SlotTakenError(slot_id) if exists else SlotNotFoundError(slot_id)
    return slot
