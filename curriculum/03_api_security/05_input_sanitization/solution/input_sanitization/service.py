"""The work of the blog; it knows no HTTP. No value is ever a part of a statement's text: each is bound to it."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from shared.database import get_row

from .errors import ConflictError, NotFoundError
from .models import CommentCreate, PostCreate, Sort, UserCreate
from .tables import Comment, Post, User

ORDERS = {
    Sort.ID: (col(Post.id),),
    Sort.ID_DOWN: (col(Post.id).desc(),),
    Sort.TITLE: (col(Post.title), col(Post.id)),
    Sort.TITLE_DOWN: (col(Post.title).desc(), col(Post.id)),
}
"""What each order means. A column's name cannot be bound, so it is chosen from a list and never taken from a client."""


def create_user(session: Session, new: UserCreate) -> User:
    """Store a user with a name that nobody else has.

    Raises:
        ConflictError: the name is taken.
    """
    user = User.model_validate(new)
    session.add(user)
    try:
        session.commit()
    except IntegrityError as refusal:
        raise ConflictError("This user name is taken.") from refusal
    return user


def list_users(session: Session) -> Sequence[User]:
    """Return all users, sorted by id."""
    return session.exec(select(User).order_by(col(User.id))).all()


def read_user(session: Session, username: str) -> User:
    """Return the user with a normalized name, or raise `NotFoundError`."""
    user = session.exec(select(User).where(User.username == username)).one_or_none()
    if user is None:
        raise NotFoundError("There is no such user.")
    return user


def create_post(session: Session, new: PostCreate) -> Post:
    """Store a post."""
    post = Post.model_validate(new)
    session.add(post)
    session.commit()
    return post


def list_posts(session: Session, search: str, sort: Sort) -> Sequence[Post]:
    """Return the posts whose title contains a text, in whatever letter case; `%` and `_` are characters as others."""
    contained = col(Post.title).icontains(search, autoescape=True)
    return session.exec(select(Post).where(contained).order_by(*ORDERS[sort])).all()


def read_post(session: Session, post_id: int) -> Post:
    """Return a post, or raise `NotFoundError`."""
    post = get_row(session, Post, post_id)
    if post is None:
        raise NotFoundError("There is no such post.")
    return post


def create_comment(session: Session, post: Post, new: CommentCreate) -> Comment:
    """Store a comment on a post."""
    comment = Comment.model_validate(new, update={"post_id": post.id})
    session.add(comment)
    session.commit()
    return comment


def list_comments(session: Session, post: Post) -> Sequence[Comment]:
    """Return the comments on a post, sorted by id."""
    return session.exec(select(Comment).where(Comment.post_id == post.id).order_by(col(Comment.id))).all()
