"""The rules of learning paths."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ..errors import AlreadyEnrolledError, NotFoundError, UnknownIdError
from ..models.paths import Enrolment, EnrolmentCreate, LearningPath, PathCreate, PathStep
from ..paging import Page, PageQuery, read_page
from .users import require_user


def lay_path(session: Session, new: PathCreate) -> LearningPath:
    """Store a new path; the database sees to it that its challenges exist, and stand in it once."""
    path = LearningPath(title=new.title, description=new.description)
    path.steps = [
        PathStep(position=position, challenge_id=challenge_id)
        for position, challenge_id in enumerate(new.challenge_ids)
    ]
    session.add(path)
    try:
        session.commit()
    except IntegrityError as error:
        raise UnknownIdError("A challenge of the path does not exist, or stands in it twice.") from error
    session.refresh(path)
    return path


def list_paths(session: Session, wanted: PageQuery) -> Page[LearningPath]:
    """Give a page of all paths, the oldest first."""
    return read_page(session, select(LearningPath).order_by(col(LearningPath.id)), wanted)


def find_path(session: Session, path_id: int) -> LearningPath:
    """Give the path with this id."""
    path = session.get(LearningPath, path_id)
    if path is None:
        raise NotFoundError(f"There is no path {path_id}.")
    return path


def enrol(session: Session, path: LearningPath, new: EnrolmentCreate) -> Enrolment:
    """Enrol a user in a path; of two attempts at the same moment, the table's key lets one through."""
    require_user(session, new.user_id)
    enrolment = Enrolment.model_validate(new, update={"path_id": path.id})
    session.add(enrolment)
    try:
        session.commit()
    except IntegrityError as error:
        raise AlreadyEnrolledError(f"User {new.user_id} is enrolled in this path already.") from error
    session.refresh(enrolment)
    return enrolment
