"""The relay between an app and PostgreSQL: what it counts, what it holds, and what it bears."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text

from ladder.services.database import Database
from ladder.services.postgresql import Postgresql
from ladder.services.relay import MOST_BYTES, SSL_REQUEST, Statements
from ladder.services.servers import running


@pytest.fixture
def database() -> Iterator[Database]:
    """Return a database with a table of three rows."""
    service = running("postgresql")
    assert isinstance(service, Postgresql)
    database = Database(service)
    database.query("CREATE TABLE slots (id integer PRIMARY KEY, owner varchar)")
    database.query("INSERT INTO slots VALUES (1, 'Ada'), (2, 'Bob'), (3, NULL)")
    yield database
    database.close()


def message(kind: str, body: bytes) -> bytes:
    """Return a message as a client sends it."""
    return kind.encode() + (len(body) + 4).to_bytes(4, "big") + body


def startup(code: int = 196_608) -> bytes:
    """Return the first message of a connection; by default, the start-up of protocol 3.0."""
    return (8).to_bytes(4, "big") + code.to_bytes(4, "big")


def test_each_statement_of_psycopg_is_one_round_trip(database: Database) -> None:
    with psycopg.connect(database.url) as connection, database.counting() as statements:
        connection.execute("SELECT owner FROM slots WHERE id = 1")
        connection.execute("SELECT owner FROM slots WHERE id = %s", [2])
        connection.commit()

    assert statements == ["SELECT owner FROM slots WHERE id = 1", "SELECT owner FROM slots WHERE id = $1"]


def test_a_statement_that_becomes_a_prepared_one_is_still_one_round_trip(database: Database) -> None:
    with psycopg.connect(database.url, prepare_threshold=2) as connection, database.counting() as statements:
        for number in range(9):
            connection.execute("SELECT owner FROM slots WHERE id = %s", [number])

    assert len(statements) == 9


def test_many_rows_in_a_pipeline_are_few_round_trips(database: Database) -> None:
    rows = [(number, "x") for number in range(10, 1010)]
    with psycopg.connect(database.url) as connection, database.counting() as statements:
        connection.cursor().executemany("INSERT INTO slots VALUES (%s, %s)", rows)

    assert database.query("SELECT count(*) FROM slots") == [(1003,)]
    assert 1 <= len(statements) <= 3


def test_asynchronous_connections_are_counted_as_well(database: Database) -> None:
    async def read() -> Any:
        connection = await psycopg.AsyncConnection.connect(database.url)
        async with connection:
            return await (await connection.execute("SELECT owner FROM slots WHERE id = %s", [1])).fetchone()

    with database.counting() as statements:
        row = asyncio.run(read())

    assert row == ("Ada",)
    assert statements == ["SELECT owner FROM slots WHERE id = $1"]


def test_what_a_pool_sends_by_itself_is_not_counted(database: Database) -> None:
    engine = create_engine(database.url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))

    with database.counting() as statements, engine.begin() as connection:
        connection.execute(text("UPDATE slots SET owner = :owner"), {"owner": "Cy"})
    engine.dispose()

    assert len(statements) == 1


def test_a_block_sees_neither_what_came_before_nor_the_queries_of_the_test(database: Database) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SELECT 1")
        with database.counting() as statements:
            database.query("SELECT 2")
            connection.execute("SELECT 3")
        connection.execute("SELECT 4")

    assert statements == ["SELECT 3"]


def test_the_second_statement_of_a_connection_waits_until_it_is_released(database: Database) -> None:
    def read_twice() -> list[Any]:
        with psycopg.connect(database.url, autocommit=True) as connection:
            return [connection.execute("SELECT owner FROM slots WHERE id = 1").fetchone() for _ in range(2)]

    with ThreadPoolExecutor() as pool, database.holding(2) as held:
        rows = pool.submit(read_twice)
        has_come = held.wait(10)
        with psycopg.connect(database.url, autocommit=True) as connection:  # another one is not held
            connection.execute("UPDATE slots SET owner = 'Eve'")
        held.release()

    assert has_come
    assert rows.result() == [("Ada",), ("Eve",)]


def test_a_statement_that_never_comes_is_not_waited_for_longer_than_asked(database: Database) -> None:
    with database.holding(2) as held, psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SELECT 1")

        assert not held.wait(0.05)


def test_a_large_answer_and_a_large_statement_pass_unchanged(database: Database) -> None:
    with psycopg.connect(database.url) as connection, database.counting() as statements:
        row = connection.execute("SELECT %s || %s", ["é" * 2 * MOST_BYTES, "!"]).fetchone()

    assert row == ("é" * 2 * MOST_BYTES + "!",)
    assert len(statements) == 1


def test_after_its_connections_have_ended_it_is_known_what_an_app_has_read(database: Database) -> None:
    read = "SELECT seq_scan, seq_tup_read FROM pg_stat_user_tables WHERE relname = 'slots'"
    before = database.query(read)
    connection = psycopg.connect(database.url, autocommit=True)
    for _ in range(5):
        connection.execute("SELECT * FROM slots WHERE owner = 'Ada'")

    database.end_connections()

    [(scans, rows)], [(scans_before, rows_before)] = database.query(read), before
    assert (scans - scans_before, rows - rows_before) == (5, 15)
    connection.close()


def test_connections_can_be_ended_by_the_server_and_made_anew(database: Database) -> None:
    connection = psycopg.connect(database.url, autocommit=True)
    connection.execute("SELECT 1")
    database.end_connections()

    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    with psycopg.connect(database.url) as another:
        assert another.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("size", [1, 2, 5, 7, 100])
def test_messages_are_read_in_whatever_pieces_they_come(size: int) -> None:
    sent = startup(SSL_REQUEST) + startup() + message("Q", b"SELECT 1\0")
    sent += (
        message("P", b"name\0SELECT  2\0\0\0") + message("B", b"\0name\0\0\0") + message("E", b"\0\0\0\0\0")
    )
    sent += message("S", b"") + message("Q", b"BEGIN\0")
    statements = Statements()

    found = [
        one for start in range(0, len(sent), size) for one in statements.feed(sent[start : start + size])
    ]

    assert found == [SSL_REQUEST, "SELECT 1", "SELECT 2"]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"\0" * 1000, id="zeros"),
        pytest.param(b"\xff" * 1000, id="ones"),
        pytest.param(startup() + message("B", b""), id="an empty message"),
        pytest.param(startup() + b"Q\0\0\0\0" * 100, id="a length below the least"),
        pytest.param(startup() + b"Q\x7f\xff\xff\xff" + b"x" * 1000, id="a length beyond all bounds"),
    ],
)
def test_what_is_no_message_is_borne_and_not_kept(sent: bytes) -> None:
    statements = Statements()

    for _ in range(100):
        list(statements.feed(sent))

    assert len(statements.messages.rest) <= MOST_BYTES + len(sent)
