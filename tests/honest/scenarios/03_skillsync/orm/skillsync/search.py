"""Finds challenges: by their words, their tags, and all the rest."""

import json
import re
from typing import Any

from sqlalchemy import Select, String, case, column, delete, distinct, func, insert, literal, select
from sqlalchemy.orm import Session

from .schemas import ChallengeQuery, Difficulty, Order, Sort
from .tables import Challenge, Completion, FoldedTag, PathStep, Word

LAST_CHARACTER = "\U0010ffff"


def words_of(text: str) -> set[str]:
    """Give the words of a text; all else but letters and digits separates them."""
    return set(re.findall(r"[^\W_]+", text.casefold()))


def index(session: Session, challenge: Challenge) -> None:
    """Note by which words and tags a challenge is found now."""
    for table in (Word, FoldedTag):
        session.execute(delete(table).where(table.challenge_id == challenge.id))
    title = words_of(challenge.title)
    for word in title | words_of(challenge.description):
        session.add(Word(challenge_id=challenge.id, word=word, in_title=word in title))
    if tags := [{"challenge_id": challenge.id, "tag": tag.lower()} for tag in challenge.tags]:
        session.execute(insert(FoldedTag), tags)


def matches(words: set[str]) -> Any:
    """Select the challenges that hold all of these words, with the number of those that the title holds."""
    wanted = func.json_each(json.dumps(sorted(words))).table_valued(column("value", String))
    word = wanted.c.value
    in_title = distinct(case((Word.in_title, word)))
    return (
        select(Word.challenge_id, func.count(in_title).label("in_title"))
        .join_from(wanted, Word, Word.word.between(word, word + LAST_CHARACTER))
        .group_by(Word.challenge_id)
        .having(func.count(distinct(word)) == len(words))
        .subquery()
    )


def select_challenges(query: ChallengeQuery) -> Select[Any]:
    """Select the challenges that meet all filters, in the order that is wanted."""
    statement = select(Challenge)
    relevance: Any = literal(0)
    if query.search is not None:
        found = matches(words_of(query.search))
        statement = statement.join(found, found.c.challenge_id == Challenge.id)
        relevance = found.c.in_title
    position: Any = literal(0)
    if query.path is not None:
        steps = select(PathStep).where(PathStep.path_id == query.path).subquery()
        statement = statement.join(steps, steps.c.challenge_id == Challenge.id)
        position = steps.c.position
    for tag in query.tag:
        tagged = select(FoldedTag.challenge_id).where(FoldedTag.tag == tag.lower())
        statement = statement.where(Challenge.id.in_(tagged))
    if query.topic is not None:
        statement = statement.where(Challenge.topic == query.topic)
    if query.difficulty is not None:
        statement = statement.where(Challenge.difficulty == query.difficulty)
    if query.completed_by is not None:
        statement = statement.where(Challenge.id.in_(completed_by(query.completed_by)))
    if query.not_completed_by is not None:
        statement = statement.where(Challenge.id.not_in(completed_by(query.not_completed_by)))
    keys: dict[Sort | None, Any] = {
        Sort.relevance: relevance,
        Sort.path: position,
        Sort.difficulty: case(
            {level: rank for rank, level in enumerate(Difficulty)}, value=Challenge.difficulty
        ),
        Sort.popularity: Challenge.completions,
        Sort.newest: Challenge.id,
    }
    ordered = (keys[query.sort], Challenge.id)
    return statement.order_by(*(key.desc() if query.order is Order.desc else key.asc() for key in ordered))


def completed_by(user_id: int) -> Select[Any]:
    """Select what a user has completed."""
    return select(Completion.challenge_id).where(Completion.user_id == user_id)
