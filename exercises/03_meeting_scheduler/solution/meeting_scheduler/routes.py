"""The two paths of the scheduler: see what is free, and book it."""

from collections.abc import Sequence

from fastapi import APIRouter

from shared.problems import problem_responses

from . import service
from .database import SessionDep
from .models import BookingCreate, BookingPublic, SlotPublic, TimeSlot

router = APIRouter(tags=["slots"])


@router.get("/availability", response_model=list[SlotPublic])
def list_free_slots(session: SessionDep) -> Sequence[TimeSlot]:
    """List the free slots, sorted by their start."""
    return service.list_free_slots(session)


@router.post("/book", responses=problem_responses(404, 409, 422))
def book_slot(new: BookingCreate, session: SessionDep) -> BookingPublic:
    """Book a free slot; the response is sent after the booking is stored."""
    slot = service.book_slot(session, new.slot_id, new.email)
    return BookingPublic(
        confirmation=f"Your meeting is on {slot.start_time:%A, %d %B at %H:%M} UTC.",
        email=new.email,
        slot=SlotPublic.model_validate(slot),
    )
