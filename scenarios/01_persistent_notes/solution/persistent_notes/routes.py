"""The paths of the notes."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from sqlmodel import col, select

from shared.database import RowId

from .database import SessionDep
from .models import Note, NoteCreate, NotePublic

router = APIRouter(prefix="/notes", tags=["notes"])


def get_note(note_id: RowId, session: SessionDep) -> Note:
    """Give the note with this id, or answer 404."""
    note = session.get(Note, note_id)
    if note is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no note {note_id}.")
    return note


NoteDep = Annotated[Note, Depends(get_note)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=NotePublic)
def create_note(new: NoteCreate, session: SessionDep) -> Note:
    """Stick a new note; the answer goes out when the note is safely stored."""
    note = Note.model_validate(new)
    session.add(note)
    session.commit()
    session.refresh(note)
    return note


@router.get("", response_model=list[NotePublic])
def list_notes(session: SessionDep) -> list[Note]:
    """List all notes, the oldest first."""
    return list(session.exec(select(Note).order_by(col(Note.id))))


@router.get("/{note_id}", response_model=NotePublic)
def read_note(note: NoteDep) -> Note:
    """Read one note."""
    return note


@router.delete("/{note_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_note(note: NoteDep, session: SessionDep) -> None:
    """Delete one note."""
    session.delete(note)
    session.commit()
