"""The shapes of a slot and of a booking."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, EmailStr, StrictInt
from sqlalchemy import false
from sqlmodel import Field, SQLModel

SlotId = Annotated[StrictInt, Field(ge=1, le=2**31 - 1)]
"""A key that fits into the table's integer column; neither `"1"` nor `1.0` nor `true` is one."""


def require_address_alone(sent: object) -> object:
    """Refuse what `EmailStr` would take an address out of: `Ada <ada@example.com>`, or spaces around one."""
    if isinstance(sent, str) and set(sent) & set(" <>"):
        raise ValueError("an address holds neither spaces nor angle brackets")
    return sent


Email = Annotated[EmailStr, BeforeValidator(require_address_alone)]


class SlotPublic(SQLModel):
    """A slot as it is answered: when it is, not who has it."""

    id: int
    start_time: datetime
    end_time: datetime


class TimeSlot(SQLModel, table=True):
    """A row of the table; the database itself knows that a new slot is free."""

    __tablename__ = "time_slots"

    id: int | None = Field(default=None, primary_key=True)
    start_time: datetime
    end_time: datetime
    is_booked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    booked_by_email: str | None = None


class BookingCreate(SQLModel):
    """What a client sends to book a slot."""

    slot_id: SlotId
    email: Email


class BookingPublic(SQLModel):
    """A booking as it is confirmed."""

    confirmation: str
    email: str
    slot: SlotPublic
