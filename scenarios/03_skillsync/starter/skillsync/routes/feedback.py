"""The paths of the feedback on a challenge."""

from fastapi import APIRouter, HTTPException, status

router = APIRouter(prefix="/challenges/{challenge_id}", tags=["feedback"])


@router.put("/ratings/{user_id}")
def rate_challenge() -> None:
    """Rate a challenge; a second rating by the same user replaces the stars of the first."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")


@router.post("/comments")
def create_comment() -> None:
    """Comment on a challenge."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")


@router.get("/feedback")
def list_feedback() -> None:
    """List all ratings and comments of a challenge, the newest first."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")
