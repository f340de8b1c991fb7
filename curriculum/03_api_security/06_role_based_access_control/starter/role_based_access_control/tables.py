"""The tables. A token is stored as its hash only, and so is a password."""

from sqlmodel import Field, SQLModel

from .models import Role


class User(SQLModel, table=True):
    """Somebody with an account; their role is read anew at each request."""

    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True)
    email: str
    password_hash: str
    role: Role = Role.USER


class Token(SQLModel, table=True):
    """What a user proves with who they are; a user may have many."""

    __tablename__ = "tokens"

    token_hash: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="users.id")


class Review(SQLModel, table=True):
    """What a user says of the shop; everybody can read it."""

    __tablename__ = "reviews"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id")
    text: str


class Order(SQLModel, table=True):
    """What a user has bought; only they and Admins know of it."""

    __tablename__ = "orders"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id")
    item: str
