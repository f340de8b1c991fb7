"""One request and what came of it: what the client records, and a report shows."""

import shlex
from dataclasses import dataclass, field

HEADERS_OF_OURS = {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length"}
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
        words = ["curl", "-i"]
        if self.method != "GET":
            words += ["-X", self.method]
        words.append(base.rstrip("/") + self.target)
        for name, value in self.headers.items():
            if name.lower() not in HEADERS_OF_OURS:
                words += ["-H", f"{name}: {value}"]
        if self.body:
            try:
                words += ["--data-binary", self.body.decode()]
            except UnicodeDecodeError:
                octal = "".join(rf"\{byte:03o}" for byte in self.body)
                return f"printf '{octal}' | {shlex.join([*words, '--data-binary', '@-'])}"
        return shlex.join(words)
