"""What is planted on the host for submissions to find, and how to see that one did.

The secret is a random *canary*. Readers know its form and never its value, and tell nothing but what has this form:
even where the sandbox leaks, no file of the machine's owner ends up in a report.
"""

import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template

ROOT = Path(__file__).parents[2]
EXERCISE = "scenarios/00_sticky_notes"
MARKS = (
    "The acceptance tests of scenario 0",  # stands in the tests
    "Return the note with this id, or answer 404",  # stands in the reference
    "a network interface of the host",
    "handed over by a submission",  # what one submission leaves for another
    "forged by a submission",  # what one writes into every file that it reaches
)
"""What must never be in anything that a grader writes. It never shows a learner the lines that hold the first two."""
PUBLIC_FOLDERS = ("/tmp", "/dev/shm")  # noqa: S108 - where everybody's files are is the point
HOME_FILES = (".ssh/id_ed25519", ".aws/credentials", ".netrc")


@dataclass(frozen=True)
class Traps:
    """All that a submission could look for on the host.

    Attributes:
        canary: the secret.
        home: a folder like a user's home, with keys.
        files: the planted files outside of it.
        submissions: where the submissions are.
        outs: where the graders write.
        listeners: sockets on which nothing must ever arrive.
    """

    canary: str
    home: Path
    files: list[Path]
    submissions: Path
    outs: list[Path]
    listeners: dict[str, socket.socket]

    def fill(self, source: str) -> str:
        """Return a submission's source with what an attacker could have guessed: where to look, but not the canary."""
        return Template(source).substitute(
            course=ROOT,
            exercise=EXERCISE,
            home=self.home,
            files=[str(file) for file in self.files],
            submissions=self.submissions,
            outs=[str(out) for out in self.outs],
            port=self.listeners["TCP"].getsockname()[1],
            address=self.listeners["abstract"].getsockname()[1:].decode(),
            namespace=Path("/proc/self/ns/pid").stat().st_ino,
        )

    def arrived(self) -> list[str]:
        """Name the listeners that somebody connected to, or sent something."""
        return [kind for kind, listener in self.listeners.items() if has_visitor(listener)]

    def exposed(self, content: bytes) -> list[str]:
        """Return what a grader's output must not hold, and does: what nobody should have found, or a raw escape."""
        return [text for text in (self.canary, *MARKS, "\x1b") if text.encode() in content]


def has_visitor(listener: socket.socket) -> bool:
    """Return whether something waits at a listening socket; the kernel keeps it until it is fetched."""
    listener.setblocking(False)
    with suppress(BlockingIOError):
        if listener.type == socket.SOCK_DGRAM:
            listener.recv(1)
        else:
            listener.accept()[0].close()
        return True
    return False


@contextmanager
def plant(folder: Path) -> Iterator[Traps]:
    """Plant everything, and take it away again.

    Args:
        folder: an empty one, for the submissions, the graders' outputs and the home.
    """
    canary = f"canary-{secrets.token_hex(16)}"
    with ExitStack() as stack:
        files = []
        for place in PUBLIC_FOLDERS:
            file = stack.enter_context(
                tempfile.NamedTemporaryFile("w", dir=place, prefix="hostile-", suffix=".txt")
            )
            file.write(canary)
            file.flush()
            Path(file.name).chmod(0o644)
            files.append(Path(file.name))
        home = folder / "home"
        for name in HOME_FILES:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(canary, encoding="utf-8")
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        udp.bind(tcp.getsockname())
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0hostile-{os.getpid()}")
        abstract.listen()
        (folder / "submissions").mkdir()
        yield Traps(
            canary=canary,
            home=home,
            files=files,
            submissions=folder / "submissions",
            outs=[folder / "out-1", folder / "out-2"],
            listeners={"TCP": tcp, "UDP": udp, "abstract": abstract},
        )
