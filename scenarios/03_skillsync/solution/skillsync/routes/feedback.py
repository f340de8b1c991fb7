"""The paths of the feedback on a challenge."""

from fastapi import APIRouter, status

from shared.problems import problem_responses

from ..database import SessionDep
from ..models.feedback import CommentCreate, Feedback, FeedbackPublic, RatingCreate
from ..paging import Page, PageQueryDep
from ..services import feedback
from .challenges import ChallengeDep
from .users import UserDep

router = APIRouter(
    prefix="/challenges/{challenge_id}", tags=["feedback"], responses=problem_responses(404, 422)
)


@router.put("/ratings/{user_id}", status_code=status.HTTP_204_NO_CONTENT)
def rate_challenge(challenge: ChallengeDep, user: UserDep, new: RatingCreate, session: SessionDep) -> None:
    """Rate a challenge; a second rating by the same user replaces the stars of the first."""
    feedback.rate_challenge(session, challenge, user, new)


@router.post("/comments", status_code=status.HTTP_201_CREATED, response_model=FeedbackPublic)
def create_comment(challenge: ChallengeDep, new: CommentCreate, session: SessionDep) -> Feedback:
    """Comment on a challenge."""
    return feedback.create_comment(session, challenge, new)


@router.get("/feedback", response_model=Page[FeedbackPublic])
def list_feedback(challenge: ChallengeDep, wanted: PageQueryDep, session: SessionDep) -> Page[Feedback]:
    """List all ratings and comments of a challenge, the newest first."""
    return feedback.list_feedback(session, challenge, wanted)
