"""How passwords are stored: as argon2id hashes, and as two older shops have left them until their owners log in.

The hashes of the older shops are of the password as it was sent; ours are of its NFKC form.
"""

import re
from base64 import b64encode
from hashlib import pbkdf2_hmac
from hmac import compare_digest
from secrets import token_urlsafe
from unicodedata import normalize

from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

# 19 MiB, two passes, one lane: one of five settings that OWASP's Password Storage Cheat Sheet calls equally strong.
argon2 = Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
bcrypt = BcryptHasher()
PBKDF2 = re.compile(r"pbkdf2_sha256\$(?P<iterations>[0-9]{1,9})\$(?P<salt>[^$]+)\$(?P<digest>[^$]+)")
"""As Django stores it: the salt's characters are taken as they are, the digest is in Base64."""

NOBODYS_HASH = argon2.hash(token_urlsafe())
"""What is checked for an unknown user, so that this takes as long as for a known one. Nobody knows its password."""


def normal_form(password: str) -> str:
    """Return one form for all ways to type a password, as NIST SP 800-63B-3, section 5.1.1.2, recommends."""
    return normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Return a new hash, with a salt of its own."""
    return argon2.hash(normal_form(password))


def verify(password: str, stored: str) -> bool:
    """Return whether a password fits a stored hash, whatever its format; it fits none that we cannot read.

    Each call costs at least one hash of ours, so that nobody can tell a cheap old hash from an unknown user.
    """
    try:
        is_ours = argon2.identify(stored)
        fits = argon2.verify(normal_form(password), stored) if is_ours else verify_old(password, stored)
    except ValueError:
        fits = False
    if not fits and needs_rehash(stored):
        argon2.verify(password, NOBODYS_HASH)
    return fits


def verify_old(password: str, stored: str) -> bool:
    """Return whether a password fits a hash of one of the older shops.

    Raises:
        ValueError: the hash is damaged, or it is bcrypt's and the password has more than 72 bytes.
    """
    if found := PBKDF2.fullmatch(stored):
        salt, iterations = found["salt"].encode(), int(found["iterations"])
        digest = pbkdf2_hmac("sha256", password.encode(), salt, iterations)  # RFC 8018, section 5.2
        return compare_digest(b64encode(digest), found["digest"].encode())
    return bcrypt.identify(stored) and bcrypt.verify(password, stored)


def needs_rehash(stored: str) -> bool:
    """Return whether a stored hash is not what we would store today; its parameters stand in it."""
    try:
        return argon2.check_needs_rehash(stored)
    except ValueError:  # it is none of argon2's
        return True
