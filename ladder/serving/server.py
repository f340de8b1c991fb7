"""A fresh, real uvicorn process for every test, started in a few milliseconds.

A `Runner` starts processes; a `Server` is one running app as a test sees it; a `Launcher` starts those of one run.
Where there is `fork`, a warm process (`ladder.inside.zygote`) forks each server, which listens on a Unix socket that
was open before: a client may connect at once, and nothing polls. Elsewhere a plain `python -m uvicorn` on a loopback
port does the same, slower.
"""

import atexit
import itertools
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakSet

from ladder.base.errors import AppFaultError, LadderError
from ladder.base.folders import make_run_folder
from ladder.base.log import SHOWN_BYTES, own_stacks, trim_log
from ladder.client.exchange import Exchange
from ladder.client.http import Address, Client, NoAnswerError
from ladder.course.catalog import App, Exercise
from ladder.course.source import Source
from ladder.inside.zygote import RACE_SIGNAL, STACK_SIGNAL
from ladder.services.servers import Service, query, running, transaction
from ladder.serving.template import Template, Templates
from ladder.serving.warm import HeldProcess, app_environment, has_ended, take

START_LIMIT = 10.0
"""Seconds that an app may take from its start to its first answer."""
START_FACTOR = 40
"""How many times as long as a constant app an app may take, where that is more: on a machine that is busy, all do."""
MOST_START_SECONDS = 120.0
"""Seconds after which no start is waited for."""
CONSTANT_APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
STACK_SECONDS = 0.5
"""How long an app may take to print where it is."""
LEAST_SECONDS = 0.1
MISSING_MODULE = re.compile(r"^ModuleNotFoundError: No module named '(\w+)", re.MULTILINE)
STOP_LIMIT = 5.0
"""Seconds that an app may take to end after a polite request."""
PORTS = range(20_000, 32_000)
"""Where plain servers listen."""
KILL_LIMIT = 1.0
"""Seconds that a killed process may take to be gone."""
CPU_LIMIT = 2.0
"""Seconds that the zygote may take to tell a CPU time."""
CPU_TIME = re.compile(rb"(\d{1,18})ns")
EXIT_STATUS = re.compile(r"-?\d{1,3}")


class Files(Protocol):
    """The files of an app's working directory, by their names."""

    def read(self, name: str) -> bytes:
        """Give a file's content; nothing if there is no such file."""

    def write(self, name: str, content: str | bytes) -> None:
        """Write into a file, as some editors do."""

    def replace(self, name: str, content: str | bytes) -> None:
        """Write a new file and give it the old one's name, as other editors do."""

    def remove(self, name: str) -> None:
        """Remove a file; the empty name stands for all of them."""


class HostFiles:
    """Files that lie on this machine as any others do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> bytes:
        """Give a file's content; nothing if there is no such file."""
        file = self.folder / name
        return file.read_bytes() if file.is_file() else b""

    def write(self, name: str, content: str | bytes) -> None:
        """Write into a file."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(to_bytes(content))

    def replace(self, name: str, content: str | bytes) -> None:
        """Write a new file and give it the old one's name."""
        new = self.folder / f"{name}.new"
        new.write_bytes(to_bytes(content))
        new.replace(self.folder / name)

    def remove(self, name: str) -> None:
        """Remove a file; the empty name stands for all of them."""
        if name:
            (self.folder / name).unlink()
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def to_bytes(content: str | bytes) -> bytes:
    """Give a file's content as bytes; text is UTF-8."""
    return content.encode() if isinstance(content, str) else content


class Process(Protocol):
    """One started server process."""

    address: Address

    def send_signal(self, number: int) -> None:
        """Send a signal to the process and to what it started."""

    def wait(self, seconds: float) -> int | None:
        """Give the exit status (negative: the signal that ended it), or `None` when it still runs after `seconds`."""

    def cpu_seconds(self) -> float:
        """Return the CPU time that the process has used, or the time that has passed where the system does not tell."""

    def close(self) -> None:
        """End the process at once."""


