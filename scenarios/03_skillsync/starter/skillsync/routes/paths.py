"""The paths, in the sense of HTTP, of the learning paths."""

from fastapi import APIRouter, HTTPException, status

router = APIRouter(prefix="/paths", tags=["paths"])


@router.post("")
def create_path() -> None:
    """Create a path of challenges, which keep the order they are sent in."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")


@router.get("")
def list_paths() -> None:
    """List all paths, the oldest first."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")


@router.get("/{path_id}")
def read_path() -> None:
    """Read one path."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")


@router.put("/{path_id}/enrolments/{user_id}")
def enrol_user() -> None:
    """Enrol a user in a path; a second time changes nothing."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")
