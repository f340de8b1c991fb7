"""The sticky notes API: create, list, read and delete notes that live in memory.

The paths, the models and the status codes are here. The four bodies are yours: each answers 501 until you write it.
"""

from itertools import count

from fastapi import FastAPI, HTTPException, status
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
note_ids = count(start=1)  # next(note_ids) gives 1, then 2, then 3 …

NOT_WRITTEN_YET = HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "This body is yours to write.")


@app.post("/notes", status_code=status.HTTP_201_CREATED)
def create_note(new: NoteCreate) -> Note:
    """Stick a new note; its id is never used again, not even after it is deleted."""
    raise NOT_WRITTEN_YET


@app.get("/notes")
def list_notes() -> list[Note]:
    """List all notes, the oldest first."""
    raise NOT_WRITTEN_YET


@app.get("/notes/{note_id}")
def read_note(note_id: int) -> Note:
    """Read one note, or answer 404."""
    raise NOT_WRITTEN_YET


@app.delete("/notes/{note_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_note(note_id: int) -> None:
    """Delete one note, or answer 404."""
    raise NOT_WRITTEN_YET
