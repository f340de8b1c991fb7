"""Passwords and credentials: the rules that know no HTTP."""

from base64 import b64decode
from secrets import token_urlsafe

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from .models import User

# Argon2id with 19 MiB for each hash: slow enough for a thief, and quick enough for a login.
hasher = PasswordHash([Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)])

NOBODY = User(username="nobody", password_hash=hasher.hash(token_urlsafe()))
"""Whose password is checked for an unknown user, so that this takes as long as for a known one. Nobody knows it."""


def decode_credentials(encoded: str) -> tuple[str, str]:
    """Return the user name and the password (RFC 7617, section 2).

    Raises:
        ValueError: this is not Base64, its bytes are not UTF-8, or there is no colon.
    """
    username, password = b64decode(encoded, validate=True).decode().split(":", maxsplit=1)
    return username, password
