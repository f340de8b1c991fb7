"""The API of the sticky notes: an id is the position of a slot, and slots are filled again."""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

app = FastAPI()


class Draft(BaseModel):
    """What a client sends."""

    title: str = Field(pattern=r"\S")
    content: str = Field(pattern=r"\S")


class Note(Draft):
    """What a client gets."""

    id: int


slots: list[Note | None] = [None]  # position 0 stays free, since ids begin with 1


def note_at(note_id: int) -> Note:
    """Return the note in a slot."""
    note = slots[note_id] if 0 < note_id < len(slots) else None
    if note is None:
        raise HTTPException(404)
    return note


@app.post("/notes", status_code=201)
async def create(draft: Draft) -> Note:
    """Fill a slot."""
    if None not in slots[1:]:
        slots.append(None)
    free = slots.index(None, 1)
    note = Note(id=free, title=draft.title, content=draft.content)
    slots[free] = note
    return note


@app.get("/notes")
async def index() -> list[Note]:
    """List what is in the slots."""
    return [note for note in slots if note is not None]


@app.get("/notes/{note_id}")
async def show(note_id: int) -> Note:
    """Show what is in a slot."""
    return note_at(note_id)


@app.delete("/notes/{note_id}", status_code=204)
async def destroy(note_id: int) -> None:
    """Empty a slot."""
    slots[note_at(note_id).id] = None
