"""The paths of the challenges."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, status

from shared.database import get_row
from shared.problems import problem_responses

from ..database import SessionDep
from ..errors import NotFoundError
from ..models.challenge_query import ChallengeQuery
from ..models.challenges import Challenge, ChallengeCreate, ChallengePublic, ChallengeUpdate
from ..models.ids import QueryId
from ..paging import Page
from ..services import challenge_search, challenges
from .users import UserDep

router = APIRouter(prefix="/challenges", tags=["challenges"], responses=problem_responses(422))


def get_challenge(challenge_id: int, session: SessionDep) -> Challenge:
    """Return the challenge with this id, or raise NotFoundError."""
    challenge = get_row(session, Challenge, challenge_id)
    if challenge is None:
        raise NotFoundError(f"There is no challenge {challenge_id}.")
    return challenge


ChallengeDep = Annotated[Challenge, Depends(get_challenge)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=ChallengePublic)
def create_challenge(new: ChallengeCreate, session: SessionDep) -> Challenge:
    """Create a challenge."""
    return challenges.create_challenge(session, new)


@router.get("")
def list_challenges(wanted: Annotated[ChallengeQuery, Query()], session: SessionDep) -> Page[ChallengePublic]:
    """List the challenges that meet all filters; equal ones are sorted by their id."""
    return challenge_search.list_challenges(session, wanted)


@router.get("/{challenge_id}", responses=problem_responses(404))
def read_challenge(
    challenge: ChallengeDep, session: SessionDep, viewer: QueryId | None = None
) -> ChallengePublic:
    """Read one challenge, and what the viewer has done with it."""
    [seen] = challenges.add_viewer(session, [challenge], viewer)
    return seen


@router.patch("/{challenge_id}", response_model=ChallengePublic, responses=problem_responses(404))
def change_challenge(challenge: ChallengeDep, change: ChallengeUpdate, session: SessionDep) -> Challenge:
    """Change a challenge; what the payload does not mention stays as it is."""
    return challenges.change_challenge(session, challenge, change)


@router.put(
    "/{challenge_id}/completions/{user_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(404),
)
def complete_challenge(challenge: ChallengeDep, user: UserDep, session: SessionDep) -> None:
    """Store that a user has completed a challenge; a second time changes nothing."""
    challenges.complete_challenge(session, challenge, user)
