"""The API of the users: Starlette's middleware authenticates, and FastAPI serves."""

import asyncio
import base64
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import HTTPException
from pydantic import BaseModel, StringConstraints, field_validator
from starlette.authentication import AuthCredentials, AuthenticationBackend, SimpleUser
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection

from shared.problems import install_problem_handlers

from .accounts import Accounts, workers


class Registration(BaseModel):
    """The payload of a registration."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=80, strict=True)]
    password: Annotated[str, StringConstraints(min_length=8, max_length=128, strict=True)]

    @field_validator("username", "password")
    @classmethod
    def see_characters(cls, text: str) -> str:
        """Refuse a text that is blank, or that a header must not hold."""
        if not text.strip() or any(ord(character) in {*range(32), 127} for character in text):
            raise ValueError("not a text that can be sent")
        return text

    @field_validator("username")
    @classmethod
    def see_colon(cls, name: str) -> str:
        """Refuse a name that cannot be told from what follows it."""
        if name.count(":"):
            raise ValueError("no colon, please")
        return name


class Name(BaseModel):
    """All that is said of a user."""

    username: str


class Status(BaseModel):
    """How the app is."""

    status: Literal["ok"] = "ok"


class BasicBackend(AuthenticationBackend):
    """Tells who asks; a request without good credentials is let through as nobody's."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser] | None:
        """Check the credentials of a request for `/me`."""
        scheme, _, rest = conn.headers.get("Authorization", "").partition(" ")
        if conn.url.path != "/me" or scheme.casefold() != "basic":
            return None
        try:
            name, colon, password = base64.b64decode(rest, validate=True).decode("utf-8").partition(":")
        except ValueError:
            return None
        accounts: Accounts = conn.app.state.accounts
        loop = asyncio.get_running_loop()
        if not colon or not await loop.run_in_executor(workers, accounts.accepts, name, password):
            return None
        return AuthCredentials(["authenticated"]), SimpleUser(name)


def require_user(request: Request) -> str:
    """Return the name of who asks, or refuse."""
    if "authenticated" not in request.auth.scopes:
        headers = {"www-authenticate": 'Basic realm="The shop\'s customers", charset="utf-8"'}
        raise HTTPException(status_code=401, detail="Who are you?", headers=headers)
    return str(request.user.username)


app = FastAPI()
app.state.accounts = Accounts()
app.add_middleware(AuthenticationMiddleware, backend=BasicBackend())
install_problem_handlers(app)


@app.post("/users", status_code=201)
async def create_user(request: Request, registration: Registration) -> Name:
    """Open an account."""
    accounts: Accounts = request.app.state.accounts
    if not accounts.reserve(registration.username):
        raise HTTPException(status_code=409, detail="This name is in use.")
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(workers, accounts.set_password, registration.username, registration.password)
    return Name(username=registration.username)


@app.get("/me")
async def read_me(name: Annotated[str, Depends(require_user)]) -> Name:
    """Read one's own name."""
    return Name(username=name)


@app.get("/health")
async def read_health() -> Status:
    """Read how the app is."""
    return Status()
