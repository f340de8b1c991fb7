"""One running app, as a test sees it."""

import copy
import os
import shlex
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ladder.base.errors import LadderError
from ladder.base.log import SHOWN_BYTES, own_stacks, trim_log
from ladder.base.workers import crowding
from ladder.client.errors import NoAnswerError
from ladder.client.exchange import Exchange
from ladder.client.http import Client
from ladder.inside.pauses import CALM_SIGNAL, RACE_SIGNAL
from ladder.inside.stacks import STACK_SIGNAL
from ladder.services.postgresql import query, transaction
from ladder.services.tools import Finished
from ladder.serving.process import ForkedProcess
from ladder.serving.runner import START_LIMIT
from ladder.serving.template import Template

if TYPE_CHECKING:
    from ladder.serving.launcher import Launcher

reading = threading.Lock()

MOST_LOG_BYTES = 8 * 2**20
"""How much of what an app prints a test can read, the end of it; in a sandbox, it may print no more."""
MOST_STACK_BYTES = 10 * SHOWN_BYTES
COMMAND_LIMIT = 30.0
"""Seconds that a command of the app's may take."""
STACK_SECONDS = 0.5
"""How long an app may take to print where it is."""
STOP_LIMIT = 5.0
"""Seconds that an app may take to end after a polite request, on a machine that is not busy."""
KILL_LIMIT = 1.0
"""Seconds that a killed process may take to be gone."""


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
        place: the folder that holds its working directory: `folder`, but for a server that was started beside another.
        is_first: whether it is none that was started beside another.
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
        self.folder = self.place = self.runner.take_folder()
        self.is_first = True
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
        self.begin(template)

    def take_place(self, launcher: "Launcher", settings: Mapping[str, str]) -> None:
        """Take what the app needs, all of it empty: a working directory and databases."""
        self.services = {
            service: service.acquire() for service in launcher.services if service.setting not in settings
        }
        self.chosen = dict(settings)  # by the test
        self.settings = {service.setting: url for service, url in self.services.items()} | self.chosen
        self.files = self.runner.files_in(self.folder / "data")
        self.job = self.runner.job(self.app, self.folder, self.settings, launcher.bytecode)

    def begin(self, template: Template | None = None) -> None:
        """Start the process, forked from this template if it can be."""
        self.log_file = self.runner.open_log(self.folder)
        try:
            log = self.log_file.fileno()
            self.process = self.runner.start(
                self.job, self.folder, log, races=self.can_rest, template=template
            )
        except LadderError:
            self.log_file.close()
            raise

    def another(self, **settings: str) -> "Server":
        """Start the app once more beside this server, as a second worker: they share all but the process.

        Args:
            settings: those that are different from this server's.
        """
        other = copy.copy(self)
        other.__dict__.pop("client", None)
        other.is_first = False
        other.folder = self.runner.take_folder()
        other.stacks = []
        other.chosen = self.chosen | settings
        other.settings = self.settings | settings
        other.job = {**self.job, "environment": self.runner.environment(self.place, other.settings)}
        other.begin()
        return other

    def leave_place(self) -> None:
        """Give back what was taken, unless that is for the first of several servers to do."""
        if not self.is_first:
            return
        for service, url in self.services.items():
            service.release(url)
        self.files.remove("")

    @cached_property
    def client(self) -> Client:
        """An `httpx.Client` on this server; it goes on working after `restart`."""
        return self.process.address.open_client(self.note, **self.explanations)

    def client_from(self, peer: str) -> Client:
        """Open another client, whose requests seem to come from this address, such as `198.51.100.7`."""
        return self.process.address.open_client(self.note, peer=peer, **self.explanations)

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
        """What the app has printed until now, of very much the end; nothing is left when the server is closed."""
        return self.end_of_log(MOST_LOG_BYTES)

    def end_of_log(self, most: int) -> str:
        """Return the last bytes, so many at most, that the app has printed, but for the stacks that we asked for."""
        printed = self.read_log(max(self.log_size - most, 0), most)
        for stacks in self.stacks:
            printed = printed.replace(stacks, "", 1)
        return printed

    @property
    def log_size(self) -> int:
        """The number of bytes that the app has printed."""
        return 0 if self.log_file.closed else os.fstat(self.log_file.fileno()).st_size

    def read_log(self, start: int, most: int) -> str:
        """Return what the app has printed from a place on, so many bytes at most."""
        return "" if self.log_file.closed else read_part(self.log_file, start, most)

    def where_it_hangs(self) -> str:
        """Return the places in its own files where an app is that does not answer; empty where that is not known."""
        before = seen = self.log_size
        if STACK_SIGNAL is not None and isinstance(self.process, ForkedProcess):
            self.process.send_signal(STACK_SIGNAL)
            deadline = time.monotonic() + STACK_SECONDS
            while time.monotonic() < deadline:
                time.sleep(STACK_SECONDS / 5)
                if seen != before and self.log_size == seen:
                    break
                seen = self.log_size
        stacks = self.read_log(max(before, self.log_size - MOST_STACK_BYTES), MOST_STACK_BYTES)
        self.stacks.append(stacks)
        return own_stacks(stacks[-SHOWN_BYTES:], Path(self.runner.inside(self.app.folder)))

    @property
    def trimmed_log(self) -> str:
        """The last that the app has printed, cut down to what its author can use."""
        most = SHOWN_BYTES + sum(map(len, self.stacks))
        left_out = self.log_size - most
        printed = self.end_of_log(most)[-SHOWN_BYTES:]
        trimmed = trim_log(printed, Path(self.runner.inside(self.app.folder)))
        return f"(after {left_out:,} bytes more)\n{trimmed}" if left_out > 0 else trimmed

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

    def run(self, module: str, *words: str, cold: bool = False, **settings: str) -> Finished:
        """Run a command of the app's package where the app runs: `server.run("seed", "--customers", "10")`.

        The command line and what it printed stand in the app's log as well.

        Args:
            module: the module's name within the package.
            words: the arguments.
            cold: whether it gets a new interpreter, whose `hash` has another seed.
            settings: those that are different from the app's.

        Raises:
            NoAnswerError: it does not end in time.
        """
        command = [f"{self.app.package}.{module}", *words]
        environment = self.runner.environment(self.place, self.settings | settings)
        folder = self.runner.take_folder()
        job = {**self.job, "command": command, "environment": environment}
        with self.runner.open_log(folder) as log:
            process = self.runner.start(job, folder, log.fileno(), cold=cold)
            status = process.wait(COMMAND_LIMIT)
            process.close()
            output = read_part(log, 0, MOST_LOG_BYTES)
        line = shlex.join(
            [*(f"{name}={value}" for name, value in settings.items()), "python", "-m", *command]
        )
        shutil.rmtree(folder, ignore_errors=True)
        self.log_file.write(f"$ {line}\n{output}".encode())
        if status is None:
            raise NoAnswerError(f"It did not end within {COMMAND_LIMIT:g} seconds: {line}")
        return Finished(status, output)

    def begin_race(self) -> None:
        """Let the app's worker threads rest before lines from now on, where they can be told to."""
        if self.can_rest and isinstance(self.process, ForkedProcess):
            self.process.send_signal(RACE_SIGNAL)

    def end_race(self) -> None:
        """Let them rest no more."""
        if self.can_rest and isinstance(self.process, ForkedProcess):
            self.process.send_signal(CALM_SIGNAL)

    def wait_end(self, seconds: float = START_LIMIT) -> int | None:
        """Return the app's exit status (negative: the signal that ended it), or `None` if it still runs by then."""
        return self.process.wait(seconds)

    def restart(self, *, warm: bool = False, **settings: str) -> None:
        """End the app politely, as a deployment does, and start it again with the same data.

        Args:
            warm: whether to fork it from the warm process as before, which is quicker by some tenths of a second;
                by default it gets a new interpreter, whose `hash` has another seed.
            settings: those that are different from now on; all others stay.
        """
        self.process.send_signal(signal.SIGTERM)
        limit = STOP_LIMIT * crowding()
        if self.process.wait(limit) is None:
            raise NoAnswerError(f"The app did not end within {limit:.3g} seconds of a SIGTERM.")
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
        self.job["environment"] = self.runner.environment(self.place, self.settings)
        self.can_rest = self.can_rest and warm
        self.process = self.runner.start(
            self.job, self.folder, self.log_file.fileno(), cold=not warm, races=self.can_rest
        )
        if "client" in self.__dict__ and self.process.address.socket is None:
            self.client.base_url = self.process.address.url

    def explain_end(self) -> str | None:
        """Return how the app ended, in a line with the last that it printed, or `None` if it still runs.

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
        self.log_file.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        if has_ended:  # or it might still write there
            self.runner.free_folders.append(self.folder)


def read_part(log: FileIO, start: int, most: int) -> str:
    """Return what a log holds from a place on, so many bytes at most."""
    # Another thread would move the place in the file; what is written goes to its end in any case.
    with reading:
        log.seek(start)
        return log.read(most).decode(errors="replace")
