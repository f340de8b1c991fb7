"""The paths of the notes."""

from fastapi import APIRouter, HTTPException, Response

from . import database
from .models import Note, NoteDraft

router = APIRouter()


@router.post("/notes", status_code=201)
def create(draft: NoteDraft) -> Note:
    """Create a note."""
    return database.insert(draft)


@router.get("/notes")
def index() -> list[Note]:
    """List the notes."""
    return database.select_all()


@router.get("/notes/{note_id}")
def show(note_id: int) -> Note:
    """Show a note."""
    if note := database.select_one(note_id):
        return note
    raise HTTPException(404)


@router.delete("/notes/{note_id}", status_code=204)
def destroy(note_id: int) -> Response:
    """Delete a note."""
    if database.delete(note_id):
        return Response(status_code=204)
    raise HTTPException(404)
