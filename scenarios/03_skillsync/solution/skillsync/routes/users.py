"""The paths of the users."""

from typing import Annotated

from fastapi import APIRouter, Depends, status

from shared.database import RowId

from ..database import SessionDep
from ..models.users import Progress, User, UserCreate, UserPublic
from ..paging import Page, PageQueryDep
from ..services import users

router = APIRouter(prefix="/users", tags=["users"])


def get_user(user_id: RowId, session: SessionDep) -> User:
    """Give the user with this id, or answer 404."""
    return users.find_user(session, user_id)


UserDep = Annotated[User, Depends(get_user)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=UserPublic)
def create_user(new: UserCreate, session: SessionDep) -> User:
    """Add a user."""
    return users.add_user(session, new)


@router.get("", response_model=Page[UserPublic])
def list_users(wanted: PageQueryDep, session: SessionDep) -> Page[User]:
    """List all users, the oldest first."""
    return users.list_users(session, wanted)


@router.get("/{user_id}", response_model=UserPublic)
def read_user(user: UserDep) -> User:
    """Read one user."""
    return user


@router.get("/{user_id}/progress")
def read_progress(user: UserDep, session: SessionDep) -> Progress:
    """Read how far a user has come on each of the paths they are enrolled in."""
    return users.measure_progress(session, user)
