"""The work on accounts; it knows no HTTP."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from .errors import ConflictError, LoginError
from .models import Credentials, PasswordChange, Registration
from .passwords import NOBODYS_HASH, hash_password, needs_rehash, verify
from .policy import require_strong
from .tables import User


def register(session: Session, new: Registration) -> User:
    """Store a user with a name that nobody else has.

    Raises:
        WeakPasswordError: the password breaks the policy.
        ConflictError: the name is taken.
    """
    require_strong(new.password, new.username)
    user = User(username=new.username, password_hash=hash_password(new.password))
    session.add(user)
    try:
        session.commit()
    except IntegrityError as refusal:
        raise ConflictError("This user name is taken.") from refusal
    return user


def log_in(session: Session, sent: Credentials) -> User:
    """Return the user whose password was sent, and replace an old hash of it.

    Raises:
        LoginError: the user is unknown, or the password is another.
    """
    user = authenticate(session, sent.username, sent.password)
    if needs_rehash(user.password_hash):
        replace_hash(session, user, sent.password)
    return user


def change_password(session: Session, change: PasswordChange) -> None:
    """Give a user another password.

    Raises:
        LoginError: the user is unknown, or the old password is another.
        WeakPasswordError: the new password breaks the policy.
    """
    user = authenticate(session, change.username, change.old_password)
    require_strong(change.new_password, change.username)
    while not replace_hash(session, user, change.new_password):
        user = authenticate(session, change.username, change.old_password)


def authenticate(session: Session, username: str, password: str) -> User:
    """Return the user with this name and password.

    Raises:
        LoginError: there is none. The time that it takes does not tell whether the name exists.
    """
    user = session.exec(select(User).where(User.username == username)).one_or_none()
    fits = verify(password, user.password_hash if user else NOBODYS_HASH)
    if user is None or not fits:
        raise LoginError("The user name and the password do not fit.")
    return user


def replace_hash(session: Session, user: User, password: str) -> bool:
    """Store the hash of a password, unless another request has replaced the hash that was verified.

    Otherwise a login could bring back a password that was changed at the same moment.
    """
    statement = (
        update(User)
        .where(col(User.id) == user.id, col(User.password_hash) == user.password_hash)
        .values(password_hash=hash_password(password))
    )
    replaced = session.exec(statement).rowcount == 1
    session.commit()
    return replaced
