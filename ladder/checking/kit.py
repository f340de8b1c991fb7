"""The acceptance kit: a pytest plugin with all that an exercise's tests need.

Fixtures: `client` (an `httpx.Client` on a server of this criterion's own), `fresh_client` (the same, for a test that
counts on an app that holds nothing yet), `launch` (start the app with settings or files; restart, kill, read its
log), `websocket`, `values` (made from the seed) and `at_once`. Plain `pytest scenarios/00_sticky_notes` checks the
reference, and `--app DIR` any other folder that holds the package.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

import pytest

from ladder.base.errors import LadderError
from ladder.base.text import cut
from ladder.checking.explain import Frame, compare, find_exchange, is_own, name_types, statement_at
from ladder.checking.race import compete
from ladder.checking.report import ExchangeRecord, Failure, Given, failure_text
from ladder.client.connection import NoHttpError, ask
from ladder.client.exchange import Exchange
from ladder.client.http import Address, BadAnswerError, Client, InvalidURL, NoAnswerError
from ladder.course.catalog import TRACKS, App, Exercise
from ladder.services.servers import Service
from ladder.services.writers import hold_writers
from ladder.serving.server import Files, Launcher, Runner, Server, warm_up

MOST_EXCHANGES = 10
"""How many of a test's exchanges are kept, up to the one that failed."""
SHOWN_FILE = 2_000
"""How many characters are kept of a file that a test has written."""
SERVER_ERROR = 500
"""The least status that says that it is the server's fault (RFC 9110, section 15.6)."""
LOG_SECONDS = 1.0
"""How long the app may take to print why."""
NAME = "ladder-kit"
"""What pytest calls this plugin's run."""
NEEDS_OWN_SERVER = {"launch", "fresh_client"}
"""The fixtures that a server which is already running cannot give."""
RUNS_ON = pytest.StashKey[tuple[Runner, Sequence[Service]]]()
"""Where a run's servers are started, and the services that they need, if somebody else has prepared that."""
THREADS = pytest.StashKey[ThreadPoolExecutor]()
"""Those of `at_once`, which all tests share: to start two hundred takes a tenth of the time of exercise 1's tests."""
WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "haven",
    "inlet",
    "jetty",
    "kelp",
    "lagoon",
]
KEPT_TEXTS = {
    "blanks at both ends": "  two blanks, a tab and a line break \t\n",
    "line breaks of Windows": "one\r\ntwo\rthree\nfour",
    "accents, composed and decomposed": "caf\u00e9 cafe\u0301 \u212b",
    "capitals that change their length": "\u0130stanbul stra\u00dfe \ufb01",
    "HTML": "<b>bold</b> & &amp; \"quoted\" 'twice'",
    "signs of other languages": "%s {0} ${x} \\n \\ -- ; ' OR 1=1",
    "a number in a string": "007",
    "null in a string": "null",
    "emoji": "\U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "10,000 characters": "0123456789" * 1_000,
}
"""Texts that careless code changes (trimming, normalising, escaping, parsing, cutting), by what is odd about them."""
BLANK_TEXTS = {
    "empty": "",
    "a blank": " ",
    "tab and line break": "\t\r\n",
    "no-break space": "\u00a0",
    "ideographic space": "\u3000",
    "thin space and line separator": "\u2009\u2028",
}
"""Texts of nothing but Unicode's white space, some of it not ASCII's."""
UNKNOWN_IDS = [0, -1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30]
"""Integer ids that nobody is given: at the edges of what columns and drivers hold, and far beyond."""
POLL_SECONDS = 0.02
"""How long `eventually` waits until it looks again."""
LEARNERS_URL = "http://127.0.0.1:8000"
"""Where `ladder run` listens: the requests of a report can be sent there."""
Answer = TypeVar("Answer")


class Launch(Protocol):
    """The type of the fixture `launch`."""

    def __call__(self, files: Mapping[str, str | bytes] | None = None, **settings: str) -> Server:
        """Start the app, with these files in its working directory, and these environment variables."""


class Values(random.Random):
    """Values that differ from run to run and from test to test, and that `--seed` brings back.

    It is a `random.Random` with a few words: the methods here never give the same value twice in a test.
    """

    made = 0

    def text(self, words: int = 3) -> str:
        """Give some words and a number, such as `cedar inlet ochre 7310`."""
        self.made += 1
        return " ".join([*self.choices(WORDS, k=words), f"{self.made}{self.randrange(1000):03}"])

    def email(self) -> str:
        """Give a valid address that nobody has (RFC 2606, section 3)."""
        return f"{self.text(1).replace(' ', '.')}@example.com"


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
        """Give what a server was given, if it was given anything."""
        if server not in self.given:
            return None
        given = self.given[server].model_copy(update={"settings": server.chosen})
        return given if given.settings or given.files else None

    @property
    def log(self) -> str:
        """What the test's servers printed, cut down to what their author can use."""
        return "\n".join(server.trimmed_log for server in self.servers).strip()


