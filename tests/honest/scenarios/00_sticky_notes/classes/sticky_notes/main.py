"""The API of the sticky notes, and the pad that holds them."""

from threading import Lock
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, Field

Text = Annotated[str, Field(pattern=r"\S")]


class NoteIn(BaseModel):
    """What a client sends."""

    title: Text
    content: Text


class Note(NoteIn):
    """What a client gets back."""

    id: int


class NotePad:
    """All notes, in the order of their creation."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._notes: dict[int, Note] = {}
        self._last_id = 0

    def add(self, note: NoteIn) -> Note:
        """Keep a new note."""
        with self._lock:
            self._last_id += 1
            created = Note(id=self._last_id, title=note.title, content=note.content)
            self._notes[created.id] = created
        return created

    def all(self) -> list[Note]:
        """Give all notes, the oldest first."""
        with self._lock:
            return list(self._notes.values())

    def get(self, note_id: int) -> Note | None:
        """Give one note, if there is one with this id."""
        with self._lock:
            return self._notes.get(note_id)

    def remove(self, note_id: int) -> bool:
        """Drop a note, and tell whether there was one."""
        with self._lock:
            return self._notes.pop(note_id, None) is not None


pad = NotePad()
app = FastAPI(title="Sticky notes")

Pad = Annotated[NotePad, Depends(lambda: pad)]


@app.post("/notes", status_code=201)
def create_note(note: NoteIn, pad: Pad) -> Note:
    """Create a note."""
    return pad.add(note)


@app.get("/notes")
def list_notes(pad: Pad) -> list[Note]:
    """List all notes."""
    return pad.all()


@app.get("/notes/{note_id}")
def read_note(note_id: int, pad: Pad) -> Note:
    """Read one note."""
    note = pad.get(note_id)
    if note is None:
        raise HTTPException(404, f"There is no note {note_id}.")
    return note


@app.delete("/notes/{note_id}", status_code=204)
def delete_note(note_id: int, pad: Pad) -> None:
    """Delete a note."""
    if not pad.remove(note_id):
        raise HTTPException(404, f"There is no note {note_id}.")
