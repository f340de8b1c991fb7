"""Feedback on challenges."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import select, text
from sqlalchemy.dialects.sqlite import insert

from ..database import DatabaseSession, check_references, find, paginate
from ..schemas import CommentCreate, FeedbackRead, Page, PageQuery, RatingWrite
from ..tables import Challenge, Feedback, User

router = APIRouter(prefix="/challenges/{challenge_id}", tags=["feedback"])


@router.put("/ratings/{user_id}", status_code=204)
def rate(challenge_id: int, user_id: int, payload: RatingWrite, session: DatabaseSession) -> None:
    """Rate a challenge."""
    find(session, Challenge, challenge_id)
    find(session, User, user_id)
    rating = insert(Feedback).values(
        challenge_id=challenge_id, user_id=user_id, kind="rating", stars=payload.stars
    )
    session.execute(
        rating.on_conflict_do_update(
            index_elements=["challenge_id", "user_id"],
            index_where=text("kind = 'rating'"),
            set_={"stars": payload.stars},
        )
    )
    session.commit()


@router.post("/comments", status_code=201, response_model=FeedbackRead)
def comment(challenge_id: int, payload: CommentCreate, session: DatabaseSession) -> Any:
    """Comment on a challenge."""
    find(session, Challenge, challenge_id)
    check_references(session, User, [payload.user_id])
    entry = Feedback(challenge_id=challenge_id, user_id=payload.user_id, kind="comment", text=payload.text)
    session.add(entry)
    session.commit()
    return entry


@router.get("/feedback", response_model=Page[FeedbackRead])
def list_feedback(challenge_id: int, query: Annotated[PageQuery, Query()], session: DatabaseSession) -> Any:
    """List the feedback on a challenge, the newest first."""
    find(session, Challenge, challenge_id)
    statement = select(Feedback).where(Feedback.challenge_id == challenge_id).order_by(Feedback.id.desc())
    return paginate(session, statement, query)
