"""What servers in cells promise, each promise tried: a client of them does its worst."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ladder.base.waiting import comes_true
from ladder.services.limit import limited, processes_of
from ladder.services.postgresql import Postgresql, PostgresqlStock, query
from ladder.services.program import Program
from ladder.services.valkey import Redis, RedisStock

MUCH = 900_000_000
"""Bytes that no server may take; PostgreSQL makes no value of more than a gigabyte."""
GROW = "SELECT repeat(repeat('x', 1000000), %s) FROM pg_sleep(5)"
PATIENCE = 5.0
Stocks = tuple[PostgresqlStock, RedisStock]


def what_stays(stocks: Stocks) -> str | None:
    """Leave something in the first servers, and look for it in the next ones.

    Args:
        stocks: what the servers are made from.

    Returns:
        what was found, or `None` if nothing stays.
    """
    with serve(stocks) as (postgresql, redis):
        url = postgresql.acquire()
        query(urlunsplit(urlsplit(url)._replace(path="/postgres")), "SELECT lo_from_bytea(0, 'left')")
        redis.acquire()
        redis.connect(1).set("left", "behind")
        programs = [service.program for service in (postgresql, redis) if service.program is not None]
        processes = [process for program in programs for process in processes_of(program)]
    with serve(stocks) as (postgresql, redis):
        postgresql.release(postgresql.acquire())
        redis.release(redis.acquire())
        if query(postgresql.url, "SELECT FROM pg_largeobject_metadata") or redis.connect(1).dbsize():
            return "data"
        has_ended = comes_true(
            lambda: not any(Path(f"/proc/{process}").exists() for process in processes), PATIENCE
        )
    return None if has_ended else "processes"


def what_is_taken(stocks: Stocks) -> str | None:
    """Let each server take more memory than it may.

    Args:
        stocks: what the servers are made from.

    Returns:
        which server could have it, or `None` if the limit holds.
    """
    with serve(stocks) as (postgresql, redis):
        database = postgresql.acquire()
        redis.acquire()
        fill: dict[Postgresql | Redis, Callable[[], object]] = {
            postgresql: lambda: query(database, GROW, MUCH // 10**6),
            redis: lambda: [redis.connect(0).setrange(str(at), MUCH // 2, "x") for at in range(2)],
        }
        for service, take in fill.items():
            program = service.program
            assert program is not None
            with limited([program], lambda _: None):
                with suppress(Exception):  # of whatever kind is that of a server that was ended
                    take()
                if not comes_true(partial(has_fault, program), PATIENCE):
                    return f"{MUCH} bytes by {program.name}"
    return None


def has_fault(program: Program) -> bool:
    """Return whether a server was ended for what it took."""
    return program.fault is not None


@contextmanager
def serve(stocks: Stocks) -> Iterator[tuple[Postgresql, Redis]]:
    """Give servers as a submission gets them."""
    with closing(stocks[0].open()) as postgresql, closing(stocks[1].open()) as redis:
        yield postgresql, redis


PROMISES: dict[str, Callable[[Stocks], str | None]] = {
    "database servers of its own, of which nothing stays for the next submission": what_stays,
    "limited memory of its database servers": what_is_taken,
}
"""Each promise, and what tries to break it."""


def broken_promises() -> dict[str, str]:
    """Try to break every promise.

    Returns:
        what could be done, by the promise that did not hold.

    Raises:
        LadderError: there can be no servers in cells here.
    """
    stocks = PostgresqlStock(), RedisStock()
    with ExitStack() as opened:
        for stock in stocks:
            opened.callback(stock.place.close)
            stock.keep()
        found = {promise: attempt(stocks) for promise, attempt in PROMISES.items()}
    return {promise: done for promise, done in found.items() if done is not None}
