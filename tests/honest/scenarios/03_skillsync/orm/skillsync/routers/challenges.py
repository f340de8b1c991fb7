"""Challenges, and who has completed them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import update
from sqlalchemy.dialects.sqlite import insert

from shared.database import RowId

from ..database import DatabaseSession, check_references, find, paginate
from ..schemas import ChallengeCreate, ChallengeQuery, ChallengeRead, ChallengeUpdate, Page
from ..search import index, select_challenges
from ..tables import Challenge, Completion, User

router = APIRouter(prefix="/challenges", tags=["challenges"])


@router.post("", status_code=201, response_model=ChallengeRead)
def create_challenge(payload: ChallengeCreate, session: DatabaseSession) -> Any:
    """Create a challenge."""
    check_references(session, User, [payload.designer_id])
    challenge = Challenge(**payload.model_dump())
    session.add(challenge)
    session.flush()
    index(session, challenge)
    session.commit()
    session.refresh(challenge)
    return challenge


@router.get("", response_model=Page[ChallengeRead])
def list_challenges(query: Annotated[ChallengeQuery, Query()], session: DatabaseSession) -> Any:
    """Find challenges."""
    return paginate(session, select_challenges(query), query)


@router.get("/{challenge_id}", response_model=ChallengeRead)
def read_challenge(challenge_id: RowId, session: DatabaseSession) -> Any:
    """Read a challenge."""
    return find(session, Challenge, challenge_id)


@router.patch("/{challenge_id}", response_model=ChallengeRead)
def change_challenge(challenge_id: RowId, payload: ChallengeUpdate, session: DatabaseSession) -> Any:
    """Change a challenge."""
    challenge = find(session, Challenge, challenge_id)
    changes = payload.model_dump(exclude_unset=True)
    if not changes:
        return challenge
    if "designer_id" in changes:
        check_references(session, User, [payload.designer_id])
    # The update locks the database, so what is read after it is what will be committed.
    session.execute(update(Challenge).where(Challenge.id == challenge_id).values(changes))
    session.refresh(challenge)
    index(session, challenge)
    session.commit()
    return challenge


@router.put("/{challenge_id}/completions/{user_id}", status_code=204)
def complete_challenge(challenge_id: RowId, user_id: RowId, session: DatabaseSession) -> None:
    """Complete a challenge, again if need be."""
    find(session, Challenge, challenge_id)
    find(session, User, user_id)
    completion = insert(Completion).values(challenge_id=challenge_id, user_id=user_id)
    session.execute(completion.on_conflict_do_nothing())
    session.commit()
