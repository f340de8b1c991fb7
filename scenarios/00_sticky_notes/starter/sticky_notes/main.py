"""The sticky notes API: create, list, read and delete notes that live in memory.

The models, the paths and the status codes are here. The four function bodies are yours: each answers 501 until you
write it.
"""

from itertools import count

from fastapi import FastAPI, HTTPException, status
from pydantic import BaseModel

from shared.text import NonBlank


class NoteCreate(BaseModel):
    """What a client sends to create a note."""

    title: NonBlank
    content: NonBlank


class Note(NoteCreate):
    """A note as it is stored and returned."""

    id: int


app = FastAPI(title="Sticky notes")

notes: dict[int, Note] = {}
note_ids = count(start=1)  # next(note_ids) returns 1, then 2, then 3 …


@app.post("/notes", status_code=status.HTTP_201_CREATED)
def create_note(new: NoteCreate) -> Note:
    """Create a note; its id is never used again, not even after the note is deleted."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@app.get("/notes")
def list_notes() -> list[Note]:
    """List all notes, the oldest first."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@app.get("/notes/{note_id}")
def read_note(note_id: int) -> Note:
    """Read one note, or answer 404."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@app.delete("/notes/{note_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_note(note_id: int) -> None:
    """Delete one note, or answer 404."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)
