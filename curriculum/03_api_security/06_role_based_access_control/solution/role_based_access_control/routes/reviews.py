"""The paths of the reviews."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, status

from shared.problems import problem_responses

from .. import service
from ..access import CallerDep
from ..database import SessionDep
from ..models import ReviewCreate, ReviewPublic
from ..tables import Review

router = APIRouter(prefix="/reviews", tags=["reviews"])


def get_review(review_id: int, session: SessionDep) -> Review:
    """Return the review with this id, or answer 404."""
    return service.get(session, Review, review_id)


ReviewDep = Annotated[Review, Depends(get_review)]


@router.get("", response_model=list[ReviewPublic])
def list_reviews(session: SessionDep) -> Sequence[Review]:
    """List all reviews, sorted by id."""
    return service.list_reviews(session)


@router.post(
    "", status_code=status.HTTP_201_CREATED, response_model=ReviewPublic, responses=problem_responses(422)
)
def create_review(caller: CallerDep, new: ReviewCreate, session: SessionDep) -> Review:
    """Write a review."""
    return service.create_review(session, caller, new)


@router.delete("/{review_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problem_responses(404, 422))
def delete_review(caller: CallerDep, review: ReviewDep, session: SessionDep) -> None:
    """Delete a review; only its author, Moderators and Admins may."""
    service.delete_review(session, caller, review)
