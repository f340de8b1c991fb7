"""The rules of the list of challenges: its filters, its search and its orders."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Integer, Session, and_, asc, cast, col, desc, literal, select
from sqlmodel.sql.expression import SelectOfScalar

from ..models.challenge_query import ChallengeQuery, Sort
from ..models.challenges import ALL_TEXT, Challenge, ChallengePublic, ChallengeTag, Completion, challenge_text
from ..models.paths import PathStep
from ..paging import Page, read_page
from .challenges import add_viewer

WORD = re.compile(r"[^\W_]+")
"""Letters and digits; to the index, everything else separates words (https://www.sqlite.org/fts5.html#unicode61_tokenizer)."""


def list_challenges(session: Session, wanted: ChallengeQuery) -> Page[ChallengePublic]:
    """Return a page of the challenges that are wanted.

    The ids come first, straight from an index, and then the rows of those ids: what is on the pages before is
    skipped without being read.
    """
    ids = read_page(session, select_ids(wanted), wanted)
    found = session.exec(select(Challenge).where(col(Challenge.id).in_(ids.items)))
    by_id = {challenge.id: challenge for challenge in found}
    items = add_viewer(session, [by_id[challenge_id] for challenge_id in ids.items], wanted.viewer)
    return Page(items=items, page=ids.page, size=ids.size, total=ids.total, pages=ids.pages)


def select_ids(wanted: ChallengeQuery) -> SelectOfScalar[int | None]:
    """Return the statement that finds the ids of the challenges that are wanted, in their order."""
    source: type[Challenge | ChallengeTag] = ChallengeTag if wanted.tag else Challenge
    source_id = col(ChallengeTag.challenge_id) if wanted.tag else col(Challenge.id)
    words = find_words(wanted.search or "")
    statement = select(source_id).where(*conditions(wanted, source, source_id))
    if wanted.path is not None:
        on_path = (PathStep.challenge_id == source_id, PathStep.path_id == wanted.path)
        statement = statement.join(PathStep, and_(*on_path))
    if wanted.search is not None:
        # "+ 0" keeps SQLite from asking the full-text index about one challenge after another, which can take a minute:
        # it searches the index once, and looks up the challenges that it finds there.
        statement = statement.join(challenge_text, challenge_text.c.rowid + 0 == source_id)
        statement = statement.where(ALL_TEXT.match(to_match(words)))
    sort_keys: dict[Sort, Any] = {
        Sort.RELEVANCE: count_in_title(words, source_id),
        Sort.PATH: col(PathStep.position),
        Sort.DIFFICULTY: col(source.difficulty),
        Sort.POPULARITY: col(source.completions),
        Sort.NEWEST: source_id,
    }
    in_direction = desc if wanted.descending else asc
    return statement.order_by(in_direction(sort_keys[wanted.sorted_by]), in_direction(source_id))


def conditions(
    wanted: ChallengeQuery, source: type[Challenge | ChallengeTag], source_id: Mapped[Any]
) -> Iterator[ColumnElement[bool]]:
    """Yield in SQL what must be true of a challenge that is wanted."""
    tags = [tag.lower() for tag in wanted.tag]
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


def completed_by(user_id: int) -> SelectOfScalar[int]:
    """Return the statement that finds the ids of the challenges that a user has completed."""
    return select(Completion.challenge_id).where(Completion.user_id == user_id)


def find_words(search: str) -> list[str]:
    """Return the words of a search, each once."""
    return list(dict.fromkeys(WORD.findall(search.lower())))


def to_match(words: list[str]) -> str:
    """Return the FTS5 query for all words, each from its beginning; within quotes nothing is an operator."""
    return " ".join(f'"{word}"*' for word in words or [""])  # the empty word is found nowhere


def count_in_title(words: list[str], source_id: Mapped[Any]) -> ColumnElement[int]:
    """Return in SQL how many of the words a challenge has in its title."""
    titles = [
        select(challenge_text.c.rowid).where(challenge_text.c.title.match(to_match([word]))).correlate(None)
        for word in words
    ]
    return sum((cast(source_id.in_(title), Integer) for title in titles), start=literal(0))
