"""One request and what came of it: what the client records, and a report shows."""

import shlex
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PEER_HEADER = "X-Ladder-Peer"
"""Tells a server of ours (`ladder.inside.zygote`) from which address a request seems to come; no app sees it."""
LEARNERS_URL = "http://127.0.0.1:8000"
"""Where `ladder run` listens: the requests of a report can be sent there."""
HEADERS_OF_OURS = {
    PEER_HEADER.lower().encode(),
    *(b"host", b"accept-encoding", b"connection", b"user-agent", b"content-length"),
}
"""Request headers that any client sends by itself, and that a `curl` line need not repeat."""


@dataclass
class Exchange:
    """One request and what came of it."""

    method: str
    target: str  # the path, with its query
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)  # as they were sent, each time
    body: bytes = b""
    status: int | None = None  # None: there was no answer
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    seconds: float = 0.0
    hangs: str = ""  # where the app was when it did not answer in time, if that is known
    asked_at: tuple[
        tuple[str, int], ...
    ] = ()  # the lines of the tests that asked (file, line), innermost first
    server: Any = None  # the one that a test asked, if it started it

    def curl(self, base: str) -> str:
        """Return the request as a `curl` line for a POSIX shell, against the server at `base`."""
        words: list[str | bytes] = ["curl", "-i", "-g"]  # -g: brackets in a URL stand for themselves
        if self.method == "HEAD":
            words.append("--head")
        elif self.method != "GET":
            words += ["-X", self.method]
        parts = urlsplit(base)  # the target holds the base's own path already
        words.append(f"{parts.scheme}://{parts.netloc}{self.target}")
        for name, value in self.headers:
            if name.lower() not in HEADERS_OF_OURS and (name.lower(), value) != (b"accept", b"*/*"):
                words += ["-H", name + (b": " + value if value else b";")]
        line = " ".join(map(quote, words))
        if not self.body:
            return line
        if b"content-type" not in {name.lower() for name, _ in self.headers}:
            line += " -H Content-Type:"  # or curl adds one
        if b"\0" not in self.body:
            with suppress(UnicodeDecodeError):
                return f"{line} --data-raw {shlex.quote(self.body.decode())}"
        return f"{print_bytes(self.body)} | {line} --data-binary @-"


def quote(word: str | bytes) -> str:
    """Quote a word for a POSIX shell; bytes that are no ASCII are printed there."""
    if isinstance(word, bytes) and not word.isascii():
        return f'"$({print_bytes(word)})"'
    return shlex.quote(word if isinstance(word, str) else word.decode())


def print_bytes(content: bytes) -> str:
    """Return the command that prints bytes in a POSIX shell."""
    return "printf '" + "".join(rf"\{byte:03o}" for byte in content) + "'"
