"""The paths of the challenges."""

from fastapi import APIRouter, HTTPException, status

router = APIRouter(prefix="/challenges", tags=["challenges"])


@router.post("")
def create_challenge() -> None:
    """Create a challenge."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")


@router.get("")
def list_challenges() -> None:
    """List the challenges that meet all filters."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")


@router.get("/{challenge_id}")
def read_challenge() -> None:
    """Read one challenge, and what the viewer has done with it."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")


@router.patch("/{challenge_id}")
def change_challenge() -> None:
    """Change a challenge; what the payload does not mention stays as it is."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")


@router.put("/{challenge_id}/completions/{user_id}")
def complete_challenge() -> None:
    """Store that a user has completed a challenge; a second time changes nothing."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")
