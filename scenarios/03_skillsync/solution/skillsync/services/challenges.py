"""The rules of challenges: creating, changing and completing them, and what a user has done with them."""

from collections.abc import Sequence

from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col, delete, select, update

from ..models.challenges import (
    Challenge,
    ChallengeCreate,
    ChallengePublic,
    ChallengeTag,
    ChallengeUpdate,
    Completion,
    Viewer,
    challenge_text,
)
from ..models.feedback import Feedback
from ..models.users import User
from .users import require_user


def create_challenge(session: Session, new: ChallengeCreate) -> Challenge:
    """Store a new challenge."""
    require_user(session, new.designer_id)
    challenge = Challenge.model_validate(new)
    session.add(challenge)
    session.flush()
    index_challenge(session, challenge)
    session.commit()
    session.refresh(challenge)
    return challenge


def change_challenge(session: Session, challenge: Challenge, change: ChallengeUpdate) -> Challenge:
    """Change what is given, and leave the rest alone."""
    values = change.model_dump()
    if "designer_id" in values:
        require_user(session, values["designer_id"])
    if values:
        # Two changes compete for the indexes. The UPDATE takes SQLite's only write lock, so what is read after it,
        # and written to them, is what no other request can change before the commit.
        session.exec(update(Challenge).where(col(Challenge.id) == challenge.id).values(values))
        session.refresh(challenge)
        index_challenge(session, challenge)
        session.commit()
        session.refresh(challenge)
    return challenge


def index_challenge(session: Session, challenge: Challenge) -> None:
    """Replace what a challenge is found by: its tags and its text."""
    session.exec(delete(ChallengeTag).where(col(ChallengeTag.challenge_id) == challenge.id))
    session.exec(delete(challenge_text).where(challenge_text.c.rowid == challenge.id))
    for tag in challenge.tags:
        keys = {"tag": tag.lower(), "challenge_id": challenge.id}
        session.add(ChallengeTag.model_validate(challenge, update=keys))
    text = {"rowid": challenge.id, "title": challenge.title, "description": challenge.description}
    session.exec(challenge_text.insert().values(text))


def complete_challenge(session: Session, challenge: Challenge, user: User) -> None:
    """Store that a user has completed a challenge, and count it, unless that is stored already."""
    completion = insert(Completion).values(user_id=user.id, challenge_id=challenge.id)
    inserted = session.exec(completion.on_conflict_do_nothing())
    if inserted.rowcount == 1:
        count_completion(session, challenge)
    session.commit()


def count_completion(session: Session, challenge: Challenge) -> None:
    """Add one to a challenge's completions, and to the copies of that number.

    The database adds: a number that is read here and written back would lose what others add in between.
    """
    one_more = {"completions": col(Challenge.completions) + 1}
    session.exec(update(Challenge).where(col(Challenge.id) == challenge.id).values(one_more))
    one_more = {"completions": col(ChallengeTag.completions) + 1}
    session.exec(update(ChallengeTag).where(col(ChallengeTag.challenge_id) == challenge.id).values(one_more))


def add_viewer(
    session: Session, challenges: Sequence[Challenge], viewer_id: int | None
) -> list[ChallengePublic]:
    """Return challenges with what a user has done with each: two queries, however many challenges there are."""
    if viewer_id is None:
        return [ChallengePublic.model_validate(challenge) for challenge in challenges]
    ids = [challenge.id for challenge in challenges]
    completed = set(
        session.exec(
            select(Completion.challenge_id).where(
                Completion.user_id == viewer_id, col(Completion.challenge_id).in_(ids)
            )
        )
    )
    ratings = session.exec(
        select(Feedback.challenge_id, Feedback.stars).where(
            Feedback.user_id == viewer_id,
            col(Feedback.challenge_id).in_(ids),
            col(Feedback.stars).is_not(None),
        )
    )
    stars: dict[int | None, int | None] = dict(ratings.all())
    return [
        ChallengePublic.model_validate(
            challenge,
            update={"viewer": Viewer(completed=challenge.id in completed, stars=stars.get(challenge.id))},
        )
        for challenge in challenges
    ]
