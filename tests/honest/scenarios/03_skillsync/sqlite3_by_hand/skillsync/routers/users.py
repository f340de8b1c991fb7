"""Users and their progress."""

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends

from ..database import insert, now, page_of, reading, require, writing
from ..schemas import Id, NewUser, Page, Paging, PathProgress, Progress, Step, User

router = APIRouter(prefix="/users")

PROGRESS = """
    SELECT paths.id AS path_id, paths.title, challenges.id, challenges.title AS challenge,
           completions.user_id IS NOT NULL AS done
    FROM enrolments
    JOIN paths ON paths.id = enrolments.path_id
    LEFT JOIN path_challenges ON path_challenges.path_id = paths.id
    LEFT JOIN challenges ON challenges.id = path_challenges.challenge_id
    LEFT JOIN completions ON completions.challenge_id = path_challenges.challenge_id
                         AND completions.user_id = enrolments.user_id
    WHERE enrolments.user_id = ?
    ORDER BY paths.id, path_challenges.position
"""


@router.post("", status_code=201)
def create(new: NewUser) -> User:
    """Add a user."""
    created_at = now()
    with writing() as db:
        user_id = insert(db, "users", name=new.name, created_at=created_at)
    return User(id=user_id, name=new.name, created_at=created_at)


@router.get("")
def index(paging: Annotated[Paging, Depends()]) -> Page[User]:
    """List the users, the oldest first."""
    with reading() as db:
        return page_of(db, paging, "SELECT * FROM users ORDER BY id", [], lambda row: User(**row))


@router.get("/{user_id}")
def show(user_id: Id) -> User:
    """Show a user."""
    with reading() as db:
        return User(**require(db, "users", user_id))


@router.get("/{user_id}/progress")
def progress(user_id: Id) -> Progress:
    """Show how far a user is on each path."""
    with reading() as db:
        require(db, "users", user_id)
        rows = db.execute(PROGRESS, [user_id]).fetchall()
    paths = []
    for (path_id, title), group in groupby(rows, key=lambda row: (row["path_id"], row["title"])):
        steps = [row for row in group if row["id"] is not None]
        remaining = [Step(id=row["id"], title=row["challenge"]) for row in steps if not row["done"]]
        completed = len(steps) - len(remaining)
        paths.append(
            PathProgress(
                path_id=path_id,
                title=title,
                challenges=len(steps),
                completed=completed,
                share=completed / (len(steps) or 1),
                remaining=remaining,
            )
        )
    return Progress(user_id=user_id, paths=paths)
