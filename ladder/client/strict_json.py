"""JSON as RFC 8259 has it, and nothing more lenient; what is read compares with types."""

import json
from collections.abc import Iterable
from typing import Any

MOST_JSON_BYTES = 512 * 2**10
"""The greatest JSON that is read: once read, it can be fifty times as large."""


MOST_JSON_LEVELS = 100
"""How deep arrays and objects may lie in each other: what reads, compares and shows them calls itself."""


class JsonObject(dict[str, Any]):
    """A JSON object from an answer; it equals another only if the types agree too: `1`, `1.0` and `true` differ."""

    def __eq__(self, other: object) -> bool:
        return same_json(dict(self), other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


class JsonArray(list[Any]):
    """A JSON array from an answer, with the same equality."""

    def __eq__(self, other: object) -> bool:
        return same_json(list(self), other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


def same_json(one: object, other: object) -> bool:
    """Return whether two JSON values are equal, types included."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return type(one) is type(other) and one == other


def read_json(text: str | bytes) -> Any:
    """Read JSON as RFC 8259 has it: no NaN, no name twice in an object (section 4), equality with types.

    Raises:
        ValueError: the text is not such JSON, or has more than `MOST_JSON_BYTES` or `MOST_JSON_LEVELS` (section 9
            lets a reader set such limits).
    """
    if len(text) > MOST_JSON_BYTES:
        raise ValueError(f"it has more than {MOST_JSON_BYTES >> 10} KiB")

    def unique(pairs: list[tuple[str, Any]]) -> JsonObject:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            raise ValueError(f"an object holds a name twice: {names}")
        return JsonObject({name: mark(value) for name, value in pairs})

    def mark(value: Any) -> Any:
        return JsonArray(map(mark, value)) if isinstance(value, list) else value

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    if isinstance(
        text, bytes
    ):  # or `json` would take UTF-16, UTF-32 and a byte order mark (RFC 8259, section 8.1)
        text = text.decode("utf-8")
    value = mark(json.loads(text, object_pairs_hook=unique, parse_constant=refuse))
    level, levels = [value], 0
    while level := [one for parent in level for one in children(parent)]:
        levels += 1
        if levels > MOST_JSON_LEVELS:
            raise ValueError(f"it has more than {MOST_JSON_LEVELS} levels")
    return value


def children(value: Any) -> Iterable[Any]:
    """Return the values that lie right within a JSON value."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
