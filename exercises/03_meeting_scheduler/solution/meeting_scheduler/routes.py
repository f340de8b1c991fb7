"""The two paths of the scheduler: see what is free, and book it."""

from collections.abc import Sequence

from fastapi import APIRouter

from . import service
from .database import SessionDep
from .models import BookingCreate, BookingPublic, SlotPublic, TimeSlot

router = APIRouter(tags=["slots"])


@router.get("/availability", response_model=list[SlotPublic])
def list_free_slots(session: SessionDep) -> Sequence[TimeSlot]:
    """List the free slots by their start."""
    return service.list_free_slots(session)


@router.post("/book")
def book_slot(wanted: BookingCreate, session: SessionDep) -> BookingPublic:
    """Book a free slot; the answer goes out when the booking is safely stored."""
    slot = SlotPublic.model_validate(service.book_slot(session, wanted.slot_id, wanted.email))
    return BookingPublic(
        confirmation=f"Your meeting is on {slot.start_time:%A, %d %B at %H:%M} UTC.",
        email=wanted.email,
        slot=slot,
    )
