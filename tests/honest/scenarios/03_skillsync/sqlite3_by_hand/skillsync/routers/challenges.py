"""Challenges: made, changed, browsed, completed."""

import json
import sqlite3
import unicodedata
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response

from ..database import insert, now, page_of, reading, require, writing
from ..schemas import Challenge, ChallengeChange, Difficulty, Id, NewChallenge, Page, Paging, Text

router = APIRouter(prefix="/challenges")

SORTS = {
    "relevance": "-bm25(challenge_texts, 1e9, 1.0)",  # no description is long enough to outweigh a title
    "difficulty": "CASE difficulty WHEN 'beginner' THEN 1 WHEN 'intermediate' THEN 2 ELSE 3 END",
    "popularity": "completions",
    "newest": "challenges.created_at",
}


def from_row(row: sqlite3.Row) -> Challenge:
    """Make a challenge of its row."""
    return Challenge(**dict(row) | {"tags": json.loads(row["tags"])})


def index_tags(db: sqlite3.Connection, challenge_id: int, tags: list[str]) -> None:
    """Note by which tags a challenge is found."""
    db.execute("DELETE FROM challenge_tags WHERE challenge_id = ?", [challenge_id])
    rows = [(tag.casefold(), challenge_id) for tag in tags]
    db.executemany("INSERT INTO challenge_tags (tag, challenge_id) VALUES (?, ?)", rows)


def words_of(search: str) -> list[str]:
    """Take a search apart where the tokenizer takes a text apart: only letters, digits and their marks remain."""
    return "".join(sign if unicodedata.category(sign)[0] in "LNM" else " " for sign in search).split()


@router.post("", status_code=201)
def create(new: NewChallenge) -> Challenge:
    """Add a challenge."""
    with writing() as db:
        require(db, "users", new.designer_id, status=422)
        values = new.model_dump() | {"tags": json.dumps(new.tags), "created_at": now()}
        challenge_id = insert(db, "challenges", **values)
        insert(db, "challenge_texts", rowid=challenge_id, title=new.title, description=new.description)
        index_tags(db, challenge_id, new.tags)
        return from_row(require(db, "challenges", challenge_id))


@router.get("")
def browse(
    paging: Annotated[Paging, Depends()],
    tag: Annotated[list[Text], Query(max_length=20)] = [],  # noqa: B006 - nobody changes it
    topic: Text | None = None,
    difficulty: Difficulty | None = None,
    completed_by: Id | None = None,
    not_completed_by: Id | None = None,
    search: Text | None = None,
    sort: Literal["relevance", "difficulty", "popularity", "newest"] | None = None,
    order: Literal["asc", "desc"] | None = None,
) -> Page[Challenge]:
    """List the challenges that meet all filters."""
    if sort == "relevance" and search is None:
        raise HTTPException(422, "Without a search, nothing is relevant.")
    sort = sort or ("newest" if search is None else "relevance")
    order = order or ("asc" if sort == "difficulty" else "desc")
    table, key, conditions = "challenges", SORTS[sort], ["TRUE"]
    values: list[Any] = []

    def narrow(condition: str, value: Any) -> None:
        conditions.append(condition)
        values.append(value)

    if words := words_of(search or ""):
        table += " JOIN challenge_texts ON challenge_texts.rowid = challenges.id"
        narrow("challenge_texts MATCH ?", " ".join(f'"{word}"*' for word in dict.fromkeys(words)))
    elif sort == "relevance":
        key = "NULL"  # no word, so all are equal
    for name in tag:
        narrow("challenges.id IN (SELECT challenge_id FROM challenge_tags WHERE tag = ?)", name.casefold())
    if topic is not None:
        narrow("topic = ?", topic)
    if difficulty is not None:
        narrow("difficulty = ?", difficulty)
    if completed_by is not None:
        narrow("challenges.id IN (SELECT challenge_id FROM completions WHERE user_id = ?)", completed_by)
    if not_completed_by is not None:
        narrow(
            "challenges.id NOT IN (SELECT challenge_id FROM completions WHERE user_id = ?)", not_completed_by
        )
    select = (
        f"SELECT challenges.* FROM {table} WHERE {' AND '.join(conditions)}"  # noqa: S608
        f" ORDER BY {key} {order}, challenges.id {order}"
    )
    with reading() as db:
        return page_of(db, paging, select, values, from_row)


@router.get("/{challenge_id}")
def show(challenge_id: Id) -> Challenge:
    """Show a challenge."""
    with reading() as db:
        return from_row(require(db, "challenges", challenge_id))


@router.patch("/{challenge_id}")
def change(challenge_id: Id, wanted: ChallengeChange) -> Challenge:
    """Change what the payload mentions."""
    sent = wanted.sent()
    with writing() as db:
        require(db, "challenges", challenge_id)
        if "designer_id" in sent:
            require(db, "users", sent["designer_id"], status=422)
        for name, value in sent.items():
            column = json.dumps(value) if name == "tags" else value
            db.execute(f"UPDATE challenges SET {name} = ? WHERE id = ?", [column, challenge_id])  # noqa: S608
            if name in {"title", "description"}:
                sql = f"UPDATE challenge_texts SET {name} = ? WHERE rowid = ?"  # noqa: S608
                db.execute(sql, [value, challenge_id])
        if "tags" in sent:
            index_tags(db, challenge_id, sent["tags"])
        return from_row(require(db, "challenges", challenge_id))


@router.put("/{challenge_id}/completions/{user_id}", status_code=204)
def complete(challenge_id: Id, user_id: Id) -> Response:
    """Note that a user has completed a challenge, and count it the first time."""
    with writing() as db:
        require(db, "challenges", challenge_id)
        require(db, "users", user_id)
        sql = "INSERT INTO completions (user_id, challenge_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
        added = db.execute(sql, [user_id, challenge_id]).rowcount
        db.execute("UPDATE challenges SET completions = completions + ? WHERE id = ?", [added, challenge_id])
    return Response(status_code=204)
