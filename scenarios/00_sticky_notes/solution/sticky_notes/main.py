"""The sticky notes API: create, list, read and delete notes that live in memory."""

from itertools import count
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, status
from pydantic import BaseModel

from shared.problems import install_problem_handlers
from shared.text import NonBlank


class NoteCreate(BaseModel):
    """What a client sends to stick a note."""

    title: NonBlank
    content: NonBlank


class Note(NoteCreate):
    """A note as it is kept and answered."""

    id: int


app = FastAPI(title="Sticky notes")
install_problem_handlers(app)

notes: dict[int, Note] = {}
note_ids = count(start=1)


def get_note(note_id: int) -> Note:
    """Give the note with this id, or answer 404."""
    if note_id not in notes:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no note {note_id}.")
    return notes[note_id]


NoteDep = Annotated[Note, Depends(get_note)]


@app.post("/notes", status_code=status.HTTP_201_CREATED)
def create_note(new: NoteCreate) -> Note:
    """Stick a new note; its id is never used again, not even after it is deleted."""
    note = Note(id=next(note_ids), title=new.title, content=new.content)
    notes[note.id] = note
    return note


@app.get("/notes")
def list_notes() -> list[Note]:
    """List all notes, the oldest first."""
    return list(notes.values())


@app.get("/notes/{note_id}")
def read_note(note: NoteDep) -> Note:
    """Read one note."""
    return note


@app.delete("/notes/{note_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_note(note: NoteDep) -> None:
    """Delete one note."""
    notes.pop(note.id, None)
