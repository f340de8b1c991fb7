"""The paths of the users."""

from typing import Annotated

from fastapi import APIRouter, Depends, status

from shared.problems import problem_responses

from .. import service
from ..access import CallerDep
from ..database import SessionDep
from ..models import RoleUpdate, UserCreate, UserPrivate, UserUpdate
from ..tables import User

router = APIRouter(prefix="/users", tags=["users"])


def get_user(user_id: int, session: SessionDep) -> User:
    """Return the user with this id, or answer 404."""
    return service.get(session, User, user_id)


UserDep = Annotated[User, Depends(get_user)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=UserPrivate,
    responses=problem_responses(409, 422),
)
def create_user(new: UserCreate, session: SessionDep) -> User:
    """Register, as a user with the role `user`."""
    return service.create_user(session, new)


@router.get("")
def list_users(caller: CallerDep, session: SessionDep) -> list[UserPrivate]:
    """List all users, sorted by id; emails are for the user and Admins."""
    return [service.view_user(caller, user) for user in service.list_users(session)]


@router.get("/{user_id}", responses=problem_responses(404, 422))
def read_user(caller: CallerDep, user: UserDep) -> UserPrivate:
    """Read one user; the email is for the user and Admins."""
    return service.view_user(caller, user)


@router.patch("/{user_id}", response_model=UserPrivate, responses=problem_responses(404, 422))
def change_user(caller: CallerDep, user: UserDep, change: UserUpdate, session: SessionDep) -> User:
    """Change the email; only the user and Admins may."""
    return service.change_user(session, caller, user, change)


@router.put("/{user_id}/role", response_model=UserPrivate, responses=problem_responses(404, 409, 422))
def change_role(user: UserDep, change: RoleUpdate, session: SessionDep) -> User:
    """Change the role; there is always at least one Admin."""
    return service.change_role(session, user, change.role)
