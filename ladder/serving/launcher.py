"""Starts the servers of one run over one app."""

import json
import re
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from ladder.base.errors import AppFaultError
from ladder.client.connection import NoHttpError, PartAnswerError
from ladder.client.errors import NoAnswerError
from ladder.course.catalog import App, Exercise
from ladder.course.source import Source
from ladder.services.servers import Service, running
from ladder.serving.runner import START_LIMIT, Runner, warm_runner
from ladder.serving.server import Server
from ladder.serving.template import Template, Templates

START_FACTOR = 40
"""How many times as long as a constant app an app may take, where that is more: on a machine that is busy, all do."""
MOST_START_SECONDS = 120.0
"""Seconds after which no start is waited for."""
CONSTANT_APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
STAYS_SECONDS = 0.5
"""How long an app that closes a connection may take to end, if that is why."""
LEAST_SECONDS = 0.1
MISSING_MODULE = re.compile(r"^ModuleNotFoundError: No module named '(\w+)", re.MULTILINE)


def warm_up(exercise: Exercise, python: Path = Path(sys.executable)) -> tuple[Runner, list[Service]]:
    """Return what an exercise's apps run on: it goes on warming up while the caller does other things.

    Raises:
        LadderError: there is no such interpreter, or a service cannot be had.
    """
    runner = warm_runner(python, exercise.manifest.dependencies)
    return runner, [running(name) for name in exercise.manifest.services]


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
        self.races = False  # whether requests will compete

    @cached_property
    def source(self) -> Source:
        """The app's source, read once for all its failures."""
        return Source(self.app.source)

    def launch(self, files: Mapping[str, str | bytes] | None = None, **settings: str) -> Server:
        """Start a server with these files in its data folder, and these settings."""
        return Server(self, settings, files or {})

    def template_for(
        self, job: Mapping[str, Any], databases: Mapping[Service, str], *, comes_again: bool
    ) -> Template | None:
        """Return the template for a fresh server with this job, if there is one; it may turn out not to be ready.

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

    def require_start(self) -> None:
        """Check that the app starts and answers anything at all, on a server that no test gets: it has been asked.

        Raises:
            LadderError: it does not; the message holds what it printed, cut down to its own files.
        """
        self.app.require()
        begun = time.monotonic()
        with closing(Server(self, {}, {}, first=True)) as server:
            self.require_answer(server, begun)

    def require_answer(self, server: Server, begun: float) -> None:
        """Check that a server answers anything at all.

        Args:
            server: the one that is asked.
            begun: when its start began, by `time.monotonic`.
        """
        limit = START_LIMIT
        while True:
            left = max(begun + limit - time.monotonic(), LEAST_SECONDS)
            try:
                with server.process.address.open_client(explain=server.explain_end, timeout=left) as client:
                    client.get("/")
                return
            except NoAnswerError as error:
                is_garbled = isinstance(error.__cause__, NoHttpError | PartAnswerError)
                if is_garbled and server.process.wait(STAYS_SECONDS) is None:
                    return  # it answers what is no HTTP: each request tells what was wrong
                is_silent = isinstance(error.__cause__, TimeoutError | ConnectionRefusedError)
                if is_silent and limit == START_LIMIT and server.process.wait(0.0) is None:
                    limit = min(max(limit, START_FACTOR * self.seconds_of_constant_app()), MOST_START_SECONDS)
                    if time.monotonic() < begun + limit:
                        continue
                reason = self.why_not_started(server, limit)
                self.runner.require_alive()
                raise AppFaultError(
                    f"{self.runner.inside(self.app.source)}/main.py does not start. {reason}\n"
                    f"Start it yourself to see more: {self.runner.start_by_hand(self.app)}"
                ) from error

    def seconds_of_constant_app(self) -> float:
        """Return how long it takes here and now until an app answers that does nothing else."""
        folder = self.runner.take_folder()
        files = self.runner.files_in(folder / "data")
        files.write("constant/main.py", CONSTANT_APP)
        job = self.runner.job(App(folder / "data", "constant"), folder, {}, self.bytecode)
        begun = time.monotonic()
        with self.runner.open_log(folder) as log:
            process = self.runner.start(job, folder, log.fileno())
        with suppress(NoAnswerError), process.address.open_client(timeout=MOST_START_SECONDS) as client:
            client.get("/")
        seconds = time.monotonic() - begun
        process.close()
        files.remove("")
        shutil.rmtree(folder, ignore_errors=True)
        return seconds

    def why_not_started(self, server: Server, limit: float) -> str:
        """Return why an app does not start: how it ended, or where it is, and what it printed until then."""
        ended = server.explain_end()
        second = self.source.second_server()
        signs = ("running event loop", "address already in use")  # of a second server that cannot go on
        if second is not None and (ended is None or any(sign in server.log for sign in signs)):
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

    def close(self) -> None:
        """End what is not a test's."""
        self.templates.close()
        shutil.rmtree(self.bytecode, ignore_errors=True)
