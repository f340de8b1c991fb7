"""Challenges: made, changed, browsed, completed."""

import json
import sqlite3
import unicodedata
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response

from ..database import insert, now, page_of, reading, require, writing
from ..schemas import Challenge, ChallengeChange, Difficulty, Id, NewChallenge, Page, Paging, Text, Viewer

router = APIRouter(prefix="/challenges")

SORTS = {
    "path": "path_challenges.position",
    "difficulty": "CASE difficulty WHEN 'beginner' THEN 1 WHEN 'intermediate' THEN 2 ELSE 3 END",
    "popularity": "completions",
    "newest": "challenges.created_at",
}


SEEN = """
    SELECT (SELECT count(*) FROM completions WHERE user_id = :user AND challenge_id = :challenge) AS completed,
           (SELECT stars FROM ratings WHERE user_id = :user AND challenge_id = :challenge) AS stars
"""


def from_row(row: sqlite3.Row) -> Challenge:
    """Make a challenge of its row."""
    return Challenge(**dict(row) | {"tags": json.loads(row["tags"])})


def seen_by(db: sqlite3.Connection, viewer: int, challenge: Challenge) -> Challenge:
    """Add what someone has done with a challenge; to ask SQLite a hundred times costs less than a page of it."""
    [row] = db.execute(SEEN, {"user": viewer, "challenge": challenge.id}).fetchall()
    return challenge.model_copy(update={"viewer": Viewer(**row)})


def index_tags(db: sqlite3.Connection, challenge_id: int, tags: list[str]) -> None:
    """Note by which tags a challenge is found."""
    db.execute("DELETE FROM challenge_tags WHERE challenge_id = ?", [challenge_id])
    rows = [(tag.lower(), challenge_id) for tag in tags]
    db.executemany("INSERT INTO challenge_tags (tag, challenge_id) VALUES (?, ?)", rows)


def words_of(search: str) -> list[str]:
    """Take a search apart where the tokenizer takes a text apart: only letters, digits and their marks remain."""
    return "".join(sign if unicodedata.category(sign)[0] in "LNM" else " " for sign in search.lower()).split()


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
    path: Id | None = None,
    viewer: Id | None = None,
    topic: Text | None = None,
    difficulty: Difficulty | None = None,
    completed_by: Id | None = None,
    not_completed_by: Id | None = None,
    search: Annotated[Text | None, Query(max_length=200)] = None,
    sort: Literal["relevance", "path", "difficulty", "popularity", "newest"] | None = None,
    order: Literal["asc", "desc"] | None = None,
) -> Page[Challenge]:
    """List the challenges that meet all filters."""
    if sort == "relevance" and search is None:
        raise HTTPException(422, "Without a search, nothing is relevant.")
    if sort == "path" and path is None:
        raise HTTPException(422, "Without a path, there is no order of it.")
    if sort is None:
        sort = "relevance" if search is not None else "newest" if path is None else "path"
    order = order or ("asc" if sort in {"difficulty", "path"} else "desc")
    words = list(dict.fromkeys(words_of(search or "")))
    table, conditions = "challenges", ["TRUE"]
    values: list[Any] = []

    def narrow(condition: str, value: Any) -> None:
        conditions.append(condition)
        values.append(value)

    if path is not None:
        table += " JOIN path_challenges ON path_challenges.challenge_id = challenges.id"
        narrow("path_id = ?", path)
    if search is not None:
        found = " ".join(f'"{word}"*' for word in words) or '""'
        narrow("challenges.id IN (SELECT rowid FROM challenge_texts WHERE challenge_texts MATCH ?)", found)
    for name in tag:
        narrow("challenges.id IN (SELECT challenge_id FROM challenge_tags WHERE tag = ?)", name.lower())
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
    key = SORTS.get(sort, "NULL")
    if sort == "relevance" and words:
        title = "(challenges.id IN (SELECT rowid FROM challenge_texts WHERE title MATCH ?))"
        key = " + ".join([title] * len(words))
        values += [f'"{word}"*' for word in words]
    select = (
        f"SELECT challenges.* FROM {table} WHERE {' AND '.join(conditions)}"  # noqa: S608
        f" ORDER BY {key} {order}, challenges.id {order}"
    )
    with reading() as db:
        page = page_of(db, paging, select, values, from_row)
        if viewer is not None:
            page.items = [seen_by(db, viewer, challenge) for challenge in page.items]
        return page


@router.get("/{challenge_id}")
def show(challenge_id: Id, viewer: Id | None = None) -> Challenge:
    """Show a challenge."""
    with reading() as db:
        challenge = from_row(require(db, "challenges", challenge_id))
        return challenge if viewer is None else seen_by(db, viewer, challenge)


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
