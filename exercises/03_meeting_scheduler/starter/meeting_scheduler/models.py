"""The shapes of a slot and of a booking; the table's is yours to add."""

from datetime import datetime

from sqlmodel import SQLModel


class SlotPublic(SQLModel):
    """A slot as it is answered: when it is, not who has it."""

    id: int
    start_time: datetime
    end_time: datetime


class BookingCreate(SQLModel):
    """What a client sends to book a slot."""

    slot_id: int
    email: str


class BookingPublic(SQLModel):
    """A booking as it is confirmed."""

    confirmation: str
    email: str
    slot: SlotPublic
