"""The paths of the notes, as the methods of a class."""

from fastapi import APIRouter, HTTPException
from sqlalchemy import delete, select

from ..database import Database
from ..models import Note, NoteCreate, NoteRead

LONGEST_KEY = 63  # bits, without the sign


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

    def read(self, note_id: int) -> NoteRead:
        """Read a note."""
        with self.database.session() as session:
            note = session.get(Note, note_id) if note_id.bit_length() <= LONGEST_KEY else None
        if note is None:
            raise HTTPException(404, "No such note")
        return NoteRead.model_validate(note)

    def delete(self, note_id: int) -> None:
        """Delete a note."""
        if note_id.bit_length() > LONGEST_KEY:
            raise HTTPException(404, "No such note")
        with self.database.session() as session, session.begin():
            gone = session.scalar(delete(Note).where(Note.id == note_id).returning(Note.id))
        if gone is None:
            raise HTTPException(404, "No such note")

    def list(self) -> list[NoteRead]:
        """List all notes, the oldest first."""
        with self.database.session() as session:
            return [NoteRead.model_validate(note) for note in session.scalars(select(Note).order_by(Note.id))]
