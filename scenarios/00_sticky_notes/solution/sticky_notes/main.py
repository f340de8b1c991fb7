"""The sticky notes API: create, list, read and delete notes that live in memory."""

from itertools import count
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, status
from pydantic import BaseModel

from shared.text import NonBlank


class NoteCreate(BaseModel):
    """What a client sends to create a note."""

    title: NonBlank
    content: NonBlank


class Note(NoteCreate):
    """A note as it is stored and returned."""

    id: int


class ErrorMessage(BaseModel):
    """What a client gets when there is no such note."""

    detail: str


app = FastAPI(title="Sticky notes")

notes: dict[int, Note] = {}
note_ids = count(start=1)

NOT_FOUND: dict[int | str, dict[str, Any]] = {status.HTTP_404_NOT_FOUND: {"model": ErrorMessage}}


def note_not_found(note_id: int) -> HTTPException:
    """Return the error for an id that no note has."""
    return HTTPException(status.HTTP_404_NOT_FOUND, f"There is no note {note_id}.")


def get_note(note_id: int) -> Note:
    """Return the note with this id, or answer 404."""
    note = notes.get(note_id)
    if note is None:
        raise note_not_found(note_id)
    return note


NoteDep = Annotated[Note, Depends(get_note)]


@app.post("/notes", status_code=status.HTTP_201_CREATED)
def create_note(new: NoteCreate) -> Note:
    """Create a note; its id is never used again, not even after the note is deleted."""
    note = Note(id=next(note_ids), title=new.title, content=new.content)
    notes[note.id] = note
    return note


@app.get("/notes")
def list_notes() -> list[Note]:
    """List all notes, the oldest first."""
    return list(notes.values())


@app.get("/notes/{note_id}", responses=NOT_FOUND)
def read_note(note: NoteDep) -> Note:
    """Read one note."""
    return note


@app.delete("/notes/{note_id}", status_code=status.HTTP_204_NO_CONTENT, responses=NOT_FOUND)
def delete_note(note: NoteDep) -> None:
    """Delete one note; of several requests at the same time, one deletes it and the others get 404."""
    if notes.pop(note.id, None) is None:
        raise note_not_found(note.id)
