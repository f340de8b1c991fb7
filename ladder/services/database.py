"""A PostgreSQL database that a test can prepare, and watch, beside the app."""

import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from ladder.base.folders import make_run_folder
from ladder.services.postgresql import Postgresql, query
from ladder.services.relay import Hold, Relay

END_CONNECTIONS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Database:
    """A database: an empty one is what the fixture `database` gives.

    Args:
        service: the server on which it is made.
        statements: those that were run in it, if it is not to be empty.
        collation: how it sorts text: see `ladder.services.postgresql.Postgresql.acquire`.

    Attributes:
        url: what an app is given as `DATABASE_URL`; it leads through a relay.
    """

    def __init__(
        self, service: Postgresql, statements: Sequence[str] = (), collation: str | None = None
    ) -> None:
        self.service = service
        self.direct = (
            service.acquire_loaded(statements, collation) if statements else service.acquire(collation)
        )
        self.own_folder = None if service.program is not None else make_run_folder()
        folder = self.own_folder or service.sockets
        self.relay = Relay(self.direct, folder)
        parts = urlsplit(self.direct)
        account, at, _ = parts.netloc.rpartition("@")
        options = {name: values[0] for name, values in parse_qs(parts.query).items()}
        options |= {"host": str(folder), "port": str(self.relay.port), "sslmode": "disable"}
        self.url = urlunsplit(parts._replace(netloc=account + at, query=urlencode(options, safe="/")))

    def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run one SQL statement, commit it, and give its rows (none if it has none); it is not counted."""
        return query(self.direct, statement, *parameters)

    def counting(self) -> AbstractContextManager[list[str]]:
        """Note what apps send during a block: see `ladder.services.relay.Relay.counting`."""
        return self.relay.counting()

    def holding(self, number: int) -> AbstractContextManager[Hold]:
        """Hold one statement of an app during a block: see `ladder.services.relay.Relay.holding`."""
        return self.relay.holding(number)

    def end_connections(self) -> None:
        """End all connections of the apps, as a server does that restarts, and wait until they have gone.

        After that, `pg_stat_user_tables` and `pg_stat_user_indexes` hold all that they have read.
        """
        self.query(END_CONNECTIONS)

    def close(self) -> None:
        """End the apps' connections, and drop it."""
        self.relay.close()
        if self.own_folder is not None:
            shutil.rmtree(self.own_folder, ignore_errors=True)
        self.service.release(self.direct)
