"""The PostgreSQL half of `race`: all that write to a table are held until they can write in the same moment."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from ladder.base.errors import LadderError
from ladder.services import writers
from ladder.services.postgresql import query
from ladder.services.servers import running
from ladder.services.writers import HeldWriters, hold_writers


@pytest.fixture
def url() -> Iterator[str]:
    """Return a database with a table of one row, as an app would find it."""
    service = running("postgresql")
    url = service.acquire()
    query(url, "CREATE TABLE slots (id integer PRIMARY KEY, owner varchar)")
    query(url, "INSERT INTO slots VALUES (1, NULL)")
    yield url
    service.release(url)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Give threads for those who write."""
    with ThreadPoolExecutor(20) as pool:
        yield pool


def book(url: str, owner: str, look: str = "SELECT owner FROM slots WHERE id = 1") -> bool:
    """Look whether the slot is free, then take it, and say whether it was: two statements, as a careless app does."""
    with psycopg.connect(url) as connection:
        row = connection.execute(look).fetchone()
        free = row is not None and row[0] is None
        if free:
            connection.execute("UPDATE slots SET owner = %s WHERE id = 1", [owner])
        return free


def are_done(futures: list[Future[Any]]) -> bool:
    """Return whether all calls have ended."""
    return all(future.done() for future in futures)


@pytest.mark.parametrize("attempt", range(5))
def test_all_who_looked_before_they_write_have_seen_the_same(
    url: str, pool: ThreadPoolExecutor, attempt: int
) -> None:
    with hold_writers(url, "slots") as held:
        futures = [pool.submit(book, url, f"{attempt} {number}") for number in range(10)]
        waited = held.release_all(lambda: are_done(futures))
        won = [future.result() for future in futures]

    assert waited == 10
    assert won == [True] * 10


@pytest.mark.parametrize(
    "look",
    [
        "SELECT owner FROM slots WHERE id = 1 FOR UPDATE",
        "SELECT owner FROM slots WHERE id = 1 FOR UPDATE SKIP LOCKED",
    ],
)
def test_one_who_locks_the_row_first_is_right(url: str, pool: ThreadPoolExecutor, look: str) -> None:
    with hold_writers(url, "slots") as held:
        futures = [pool.submit(book, url, str(number), look) for number in range(10)]
        held.release_all(lambda: are_done(futures))
        won = [future.result() for future in futures]

    assert sum(won) == 1
    assert query(url, "SELECT owner FROM slots") == [(str(won.index(True)),)]


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO slots VALUES (2)", "UPDATE slots SET owner = 'ada'", "DELETE FROM slots"],
    ids=["INSERT", "UPDATE", "DELETE"],
)
def test_each_way_to_write_is_held(url: str, pool: ThreadPoolExecutor, statement: str) -> None:
    with hold_writers(url, "slots") as held:
        future = pool.submit(query, url, statement)
        time.sleep(0.1)
        assert not future.done()
        assert query(url, "SELECT tgname FROM pg_trigger") == [("hold_writers",)]
        assert query(url, "SELECT * FROM slots") == [(1, None)]
        assert held.release_all(future.done) == 1
        future.result()

    assert query(url, "SELECT * FROM slots") != [(1, None)]
    assert query(url, "SELECT tgname FROM pg_trigger") == []


def test_one_writer_alone_waits_a_second(url: str, pool: ThreadPoolExecutor) -> None:
    with hold_writers(url, "slots") as held:
        future = pool.submit(book, url, "ada")
        started = time.monotonic()
        held.release_all(future.done)
        waited = time.monotonic() - started
        future.result()

    assert writers.QUIET_SECONDS_OF_ONE < waited < writers.ARRIVAL_LIMIT


def test_nobody_is_waited_for_when_all_is_over(url: str) -> None:
    started = time.monotonic()

    with hold_writers(url, "slots") as held:
        assert held.release_all(lambda: True) == 0

    assert time.monotonic() - started < writers.QUIET_SECONDS_OF_ONE


def test_there_is_a_limit_to_the_wait(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "ARRIVAL_LIMIT", 0.1)

    with hold_writers(url, "slots") as held:
        assert held.release_all(lambda: False) == 0


def test_the_trigger_and_its_function_are_removed_after_a_failure(url: str) -> None:
    def fail(held: HeldWriters) -> None:
        raise ZeroDivisionError(held)

    with pytest.raises(ZeroDivisionError), hold_writers(url, "slots") as held:
        fail(held)

    assert query(url, "SELECT tgname FROM pg_trigger") == []
    assert query(url, "SELECT proname FROM pg_proc WHERE proname = 'hold_writer'") == []


def test_a_transaction_that_has_read_and_stays_open_is_not_waited_for_long(url: str) -> None:
    with psycopg.connect(url) as reader:
        reader.execute("SELECT * FROM slots")
        started = time.monotonic()
        with hold_writers(url, "slots") as held:
            held.release_all(lambda: True)
        took = time.monotonic() - started

        assert took < writers.LOCK_SECONDS + 1

    with psycopg.connect(url) as writer:
        writer.execute("SET lock_timeout = '1s'")
        writer.execute("UPDATE slots SET owner = 'ada'")


def test_a_transaction_that_has_written_and_stays_open_is_reported(url: str) -> None:
    with psycopg.connect(url) as writer:
        writer.execute("UPDATE slots SET owner = 'ada'")

        with pytest.raises(LadderError, match="transaction is still open"), hold_writers(url, "slots"):
            pass


def test_a_table_that_is_not_there_is_created_by_all_at_once(url: str, pool: ThreadPoolExecutor) -> None:
    def create(number: int) -> bool:
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT to_regclass('notes')").fetchone()
            if row == (None,):
                connection.execute(f"CREATE TABLE notes (note_{number} integer)")
            return row == (None,)

    with hold_writers(url, "notes") as held:
        futures = [pool.submit(create, number) for number in range(3)]
        assert held.release_all(lambda: are_done(futures)) == 3
        errors = [future.exception() for future in futures]

    assert errors.count(None) == 1
    assert {type(error) for error in errors if error is not None} == {psycopg.errors.UniqueViolation}
    assert (
        len(query(url, "SELECT column_name FROM information_schema.columns WHERE table_name = 'notes'")) == 1
    )


def test_nothing_stays_of_a_table_that_nobody_creates(url: str) -> None:
    with hold_writers(url, "notes") as held:
        held.release_all(lambda: True)

    assert query(url, "SELECT to_regclass('notes')") == [(None,)]


def test_a_url_with_a_driver_of_sqlalchemy_is_understood(url: str) -> None:
    with hold_writers(url.replace("postgresql://", "postgresql+psycopg://"), "slots") as held:
        assert held.release_all(lambda: True) == 0
