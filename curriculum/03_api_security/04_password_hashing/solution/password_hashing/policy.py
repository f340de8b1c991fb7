"""What makes a new password acceptable: NIST SP 800-63B-4, section 3.1.1.2, and one rule that it forbids."""

from pathlib import Path

from .errors import WeakPasswordError
from .passwords import normal_form
from .settings import settings

MAX_LENGTH = 128
"""How many characters a password may have; this is no setting, so that every password manager fits."""


def simplify(password: str) -> str:
    """Return what two passwords have in common that differ in letter case only."""
    return normal_form(password).casefold()


COMMON = frozenset(
    map(simplify, Path(__file__).with_name("common_passwords.txt").read_text("utf-8").splitlines())
)


def require_strong(password: str, username: str) -> None:
    """See that somebody may have a new password; characters are counted in its NFKC form.

    Raises:
        WeakPasswordError: it breaks some rules, and this names all of them.
    """
    length = len(normal_form(password))
    rules = {
        "min_length": length < settings.password_min_length,
        "max_length": length > MAX_LENGTH,
        "common": simplify(password) in COMMON,
        "username": simplify(password) == simplify(username),
        "special": settings.password_require_special and not has_special(password),
    }
    broken = [name for name, is_broken in rules.items() if is_broken]
    if broken:
        raise WeakPasswordError(broken)


def has_special(password: str) -> bool:
    """Return whether there is a character that is neither a letter nor a digit of any script, such as a blank."""
    return any(not character.isalnum() for character in normal_form(password))
