"""The shapes of an account: what a client sends, and what it gets back."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

Text = Annotated[str, StringConstraints(min_length=0)]
"""Any string that is Unicode: with a constraint, Pydantic refuses half of a surrogate pair, which has no bytes.

Whether it makes a good password is for `policy.py` to say, and a login must not ask.
"""


class Credentials(BaseModel):
    """What a client sends to log in; a name that nobody can have is just unknown."""

    username: Text
    password: Text = Field(repr=False)


class Registration(BaseModel):
    """What a client sends to register."""

    username: Annotated[str, StringConstraints(pattern="^[a-z0-9_]{3,20}$")]
    password: Text = Field(repr=False)


class PasswordChange(BaseModel):
    """What a client sends to get another password."""

    username: Text
    old_password: Text = Field(repr=False)
    new_password: Text = Field(repr=False)


class UserPublic(BaseModel):
    """What a client gets of a user."""

    id: int
    username: str
