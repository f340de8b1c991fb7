"""The rules of users."""

from sqlmodel import Session, col, select

from shared.database import get_row

from ..errors import UnknownIdError
from ..models.users import User, UserCreate
from ..paging import Page, PageQuery, read_page


def create_user(session: Session, new: UserCreate) -> User:
    """Store a new user."""
    user = User.model_validate(new)
    session.add(user)
    session.commit()
    session.refresh(user)
    return user


def list_users(session: Session, wanted: PageQuery) -> Page[User]:
    """Return a page of all users, the oldest first."""
    return read_page(session, select(User).order_by(col(User.id)), wanted)


def require_user(session: Session, user_id: int) -> None:
    """Raise UnknownIdError unless the user whom a payload names exists."""
    if get_row(session, User, user_id) is None:
        raise UnknownIdError(f"There is no user {user_id}.")
