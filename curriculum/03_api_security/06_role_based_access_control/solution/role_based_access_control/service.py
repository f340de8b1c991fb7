"""The work of the shop, and who may do it to which user, review or order; it knows no HTTP."""

from collections.abc import Sequence
from hashlib import sha256
from secrets import token_urlsafe
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, func, or_, select, update

from shared.database import get_row

from .errors import ConflictError, ForbiddenError, HiddenError, LoginError, NotFoundError
from .models import (
    Caller,
    Credentials,
    OrderCreate,
    ReviewCreate,
    Role,
    UserCreate,
    UserPrivate,
    UserPublic,
    UserUpdate,
)
from .tables import Order, Review, Token, User

Row = TypeVar("Row", bound=SQLModel)

# Argon2id with 19 MiB for each hash: slow enough for a thief, and quick enough for a login.
hasher = PasswordHash([Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)])
NOBODYS_HASH = hasher.hash(token_urlsafe())
"""What is checked for an unknown user, so that this takes as long as for a known one. Nobody knows its password."""


def ensure_admin(session: Session, username: str, password: str) -> None:
    """Create an Admin, if there is none."""
    if session.exec(select(User).where(User.role == Role.ADMIN)).first() is None:
        email = f"{username}@shop.example"
        password_hash = hasher.hash(password)
        session.add(User(username=username, email=email, password_hash=password_hash, role=Role.ADMIN))
        session.commit()


def create_user(session: Session, new: UserCreate) -> User:
    """Store a user with a name that nobody else has; only a hash of the password is stored."""
    user = User.model_validate(new, update={"password_hash": hasher.hash(new.password)})
    session.add(user)
    try:
        session.commit()
    except IntegrityError as refusal:
        raise ConflictError("This user name is taken.") from refusal
    return user


def create_token(session: Session, sent: Credentials) -> str:
    """Return a new token of the user whose password was sent; only its hash is stored.

    Raises:
        LoginError: the user is unknown, or the password is another.
    """
    user = session.exec(select(User).where(User.username == sent.username)).one_or_none()
    fits = hasher.verify(sent.password, user.password_hash if user else NOBODYS_HASH)
    if user is None or not fits:
        raise LoginError("The user name and the password do not fit.")
    token = token_urlsafe()
    session.add(Token.model_validate({"token_hash": hash_token(token), "user_id": user.id}))
    session.commit()
    return token


def hash_token(token: str) -> str:
    """Return what is stored of a token; a quick hash will do, since nobody can guess 32 random bytes."""
    return sha256(token.encode()).hexdigest()


def find_user(session: Session, token: str) -> User | None:
    """Return the user with this token as they are now, if there is one."""
    return session.exec(select(User).join(Token).where(Token.token_hash == hash_token(token))).one_or_none()


def get(session: Session, table: type[Row], row_id: int) -> Row:
    """Return the row with this id, or raise `NotFoundError`."""
    row = get_row(session, table, row_id)
    if row is None:
        raise NotFoundError(missing(table, row_id))
    return row


def missing(table: type[SQLModel], row_id: int) -> str:
    """Return what is said of a row that does not exist, or that the caller may not know of."""
    return f"There is no {table.__name__.lower()} {row_id}."


def list_users(session: Session) -> Sequence[User]:
    """Return all users, sorted by id."""
    return session.exec(select(User).order_by(col(User.id))).all()


def view_user(caller: Caller, user: User) -> UserPrivate | UserPublic:
    """Return what the caller may see of a user: the email is for the user and Admins."""
    shape = UserPrivate if is_own(caller, user.id) else UserPublic
    return shape.model_validate(user)


def is_own(caller: Caller, owner_id: int | None) -> bool:
    """Return whether something is the caller's to see and change: their own, or anything for an Admin."""
    return caller.role == Role.ADMIN or caller.id == owner_id


def change_user(session: Session, caller: Caller, user: User, change: UserUpdate) -> User:
    """Change the caller's own email, or anybody's for an Admin."""
    if not is_own(caller, user.id):
        raise ForbiddenError("This is another user.")
    user.sqlmodel_update(change.model_dump())
    session.commit()
    return user


def change_role(session: Session, user: User, role: Role) -> User:
    """Change a role, unless the last Admin would lose it.

    One statement counts and changes: between two, another Admin could go as well.
    """
    statement = update(User).where(col(User.id) == user.id).values(role=role).returning(User)
    if role != Role.ADMIN:
        admins = select(func.count()).where(col(User.role) == Role.ADMIN).scalar_subquery()
        statement = statement.where(or_(col(User.role) != Role.ADMIN, admins > 1))
    changed: User | None = session.exec(statement).scalar_one_or_none()
    if changed is None:
        raise ConflictError("This is the last Admin.")
    session.commit()
    return changed


def list_reviews(session: Session) -> Sequence[Review]:
    """Return all reviews, sorted by id."""
    return session.exec(select(Review).order_by(col(Review.id))).all()


def create_review(session: Session, caller: Caller, new: ReviewCreate) -> Review:
    """Store a review of the caller."""
    review = Review.model_validate(new, update={"user_id": caller.id})
    session.add(review)
    session.commit()
    return review


def delete_review(session: Session, caller: Caller, review: Review) -> None:
    """Delete the caller's own review, or anybody's for a Moderator or an Admin."""
    if caller.role != Role.MODERATOR and not is_own(caller, review.user_id):
        raise ForbiddenError("This is another user's review.")
    session.delete(review)
    session.commit()


def list_orders(session: Session, caller: Caller) -> Sequence[Order]:
    """Return the caller's own orders, or all for an Admin, sorted by id."""
    query = select(Order).order_by(col(Order.id))
    if caller.role != Role.ADMIN:
        query = query.where(Order.user_id == caller.id)
    return session.exec(query).all()


def create_order(session: Session, caller: Caller, new: OrderCreate) -> Order:
    """Store an order of the caller."""
    order = Order.model_validate(new, update={"user_id": caller.id})
    session.add(order)
    session.commit()
    return order


def read_order(session: Session, caller: Caller, order_id: int) -> Order:
    """Return the caller's own order, or anybody's for an Admin; of others they do not even learn that they exist."""
    order = get(session, Order, order_id)
    if not is_own(caller, order.user_id):
        raise HiddenError(missing(Order, order_id))
    return order


def delete_order(session: Session, order: Order) -> None:
    """Delete an order."""
    session.delete(order)
    session.commit()
