"""The policy, rule after rule."""

import os
import unicodedata
from pathlib import Path

LEAST = int(os.environ.get("PASSWORD_MIN_LENGTH", "15"))
WANTS_SPECIAL = os.environ.get("PASSWORD_REQUIRE_SPECIAL", "0") == "1"
COMMON = set((Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").splitlines())


def broken_rules(password: str, username: str) -> list[str]:
    """Return the names of the rules that a password breaks."""
    password = unicodedata.normalize("NFKC", password)
    broken = []
    if len(password) < LEAST:
        broken.append("min_length")
    if len(password) > 128:
        broken.append("max_length")
    if password.lower() in COMMON:
        broken.append("common")
    if password.casefold() == unicodedata.normalize("NFKC", username).casefold():
        broken.append("username")
    if WANTS_SPECIAL and all(unicodedata.category(one)[0] in "LMN" for one in password):
        broken.append("special")
    return broken
