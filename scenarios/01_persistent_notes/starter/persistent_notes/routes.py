"""The paths of the notes. The four function bodies are yours: each answers 501 until you write it.

Nothing in this module opens the database: a session comes from `database`.
"""

from fastapi import APIRouter, HTTPException, status

from .database import SessionDep
from .models import Note, NoteCreate, NotePublic

router = APIRouter(prefix="/notes", tags=["notes"])


@router.post("", status_code=status.HTTP_201_CREATED, response_model=NotePublic)
def create_note(new: NoteCreate, session: SessionDep) -> Note:
    """Create a note; the response is sent when the note is safely stored."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.get("", response_model=list[NotePublic])
def list_notes(session: SessionDep) -> list[Note]:
    """List all notes, the oldest first."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.get("/{note_id}", response_model=NotePublic)
def read_note(note_id: int, session: SessionDep) -> Note:
    """Read one note, or answer 404."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.delete("/{note_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_note(note_id: int, session: SessionDep) -> None:
    """Delete one note, or answer 404."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)
