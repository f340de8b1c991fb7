"""What no log shows: secrets, known by the key they stand under, and card numbers, known by their digits."""

import math
import re
from collections.abc import Mapping
from typing import Any

SECRET_ENDINGS = ("_authorization", "_cookie", "_password", "_token", "_api_key", "_email")
CARD_NUMBER = re.compile(r"(?<![0-9])[0-9]{13,19}(?![0-9])")
REDACTED = "[redacted]"
MAX_DEPTH = 21  # a body stands in a line, and may itself be 20 deep


def is_secret(key: str) -> bool:
    """Return whether what stands under a key is a secret: `Password`, `X-Api-Key` or `access_token`."""
    return f"_{key}".lower().replace("-", "_").endswith(SECRET_ENDINGS)


def is_card_number(digits: str) -> bool:
    """Return whether the last digit is the check digit of the others (Luhn, ISO/IEC 7812-1)."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(doubled) - 9 * sum(two > 9 for two in doubled)) % 10 == 0


def redact_text(text: str) -> str:
    """Replace the card numbers in a text."""
    return CARD_NUMBER.sub(lambda found: REDACTED if is_card_number(found[0]) else found[0], text)


def redact_fields(fields: Mapping[Any, Any], depth: int = 0) -> dict[str, Any]:
    """Return what stands under each key, redacted; depth is how far inside of a line this is."""
    return {
        redact_text(str(key)): REDACTED if is_secret(str(key)) else redact(value, depth + 1)
        for key, value in fields.items()
    }


def redact(value: object, depth: int) -> object:
    """Return a value as a log may show it: what JSON can hold, and nothing secret."""
    if depth > MAX_DEPTH:
        return "[too deep]"
    match value:
        case None | bool():
            return value
        case Mapping():
            return redact_fields(value, depth)
        case list() | tuple() | set():
            return [redact(part, depth + 1) for part in value]
        case int() | float() if math.isfinite(value) and redact_text(str(value)) == str(value):
            return value
        case _:
            return redact_text(str(value))
