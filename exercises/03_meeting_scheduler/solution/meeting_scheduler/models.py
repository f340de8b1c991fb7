"""The shapes of a slot and of a booking."""

from datetime import datetime

from pydantic import EmailStr, StrictInt
from sqlalchemy import false
from sqlmodel import Field, SQLModel


class SlotBase(SQLModel):
    """When a slot is."""

    start_time: datetime
    end_time: datetime


class TimeSlot(SlotBase, table=True):
    """A row of the table; the database itself knows that a new slot is free."""

    __tablename__ = "time_slots"

    id: int | None = Field(default=None, primary_key=True)
    is_booked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    booked_by_email: str | None = None


class SlotPublic(SlotBase):
    """A slot as clients see it: without the person who booked it."""

    id: int


class BookingCreate(SQLModel):
    """What a client sends to book a slot; `"1"`, `1.0` and `true` are no integers."""

    slot_id: StrictInt
    email: EmailStr


class BookingPublic(SQLModel):
    """A booking as it is confirmed."""

    confirmation: str
    email: str
    slot: SlotPublic
