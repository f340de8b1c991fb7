"""The work on accounts; it knows no HTTP. Its three functions are yours: each answers 501 until you write it."""

from sqlmodel import Session

from .models import Credentials, PasswordChange, Registration
from .tables import User


def register(session: Session, new: Registration) -> User:
    """Store a user with a name that nobody else has, and a password that keeps the policy."""
    raise NotImplementedError("This is still to be written.")


def log_in(session: Session, sent: Credentials) -> User:
    """Return the user whose password was sent, and replace an old hash of it."""
    raise NotImplementedError("This is still to be written.")


def change_password(session: Session, change: PasswordChange) -> None:
    """Give a user another password, if the old one is right and the new one keeps the policy."""
    raise NotImplementedError("This is still to be written.")
