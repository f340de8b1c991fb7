"""The paths of what challenges can be filtered by: the tags and the topics that exist."""

from fastapi import APIRouter, HTTPException, status

router = APIRouter(tags=["labels"])


@router.get("/tags")
def list_tags() -> None:
    """List all tags with the number of their challenges, the most frequent first."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")


@router.get("/topics")
def list_topics() -> None:
    """List all topics with the number of their challenges, the most frequent first."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "To do.")
