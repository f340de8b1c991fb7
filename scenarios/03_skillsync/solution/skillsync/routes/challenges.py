"""The paths of the challenges."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, status

from shared.database import RowId

from ..database import SessionDep
from ..models.challenge_query import ChallengeQuery
from ..models.challenges import Challenge, ChallengeCreate, ChallengePublic, ChallengeUpdate
from ..paging import Page
from ..services import challenges
from .users import UserDep

router = APIRouter(prefix="/challenges", tags=["challenges"])


def get_challenge(challenge_id: RowId, session: SessionDep) -> Challenge:
    """Give the challenge with this id, or answer 404."""
    return challenges.find_challenge(session, challenge_id)


ChallengeDep = Annotated[Challenge, Depends(get_challenge)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=ChallengePublic)
def create_challenge(new: ChallengeCreate, session: SessionDep) -> Challenge:
    """Add a challenge."""
    return challenges.add_challenge(session, new)


@router.get("", response_model=Page[ChallengePublic])
def list_challenges(wanted: Annotated[ChallengeQuery, Query()], session: SessionDep) -> Page[Challenge]:
    """List the challenges that meet all the filters given; equal ones are ordered by their id."""
    return challenges.list_challenges(session, wanted)


@router.get("/{challenge_id}", response_model=ChallengePublic)
def read_challenge(challenge: ChallengeDep) -> Challenge:
    """Read one challenge."""
    return challenge


@router.patch("/{challenge_id}", response_model=ChallengePublic)
def change_challenge(challenge: ChallengeDep, change: ChallengeUpdate, session: SessionDep) -> Challenge:
    """Change a challenge; what the payload does not mention stays as it is."""
    return challenges.change_challenge(session, challenge, change)


@router.put("/{challenge_id}/completions/{user_id}", status_code=status.HTTP_204_NO_CONTENT)
def complete_challenge(challenge: ChallengeDep, user: UserDep, session: SessionDep) -> None:
    """Note that a user has completed a challenge; a second time changes nothing."""
    challenges.complete_challenge(session, challenge, user)
