"""Learning paths, and who follows them."""

import json
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from ..database import insert, now, page_of, reading, require, writing
from ..schemas import Id, NewPath, Page, Paging, Path

router = APIRouter(prefix="/paths")

PATHS = """
    SELECT *, (SELECT json_group_array(challenge_id) FROM
                  (SELECT challenge_id FROM path_challenges WHERE path_id = paths.id ORDER BY position))
              AS challenge_ids
    FROM paths
"""


def from_row(row: sqlite3.Row) -> Path:
    """Make a path of its row."""
    return Path(**dict(row) | {"challenge_ids": json.loads(row["challenge_ids"])})


@router.post("", status_code=201)
def create(new: NewPath) -> Path:
    """Add a path."""
    created_at = now()
    with writing() as db:
        for challenge_id in new.challenge_ids:
            require(db, "challenges", challenge_id, status=422)
        path_id = insert(db, "paths", title=new.title, description=new.description, created_at=created_at)
        db.executemany(
            "INSERT INTO path_challenges (path_id, position, challenge_id) VALUES (?, ?, ?)",
            [(path_id, position, challenge_id) for position, challenge_id in enumerate(new.challenge_ids)],
        )
    return Path(id=path_id, created_at=created_at, **new.model_dump())


@router.get("")
def index(paging: Annotated[Paging, Depends()]) -> Page[Path]:
    """List the paths, the oldest first."""
    with reading() as db:
        return page_of(db, paging, f"{PATHS} ORDER BY id", [], from_row)


@router.get("/{path_id}")
def show(path_id: Id) -> Path:
    """Show a path."""
    with reading() as db:
        require(db, "paths", path_id)
        return from_row(db.execute(f"{PATHS} WHERE id = ?", [path_id]).fetchone())


@router.put("/{path_id}/enrolments/{user_id}", status_code=204)
def enrol(path_id: Id, user_id: Id) -> Response:
    """Let a user follow a path."""
    with writing() as db:
        require(db, "paths", path_id)
        require(db, "users", user_id)
        sql = "INSERT INTO enrolments (user_id, path_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
        db.execute(sql, [user_id, path_id])
    return Response(status_code=204)
