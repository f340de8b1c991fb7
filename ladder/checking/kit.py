"""The acceptance kit: a pytest plugin for tests of exercises. The fixtures are in `ladder.checking.fixtures`.

Plain `pytest scenarios/00_sticky_notes` checks the reference, and `--app DIR` any other folder that holds the package.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from ladder.base.errors import LadderError
from ladder.checking.evidence import Evidence
from ladder.checking.explain import Frame, compare, find_exchange, is_own, name_types, statement_at
from ladder.checking.report import ExchangeRecord, Failure, failure_text
from ladder.client.connection import NoHttpError, ask
from ladder.client.errors import BadAnswerError, NoAnswerError
from ladder.client.exchange import LEARNERS_URL, Exchange
from ladder.client.http import Address, InvalidURL
from ladder.course.catalog import TRACKS, App, Exercise
from ladder.services.servers import Service
from ladder.serving.launcher import Launcher, warm_up
from ladder.serving.runner import Runner
from ladder.serving.server import Server

pytest_plugins = ["ladder.checking.fixtures"]

MOST_EXCHANGES = 10
"""How many of a test's exchanges are kept, up to the one that failed."""
SERVER_ERROR = 500
"""The least status that says that it is the server's fault (RFC 9110, section 15.6)."""
LOG_SECONDS = 1.0
"""How long the app may take to print why."""
NAME = "ladder-kit"
"""What pytest calls this plugin's run."""
NEEDS_OWN_SERVER = {"launch", "fresh_client", "client_from", "database", "load_database"}
"""The fixtures that a server which is already running cannot give."""
RUNS_ON = pytest.StashKey[tuple[Runner, Sequence[Service]]]()
"""Where a run's servers are started, and the services that they need, if somebody else has prepared that."""
THREADS = pytest.StashKey[ThreadPoolExecutor]()
"""Those of `at_once`, which all tests share: to start two hundred takes a tenth of the time of exercise 1's tests."""
MOST_THREADS = 256
"""How many calls of `at_once` run at the same time: a thousand would tell what this machine can do, not the app."""


