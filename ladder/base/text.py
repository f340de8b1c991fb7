"""Text that others wrote, made fit to be shown: nothing in it hides, runs on, or fills a page."""

import re
from collections.abc import Callable, Iterable

HIDDEN = re.compile(
    "["
    r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # what moves a terminal's cursor, or ends a line unseen
    r"\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # what turns the direction, or has no width
    r"\ud800-\udfff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"  # what no file in UTF-8, or no reader, takes
    "]"
)


def visible(text: str) -> str:
    r"""Return a text that shows what it holds, and can be encoded: what hides becomes escapes such as `\x1b`."""
    return HIDDEN.sub(lambda match: ascii(match[0])[1:-1], text)


def one_line(text: str) -> str:
    r"""Return a visible text on one line: line breaks and tabs become `\n` and `\t`."""
    return visible(text).replace("\n", r"\n").replace("\t", r"\t")


def cut(text: str, most: int) -> str:
    """Return a text, or its first characters and how many there are more."""
    left = len(text) - most
    return text if left <= 0 else f"{text[:most]}… ({left} characters more)"


def decimal(value: float) -> str:
    """Return a number as people write it, such as `1` and `0.5`, with at most four decimal places."""
    whole, _, places = f"{value:.4f}".partition(".")
    return f"{whole}.{places.rstrip('0')}".rstrip(".")


def fit(render: Callable[[int], Iterable[str]], limit: int, most_bytes: int) -> list[str]:
    """Return the parts that `render` makes with a limit, which is halved until all of them fit into so many bytes.

    Of what does not fit, only as much is made as shows that, so that no text can make this slow.
    """
    while limit > 0:
        parts, size = [], 0
        for part in render(limit):
            parts.append(part)
            size += len(part.encode())
            if size > most_bytes:
                break
        else:
            return parts
        limit //= 2
    return list(render(0))
