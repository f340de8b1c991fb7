"""The paths, in the sense of HTTP, of the learning paths."""

from typing import Annotated

from fastapi import APIRouter, Depends, status

from shared.database import RowId

from ..database import SessionDep
from ..models.paths import Enrolment, EnrolmentCreate, EnrolmentPublic, LearningPath, PathCreate, PathPublic
from ..paging import Page, PageQueryDep
from ..services import paths

router = APIRouter(prefix="/paths", tags=["paths"])


def get_path(path_id: RowId, session: SessionDep) -> LearningPath:
    """Give the path with this id, or answer 404."""
    return paths.find_path(session, path_id)


PathDep = Annotated[LearningPath, Depends(get_path)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=PathPublic)
def create_path(new: PathCreate, session: SessionDep) -> LearningPath:
    """Lay a path of challenges, which keep the order they are given in."""
    return paths.lay_path(session, new)


@router.get("", response_model=Page[PathPublic])
def list_paths(wanted: PageQueryDep, session: SessionDep) -> Page[LearningPath]:
    """List all paths, the oldest first."""
    return paths.list_paths(session, wanted)


@router.get("/{path_id}", response_model=PathPublic)
def read_path(path: PathDep) -> LearningPath:
    """Read one path."""
    return path


@router.post("/{path_id}/enrolments", status_code=status.HTTP_201_CREATED, response_model=EnrolmentPublic)
def enrol(path: PathDep, new: EnrolmentCreate, session: SessionDep) -> Enrolment:
    """Enrol a user in a path, which they can do once."""
    return paths.enrol(session, path, new)
