"""The rules of learning paths."""

from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col, func, select

from ..errors import UnknownIdError
from ..models.challenges import Challenge
from ..models.paths import Enrolment, LearningPath, PathCreate, PathStep
from ..models.users import User
from ..paging import Page, PageQuery, read_page


def create_path(session: Session, new: PathCreate) -> LearningPath:
    """Store a new path."""
    require_challenges(session, new.challenge_ids)
    path = LearningPath.model_validate(new)
    path.steps = [
        PathStep(challenge_id=challenge_id, position=position)
        for position, challenge_id in enumerate(new.challenge_ids)
    ]
    session.add(path)
    session.commit()
    session.refresh(path)
    return path


def require_challenges(session: Session, ids: list[int]) -> None:
    """Raise UnknownIdError unless a payload names challenges that exist, each of them once."""
    known = session.exec(select(func.count()).where(col(Challenge.id).in_(ids))).one()
    if known < len(ids):
        raise UnknownIdError("A challenge of the path does not exist, or is named twice.")


def list_paths(session: Session, wanted: PageQuery) -> Page[LearningPath]:
    """Return a page of all paths, the oldest first."""
    return read_page(session, select(LearningPath).order_by(col(LearningPath.id)), wanted)


def enrol_user(session: Session, path: LearningPath, user: User) -> None:
    """Enrol a user in a path, unless they are enrolled already: the table's key decides."""
    enrolment = insert(Enrolment).values(user_id=user.id, path_id=path.id)
    session.exec(enrolment.on_conflict_do_nothing())
    session.commit()