class NotedFiles:
    """The files of a server, with a note of what a test writes into them: see `ladder.serving.server.Files`."""

    def __init__(self, files: Files, noted: dict[str, str]) -> None:
        self.files = files
        self.noted = noted
        self.read = files.read

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
        """Give the exercise that a test file belongs to, if it belongs to one."""
        folder = path.parent.parent
        if folder not in self.exercises:
            root = next((parent.parent for parent in folder.parents if parent.name in TRACKS), None)
            here = root is not None and (folder / "exercise.toml").exists()
            self.exercises[folder] = Exercise(root, folder) if root is not None and here else None
        return self.exercises[folder]

    def launcher_for(self, path: Path) -> Launcher:
        """Give the launcher for the exercise of a test file; the first time, see that the app starts at all.

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
                launcher.spare = launcher.launch_first()
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
        """Give the server of the criterion that is being tested: a fresh one, which the rows of its table share.

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
        """Give the address of the server that `--url` names; the first time, see that it answers at all.

        Raises:
            LadderError: it does not.
        """
        exercise = self.exercise_of(path)
        assert exercise is not None
        if exercise.path in self.problems:
            raise LadderError("The server does not answer: see the first failure.")
        if not names_server(url):
            self.problems[exercise.path] = f"{url} is no URL of a server. Pass one such as {LEARNERS_URL}"
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
        """See that tests and criteria fit; for a running server, leave out what needs one of its own."""
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
        """Give the message of a failure, and both sides of its comparison if it has one."""
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
            why = f"{statement} raised {excinfo.exconly()}"
            return {"message": f"The answer is not of the form that the ticket gives: {why}"}
        return {"message": excinfo.exconly()}

    def explain_exchange(self, failed: Exchange | None, frames: Sequence[Frame]) -> dict[str, Any]:
        """Give the exchanges that lead to a failure, and what is known of the last one.

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
        """Give the place where the app declares what was asked, if its source is here and tells it."""
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
    config.pluginmanager.unregister(name=NAME)
    config.option.app = str(app)
    run = Kit(config)
    config.pluginmanager.register(run, NAME)
    return run


def run_of(config: pytest.Config) -> Kit:
    """Give the run that has this configuration."""
    plugin = config.pluginmanager.get_plugin(NAME)
    assert isinstance(plugin, Kit)
    return plugin


def leave_out_own_servers(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out of the tests those that need servers of their own."""
    left_out = [item for item in items if NEEDS_OWN_SERVER & set(getattr(item, "fixturenames", ()))]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def names_server(url: str) -> bool:
    """Say whether a URL is one that a server can have."""
    with suppress(ValueError):
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    return False


def function_of(item: pytest.Item | None) -> object:
    """Give the test function that an item runs."""
    return item.function if isinstance(item, pytest.Function) else None


def is_timeout(error: BaseException) -> bool:
    """Say whether a test was stopped at its limit, by pytest-timeout."""
    return isinstance(error, pytest.fail.Exception) and str(error).startswith("Timeout (")


