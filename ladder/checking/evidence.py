"""What was seen while one test ran."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from ladder.base.text import cut
from ladder.checking.report import Given
from ladder.client.exchange import Exchange
from ladder.serving.files import Files
from ladder.serving.server import Server

SHOWN_FILE = 2_000
"""How many characters are kept of a file that a test has written."""


@dataclass
class Evidence:
    """What was seen while one test of a test file ran."""

    path: Path = Path()
    exchanges: list[Exchange] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)
    given: dict[Server, Given] = field(default_factory=dict)  # to those that the test launched
    comparison: tuple[Any, Any, str] | None = (
        None  # what the test got, what it expected, and the sign between them
    )

    def record(self, exchange: Exchange, server: Server | None = None) -> None:
        """Note an exchange, with the lines of the tests that asked, and of whom."""
        folder = str(self.path.parent)
        lines = []
        frame: FrameType | None = sys._getframe(1)  # `inspect.stack` reads source files
        while frame is not None:
            if frame.f_code.co_filename.startswith(folder):
                lines.append((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back
        exchange.asked_at, exchange.server = tuple(lines), server
        self.exchanges.append(exchange)

    def given_to(self, server: Server | None) -> Given | None:
        """Return what a server was given, if it was given anything."""
        if server not in self.given:
            return None
        given = self.given[server].model_copy(update={"settings": server.chosen})
        return given if given.settings or given.files else None

    @property
    def log(self) -> str:
        """What the test's servers printed, cut down to what their author can use."""
        return "\n".join(server.trimmed_log for server in self.servers).strip()


class NotedFiles:
    """The files of a server, with a note of what a test writes into them: see `ladder.serving.files.Files`."""

    def __init__(self, files: Files, noted: dict[str, str]) -> None:
        self.files = files
        self.noted = noted
        self.names, self.read = files.names, files.read
        self.link, self.clog, self.drain = files.link, files.clog, files.drain

    def write(self, name: str, content: str | bytes) -> None:
        """Write into a file."""
        self.files.write(name, content)
        self.noted[name] = text_of_file(content)

    def replace(self, name: str, content: str | bytes) -> None:
        """Write a new file and give it the old one's name."""
        self.files.replace(name, content)
        self.noted[name] = text_of_file(content)

    def remove(self, name: str) -> None:
        """Remove a file; the empty name stands for all of them."""
        self.files.remove(name)
        self.noted.pop(name, None)


def text_of_file(content: str | bytes) -> str:
    """Return the content of a file as a report shows it."""
    text = content if isinstance(content, str) else content.decode(errors="backslashreplace")
    return cut(text, SHOWN_FILE)
