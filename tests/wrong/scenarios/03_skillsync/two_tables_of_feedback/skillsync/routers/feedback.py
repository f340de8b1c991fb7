"""Ratings and comments."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from ..database import insert, now, page_of, reading, require, writing
from ..schemas import Entry, Id, NewComment, Page, Paging, Rating

router = APIRouter(prefix="/challenges/{challenge_id}")

RATE = """
    INSERT INTO ratings (challenge_id, user_id, stars, created_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (challenge_id, user_id) DO UPDATE SET stars = excluded.stars
"""
ENTRIES = """
    SELECT id, 'rating' AS kind, user_id, stars, NULL AS text, created_at
    FROM ratings WHERE challenge_id = ?1
    UNION ALL
    SELECT id, 'comment' AS kind, user_id, NULL AS stars, text, created_at
    FROM comments WHERE challenge_id = ?1
    ORDER BY created_at DESC
"""


@router.put("/ratings/{user_id}", status_code=204)
def rate(challenge_id: Id, user_id: Id, rating: Rating) -> Response:
    """Rate a challenge, or rate it anew."""
    with writing() as db:
        require(db, "challenges", challenge_id)
        require(db, "users", user_id)
        db.execute(RATE, [challenge_id, user_id, rating.stars, now()])
    return Response(status_code=204)


@router.post("/comments", status_code=201)
def comment(challenge_id: Id, new: NewComment) -> Entry:
    """Comment on a challenge."""
    with writing() as db:
        require(db, "challenges", challenge_id)
        require(db, "users", new.user_id, status=422)
        created_at = now()
        entry_id = insert(
            db,
            "comments",
            challenge_id=challenge_id,
            user_id=new.user_id,
            text=new.text,
            created_at=created_at,
        )
    return Entry(
        id=entry_id, kind="comment", user_id=new.user_id, stars=None, text=new.text, created_at=created_at
    )


@router.get("/feedback")
def index(challenge_id: Id, paging: Annotated[Paging, Depends()]) -> Page[Entry]:
    """List all feedback on a challenge, the newest first."""
    with reading() as db:
        require(db, "challenges", challenge_id)
        return page_of(db, paging, ENTRIES, [challenge_id], lambda row: Entry(**row))
