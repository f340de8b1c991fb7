"""The work of the blog; it knows no HTTP. Still missing: finding and sorting posts, and finding a user by name."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from shared.database import get_row

from .errors import ConflictError, NotFoundError
from .models import CommentCreate, PostCreate, UserCreate
from .tables import Comment, Post, User


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


def create_post(session: Session, new: PostCreate) -> Post:
    """Store a post."""
    post = Post.model_validate(new)
    session.add(post)
    session.commit()
    return post


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
