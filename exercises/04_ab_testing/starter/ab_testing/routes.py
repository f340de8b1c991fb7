"""The one path: the variant that a user gets."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, status

from .models import Assignment, AssignmentQuery, ErrorMessage

router = APIRouter(tags=["assignments"])

NOT_WRITTEN_YET = HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "This body is yours to write.")


@router.get("/assign", responses={status.HTTP_404_NOT_FOUND: {"model": ErrorMessage}})
def assign(query: Annotated[AssignmentQuery, Query()]) -> Assignment:
    """Assign a user to a variant: the same one each time, as long as the experiment does not change."""
    raise NOT_WRITTEN_YET
