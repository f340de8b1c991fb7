"""The path of a learner's progress."""

from fastapi import APIRouter, HTTPException, status

router = APIRouter(prefix="/users/{user_id}/progress", tags=["progress"])


@router.get("")
def read_progress() -> None:
    """Read how far a user is on each of their paths, and what remains there."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")
