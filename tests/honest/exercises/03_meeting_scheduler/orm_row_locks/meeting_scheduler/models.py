"""The table of the slots."""

from datetime import datetime

from sqlalchemy import false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The base of all tables."""


class TimeSlot(Base):
    """A slot, free or booked; its times are in UTC."""

    __tablename__ = "time_slots"

    id: Mapped[int] = mapped_column(primary_key=True)
    start_time: Mapped[datetime]
    end_time: Mapped[datetime]
    is_booked: Mapped[bool] = mapped_column(default=False, server_default=false())
    booked_by_email: Mapped[str | None]
