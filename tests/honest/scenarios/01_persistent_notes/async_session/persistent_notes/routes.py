"""The paths of the notes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, status
from sqlmodel import col, delete, select

from .database import MAX_ID, SessionDep
from .models import ErrorMessage, Note, NoteCreate, NotePublic

router = APIRouter(prefix="/notes", tags=["notes"])

NOT_FOUND: dict[int | str, dict[str, Any]] = {status.HTTP_404_NOT_FOUND: {"model": ErrorMessage}}


def note_not_found(note_id: int | None) -> HTTPException:
    """Return the error for an id that no note has."""
    return HTTPException(status.HTTP_404_NOT_FOUND, f"There is no note {note_id}.")


async def get_note(note_id: int, session: SessionDep) -> Note:
    """Return the note with this id, or answer 404."""
    note = await session.get(Note, note_id) if abs(note_id) <= MAX_ID else None
    if note is None:
        raise note_not_found(note_id)
    return note


NoteDep = Annotated[Note, Depends(get_note)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=NotePublic)
async def create_note(new: NoteCreate, session: SessionDep) -> Note:
    """Create a note; the response is sent when the note is safely stored."""
    note = Note.model_validate(new)
    session.add(note)
    await session.commit()
    await session.refresh(note)
    return note


@router.get("", response_model=list[NotePublic])
async def list_notes(session: SessionDep) -> list[Note]:
    """List all notes, the oldest first."""
    return list(await session.scalars(select(Note).order_by(col(Note.id))))


@router.get("/{note_id}", response_model=NotePublic, responses=NOT_FOUND)
async def read_note(note: NoteDep) -> Note:
    """Read one note."""
    return note


@router.delete("/{note_id}", status_code=status.HTTP_204_NO_CONTENT, responses=NOT_FOUND)
async def delete_note(note: NoteDep, session: SessionDep) -> None:
    """Delete one note; of several requests at the same time, one deletes it and the others get 404."""
    deleted = await session.execute(delete(Note).where(col(Note.id) == note.id))
    if deleted.rowcount == 0:
        raise note_not_found(note.id)
    await session.commit()