class Kit:
    """One run of pytest: the app that is tested, and the evidence about it."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.url: str | None = config.getoption("--url")
        self.seed: int = config.getoption("--seed")
        self.one_server: bool = config.getoption("--one-server")
        self.item: pytest.Item  # that is being tested
        self.evidence = Evidence()
        self.exercises: dict[Path, Exercise | None] = {}
        self.launchers: dict[str, Launcher] = {}
        self.server: Server | None = None  # of the criterion that is being tested
        self.answering: set[str] = set()  # the URLs that have answered
        self.problems: dict[str, str] = {}  # by the exercise's path: why its app cannot be judged
        self.fault: type[LadderError] = LadderError  # of what kind the last of them is

    def exercise_of(self, path: Path) -> Exercise | None:
        """Return the exercise that a test file belongs to, if it belongs to one."""
        folder = path.parent.parent
        if folder not in self.exercises:
            root = next((parent.parent for parent in folder.parents if parent.name in TRACKS), None)
            here = root is not None and (folder / "exercise.toml").exists()
            self.exercises[folder] = Exercise(root, folder) if root is not None and here else None
        return self.exercises[folder]

    def launcher_for(self, path: Path) -> Launcher:
        """Return the launcher for the exercise of a test file; the first time, see that the app starts at all.

        Raises:
            LadderError: it does not.
        """
        exercise = self.exercise_of(path)
        if exercise is None:
            raise LadderError(
                f"{path} is not in the tests folder of an exercise, so there is no app to launch."
            )
        if exercise.path in self.problems:
            raise self.fault("The app does not start: see the first failure.")
        if exercise.path not in self.launchers:
            folder = self.config.getoption("--app")
            app = App(Path(folder).resolve(), exercise.package) if folder else exercise.solution
            try:
                python = Path(self.config.getoption("--python"))
                runner, services = self.config.stash.get(RUNS_ON, None) or warm_up(exercise, python)
                launcher = self.launchers[exercise.path] = Launcher(runner, app, services)
                launcher.require_start()
            except LadderError as error:
                self.problems[exercise.path] = str(error)
                self.fault = type(error)
                raise
        return self.launchers[exercise.path]

    def launcher_of_item(self) -> Launcher:
        """Return the launcher for the test that is running; it knows whether requests will compete there.

        Raises:
            LadderError: the app does not start.
        """
        launcher = self.launcher_for(self.item.path)
        launcher.races = "race" in getattr(self.item, "fixturenames", ())
        return launcher

    def criterion_server(self) -> Server:
        """Return the server of the criterion that is being tested: a fresh one, which the rows of its table share.

        They can, since a test that takes `client` does not count on an app without a past.

        Raises:
            LadderError: the app does not start.
        """
        launcher = self.launcher_of_item()
        if self.server is None:
            self.server = launcher.launch()
        self.evidence.servers.append(self.server)
        return self.server

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
        """End a criterion's server after the last row of its table, or after the last criterion of all."""
        try:
            yield
        finally:
            go_on = (
                self.one_server
                and nextitem is not None
                and self.exercise_of(nextitem.path) is self.exercise_of(item.path)
            )
            if self.server is not None and not go_on and function_of(nextitem) is not function_of(item):
                self.server.close()
                self.server = None

    def running_server(self, path: Path, url: str) -> Address:
        """Return the address of the server that `--url` names; the first time, see that it answers at all.

        Raises:
            LadderError: it does not.
        """
        exercise = self.exercise_of(path)
        assert exercise is not None
        if exercise.path in self.problems:
            raise LadderError("The server does not answer: see the first failure.")
        if not names_server(url):
            self.problems[exercise.path] = (
                f"{url} is not the URL of a server. Pass one such as {LEARNERS_URL}"
            )
            raise LadderError(self.problems[exercise.path])
        if url not in self.answering:
            try:
                with Address(url).open_client() as client:
                    client.get("/")
            except (NoAnswerError, InvalidURL) as error:
                self.problems[exercise.path] = (
                    f"No server answers at {url}. {error} Start it, or pass a URL such as {LEARNERS_URL}"
                )
                raise LadderError(self.problems[exercise.path]) from error
            self.answering.add(url)
        return Address(url)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Check that tests and criteria fit; for a running server, leave out what needs one of its own."""
        for exercise in {self.exercise_of(item.path): None for item in items}:
            if exercise is not None:
                try:
                    exercise.require_tests_for_criteria()
                except LadderError as error:
                    raise pytest.UsageError(str(error)) from error
        if self.url is not None:
            leave_out_own_servers(self.config, items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin with no evidence; the fixtures take the test from here, for pytest's `request` is slow to make."""
        self.item = item
        self.evidence = Evidence(item.path)

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> None:
        """Keep both sides of a comparison that failed; pytest then words it itself."""
        self.evidence.comparison = (left, right, op)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Put the evidence to the report of a test of an exercise that did not pass."""
        report: Any = yield
        if call.excinfo is not None and report.failed and self.exercise_of(item.path) is not None:
            report.failure = self.explain(item, call.excinfo)
            if isinstance(call.excinfo.value, LadderError | BadAnswerError | NoAnswerError):
                report.longrepr = f"{report.failure.place or item.path.name}: {report.failure.message}"
            if self.evidence.exchanges:
                report.sections.append(("What was asked, expected and got", failure_text(report.failure)))
        return report

    def await_logs(self) -> None:
        """Let the app print why it answered with 500: it does so after that answer, and before it gives another."""
        if any((exchange.status or 0) >= SERVER_ERROR for exchange in self.evidence.exchanges):
            for address in [server.process.address for server in self.evidence.servers]:
                with suppress(OSError, NoHttpError):
                    ask(address.socket or address.url, b"GET / HTTP/1.1\r\nHost: app\r\n\r\n", LOG_SECONDS)

    def explain(self, item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> Failure:
        """Turn a failure into what a learner can use."""
        error = excinfo.value
        self.await_logs()
        frames = [
            Frame(entry.frame.code.raw.co_filename, entry.lineno + 1, str(entry.frame.code.fullsource))
            for entry in reversed(excinfo.traceback)
            if Path(entry.path).is_relative_to(item.path.parent)
        ]
        statement = statement_at(frames[0].source, frames[0].line) if frames else ""
        asked = self.explain_exchange(getattr(error, "exchange", None), frames)
        if is_timeout(error) and self.evidence.servers:
            asked["hangs"] = self.evidence.servers[-1].where_it_hangs()
        return Failure(
            **self.explain_error(excinfo, statement),
            case=item.callspec.id
            if isinstance(item, pytest.Function) and hasattr(item, "callspec")
            else None,
            place=f"{Path(frames[0].file).name}:{frames[0].line}" if frames else None,
            log=self.evidence.log,
            **asked,
        )

    def explain_error(self, excinfo: pytest.ExceptionInfo[BaseException], statement: str) -> dict[str, Any]:
        """Return the message of a failure, and both sides of its comparison if it has one."""
        error = excinfo.value
        words = name_types(str(error).partition("\nassert ")[0])  # those of the test, if it has any
        if isinstance(error, AssertionError) and self.evidence.comparison is not None:
            message = statement if str(error).startswith("assert ") else words
            return {"message": message} | compare(*self.evidence.comparison)
        if words.startswith("assert ") and statement:  # what pytest says of its parts follows
            return {"message": "\n".join([statement, *words.splitlines()[1:]])}
        if isinstance(
            error, AssertionError | BadAnswerError | NoAnswerError | LadderError | pytest.fail.Exception
        ):
            return {"message": words or statement}
        if statement:
            what = "database" if type(error).__module__.startswith("psycopg") else "answer"
            why = f"{statement} raised {excinfo.exconly()}"
            return {"message": f"The {what} is not of the form that the ticket gives: {why}"}
        return {"message": excinfo.exconly()}

    def explain_exchange(self, failed: Exchange | None, frames: Sequence[Frame]) -> dict[str, Any]:
        """Return the exchanges that lead to a failure, and what is known of the last one.

        Args:
            failed: the exchange that the error itself names, if it does.
            frames: where the functions of the test were, the innermost first.
        """
        made = self.evidence.exchanges
        failed = failed or find_exchange(made, frames) or next(reversed(made), None)
        place = next((number for number, exchange in enumerate(made) if exchange is failed), None)
        if failed is None or place is None:
            return {"given": self.evidence.given_to(next(reversed(self.evidence.given), None))}
        alike = [one for one in made if (one.method, one.asked_at) == (failed.method, failed.asked_at)]
        statuses = Counter("no answer" if one.status is None else str(one.status) for one in alike)
        return {
            "exchanges": [
                ExchangeRecord.of(exchange, self.url or LEARNERS_URL)
                for exchange in made[max(place - MOST_EXCHANGES + 1, 0) : place + 1]
            ],
            "together": dict(statuses.most_common()) if len(alike) > 1 else {},
            "endpoint": self.find_endpoint(failed),
            "is_own": bool(frames) and is_own(failed, frames[-1], self.item.name.partition("[")[0]),
            "given": self.evidence.given_to(failed.server),
            "hangs": failed.hangs,
        }

    def find_endpoint(self, exchange: Exchange) -> str | None:
        """Return the place where the app declares what was asked, if its source is here and tells it."""
        exercise = self.exercise_of(self.item.path)
        launcher = self.launchers.get(exercise.path) if exercise is not None else None
        if launcher is None:
            return None
        return launcher.source.find(exchange.method, unquote(urlsplit(exchange.target).path))

    def pytest_unconfigure(self) -> None:
        """End the servers that are still under way, also after an interruption."""
        if self.server is not None:
            self.server.close()
        for launcher in self.launchers.values():
            launcher.close()


def begin_run(config: pytest.Config, app: Path) -> Kit:
    """Begin another run, over another app, with what was collected for one that is over; whoever asks ends it.

    Args:
        config: of the session.
        app: the folder that holds the package to test.
    """
    over = config.pluginmanager.unregister(name=NAME)
    vars(over).clear()  # pluggy remembers each plugin that was ever registered, for those that come later
    config.option.app = str(app)
    run = Kit(config)
    config.pluginmanager.register(run, NAME)
    return run


def run_of(config: pytest.Config) -> Kit:
    """Return the run that has this configuration."""
    plugin = config.pluginmanager.get_plugin(NAME)
    assert isinstance(plugin, Kit)
    return plugin


def leave_out_own_servers(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out of the tests those that need servers of their own."""
    left_out = [item for item in items if NEEDS_OWN_SERVER & set(getattr(item, "fixturenames", ()))]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def names_server(url: str) -> bool:
    """Return whether a URL is one that a server can have."""
    with suppress(ValueError):
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    return False


