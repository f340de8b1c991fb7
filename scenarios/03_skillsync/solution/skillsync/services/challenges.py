"""The rules of challenges: adding, changing, finding and completing them."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped
from sqlmodel import Session, asc, col, delete, desc, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from ..errors import NotFoundError
from ..models.challenge_query import ChallengeQuery, Sort
from ..models.challenges import (
    ALL_TEXT,
    Challenge,
    ChallengeCreate,
    ChallengeTag,
    ChallengeUpdate,
    Completion,
    challenge_text,
)
from ..models.users import User
from ..paging import Page, read_page
from .users import require_user

WORD = re.compile(r"[^\W_]+")
"""Letters and digits; to the index, everything else separates words (https://www.sqlite.org/fts5.html#unicode61_tokenizer)."""
TITLE_WEIGHT = 1_000_000.0
"""So heavy that a word in the title outweighs the same word in the description, however often it stands there."""


def add_challenge(session: Session, new: ChallengeCreate) -> Challenge:
    """Store a new challenge."""
    require_user(session, new.designer_id)
    challenge = Challenge.model_validate(new)
    session.add(challenge)
    session.flush()
    index_challenge(session, challenge)
    session.commit()
    session.refresh(challenge)
    return challenge


def find_challenge(session: Session, challenge_id: int) -> Challenge:
    """Give the challenge with this id."""
    challenge = session.get(Challenge, challenge_id)
    if challenge is None:
        raise NotFoundError(f"There is no challenge {challenge_id}.")
    return challenge


def change_challenge(session: Session, challenge: Challenge, change: ChallengeUpdate) -> Challenge:
    """Change what is given, and leave the rest alone."""
    values = change.model_dump()
    if "designer_id" in values:
        require_user(session, values["designer_id"])
    if values:
        # The first statement that writes takes SQLite's only write lock, so what is read after it stays true.
        session.exec(update(Challenge).where(col(Challenge.id) == challenge.id).values(values))
        session.refresh(challenge)
        index_challenge(session, challenge)
        session.commit()
        session.refresh(challenge)
    return challenge


def index_challenge(session: Session, challenge: Challenge) -> None:
    """Write anew what a challenge is found by: its tags and its text."""
    session.exec(delete(ChallengeTag).where(col(ChallengeTag.challenge_id) == challenge.id))
    session.exec(delete(challenge_text).where(challenge_text.c.rowid == challenge.id))
    for tag in challenge.tags:
        keys = {"tag": tag.casefold(), "challenge_id": challenge.id}
        session.add(ChallengeTag.model_validate(challenge, update=keys))
    text = {"rowid": challenge.id, "title": challenge.title, "description": challenge.description}
    session.exec(challenge_text.insert().values(text))


def complete_challenge(session: Session, challenge: Challenge, user: User) -> None:
    """Note that a user has completed a challenge, and count it, unless it has been noted before."""
    completion = insert(Completion).values(user_id=user.id, challenge_id=challenge.id)
    added = session.exec(completion.on_conflict_do_nothing())
    if added.rowcount == 1:
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


def list_challenges(session: Session, wanted: ChallengeQuery) -> Page[Challenge]:
    """Give a page of the challenges that are wanted.

    The ids come first, straight from an index, and then the rows of those ids: what stands on the pages before is
    skipped without being read.
    """
    ids = read_page(session, select_ids(wanted), wanted)
    found = session.exec(select(Challenge).where(col(Challenge.id).in_(ids.items)))
    by_id = {challenge.id: challenge for challenge in found}
    items = [by_id[challenge_id] for challenge_id in ids.items]
    return Page(items=items, page=ids.page, size=ids.size, total=ids.total, pages=ids.pages)


def select_ids(wanted: ChallengeQuery) -> SelectOfScalar[int | None]:
    """Make the statement that finds the ids of the challenges that are wanted, in their order."""
    source: type[Challenge | ChallengeTag] = ChallengeTag if wanted.tag else Challenge
    source_id = col(ChallengeTag.challenge_id) if wanted.tag else col(Challenge.id)
    statement = select(source_id).where(*conditions(wanted, source, source_id))
    if wanted.search is not None:
        # "+ 0" keeps SQLite from asking the full-text index about one challenge after another, which can take a minute:
        # it searches the index once, and looks up the challenges that it finds there.
        statement = statement.join(challenge_text, challenge_text.c.rowid + 0 == source_id)
    sort_keys = {
        Sort.RELEVANCE: -func.bm25(ALL_TEXT, TITLE_WEIGHT, 1.0),  # of bm25, less is better
        Sort.DIFFICULTY: col(source.difficulty),
        Sort.POPULARITY: col(source.completions),
        Sort.NEWEST: source_id,
    }
    in_direction = desc if wanted.descending else asc
    return statement.order_by(in_direction(sort_keys[wanted.sorted_by]), in_direction(source_id))


def conditions(
    wanted: ChallengeQuery, source: type[Challenge | ChallengeTag], source_id: Mapped[Any]
) -> Iterator[ColumnElement[bool]]:
    """Say in SQL what must be true of a challenge that is wanted."""
    tags = [tag.casefold() for tag in wanted.tag]
    if tags:
        yield col(ChallengeTag.tag) == tags[0]
    for tag in tags[1:]:
        yield source_id.in_(select(ChallengeTag.challenge_id).where(ChallengeTag.tag == tag))
    if wanted.topic is not None:
        yield col(source.topic) == wanted.topic
    if wanted.difficulty is not None:
        yield col(source.difficulty) == wanted.difficulty
    if wanted.completed_by is not None:
        yield source_id.in_(completed_by(wanted.completed_by))
    if wanted.not_completed_by is not None:
        yield source_id.not_in(completed_by(wanted.not_completed_by))
    if wanted.search is not None:
        yield ALL_TEXT.match(to_match(wanted.search))


def completed_by(user_id: int) -> SelectOfScalar[int]:
    """Make the statement that finds the ids of the challenges that a user has completed."""
    return select(Completion.challenge_id).where(Completion.user_id == user_id)


def to_match(search: str) -> str:
    """Make an FTS5 query that wants every word, each from its beginning; within quotes nothing is an operator."""
    words = dict.fromkeys(WORD.findall(search)) or [""]  # the empty word is found nowhere
    return " ".join(f'"{word}"*' for word in words)
