"""The rules of feedback."""

from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col, select

from ..models.challenges import Challenge
from ..models.feedback import IS_RATING, CommentCreate, Feedback, RatingCreate
from ..models.users import User
from ..paging import Page, PageQuery, read_page
from .users import require_user


def rate_challenge(session: Session, challenge: Challenge, user: User, new: RatingCreate) -> None:
    """Store a user's rating of a challenge, or change the stars of the one that is there: one statement does both."""
    rating = insert(Feedback).values(challenge_id=challenge.id, user_id=user.id, stars=new.stars)
    session.exec(
        rating.on_conflict_do_update(
            index_elements=["challenge_id", "user_id"], index_where=IS_RATING, set_={"stars": new.stars}
        )
    )
    session.commit()


def create_comment(session: Session, challenge: Challenge, new: CommentCreate) -> Feedback:
    """Store a comment on a challenge."""
    require_user(session, new.user_id)
    comment = Feedback.model_validate(new, update={"challenge_id": challenge.id})
    session.add(comment)
    session.commit()
    session.refresh(comment)
    return comment


def list_feedback(session: Session, challenge: Challenge, wanted: PageQuery) -> Page[Feedback]:
    """Return a page of a challenge's ratings and comments, the newest first."""
    of_challenge = select(Feedback).where(Feedback.challenge_id == challenge.id)
    return read_page(session, of_challenge.order_by(col(Feedback.id).desc()), wanted)
