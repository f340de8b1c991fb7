"""Hold all that write to a PostgreSQL table, or create it, until they can do so in the same moment.

This is the PostgreSQL half of the kit's `race`. A request that looks first and writes later has looked by the time its
write is held; all that have looked then write at once, and an app that relied on what it saw gives itself away each
time. The rows are left alone: if the test locked them, a right app that skips locked rows would find none.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from secrets import randbits
from typing import Any

from ladder.base.errors import LadderError
from ladder.services.postgresql import without_driver

ARRIVAL_LIMIT = 5.0
"""Seconds after which the writers are let go, however many there are."""
QUIET_SECONDS = 0.15
"""How long no further writer may arrive until all are taken to be there."""
QUIET_SECONDS_OF_ONE = 1.0
"""The same while only one waits: it may have the only connection, or be the first of many."""
POLL_SECONDS = 0.01
LOCK_SECONDS = 1.0
"""How long to wait for the table itself, which an app's open transaction may keep."""
HOLD = """
CREATE FUNCTION pg_temp.hold_writer() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN PERFORM pg_advisory_xact_lock_shared({key}); RETURN NULL; END'
"""
TRIGGER = """
CREATE TRIGGER hold_writers BEFORE INSERT OR UPDATE OR DELETE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.hold_writer()
"""
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""


class HeldWriters:
    """Transactions that are about to write to a table, and wait.

    Args:
        connection: the one that holds them, by an advisory lock or by an open transaction.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def release_all(self, is_over: Callable[[], bool]) -> int:
        """Wait until no further writer arrives, then let all of them go on, and return how many waited.

        How many can arrive depends on the app: on its connections, and on what it locks itself.

        Args:
            is_over: tells whether nobody is left who could arrive.
        """
        started = changed = time.monotonic()
        waiting = 0
        while time.monotonic() < started + ARRIVAL_LIMIT and not is_over():
            self.connection.execute("SELECT pg_stat_clear_snapshot()")  # or a transaction sees one state only
            before, waiting = waiting, self.connection.execute(WAITING).fetchone()[0]
            if waiting != before:
                changed = time.monotonic()
            quiet = QUIET_SECONDS if waiting > 1 else QUIET_SECONDS_OF_ONE if waiting else ARRIVAL_LIMIT
            if time.monotonic() > changed + quiet:
                break
            time.sleep(POLL_SECONDS)
        self.let_go()
        return waiting

    def let_go(self) -> None:
        """Hold nobody any more."""
        self.connection.execute("ROLLBACK")
        self.connection.execute("SELECT pg_advisory_unlock_all()")


@contextmanager
def hold_writers(url: str, table: str) -> Iterator[HeldWriters]:
    """Hold each statement that writes to a table until `release_all` is called, or the block ends.

    If there is no such table yet, hold each statement that creates it: whoever has looked has seen none.
    Leave the block when every request has its response: only then can the trigger be removed without waiting.

    Args:
        url: of the database, as its app knows it.
        table: the table's name.

    Raises:
        LadderError: the app keeps the table locked.
    """
    import psycopg  # noqa: PLC0415 - only exercises with PostgreSQL need it
    from psycopg.sql import SQL, Identifier, Literal  # noqa: PLC0415

    key = randbits(62)  # that no app locks
    with psycopg.connect(without_driver(url), autocommit=True) as connection:
        connection.execute(SQL("SET lock_timeout = {}").format(f"{LOCK_SECONDS * 1000:.0f}ms"))
        connection.execute(SQL(HOLD).format(key=Literal(key)))
        connection.execute("SELECT pg_advisory_lock(%s)", [key])
        held = HeldWriters(connection)
        try:
            connection.execute(SQL(TRIGGER).format(table=Identifier(table)))
        except psycopg.errors.UndefinedTable:
            connection.execute("BEGIN")
            connection.execute(SQL("CREATE TABLE {} ()").format(Identifier(table)))
        except psycopg.errors.LockNotAvailable as error:
            raise LadderError(
                f"The app keeps the table {table} locked while no request is under way: a transaction is still open."
            ) from error
        try:
            yield held
        finally:
            held.let_go()
            with suppress(psycopg.errors.LockNotAvailable):  # then it stays, and holds nobody
                connection.execute("DROP FUNCTION pg_temp.hold_writer CASCADE")
