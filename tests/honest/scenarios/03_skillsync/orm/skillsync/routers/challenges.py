"""Challenges, and who has completed them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import and_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from ..database import DatabaseSession, check_references, find, paginate
from ..schemas import ChallengeCreate, ChallengeQuery, ChallengeRead, ChallengeUpdate, Filter, Page, Viewer
from ..search import index, select_challenges
from ..tables import Challenge, Completion, Feedback, User

router = APIRouter(prefix="/challenges", tags=["challenges"])


def show_to(session: Session, challenges: list[Challenge], viewer: int | None) -> list[ChallengeRead]:
    """Add to challenges what a user did with them."""
    shown = [ChallengeRead.model_validate(challenge) for challenge in challenges]
    if viewer is not None:
        statement = (
            select(Challenge.id, Completion.user_id, Feedback.stars)
            .outerjoin(
                Completion, and_(Completion.challenge_id == Challenge.id, Completion.user_id == viewer)
            )
            .outerjoin(
                Feedback,
                and_(
                    Feedback.challenge_id == Challenge.id,
                    Feedback.user_id == viewer,
                    Feedback.kind == "rating",
                ),
            )
            .where(Challenge.id.in_([challenge.id for challenge in challenges]))
        )
        seen = {
            challenge_id: Viewer(completed=done is not None, stars=stars)
            for challenge_id, done, stars in session.execute(statement)
        }
        for challenge in shown:
            challenge.viewer = seen[challenge.id]
    return shown


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
    page = paginate(session, select_challenges(query), query)
    page.items = show_to(session, page.items, query.viewer)
    return page


@router.get("/{challenge_id}", response_model=ChallengeRead)
def read_challenge(challenge_id: int, session: DatabaseSession, viewer: Filter | None = None) -> Any:
    """Read a challenge."""
    return show_to(session, [find(session, Challenge, challenge_id)], viewer)[0]


@router.patch("/{challenge_id}", response_model=ChallengeRead)
def change_challenge(challenge_id: int, payload: ChallengeUpdate, session: DatabaseSession) -> Any:
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
def complete_challenge(challenge_id: int, user_id: int, session: DatabaseSession) -> None:
    """Complete a challenge, again if need be."""
    find(session, Challenge, challenge_id)
    find(session, User, user_id)
    completion = insert(Completion).values(challenge_id=challenge_id, user_id=user_id)
    session.execute(completion.on_conflict_do_nothing())
    session.commit()
