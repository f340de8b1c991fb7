"""What the scheduler asks of its database."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from .models import Base, TimeSlot

SATURDAY = 5
INTEGERS = 2**31


class SlotUnknown(Exception):  # noqa: N818 - it names what happened
    """There is no slot with this id."""


class SlotTaken(Exception):  # noqa: N818 - it names what happened
    """The slot belongs to somebody already."""


class SlotRepository:
    """The slots, as one session sees them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def free(self) -> list[TimeSlot]:
        """Give the free slots by their start."""
        query = select(TimeSlot).where(TimeSlot.is_booked.is_(False))
        return list(self.session.scalars(query.order_by(TimeSlot.start_time, TimeSlot.id)))

    def book(self, slot_id: int, email: str) -> TimeSlot:
        """Give a slot to somebody.

        The row is locked from the moment it is read to the end of the transaction, so whoever else wants it
        waits, and then reads that it is taken.
        """
        fits = -INTEGERS <= slot_id < INTEGERS
        slot = self.session.get(TimeSlot, slot_id, with_for_update=True) if fits else None
        if slot is None:
            raise SlotUnknown
        if slot.is_booked:
            raise SlotTaken
        slot.is_booked = True
        slot.booked_by_email = email
        self.session.commit()
        return slot


def create_and_seed(connection: Connection, today: date) -> None:
    """Make the table unless it is there, and add the first slots if it holds none.

    The lock lets one process at a time do this; it is released when the transaction of the connection ends.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('time_slots'))"))
    Base.metadata.create_all(connection)
    with Session(connection) as session:
        if session.scalar(select(TimeSlot.id).limit(1)) is None:
            session.add_all(first_slots(today))
            session.flush()


def first_slots(today: date) -> list[TimeSlot]:
    """Give the half hours from 09:00 to 17:00 of the first business day after today."""
    later_days = (today + timedelta(days=number) for number in (1, 2, 3))
    day = next(day for day in later_days if day.weekday() < SATURDAY)
    slots = []
    start = datetime.combine(day, time(9))
    while start.hour < 17:
        end = start + timedelta(minutes=30)
        slots.append(TimeSlot(start_time=start, end_time=end))
        start = end
    return slots
