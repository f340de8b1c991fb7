"""Starts server processes in one interpreter, and removes all that they leave behind."""

import atexit
import itertools
import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any
from weakref import WeakSet

from ladder.base.errors import LadderError
from ladder.base.folders import make_run_folder
from ladder.client.http import Address
from ladder.course.catalog import App
from ladder.inside.zygote import LOG_LEVEL
from ladder.serving.files import Files, HostFiles
from ladder.serving.process import ForkedProcess, PlainProcess, Process
from ladder.serving.template import Template
from ladder.serving.warm import HeldProcess, app_environment, has_ended, take_warm_process

START_LIMIT = 10.0
"""Seconds that an app may take from its start to its first answer."""
PORTS = range(20_000, 32_000)
"""Where plain servers listen."""


class Runner:
    """Starts server processes in one interpreter, and removes all that they leave behind.

    Args:
        python: the interpreter of the apps' environment.
        dependencies: what the apps declare; the warm process imports it beforehand.
        fork: whether to fork from a warm process; by default, where the system can.
        warm: the warm process; by default, a new one.

    Raises:
        LadderError: there is no such interpreter.
    """

    def __init__(
        self,
        python: Path,
        dependencies: Sequence[str] = (),
        *,
        fork: bool = hasattr(os, "fork"),
        warm: HeldProcess | None = None,
    ) -> None:
        found = shutil.which(python)
        if found is None:
            raise LadderError(
                f"There is no Python interpreter that can be run at {python}. "
                "Pass --python with the path of one, such as .venv/bin/python."
            )
        self.python = Path(found).absolute()
        self.cores: Sequence[int] = ()  # to which the servers keep; by default, to none
        self.is_inherited = False
        self.prefix = ""
        self.numbers = itertools.count()
        self.warm = warm
        self.free_folders: list[Path] = []
        self.forked: WeakSet[ForkedProcess] = WeakSet()
        self.logs: WeakSet[FileIO] = WeakSet()
        self.last_words = ""  # of a warm process that has gone
        if fork and warm is None:
            self.warm = take_warm_process(self.python)
            with suppress(OSError):  # the first server that is asked for tells that it has gone
                self.warm.control.sendall(json.dumps({"preload": list(dependencies)}).encode() + b"\n")
        self.folder = self.warm.folder if self.warm is not None else make_run_folder()

    def begin_anew(self) -> None:
        """Be the runner of a forked process: what it makes gets names that no other one gives."""
        self.is_inherited = True
        self.prefix = f"{os.getpid()}-"
        self.free_folders = []

    def new_folder(self) -> Path:
        """Make an empty folder within the run's."""
        folder = self.folder / f"{self.prefix}{next(self.numbers)}"
        folder.mkdir()
        return folder

    def take_folder(self) -> Path:
        """Return an empty folder for a server: the same one again, if it can be."""
        if not self.free_folders:
            return self.new_folder()
        folder = self.free_folders.pop()
        folder.mkdir()
        return folder

    def inside(self, path: Path) -> str:
        """Return the path by which an app finds a file of this run's."""
        return str(path)

    def writable(self, folder: Path) -> str:
        """Return the folder in which an app may leave something: all of them, where we know them."""
        return str(folder / "data")

    def files_in(self, folder: Path) -> Files:
        """Return the files of an app's folder."""
        folder.mkdir()
        return HostFiles(folder)

    def start_by_hand(self, app: App) -> str:
        """Return the command with which its author starts an app."""
        return f"{self.python} -m uvicorn --app-dir {app.folder} {app.package}.main:app"

    def explain_end(self, process: Process) -> str | None:
        """Return why a process was ended by its surroundings, if it was."""
        return None

    def environment(self, folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
        """Return all the environment that an app gets."""
        return app_environment(folder / "data", settings)

    def open_log(self, folder: Path) -> FileIO:
        """Open the file that takes what a process prints, once for all: nothing that the process does locks us out."""
        log = (folder / "log").open("a+b", buffering=0)
        self.logs.add(log)
        return log

    def job(self, app: App, folder: Path, settings: Mapping[str, str], bytecode: Path) -> dict[str, Any]:
        """Describe a server to the warm process."""
        return {
            "folder": self.inside(app.folder),
            "package": app.package,
            "data": self.inside(folder / "data"),
            "environment": self.environment(folder, settings),
            "bytecode": self.inside(bytecode),
            "writable": self.writable(folder),
            "cold": False,
            "template": False,
            "races": False,
            "cores": self.cores,
            "command": [],
        }

    def make_template(self, job: Mapping[str, Any]) -> Template:
        """Let the app be imported once, for all servers with this job.

        Raises:
            LadderError: the warm process has gone, with what it said.
        """
        words = json.dumps({**job, "template": True}).encode()
        with tempfile.TemporaryFile() as log:
            return Template(lambda control, lifeline: self.order(words, [control, log.fileno(), lifeline]))

    def order(self, words: bytes, fds: list[int]) -> None:
        """Return the warm process a job.

        Raises:
            LadderError: it has gone, with what it said.
        """
        assert self.warm is not None
        try:
            socket.send_fds(self.warm.control, [words], fds)
        except OSError as error:
            raise self.warm_error() from error

    def start(
        self,
        job: Mapping[str, Any],
        folder: Path,
        log: int,
        *,
        cold: bool = False,
        races: bool = False,
        template: Template | None = None,
    ) -> Process:
        """Start one process, of a server or a command; it works in `folder`/data.

        Args:
            job: what `job` has given; with a `command`, a module and its arguments, that is run instead of a server.
            folder: its own folder.
            log: descriptor of the file that takes what it prints.
            cold: whether it gets an interpreter of its own, with a seed of its own for Python's `hash`.
            races: whether its worker threads are to rest before lines when they are told to.
            template: from which it is to be forked, if it can be.

        Raises:
            LadderError: the warm process has gone, with what it said.
        """
        if self.warm is None:
            begin = self.start_plain_command if job["command"] else self.start_plain
            return begin(job, log)
        path = folder / "s"
        path.unlink(missing_ok=True)
        words = json.dumps({**job, "cold": cold, "races": races}).encode()
        lifeline, far_end = socket.socketpair()
        with socket.socket(socket.AF_UNIX) as listener, far_end:
            listener.bind(str(path))
            listener.listen(2048)
            fds = [listener.fileno(), log, far_end.fileno()]
            try:
                if template is None or not template.send(words, fds):
                    self.order(words, fds)
            except LadderError:
                lifeline.close()
                raise
        process = ForkedProcess(Address(socket=path), lifeline)
        self.forked.add(process)
        return process

    def require_alive(self) -> None:
        """Check that servers can still be started.

        Raises:
            LadderError: the warm process has gone, with what it said.
        """
        if self.warm is not None and has_ended(self.warm.control):
            raise self.warm_error()

    def warm_error(self) -> LadderError:
        """Return the error that says why the warm process has gone."""
        assert self.warm is not None
        if not self.last_words:
            printed = self.warm.process.communicate()[1].decode(errors="replace")
            self.last_words = printed.strip()[-2000:] or "It printed nothing."
        return LadderError(
            f"{self.python} could not run the app's server: it ended with status {self.warm.process.returncode}.\n"
            f"{self.last_words}\n"
            "See that fastapi and uvicorn are installed there, or pass another interpreter with --python."
        )

    def start_plain(self, job: Mapping[str, Any], log: int) -> PlainProcess:
        """Start uvicorn as anyone would, and wait until its port answers or it ends."""
        port = free_port()
        app = ["--app-dir", job["folder"], f"{job['package']}.main:app"]
        quiet = [] if LOG_LEVEL in job["environment"] else ["--no-access-log", "--log-level", "warning"]
        process = self.popen(["uvicorn", *app, "--port", str(port), "--no-proxy-headers", *quiet], job, log)
        deadline = time.monotonic() + START_LIMIT
        while process.poll() is None and time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.01)
        return PlainProcess(Address(url=f"http://127.0.0.1:{port}"), process)

    def start_plain_command(self, job: Mapping[str, Any], log: int) -> PlainProcess:
        """Start a command as anyone would."""
        environment = job["environment"] | {"PYTHONPATH": job["folder"]}
        process = self.popen(job["command"], {**job, "environment": environment}, log)
        return PlainProcess(Address(url=""), process)

    def popen(self, words: Sequence[str], job: Mapping[str, Any], log: int) -> "subprocess.Popen[bytes]":
        """Start Python with a module and its arguments, as a job says."""
        return subprocess.Popen(
            [str(self.python), "-m", *words],
            cwd=job["data"],
            env=job["environment"] | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def close(self) -> None:
        """End every process and remove every file of this run."""
        for process in self.forked:
            process.close()
        for log in self.logs:
            log.close()
        if self.warm is not None:
            self.warm.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """Return a loopback port that nobody uses: none of those that the system gives to clients all the time."""
    while True:
        port = random.SystemRandom().choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


warm_runners: dict[tuple[Path, frozenset[str]], Runner] = {}
"""The runners of this process, by their interpreter and what it has imported beforehand."""


def warm_runner(python: Path, dependencies: Sequence[str]) -> Runner:
    """Return a runner for an interpreter that has imported these, perhaps more: the same one again, if there is one.

    It is closed when this process ends.
    """
    needed = frozenset(dependencies)
    for (known, imported), runner in warm_runners.items():
        if known == python and needed <= imported:
            return runner
    runner = warm_runners[python, needed] = Runner(python, dependencies)
    atexit.register(runner.close)
    return runner
