"""The accounts, with one connection, one lock for whatever writes, and four hashers at most at the same time."""

import base64
import hashlib
import hmac
import os
import sqlite3
import threading
import unicodedata

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
NOBODY = HASHER.hash(os.urandom(16))
TABLE = """
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL
)
"""


class TakenError(Exception):
    """Somebody has this name."""


def nfkc(password: str) -> str:
    """Return the form of a password that is hashed."""
    return unicodedata.normalize("NFKC", password)


def fits(password: str, stored: str) -> bool:
    """Return whether a password fits; a hash that cannot be read fits none. It costs one of our hashes at least."""
    if stored.startswith("$argon2"):
        try:
            return HASHER.verify(stored, nfkc(password))
        except (Argon2Error, InvalidHashError, ValueError):
            return False
    HASHER.hash(password)
    raw = password.encode()
    if stored.startswith("$2"):
        try:
            return len(raw) <= 72 and bcrypt.checkpw(raw, stored.encode())
        except ValueError:
            return False
    try:
        kind, iterations, salt, digest = stored.split("$")
        expected = base64.b64decode(digest, validate=True)
        found = hashlib.pbkdf2_hmac("sha256", raw, salt.encode(), int(iterations))
    except (ValueError, OverflowError):
        return False
    return kind == "pbkdf2_sha256" and hmac.compare_digest(found, expected)


def is_old(stored: str) -> bool:
    """Return whether a hash is to be replaced."""
    return not stored.startswith("$argon2id$") or HASHER.check_needs_rehash(stored)


class Accounts:
    """The table of users."""

    def __init__(self) -> None:
        url = os.environ.get("DATABASE_URL", "sqlite:///shop.db")
        self.file = url.removeprefix("sqlite:///")
        self.changing = threading.RLock()
        with self.connect() as connection:
            connection.execute(TABLE)

    def connect(self) -> sqlite3.Connection:
        """Return a connection; each statement is stored at once."""
        return sqlite3.connect(self.file, timeout=30, isolation_level=None)

    def run(self, statement: str, *parameters: object) -> list[tuple]:
        """Run a statement and return its rows."""
        connection = self.connect()
        try:
            return connection.execute(statement, parameters).fetchall()
        finally:
            connection.close()

    def add(self, username: str, password: str) -> int:
        """Add a user, and return the id."""
        statement = "INSERT INTO users (username, password_hash) VALUES (?, ?) RETURNING id"
        try:
            return self.run(statement, username, HASHER.hash(nfkc(password)))[0][0]
        except sqlite3.IntegrityError as error:
            raise TakenError from error

    def find(self, username: str, password: str) -> int | None:
        """Return the id of the user with this password."""
        rows = self.run("SELECT id, password_hash FROM users WHERE username = ?", username)
        user_id, stored = rows[0] if rows else (None, NOBODY)
        return user_id if fits(password, stored) else None

    def renew(self, username: str, password: str) -> None:
        """Replace an old hash of a password that fits."""
        [(stored,)] = self.run("SELECT password_hash FROM users WHERE username = ?", username)
        if is_old(stored):
            self.change(username, password, password)

    def change(self, username: str, old: str, new: str) -> bool:
        """Replace a password, if the old one still fits when it is our turn."""
        with self.changing:
            [(user_id, stored)] = self.run("SELECT id, password_hash FROM users WHERE username = ?", username)
            if not fits(old, stored):
                return False
            new_hash = HASHER.hash(nfkc(new))
            self.run("UPDATE users SET password_hash = ? WHERE id = ?", new_hash, user_id)
        return True
