"""The paths of the notes, as the methods of a class."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from sqlalchemy import delete, select

from ..database import Database
from ..models import Note, NoteCreate, NoteRead

NoteId = Annotated[int, Path(ge=-(2**63), le=2**63 - 1)]


class NoteRoutes:
    """Answers what is asked about notes."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.router = APIRouter(prefix="/notes", tags=["notes"])
        self.router.add_api_route("", self.create, methods=["POST"], status_code=201)
        self.router.add_api_route("", self.list, methods=["GET"])
        self.router.add_api_route("/{note_id}", self.read, methods=["GET"])
        self.router.add_api_route("/{note_id}", self.delete, methods=["DELETE"], status_code=204)

    def create(self, payload: NoteCreate) -> NoteRead:
        """Create a note."""
        note = Note(title=payload.title, content=payload.content)
        with self.database.session() as session, session.begin():
            session.add(note)
        return NoteRead.model_validate(note)

    def read(self, note_id: NoteId) -> NoteRead:
        """Read a note."""
        with self.database.session() as session:
            note = session.get(Note, note_id)
        if note is None:
            raise HTTPException(404, "No such note")
        return NoteRead.model_validate(note)

    def delete(self, note_id: NoteId) -> None:
        """Delete a note."""
        with self.database.session() as session, session.begin():
            gone = session.scalar(delete(Note).where(Note.id == note_id).returning(Note.id))
        if gone is None:
            raise HTTPException(404, "No such note")

    def list(self) -> list[NoteRead]:
        """List all notes, the oldest first."""
        with self.database.session() as session:
            return [NoteRead.model_validate(note) for note in session.scalars(select(Note).order_by(Note.id))]
