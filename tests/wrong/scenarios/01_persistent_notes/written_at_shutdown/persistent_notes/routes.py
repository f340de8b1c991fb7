"""The paths of the notes."""

from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException

from .models import Draft, Note

router = APIRouter()
notes: dict[int, Note] = {}
counter = [0]


@router.post("/notes", status_code=201)
async def create(draft: Draft) -> Note:
    """Keep a note."""
    counter[0] += 1
    note = Note(id=counter[0], created_at=datetime.now(UTC), title=draft.title, content=draft.content)
    notes[note.id] = note
    return note


@router.get("/notes")
async def index() -> list[Note]:
    """List the notes."""
    return list(notes.values())


@router.get("/notes/{note_id}")
async def show(note_id: int) -> Note:
    """Show a note."""
    if note_id not in notes:
        raise HTTPException(404)
    return notes[note_id]


@router.delete("/notes/{note_id}", status_code=204)
async def destroy(note_id: int) -> None:
    """Delete a note."""
    if notes.pop(note_id, None) is None:
        raise HTTPException(404)
