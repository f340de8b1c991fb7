"""The shapes of a slot and of a booking; the table and the rules for what clients send are yours to add."""

from datetime import datetime

from sqlmodel import SQLModel


class SlotBase(SQLModel):
    """When a slot is."""

    start_time: datetime
    end_time: datetime


class SlotPublic(SlotBase):
    """A slot as clients see it: without the person who booked it."""

    id: int


class BookingCreate(SQLModel):
    """What a client sends to book a slot."""

    slot_id: int
    email: str


class BookingPublic(SQLModel):
    """A booking as it is confirmed."""

    confirmation: str
    email: str
    slot: SlotPublic
