"""The paths, all of them `async def`."""

import time

from fastapi import APIRouter, HTTPException, Response
from sqlalchemy import delete, insert, select

from .database import transaction
from .models import Draft, Note, notes

router = APIRouter(prefix="/notes")
GREATEST = 2**63 - 1


@router.post("", status_code=201)
async def add(draft: Draft) -> Note:
    """Add a note."""
    new = draft.model_dump() | {"created_at": int(time.time())}
    async with transaction() as connection:
        row = connection.execute(insert(notes).values(new).returning(notes)).one()
    return Note.of(row)


@router.get("")
async def all_notes() -> list[Note]:
    """Read all."""
    async with transaction() as connection:
        return [Note.of(row) for row in connection.execute(select(notes).order_by(notes.c.id))]


@router.get("/{number}")
async def one(number: int) -> Note:
    """Read one."""
    if 0 < number <= GREATEST:
        async with transaction() as connection:
            row = connection.execute(select(notes).where(notes.c.id == number)).one_or_none()
        if row is not None:
            return Note.of(row)
    raise HTTPException(404)


@router.delete("/{number}")
async def remove(number: int) -> Response:
    """Remove one."""
    if 0 < number <= GREATEST:
        async with transaction() as connection:
            removed = connection.execute(delete(notes).where(notes.c.id == number)).rowcount
        if removed:
            return Response(status_code=204)
    raise HTTPException(404)
