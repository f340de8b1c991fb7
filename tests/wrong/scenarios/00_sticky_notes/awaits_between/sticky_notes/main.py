"""The API of the sticky notes: a deletion is written to a journal before it is done."""

from itertools import count

from fastapi import FastAPI, HTTPException
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

app = FastAPI()


class Draft(BaseModel):
    """What a client sends."""

    title: str = Field(pattern=r"\S")
    content: str = Field(pattern=r"\S")


class Note(Draft):
    """What a client gets."""

    id: int


notes: dict[int, Note] = {}
numbers = count(1)
journal: list[str] = []


@app.post("/notes", status_code=201)
async def create(draft: Draft) -> Note:
    """Keep a note."""
    note = Note(id=next(numbers), title=draft.title, content=draft.content)
    notes[note.id] = note
    return note


@app.get("/notes")
async def index() -> list[Note]:
    """List the notes."""
    return list(notes.values())


@app.get("/notes/{note_id}")
async def show(note_id: int) -> Note:
    """Show a note."""
    if note_id not in notes:
        raise HTTPException(404)
    return notes[note_id]


@app.delete("/notes/{note_id}", status_code=204)
async def destroy(note_id: int) -> None:
    """Note the deletion in the journal, and delete the note."""
    if note_id not in notes:
        raise HTTPException(404)
    await run_in_threadpool(journal.append, f"deleted {note_id}")
    notes.pop(note_id, None)
