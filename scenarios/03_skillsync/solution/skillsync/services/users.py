"""The rules of users and their progress."""

from sqlmodel import Session, and_, col, func, select

from ..errors import NotFoundError, UnknownIdError
from ..models.challenges import Completion
from ..models.paths import Enrolment, LearningPath, PathStep
from ..models.users import Progress, User, UserCreate
from ..paging import Page, PageQuery, read_page


def add_user(session: Session, new: UserCreate) -> User:
    """Store a new user."""
    user = User.model_validate(new)
    session.add(user)
    session.commit()
    session.refresh(user)
    return user


def list_users(session: Session, wanted: PageQuery) -> Page[User]:
    """Give a page of all users, the oldest first."""
    return read_page(session, select(User).order_by(col(User.id)), wanted)


def find_user(session: Session, user_id: int) -> User:
    """Give the user with this id."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError(f"There is no user {user_id}.")
    return user


def require_user(session: Session, user_id: int) -> None:
    """See that a user whom a payload names exists."""
    if session.get(User, user_id) is None:
        raise UnknownIdError(f"There is no user {user_id}.")


def measure_progress(session: Session, user: User) -> Progress:
    """Count, for each of a user's paths, its challenges and those that the user has completed."""
    completed_by_user = and_(
        col(Completion.user_id) == user.id, col(Completion.challenge_id) == PathStep.challenge_id
    )
    rows = session.exec(
        select(
            col(LearningPath.id),
            LearningPath.title,
            func.count(col(PathStep.challenge_id)),
            func.count(col(Completion.challenge_id)),
        )
        .join(Enrolment)
        .outerjoin(PathStep)
        .outerjoin(Completion, completed_by_user)
        .where(Enrolment.user_id == user.id)
        .group_by(col(LearningPath.id))
        .order_by(col(LearningPath.id))
    )
    paths = [
        {
            "path_id": path_id,
            "title": title,
            "challenges": challenges,
            "completed": completed,
            "share": completed / challenges if challenges else 0.0,
        }
        for path_id, title, challenges, completed in rows
    ]
    return Progress.model_validate({"user_id": user.id, "paths": paths})