class ForkedProcess:
    """A child of the zygote, held by its lifeline."""

    def __init__(self, address: Address, lifeline: socket.socket) -> None:
        self.address = address
        self.lifeline = lifeline
        self.status: int | None = None
        self.refused = False  # by a limit on processes

    def send_signal(self, number: int) -> None:
        """Ask the zygote to pass a signal on."""
        with suppress(OSError):
            self.lifeline.send(bytes([number]))

    def wait(self, seconds: float) -> int | None:
        """Wait for the zygote's word that the child has ended."""
        if self.status is None:
            with suppress(OSError):  # a timeout, or a lifeline that we closed
                self.lifeline.settimeout(seconds)
                word = self.lifeline.recv(16).decode("ascii", errors="replace")
                self.status = int(word) if EXIT_STATUS.fullmatch(word) else -signal.SIGKILL
                self.refused = word == "limit"
        return self.status

    def cpu_seconds(self) -> float:
        """Ask the zygote for the CPU time of the child."""
        self.send_signal(0)
        words = b""
        with suppress(OSError):
            self.lifeline.settimeout(CPU_LIMIT)
            while not words.endswith(b"ns") and (part := self.lifeline.recv(32)) and len(words) < 32:
                words += part
        found = CPU_TIME.fullmatch(words)
        return int(found[1]) / 1e9 if found else time.perf_counter()

    def close(self) -> None:
        """Let go of the lifeline, which ends the child."""
        self.lifeline.close()


