"""The fixtures that an exercise's tests take."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import wait
from contextlib import AbstractContextManager, ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from ladder.base.errors import LadderError
from ladder.checking.evidence import NotedFiles, text_of_file
from ladder.checking.kit import THREADS, Kit, run_of
from ladder.checking.race import compete
from ladder.checking.report import Given
from ladder.checking.values import BLANK_TEXTS, KEPT_TEXTS, UNKNOWN_IDS, Values
from ladder.client.http import Address, Client
from ladder.inside.zygote import LOG_LEVEL
from ladder.services.database import Database
from ladder.services.postgresql import Postgresql
from ladder.services.tools import Finished, run_tool
from ladder.services.writers import hold_writers
from ladder.serving.server import Server

POLL_SECONDS = 0.02
"""How long `eventually` waits until it looks again."""
Answer = TypeVar("Answer")


class Launch(Protocol):
    """The type of the fixture `launch`."""

    def __call__(
        self, files: Mapping[str, str | bytes] | None = None, *, beside: Server | None = None, **settings: str
    ) -> Server:
        """Start the app, with these files in its working directory, and these environment variables.

        `beside` is a server that gets another process: both share the working directory, databases and settings.
        """


class UseTool(Protocol):
    """The type of the fixture `tool`."""

    def __call__(self, tool: str, *words: str, files: Mapping[str, str | bytes] | None = None) -> Finished:
        """Run a program with these arguments, after these files were written to its working directory."""


@pytest.fixture
def kit(pytestconfig: pytest.Config) -> Kit:
    """Return the run."""
    return run_of(pytestconfig)


@pytest.fixture
def launch(kit: Kit) -> Iterator[Launch]:
    """Start the app and get a `Server`, with `launch()` or `launch(files={"name": "content"}, SETTING="value")`.

    Its log has what the app prints, and nothing of uvicorn's but warnings; with `UVICORN_LOG_LEVEL="info"` as well what
    uvicorn prints by default: starts, ends, and a line for each request.
    """
    launcher = kit.launcher_of_item()
    exercise = kit.exercise_of(kit.item.path)
    assert exercise is not None
    evidence = kit.evidence
    launched: list[Server] = []

    def launch(
        files: Mapping[str, str | bytes] | None = None, *, beside: Server | None = None, **settings: str
    ) -> Server:
        unknown = settings.keys() - exercise.manifest.settings.keys() - {LOG_LEVEL}
        if unknown:
            raise LadderError(f"{exercise.path}/exercise.toml names no setting {', '.join(sorted(unknown))}.")
        server = launcher.launch(files, **settings) if beside is None else beside.another(**settings)
        given = Given(
            settings=server.chosen, files={name: text_of_file(text) for name, text in (files or {}).items()}
        )
        if beside is None:
            server.files = NotedFiles(server.files, given.files)
        server.record = partial(evidence.record, server=server)
        evidence.given[server] = given
        evidence.servers.append(server)
        launched.append(server)
        return server

    yield launch
    for server in reversed(launched):
        server.close()


@pytest.fixture
def tool(kit: Kit) -> Iterator[UseTool]:
    """Run a program that `exercise.toml` names in `tools`, such as `tool("promtool", "check", "rules", "alerts.yml")`.

    `files={"alerts.yml": content}` are written to its working directory, which is empty at first, and the same for all
    calls of a test. It gives the exit status and what was printed: `.status` and `.output`.
    """
    exercise = kit.exercise_of(kit.item.path)
    assert exercise is not None
    with tempfile.TemporaryDirectory(prefix="ladder-tool-") as name:

        def use(tool: str, *words: str, files: Mapping[str, str | bytes] | None = None) -> Finished:
            if tool not in exercise.manifest.tools:
                raise LadderError(f"{exercise.path}/exercise.toml names no tool {tool}.")
            return run_tool(tool, words, files or {}, Path(name))

        yield use


@pytest.fixture
def database(kit: Kit) -> Iterator[Database]:
    """Return an empty PostgreSQL database before any app has seen it: `launch(DATABASE_URL=database.url)`.

    `database.query(sql)` prepares it, `with database.counting() as statements:` notes each round trip of the apps, and
    `with database.holding(2) as held:` keeps the second statement of a connection on its way until `held.release()`.
    """
    services = kit.launcher_of_item().services
    database = Database(next(service for service in services if isinstance(service, Postgresql)))
    yield database
    database.close()


@pytest.fixture
def load_database(kit: Kit) -> Iterator[Callable[..., Database]]:
    """Return databases that hold something: `load_database("CREATE TABLE …", "INSERT …", collation="C.UTF-8")`.

    They are what `database` is. The statements are run once in a run, and the database is copied from then on.
    `collation` is the operating system's locale by which it sorts text; without it, text is sorted by its bytes.
    """
    services = kit.launcher_of_item().services
    service = next(service for service in services if isinstance(service, Postgresql))
    with ExitStack() as stack:

        def load(*statements: str, collation: str | None = None) -> Database:
            return stack.enter_context(closing(Database(service, statements, collation)))

        yield load


@pytest.fixture
def address(kit: Kit) -> Address:
    """Return the address of the server that `client` and `websocket` share."""
    if kit.url is not None:
        return kit.running_server(kit.item.path, kit.url)
    return kit.criterion_server().process.address


@pytest.fixture
def client(kit: Kit, address: Address) -> Iterator[Client]:
    """Return an `httpx.Client` on a server started for this criterion, or on the one that `--url` names."""
    options = kit.evidence.servers[-1].explanations if kit.evidence.servers else {}
    with address.open_client(kit.evidence.record, **options) as client:
        yield client


@pytest.fixture
def client_from(kit: Kit, address: Address) -> Iterator[Callable[[str], Client]]:
    """Open clients on the server of `client` that seem to ask from elsewhere: `client_from("192.0.2.1")`."""
    with ExitStack() as clients:
        options = kit.evidence.servers[-1].explanations
        yield lambda peer: clients.enter_context(
            address.open_client(kit.evidence.record, peer=peer, **options)
        )


@pytest.fixture
def fresh_client(launch: Launch) -> Client:
    """Return an `httpx.Client` on a server that holds nothing yet, which one that is running already may not do."""
    return launch().client


@pytest.fixture
def websocket(kit: Kit, address: Address) -> Callable[..., AbstractContextManager[Any]]:
    """Open WebSockets on the server of `client`: `with websocket("/ws") as connection: …`."""  # noqa: D402
    return partial(address.open_websocket, record=kit.evidence.record)


@pytest.fixture
def values(kit: Kit) -> Values:
    """Return a source of values that `--seed` replays."""
    return Values(f"{kit.seed} {kit.item.name}")


@pytest.fixture(params=list(KEPT_TEXTS.values()), ids=list(KEPT_TEXTS))
def kept_text(request: pytest.FixtureRequest) -> str:
    """Return one text after the other that careless code changes: each is a row of the test."""
    text: str = request.param
    return text


@pytest.fixture(params=list(BLANK_TEXTS.values()), ids=list(BLANK_TEXTS))
def blank_text(request: pytest.FixtureRequest) -> str:
    """Return one blank text after the other: each is a row of the test."""
    text: str = request.param
    return text


@pytest.fixture(params=UNKNOWN_IDS, ids=str)
def unknown_id(request: pytest.FixtureRequest) -> int:
    """Return one integer id after the other that nobody is given: each is a row of the test."""
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
    """Call a function many times at the same time: `at_once(50, lambda number: client.post(…))`, results in order.

    Of more than 256 calls, the others begin as these end.
    """
    pool = pytestconfig.stash[THREADS]

    def at_once(count: int, call: Callable[[int], Answer]) -> list[Answer]:
        futures = [pool.submit(call, number) for number in range(count)]
        wait(futures)
        return [future.result() for future in futures]

    return at_once
