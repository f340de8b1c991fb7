"""The table."""

from sqlmodel import Field, SQLModel


class User(SQLModel, table=True):
    """A customer with an account; of the password, only a hash is stored."""

    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True)
    password_hash: str = Field(repr=False)