class PlainProcess:
    """A `python -m uvicorn` of its own, on a loopback port."""

    def __init__(self, address: Address, process: subprocess.Popen[bytes]) -> None:
        self.address = address
        self.process = process

    def send_signal(self, number: int) -> None:
        """Send a signal to the process's group, or to the process where there are no groups."""
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                self.process.terminate()
            else:
                os.killpg(self.process.pid, number)

    def wait(self, seconds: float) -> int | None:
        """Wait for the process to end."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def cpu_seconds(self) -> float:
        """Return the time that has passed."""
        return time.perf_counter()

    def close(self) -> None:
        """Kill the process."""
        self.send_signal(9)
        self.process.wait()


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
        self.last_words = ""  # of a warm process that has gone
        if fork and warm is None:
            self.warm = take(self.python)
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
        """Give an empty folder for a server: the same one again, if it can be."""
        if not self.free_folders:
            return self.new_folder()
        folder = self.free_folders.pop()
        folder.mkdir()
        return folder

    def inside(self, path: Path) -> str:
        """Give the path by which an app finds a file of this run's."""
        return str(path)

    def files_in(self, folder: Path) -> Files:
        """Give the files of an app's folder."""
        folder.mkdir()
        return HostFiles(folder)

    def start_by_hand(self, app: App) -> str:
        """Give the command with which its author starts an app."""
        return f"{self.python} -m uvicorn --app-dir {app.folder} {app.package}.main:app"

    def explain_end(self, process: Process) -> str | None:
        """Say why a process was ended by its surroundings, if it was."""
        return None

    def environment(self, folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
        """Give all the environment that an app gets."""
        return app_environment(folder / "data", settings)

    def job(self, app: App, folder: Path, settings: Mapping[str, str], bytecode: Path) -> dict[str, Any]:
        """Describe a server to the warm process."""
        return {
            "folder": self.inside(app.folder),
            "package": app.package,
            "data": self.inside(folder / "data"),
            "environment": self.environment(folder, settings),
            "bytecode": self.inside(bytecode),
            "cold": False,
            "template": False,
            "races": False,
            "cores": self.cores,
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
        """Give the warm process a job.

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
        *,
        cold: bool = False,
        races: bool = False,
        template: Template | None = None,
    ) -> Process:
        """Start one server process; it works in `folder`/data, and prints to `folder`/log.

        Args:
            job: what `job` has given.
            folder: its own folder.
            cold: whether it gets an interpreter of its own, with a seed of its own for Python's `hash`.
            races: whether its worker threads are to rest before lines when they are told to.
            template: from which it is to be forked, if it can be.

        Raises:
            LadderError: the warm process has gone, with what it said.
        """
        with (folder / "log").open("ab") as log:
            if self.warm is None:
                return self.start_plain(job, log.fileno())
            path = folder / "s"
            path.unlink(missing_ok=True)
            words = json.dumps({**job, "cold": cold, "races": races}).encode()
            lifeline, far_end = socket.socketpair()
            with socket.socket(socket.AF_UNIX) as listener, far_end:
                listener.bind(str(path))
                listener.listen(2048)
                fds = [listener.fileno(), log.fileno(), far_end.fileno()]
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
        """See that servers can still be started.

        Raises:
            LadderError: the warm process has gone, with what it said.
        """
        if self.warm is not None and has_ended(self.warm.control):
            raise self.warm_error()

    def warm_error(self) -> LadderError:
        """Give the error that says why the warm process has gone."""
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
        options = ["--port", str(port), "--no-access-log", "--log-level", "warning"]
        process = subprocess.Popen(
            [str(self.python), "-m", "uvicorn", *app, *options],
            cwd=job["data"],
            env=job["environment"] | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_LIMIT
        while process.poll() is None and time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.01)
        return PlainProcess(Address(url=f"http://127.0.0.1:{port}"), process)

    def close(self) -> None:
        """End every process and remove every file of this run."""
        for process in self.forked:
            process.close()
        if self.warm is not None:
            self.warm.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """Give a loopback port that nobody uses: none of those that the system gives to clients all the time."""
    while True:
        port = random.SystemRandom().choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


warm_runners: dict[tuple[Path, frozenset[str]], Runner] = {}
"""The runners of this process, by their interpreter and what it has imported beforehand."""


def warm_runner(python: Path, dependencies: Sequence[str]) -> Runner:
    """Give a runner for an interpreter that has imported these, perhaps more: the same one again, if there is one.

    It is closed when this process ends.
    """
    needed = frozenset(dependencies)
    for (known, imported), runner in warm_runners.items():
        if known == python and needed <= imported:
            return runner
    runner = warm_runners[python, needed] = Runner(python, dependencies)
    atexit.register(runner.close)
    return runner


def warm_up(exercise: Exercise, python: Path = Path(sys.executable)) -> tuple[Runner, list[Service]]:
    """Give what an exercise's apps run on: it goes on warming up while the caller does other things.

    Raises:
        LadderError: there is no such interpreter, or a service cannot be had.
    """
    runner = warm_runner(python, exercise.manifest.dependencies)
    return runner, [running(name) for name in exercise.manifest.services]


class Server:
    """One app, running: what the fixture `launch` gives.

    Args:
        launcher: of which run it is.
        settings: the environment variables that it gets.
        files: what its working directory holds.
        first: whether others will follow that start as this one does.

    Attributes:
        can_rest: whether its process was started so that its threads can be told to rest.
        app: the app that runs.
        files: those of its working directory, private and empty at first; they outlive `restart` and `kill`.
        settings: the environment variables that it was given, the URL of its own database among them.
        record: is called with each exchange.
        source_was_read: whether a test has asked for the app's source.
    """

    source_was_read = False

    def __init__(
        self,
        launcher: "Launcher",
        settings: Mapping[str, str],
        files: Mapping[str, str | bytes],
        *,
        first: bool = False,
    ) -> None:
        self.runner = launcher.runner
        self.app = launcher.app
        self.folder = self.runner.take_folder()
        self.record: Callable[[Exchange], None] = lambda _: None
        self.stacks: list[str] = []  # that were printed for us
        self.take_place(launcher, settings)
        template = None if files else launcher.template_for(self.job, self.services, comes_again=first)
        if template is not None and not template.ready:  # its import may have left something here
            self.leave_place()
            self.take_place(launcher, settings)
        for name, content in files.items():
            self.files.write(name, content)
        self.can_rest = launcher.races
        self.process = self.runner.start(self.job, self.folder, races=launcher.races, template=template)

    def take_place(self, launcher: "Launcher", settings: Mapping[str, str]) -> None:
        """Take what the app needs, all of it empty: a working directory and databases."""
        self.services = {
            service: service.acquire() for service in launcher.services if service.setting not in settings
        }
        self.chosen = dict(settings)  # by the test
        self.settings = {service.setting: url for service, url in self.services.items()} | self.chosen
        self.files = self.runner.files_in(self.folder / "data")
        self.job = self.runner.job(self.app, self.folder, self.settings, launcher.bytecode)

    def leave_place(self) -> None:
        """Give back what was taken."""
        for service, url in self.services.items():
            service.release(url)
        self.files.remove("")

    @cached_property
    def client(self) -> Client:
        """An `httpx.Client` on this server; it goes on working after `restart`."""
        return self.process.address.open_client(self.note, **self.explanations)

    @property
    def explanations(self) -> dict[str, Any]:
        """What a client of this server asks when it gets no answer: see `ladder.client.http.Address.open_client`."""
        return {"explain": self.explain_end, "where": self.where_it_hangs}

    def note(self, exchange: Exchange) -> None:
        """Hand an exchange to whoever records at this moment."""
        self.record(exchange)

    def connect(self, seconds: float) -> socket.socket:
        """Open a bare connection, for what no well-behaved client would send; it waits so many seconds at most."""
        return self.process.address.connect(seconds)

    def websocket(self, path: str, **options: Any) -> AbstractContextManager[Any]:
        """Open a WebSocket to `path`; the options are those of `websockets.sync.client.connect`."""
        return self.process.address.open_websocket(path, self.note, **options)

    @property
    def log(self) -> str:
        """What the app has printed until now; nothing is left of it when the server is closed."""
        printed = self.printed
        for stacks in self.stacks:
            printed = printed.replace(stacks, "", 1)
        return printed

    @property
    def printed(self) -> str:
        """The same, with the stacks that we have asked for."""
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def where_it_hangs(self) -> str:
        """Give the places in its own files where an app is that does not answer; empty where that is not known."""
        before = seen = self.printed
        if STACK_SIGNAL is not None and isinstance(self.process, ForkedProcess):
            self.process.send_signal(STACK_SIGNAL)
            deadline = time.monotonic() + STACK_SECONDS
            while time.monotonic() < deadline:
                time.sleep(STACK_SECONDS / 5)
                if seen != before and self.printed == seen:
                    break
                seen = self.printed
        stacks = seen[len(before) :]
        self.stacks.append(stacks)
        return own_stacks(stacks[-SHOWN_BYTES:], Path(self.runner.inside(self.app.folder)))

    @property
    def trimmed_log(self) -> str:
        """The last that the app has printed, cut down to what its author can use."""
        printed = self.log
        trimmed = trim_log(printed[-SHOWN_BYTES:], Path(self.runner.inside(self.app.folder)))
        left_out = len(printed) - SHOWN_BYTES
        return f"(after {left_out:,} characters more)\n{trimmed}" if left_out > 0 else trimmed

    @property
    def source(self) -> Path:
        """The folder of the app's package."""
        self.source_was_read = True
        return self.app.source

    def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run an SQL statement on the app's PostgreSQL database, and give its rows; `%s` stands for a parameter."""
        return query(self.settings["DATABASE_URL"], statement, *parameters)

    def transaction(self, statement: str, *parameters: Any) -> AbstractContextManager[None]:
        """Run an SQL statement as another program does, in a transaction that stays open until the block ends.

        `with server.transaction("UPDATE …", …):` holds the locks that it takes, and then undoes it.
        """
        return transaction(self.settings["DATABASE_URL"], statement, *parameters)

    def cpu_seconds(self, call: Callable[[], object], rounds: int = 5) -> float:
        """Return the CPU time that the app's process uses for a call, in seconds: the least of some rounds.

        It says what work is done, whatever else this machine does; even so, compare it only with another one of the
        same test. Where the system does not tell, it is the time that passes.
        """
        used = []
        for _ in range(rounds):
            before = self.process.cpu_seconds()
            call()
            used.append(self.process.cpu_seconds() - before)
        return min(used)

    def begin_race(self) -> None:
        """Let the app's worker threads rest before lines from now on, where they can be told to."""
        if self.can_rest and isinstance(self.process, ForkedProcess):
            self.process.send_signal(RACE_SIGNAL)

    def wait_end(self, seconds: float = START_LIMIT) -> int | None:
        """Give the app's exit status (negative: the signal that ended it), or `None` if it still runs by then."""
        return self.process.wait(seconds)

    def restart(self, *, warm: bool = False, **settings: str) -> None:
        """End the app politely, as a deployment does, and start it again with the same data.

        Args:
            warm: whether to fork it from the warm process as before, which is quicker by some tenths of a second;
                by default it gets a new interpreter, whose `hash` has another seed.
            settings: those that are different from now on; all others stay.
        """
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(STOP_LIMIT) is None:
            raise NoAnswerError(f"The app did not end within {STOP_LIMIT:g} seconds of a SIGTERM.")
        self.renew(warm, settings)

    def kill(self, *, warm: bool = False, **settings: str) -> None:
        """End the app at once, as `kill -9` does, and start it again; the arguments are those of `restart`."""
        self.process.send_signal(9)
        self.process.wait(STOP_LIMIT)
        self.renew(warm, settings)

    def renew(self, warm: bool, settings: Mapping[str, str]) -> None:
        """Start a new process in the place of the one that has ended."""
        self.process.close()
        self.chosen |= settings
        self.settings |= settings
        self.job["environment"] = self.runner.environment(self.folder, self.settings)
        self.can_rest = self.can_rest and warm
        self.process = self.runner.start(self.job, self.folder, cold=not warm, races=self.can_rest)
        if "client" in self.__dict__ and self.process.address.socket is None:
            self.client.base_url = self.process.address.url

    def explain_end(self) -> str | None:
        """Say how the app ended, in a line with the last that it printed, or `None` if it still runs.

        Where there is more that its author can use, it follows.
        """
        ended = self.runner.explain_end(self.process)
        if ended is not None:
            return ended
        status = self.process.wait(1.0)
        if status is None:
            return None
        how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"exited with status {status}"
        printed = self.trimmed_log
        if not printed:
            return f"The app {how} and printed nothing."
        before, _, last = printed.rpartition("\n")
        return f"The app {how}; the last it printed: {last}" + (f"\nBefore that:\n{before}" if before else "")

    def close(self) -> None:
        """End the app and remove its folder."""
        if "client" in self.__dict__:
            self.client.close()
        self.process.send_signal(9)
        has_ended = self.process.wait(KILL_LIMIT) is not None
        self.process.close()
        self.leave_place()
        shutil.rmtree(self.folder, ignore_errors=True)
        if has_ended:  # or it might still write there
            self.runner.free_folders.append(self.folder)


class Launcher:
    """Starts the servers of one run over one app.

    Args:
        runner: starts the processes.
        app: the app to start.
        services: the servers that the app needs; each launch gets a database of its own there.
    """

    def __init__(self, runner: Runner, app: App, services: Sequence[Service] = ()) -> None:
        self.runner = runner
        self.app = app
        self.services = services
        self.bytecode = runner.new_folder()
        self.templates = Templates()
        self.spare: Server | None = None  # a fresh server that nobody has used
        self.races = False  # whether requests will compete

    @cached_property
    def source(self) -> Source:
        """The app's source, read once for all its failures."""
        return Source(self.app.source)

    def launch(self, files: Mapping[str, str | bytes] | None = None, **settings: str) -> Server:
        """Start a server with these files in its data folder, and these settings."""
        if self.spare is None or files or settings or self.races:
            return Server(self, settings, files or {})
        server, self.spare = self.spare, None
        return server

    def template_for(
        self, job: Mapping[str, Any], databases: Mapping[Service, str], *, comes_again: bool
    ) -> Template | None:
        """Give the template for a fresh server with this job, if there is one; it may turn out not to be ready.

        Args:
            job: what the server is started with.
            databases: those that were acquired for it; an import must leave them empty, too.
            comes_again: whether another server will be started with this job.
        """

        def make() -> Template:
            template = self.runner.make_template(job)
            if not all(service.is_empty(url) for service, url in databases.items()):
                template.close()
            return template

        can_fork = self.runner.warm is not None and sys.platform == "linux"
        return self.templates.find(json.dumps(job), make, comes_again=comes_again) if can_fork else None

    def launch_first(self) -> Server:
        """Give a server, and see that the app starts and answers anything at all.

        Raises:
            LadderError: it does not; the message holds what it printed, cut down to its own files.
        """
        self.app.require()
        begun = time.monotonic()
        server = Server(self, {}, {}, first=True)
        limit = START_LIMIT
        while True:
            left = max(begun + limit - time.monotonic(), LEAST_SECONDS)
            try:
                with server.process.address.open_client(explain=server.explain_end, timeout=left) as client:
                    client.get("/")
            except NoAnswerError as error:
                is_silent = isinstance(error.__cause__, TimeoutError | ConnectionRefusedError)
                if is_silent and limit == START_LIMIT and server.process.wait(0.0) is None:
                    limit = min(max(limit, START_FACTOR * self.seconds_of_constant_app()), MOST_START_SECONDS)
                    if time.monotonic() < begun + limit:
                        continue
                reason = self.why_not_started(server, limit)
                server.close()
                self.runner.require_alive()
                raise AppFaultError(
                    f"{self.runner.inside(self.app.source)}/main.py does not start. {reason}\n"
                    f"Start it yourself to see more: {self.runner.start_by_hand(self.app)}"
                ) from error
            return server

    def seconds_of_constant_app(self) -> float:
        """Give how long it takes here and now until an app answers that does nothing else."""
        folder = self.runner.take_folder()
        files = self.runner.files_in(folder / "data")
        files.write("constant/main.py", CONSTANT_APP)
        job = self.runner.job(App(folder / "data", "constant"), folder, {}, self.bytecode)
        begun = time.monotonic()
        process = self.runner.start(job, folder)
        with suppress(NoAnswerError), process.address.open_client(timeout=MOST_START_SECONDS) as client:
            client.get("/")
        seconds = time.monotonic() - begun
        process.close()
        files.remove("")
        shutil.rmtree(folder, ignore_errors=True)
        return seconds

    def why_not_started(self, server: Server, limit: float) -> str:
        """Say why an app does not start: how it ended, or where it is, and what it printed until then."""
        ended = server.explain_end()
        second = self.source.second_server()
        if second is not None and (ended is None or "running event loop" in server.log):
            return (
                f"uvicorn.run(...) at the module level of {second} starts a second server while the first one "
                "imports the app. Remove it: ladder run starts the server."
            )
        if ended is None:
            hangs = server.where_it_hangs()
            printed = server.trimmed_log
            return "\n".join(
                [
                    f"It did not answer within {limit:.3g} seconds.",
                    *([f"It hangs in {hangs}"] if hangs else []),
                    f"Until then it printed:\n{printed}" if printed else "It printed nothing.",
                ]
            )
        missing = MISSING_MODULE.search(server.log)
        write = self.source.sibling_import(missing[1]) if missing else None
        how, _, before = ended.partition("\n")
        mended = f"{how}\nThat module lies in the app's own package: write `{write}`.\n{before}"
        return mended if write else ended

    def close_spare(self) -> None:
        """End the fresh server that nobody has used, if there is one."""
        if self.spare is not None:
            self.spare.close()
            self.spare = None

    def require_start(self) -> None:
        """See that the app starts and answers anything at all.

        Raises:
            LadderError: it does not; the message holds what it printed, cut down to its own files.
        """
        self.launch_first().close()

    def close(self) -> None:
        """End what is not a test's."""
        self.close_spare()
        self.templates.close()
        shutil.rmtree(self.bytecode, ignore_errors=True)
