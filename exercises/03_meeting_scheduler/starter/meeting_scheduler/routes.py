"""The two paths of the scheduler: see what is free, and book it. Each answers 501 until you write it."""

from fastapi import APIRouter, HTTPException, status

from .database import SessionDep
from .models import BookingCreate, BookingPublic, SlotPublic

router = APIRouter(tags=["slots"])

NOT_WRITTEN_YET = HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "This body is yours to write.")


@router.get("/availability")
def list_free_slots(session: SessionDep) -> list[SlotPublic]:
    """List the free slots, sorted by their start."""
    raise NOT_WRITTEN_YET


@router.post("/book")
def book_slot(new: BookingCreate, session: SessionDep) -> BookingPublic:
    """Book a free slot; the response is sent after the booking is stored."""
    raise NOT_WRITTEN_YET
