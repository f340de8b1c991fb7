"""The paths, in the sense of HTTP, of the learning paths."""

from typing import Annotated

from fastapi import APIRouter, Depends, status

from shared.database import get_row
from shared.problems import problem_responses

from ..database import SessionDep
from ..errors import NotFoundError
from ..models.paths import LearningPath, PathCreate, PathPublic
from ..paging import Page, PageQueryDep
from ..services import paths
from .users import UserDep

router = APIRouter(prefix="/paths", tags=["paths"], responses=problem_responses(422))


def get_path(path_id: int, session: SessionDep) -> LearningPath:
    """Return the path with this id, or raise NotFoundError."""
    path = get_row(session, LearningPath, path_id)
    if path is None:
        raise NotFoundError(f"There is no path {path_id}.")
    return path


PathDep = Annotated[LearningPath, Depends(get_path)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=PathPublic)
def create_path(new: PathCreate, session: SessionDep) -> LearningPath:
    """Create a path of challenges, which keep the order they are sent in."""
    return paths.create_path(session, new)


@router.get("", response_model=Page[PathPublic])
def list_paths(wanted: PageQueryDep, session: SessionDep) -> Page[LearningPath]:
    """List all paths, the oldest first."""
    return paths.list_paths(session, wanted)


@router.get("/{path_id}", response_model=PathPublic, responses=problem_responses(404))
def read_path(path: PathDep) -> LearningPath:
    """Read one path."""
    return path


@router.put(
    "/{path_id}/enrolments/{user_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(404),
)
def enrol_user(path: PathDep, user: UserDep, session: SessionDep) -> None:
    """Enrol a user in a path; a second time changes nothing."""
    paths.enrol_user(session, path, user)
