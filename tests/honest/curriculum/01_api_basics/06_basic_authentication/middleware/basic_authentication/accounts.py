"""The accounts, with argon2-cffi itself; names and passwords are compared in Unicode's composed form."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

argon2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
decoy = argon2.hash("the password of no account")
workers = ThreadPoolExecutor(2)  # no more memory than that of two hashes is used at a time


def composed(text: str) -> str:
    """Return a text in the form that RFC 7617 asks clients for."""
    return unicodedata.normalize("NFC", text)


class Accounts:
    """All accounts: whoever reserves a name first has it."""

    def __init__(self) -> None:
        self.hashes: dict[str, str] = {}

    def reserve(self, name: str) -> bool:
        """Take a name, and return whether it was free; nobody can log in before its password is set."""
        taken = object()
        mark = f"reserved by {id(taken)}"
        return self.hashes.setdefault(composed(name), mark) is mark

    def set_password(self, name: str, password: str) -> None:
        """Keep the hash of a password."""
        self.hashes[composed(name)] = argon2.hash(composed(password))

    def accepts(self, name: str, password: str) -> bool:
        """Return whether this is the password of that account."""
        known = self.hashes.get(composed(name), "")
        try:
            argon2.verify(known if known.startswith("$") else decoy, composed(password))
        except VerifyMismatchError:
            return False
        return known.startswith("$")