def function_of(item: pytest.Item | None) -> object:
    """Return the test function that an item runs."""
    return item.function if isinstance(item, pytest.Function) else None


def is_timeout(error: BaseException) -> bool:
    """Return whether a test was stopped at its limit, by pytest-timeout."""
    return isinstance(error, pytest.fail.Exception) and str(error).startswith("Timeout (")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the kit's options."""
    group = parser.getgroup("ladder", "acceptance tests of the course")
    group.addoption("--app", metavar="DIR", help="the folder that holds the package to test (the reference)")
    group.addoption(
        "--python",
        metavar="PATH",
        default=sys.executable,
        help="the interpreter that runs the app (this one)",
    )
    group.addoption(
        "--url", metavar="URL", help="test a server that is running already; what needs its own is left out"
    )
    group.addoption(
        "--one-server",
        action="store_true",
        help="let all criteria share one server where they can: quicker, and checks that they can",
    )
    group.addoption(
        "--seed",
        metavar="N",
        type=int,
        default=random.SystemRandom().randrange(10**6),
        help="replay the values of the run that reported this seed",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin a run."""
    config.pluginmanager.register(Kit(config), NAME)
    config.stash[THREADS] = ThreadPoolExecutor(MOST_THREADS)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the threads of `at_once`."""
    config.stash[THREADS].shutdown()


def pytest_report_header(config: pytest.Config) -> str:
    """Return the seed."""
    return f"ladder: --seed {config.getoption('--seed')}"
