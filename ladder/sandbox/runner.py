"""The cells of the sandbox, seen from outside: `ladder.inside.cell` is their inside."""

import itertools
import json
import os
import shutil
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ladder.base.errors import AppFaultError, LadderError, SandboxError, ShortMemoryError
from ladder.client.errors import NoAnswerError
from ladder.course.catalog import App
from ladder.sandbox.bubblewrap import REMEDY, SUBMISSION, WARM_LIMIT, WORK, Sandbox
from ladder.serving.files import Files, to_bytes
from ladder.serving.process import ForkedProcess, Process
from ladder.serving.runner import Runner

CONTENT_SECONDS = 5.0
"""Seconds that a file may take to go in or out."""
END_LIMIT = 5.0
"""Seconds that a cell may take to end."""
numbers = itertools.count()
FAULTS = {b"memory": "it took too much memory", b"processes": "it started too many processes"}
"""Why a cell was ended, by what the sandbox tells."""


class Cell:
    """The processes and files of one submission.

    Args:
        sandbox: where it is.
        control: the socket to its first process.
        faults: the socket on which the sandbox tells why it had to end the cell.

    Attributes:
        fault: why the cell was ended, if that was for a fault of the app's, and is known already.
        was_short: whether it was ended because the machine had no memory left, which may be anybody's fault.
    """

    def __init__(self, sandbox: Sandbox, control: socket.socket, faults: socket.socket) -> None:
        self.sandbox = sandbox
        self.control = control
        self.faults = faults
        self.fault: str | None = None
        self.was_short = False
        self.process = sandbox.process
        self.folder = sandbox.folder / f"{os.getpid()}-{next(numbers)}"
        self.folder.mkdir()

    def why_ended(self) -> str | None:
        """Return why it was ended, if that was for a fault of the app's."""
        with suppress(OSError):
            told, _, _ = self.faults.recv(100, socket.MSG_DONTWAIT).partition(b"\n")
            self.fault = FAULTS.get(told, self.fault)
            self.was_short = self.was_short or told == b"scarce"
        return self.fault

    def close(self) -> None:
        """End everything in it; where that does not work, the whole sandbox."""
        self.control.settimeout(END_LIMIT)
        try:
            self.control.shutdown(socket.SHUT_WR)
            while self.control.recv(1 << 16):
                pass
        except TimeoutError:
            self.sandbox.close()
        except OSError:  # it has ended already
            pass
        self.control.close()
        self.faults.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class CellRunner(Runner):
    """Starts the servers of one submission, in its cell.

    Args:
        sandbox: where the cell is.
        cell: the cell.
        seen: the folder of the submission.
    """

    def __init__(self, sandbox: Sandbox, cell: Cell, seen: Path) -> None:
        super().__init__(sandbox.python, warm=cell)
        self.sandbox = sandbox
        self.cell = cell
        self.seen = seen

    def start(self, *words: Any, **options: Any) -> Process:
        """Start one server process; see `ladder.serving.runner.Runner.start`.

        Raises:
            LadderError: the cell has ended, or is about to: a template in it may still take the job meanwhile.
        """
        self.require_alive()
        return super().start(*words, **options)

    def inside(self, path: Path) -> str:
        """Return the path by which an app finds a file of this run's."""
        if path.is_relative_to(self.seen):
            return str(SUBMISSION / path.relative_to(self.seen))
        return f"{WORK}/{path.relative_to(self.folder)}"

    def writable(self, folder: Path) -> str:
        """Return the folder that holds all that an app can change."""
        return WORK

    def files_in(self, folder: Path) -> Files:
        """Return the files of an app's folder."""
        return CellFiles(self.cell.control, self.inside(folder))

    def start_by_hand(self, app: App) -> str:
        """Return the command with which its author starts an app."""
        return f"python -m uvicorn {app.package}.main:app"

    def environment(self, folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
        """Return all the environment that an app gets."""
        settings = {name: self.sandbox.translate(value) for name, value in settings.items()}
        return {**self.sandbox.environment(), "HOME": self.inside(folder / "data"), **settings}

    def explain_end(self, process: Process) -> str | None:
        """Return why a process was ended by its surroundings, if it was."""
        if isinstance(process, ForkedProcess) and process.wait(0.2) is not None and process.refused:
            return "The app could not be started: what it left running had reached the limit on processes."
        fault = self.cell.why_ended()
        return fault and f"The app was ended, since {fault}."

    def warm_error(self) -> LadderError:
        """Return the error of a cell that has ended: the sandbox's, or the app's own fault."""
        if self.sandbox.has_ended():
            return SandboxError(f"The sandbox has ended: {self.sandbox.last_words()}")
        fault = self.cell.why_ended() or "it did what no app needs to do"
        if self.cell.was_short:
            return ShortMemoryError()
        return AppFaultError(f"The app's cell was ended, since {fault}. The rest was not run.")

    def end(self, fault: str) -> None:
        """End the cell, for a fault of the app's; another thread may be at work with it."""
        self.cell.fault = fault
        with suppress(OSError):
            self.cell.control.shutdown(socket.SHUT_RDWR)

    def require_alive(self) -> None:
        """Check that servers can still be started.

        Raises:
            LadderError: the cell has ended.
        """
        if self.sandbox.has_ended() or self.cell.why_ended() or self.cell.was_short:
            raise self.warm_error()


class CellFiles:
    """Files in the working directory of an app in a cell: whoever asks for one touches nothing but bytes.

    Args:
        control: the socket to the cell's first process.
        folder: the directory's path in the cell.
    """

    def __init__(self, control: socket.socket, folder: str) -> None:
        self.control = control
        self.folder = folder

    def ask(self, what: str, name: str, content: bytes = b"") -> bytes:
        """Have something done with a file, and give what comes back."""
        near, far = socket.socketpair()
        near.settimeout(CONTENT_SECONDS)
        order = {"file": what, "path": f"{self.folder}/{name}".rstrip("/")}
        answer = bytearray()
        with near, suppress(OSError):
            with far:
                socket.send_fds(self.control, [json.dumps(order).encode() + b"\n"], [far.fileno()])
            with suppress(BrokenPipeError):  # it may be done already
                near.sendall(content)
                near.shutdown(socket.SHUT_WR)
            while part := near.recv(1 << 16):
                answer += part
        return bytes(answer)

    def names(self) -> list[str]:
        """Return the names of all files in there, sorted."""
        return [os.fsdecode(name) for name in self.ask("names", "").split(b"\0") if name]

    def read(self, name: str) -> bytes:
        """Return a file's content; nothing if there is no such file."""
        return self.ask("read", name)

    def write(self, name: str, content: str | bytes) -> None:
        """Write into a file."""
        self.change("write", name, content)

    def replace(self, name: str, content: str | bytes) -> None:
        """Write a new file and give it the old one's name."""
        self.change("replace", name, content)

    def link(self, name: str, target: str) -> None:
        """Make a symbolic link."""
        self.change("link", name, target)

    def clog(self, name: str) -> None:
        """Make a FIFO that nobody reads from."""
        self.change("clog", name, b"")

    def drain(self, name: str) -> bytes:
        """Take what was written into a clogged file until now."""
        return self.ask("drain", name)

    def change(self, what: str, name: str, content: str | bytes) -> None:
        """Make a file in one way or the other.

        Raises:
            NoAnswerError: it cannot be written.
        """
        if self.ask(what, name, to_bytes(content)) != b"done":
            raise NoAnswerError(
                f"The file {name} could not be written into the app's folder: see what it did there."
            )

    def remove(self, name: str) -> None:
        """Remove a file; the empty name stands for all of them."""
        self.ask("remove", name)


def open_cell(sandbox: Sandbox, seen: Path | None = None, *, alone: bool = False) -> CellRunner:
    """Open a cell for one submission, on the cores that this process keeps to.

    Args:
        sandbox: where it is to be.
        seen: the folder in the sandbox's `submissions` that can be seen in there; by default, all of it.
        alone: whether no other submission runs meanwhile, so that it is to blame where memory runs short.

    Raises:
        SandboxError: there can be none; the message holds the reason.
    """
    seen = seen or sandbox.submissions
    order = {
        "cell": str(SUBMISSION / seen.relative_to(sandbox.submissions)),
        "cores": sorted(os.sched_getaffinity(0)),
        "alone": alone,
    }
    control, far_end = socket.socketpair()
    faults, far_faults = socket.socketpair()
    with far_end, far_faults, suppress(OSError):
        ends = [far_end.fileno(), far_faults.fileno()]
        socket.send_fds(sandbox.control, [json.dumps(order).encode() + b"\n"], ends)
    control.settimeout(WARM_LIMIT)
    try:
        said = control.recv(1000).decode(errors="replace")
    except OSError as error:
        said = str(error)
    if said != "ready":
        control.close()
        faults.close()
        reason = said or sandbox.last_words()
        raise SandboxError(f"The sandbox cannot be made: {reason.strip() or 'no reason given'}\n{REMEDY}")
    return CellRunner(sandbox, Cell(sandbox, control, faults), seen)
