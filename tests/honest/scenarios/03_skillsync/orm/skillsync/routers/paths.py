"""Learning paths and enrolments."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shared.database import RowId

from ..database import DatabaseSession, check_references, find, paginate
from ..errors import AlreadyEnrolledError
from ..schemas import EnrolmentCreate, EnrolmentRead, Page, PageQuery, PathCreate, PathRead
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
def read_path(path_id: RowId, session: DatabaseSession) -> Any:
    """Read a path."""
    return find(session, Path, path_id)


@router.post("/{path_id}/enrolments", status_code=201, response_model=EnrolmentRead)
def enrol(path_id: RowId, payload: EnrolmentCreate, session: DatabaseSession) -> Any:
    """Enrol a user in a path."""
    find(session, Path, path_id)
    check_references(session, User, [payload.user_id])
    enrolment = Enrolment(user_id=payload.user_id, path_id=path_id)
    session.add(enrolment)
    try:
        session.commit()
    except IntegrityError as error:
        raise AlreadyEnrolledError(f"User {payload.user_id} follows path {path_id} already.") from error
    return enrolment
