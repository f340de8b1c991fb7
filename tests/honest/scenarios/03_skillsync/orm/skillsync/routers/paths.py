"""Learning paths and enrolments."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ..database import DatabaseSession, check_references, find, paginate
from ..schemas import Page, PageQuery, PathCreate, PathRead
from ..tables import Challenge, Enrolment, Path, PathStep, User

router = APIRouter(prefix="/paths", tags=["paths"])


@router.post("", status_code=201, response_model=PathRead)
def create_path(payload: PathCreate, session: DatabaseSession) -> Any:
    """Create a path."""
    check_references(session, Challenge, payload.challenge_ids)
    steps = [PathStep(position=n, challenge_id=step) for n, step in enumerate(payload.challenge_ids)]
    path = Path(title=payload.title, description=payload.description, steps=steps)
    session.add(path)
    session.commit()
    return path


@router.get("", response_model=Page[PathRead])
def list_paths(query: Annotated[PageQuery, Query()], session: DatabaseSession) -> Any:
    """List paths, the oldest first."""
    return paginate(session, select(Path).order_by(Path.id), query)


@router.get("/{path_id}", response_model=PathRead)
def read_path(path_id: int, session: DatabaseSession) -> Any:
    """Read a path."""
    return find(session, Path, path_id)


@router.put("/{path_id}/enrolments/{user_id}", status_code=204)
def enrol(path_id: int, user_id: int, session: DatabaseSession) -> None:
    """Enrol a user in a path, again if need be: the key of the table refuses what is there."""
    find(session, Path, path_id)
    find(session, User, user_id)
    session.add(Enrolment(user_id=user_id, path_id=path_id))
    try:
        session.commit()
    except IntegrityError:
        session.rollback()
