"""One request and what came of it: what the client records, and a report shows."""

import shlex
from dataclasses import dataclass, field
from urllib.parse import urlsplit

HEADERS_OF_OURS = {"host", "accept-encoding", "connection", "user-agent", "content-length"}
"""Request headers that any client sends by itself, and that a `curl` line need not repeat."""


@dataclass
class Exchange:
    """One request and what came of it."""

    method: str
    target: str  # the path, with its query
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    status: int | None = None  # None: there was no answer
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    seconds: float = 0.0

    def curl(self, base: str) -> str:
        """Give the request as a `curl` line for a POSIX shell, against the server at `base`."""
        words = ["curl", "-i", "-g"]  # -g: brackets in a URL stand for themselves
        if self.method == "HEAD":
            words.append("--head")
        elif self.method != "GET":
            words += ["-X", self.method]
        parts = urlsplit(base)  # the target holds the base's own path already
        words.append(f"{parts.scheme}://{parts.netloc}{self.target}")
        for name, value in self.headers.items():
            if name.lower() not in HEADERS_OF_OURS and (name.lower(), value) != ("accept", "*/*"):
                words += ["-H", f"{name}: {value}" if value else f"{name};"]
        if not self.body:
            return shlex.join(words)
        if "content-type" not in {name.lower() for name in self.headers}:
            words += ["-H", "Content-Type:"]  # or curl adds one
        if b"\0" not in self.body:
            try:
                return shlex.join([*words, "--data-raw", self.body.decode()])
            except UnicodeDecodeError:
                pass
        octal = "".join(rf"\{byte:03o}" for byte in self.body)
        return f"printf '{octal}' | {shlex.join([*words, '--data-binary', '@-'])}"
