"""The tables. A user name is stored as it was normalized, a body as it was cleaned, and other text as it was sent."""

from sqlmodel import Field, SQLModel


class User(SQLModel, table=True):
    """Somebody with an account."""

    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True)
    email: str


class Post(SQLModel, table=True):
    """A post of the blog; its title is plain text, its body HTML that is safe to show."""

    __tablename__ = "posts"

    id: int | None = Field(default=None, primary_key=True)
    title: str
    body_html: str


class Comment(SQLModel, table=True):
    """What somebody says about a post; all of it is plain text."""

    __tablename__ = "comments"

    id: int | None = Field(default=None, primary_key=True)
    post_id: int = Field(foreign_key="posts.id")
    author: str
    text: str
