"""The path of a learner's progress."""

from fastapi import APIRouter

from shared.problems import problem_responses

from ..database import SessionDep
from ..models.progress import Progress
from ..services import progress
from .users import UserDep

router = APIRouter(prefix="/users/{user_id}/progress", tags=["progress"])


@router.get("", responses=problem_responses(404, 422))
def read_progress(user: UserDep, session: SessionDep) -> Progress:
    """Read how far a user is on each of the paths they are enrolled in, and what remains there."""
    return progress.measure_progress(session, user)