def text_of_file(content: str | bytes) -> str:
    """Give the content of a file as a report shows it."""
    text = content if isinstance(content, str) else content.decode(errors="backslashreplace")
    return cut(text, SHOWN_FILE)


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
        help="let all criteria that can share one server: quicker, and sees that they can",
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
    config.stash[THREADS] = ThreadPoolExecutor(sys.maxsize)  # which starts one whenever none is idle


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the threads of `at_once`."""
    config.stash[THREADS].shutdown()


def pytest_report_header(config: pytest.Config) -> str:
    """Tell the seed."""
    return f"ladder: --seed {config.getoption('--seed')}"


@pytest.fixture
def kit(pytestconfig: pytest.Config) -> Kit:
    """Give the run."""
    return run_of(pytestconfig)


@pytest.fixture
def launch(kit: Kit) -> Iterator[Launch]:
    """Start the app and get a `Server`, with `launch()` or `launch(files={"name": "content"}, SETTING="value")`."""
    launcher = kit.launcher_of_item()
    exercise = kit.exercise_of(kit.item.path)
    assert exercise is not None
    evidence = kit.evidence
    launched: list[Server] = []

    def launch(files: Mapping[str, str | bytes] | None = None, **settings: str) -> Server:
        unknown = settings.keys() - exercise.manifest.settings.keys()
        if unknown:
            raise LadderError(f"{exercise.path}/exercise.toml names no setting {', '.join(sorted(unknown))}.")
        server = launcher.launch(files, **settings)
        given = Given(
            settings=server.chosen, files={name: text_of_file(text) for name, text in (files or {}).items()}
        )
        server.files = NotedFiles(server.files, given.files)
        server.record = partial(evidence.record, server=server)
        evidence.given[server] = given
        evidence.servers.append(server)
        launched.append(server)
        return server

    yield launch
    for server in launched:
        server.close()


@pytest.fixture
def address(kit: Kit) -> Address:
    """Give the address of the server that `client` and `websocket` share."""
    if kit.url is not None:
        return kit.running_server(kit.item.path, kit.url)
    return kit.criterion_server().process.address


@pytest.fixture
def client(kit: Kit, address: Address) -> Iterator[Client]:
    """Give an `httpx.Client` on a server started for this criterion, or on the one that `--url` names."""
    options = kit.evidence.servers[-1].explanations if kit.evidence.servers else {}
    with address.open_client(kit.evidence.record, **options) as client:
        yield client


@pytest.fixture
def fresh_client(launch: Launch) -> Client:
    """Give an `httpx.Client` on a server that holds nothing yet, which one that is running already may not do."""
    return launch().client


@pytest.fixture
def websocket(kit: Kit, address: Address) -> Callable[..., AbstractContextManager[Any]]:
    """Open WebSockets on the server of `client`: `with websocket("/ws") as connection: …`."""  # noqa: D402
    return partial(address.open_websocket, record=kit.evidence.record)


@pytest.fixture
def values(kit: Kit) -> Values:
    """Give a source of values that `--seed` replays."""
    return Values(f"{kit.seed} {kit.item.name}")


@pytest.fixture(params=list(KEPT_TEXTS.values()), ids=list(KEPT_TEXTS))
def kept_text(request: pytest.FixtureRequest) -> str:
    """Give one text after the other that careless code changes: each is a row of the test."""
    text: str = request.param
    return text


@pytest.fixture(params=list(BLANK_TEXTS.values()), ids=list(BLANK_TEXTS))
def blank_text(request: pytest.FixtureRequest) -> str:
    """Give one blank text after the other: each is a row of the test."""
    text: str = request.param
    return text


@pytest.fixture(params=UNKNOWN_IDS, ids=str)
def unknown_id(request: pytest.FixtureRequest) -> int:
    """Give one integer id after the other that nobody is given: each is a row of the test."""
    number: int = request.param
    return number


@pytest.fixture
def eventually(kit: Kit) -> Callable[..., None]:
    """Wait until something is as expected: `eventually(lambda: read(client), expected, seconds=1.0)`.

    The test fails if it is not within so many seconds, and the report shows both, like those of a comparison.
    """

    def eventually(read: Callable[[], Any], expected: Any, *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (actual := read()) != expected:
            if time.monotonic() > deadline:
                kit.evidence.comparison = (actual, expected, "==")
                raise AssertionError(f"Waited {seconds:g} seconds for what is expected.")
            time.sleep(POLL_SECONDS)

    return eventually


@pytest.fixture
def race(kit: Kit, pytestconfig: pytest.Config) -> Callable[..., list[Any]]:
    """Call a function many times, in threads, so that its requests compete: `race(50, lambda number: book(slot))`.

    It is `at_once` for what must not depend on luck: see `ladder.checking.race`. A server that `--url` names is not
    stopped. Where they compete for rows of a PostgreSQL table, `table` names it, and whoever writes there waits for
    all others.
    """
    pool = pytestconfig.stash[THREADS]

    def race(count: int, call: Callable[[int], Any], *, table: str | None = None) -> list[Any]:
        if table is None:
            return compete(pool, count, call, kit.evidence.servers)
        try:
            with hold_writers(kit.evidence.servers[0].settings["DATABASE_URL"], table) as held:
                calls = [pool.submit(call, number) for number in range(count)]
                held.release_all(lambda: all(one.done() for one in calls))
                wait(calls)
        except LadderError as error:  # the app's own fault
            pytest.fail(str(error))
        return [one.result() for one in calls]

    return race


@pytest.fixture
def at_once(pytestconfig: pytest.Config) -> Callable[[int, Callable[[int], Answer]], list[Answer]]:
    """Call a function many times at the same time: `at_once(50, lambda number: client.post(…))`, results in order."""
    pool = pytestconfig.stash[THREADS]

    def at_once(count: int, call: Callable[[int], Answer]) -> list[Answer]:
        futures = [pool.submit(call, number) for number in range(count)]
        wait(futures)
        return [future.result() for future in futures]

    return at_once
