"""The rules of tags and topics: both are counted where the challenges are indexed by them."""

from sqlmodel import Session, col, func, select

from ..models.challenges import Challenge, ChallengeTag
from ..paging import Page, PageQuery, read_page


def count_tags(session: Session, wanted: PageQuery) -> Page[tuple[str, int]]:
    """Return a page of all tags with the number of their challenges, the most frequent first."""
    challenges = func.count()
    statement = select(ChallengeTag.tag, challenges.label("challenges")).group_by(ChallengeTag.tag)
    return read_page(session, statement.order_by(challenges.desc(), col(ChallengeTag.tag)), wanted)


def count_topics(session: Session, wanted: PageQuery) -> Page[tuple[str, int]]:
    """Return a page of all topics with the number of their challenges, the most frequent first."""
    challenges = func.count()
    statement = select(Challenge.topic, challenges.label("challenges")).group_by(Challenge.topic)
    return read_page(session, statement.order_by(challenges.desc(), col(Challenge.topic)), wanted)
