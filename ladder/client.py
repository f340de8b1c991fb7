"""The client's side: `httpx` and `websockets` are imported here and nowhere else.

Every exchange with an app is recorded, so that a report can show what was asked and what came.
"""

import json
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from ladder.exchange import Exchange

Client = httpx.Client
InvalidURL = httpx.InvalidURL
ANSWER_LIMIT = 10.0
"""Seconds that an app may take to answer one request."""


class BadAnswerError(Exception):
    """The app's answer cannot be read. The message says why."""


class NoAnswerError(Exception):
    """The app did not answer a request: it took too long, or it stopped. The message says which."""


class JsonObject(dict[str, Any]):
    """A JSON object from an answer; it equals another only if the types agree too: `1`, `1.0` and `true` differ."""

    def __eq__(self, other: object) -> bool:
        return same_json(dict(self), other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


class JsonArray(list[Any]):
    """A JSON array from an answer, with the same equality."""

    def __eq__(self, other: object) -> bool:
        return same_json(list(self), other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


def same_json(one: object, other: object) -> bool:
    """Say whether two JSON values are equal, types included."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return type(one) is type(other) and one == other


def read_json(text: str | bytes) -> Any:
    """Read JSON as RFC 8259 has it: no NaN, no name twice in an object (section 4), equality with types.

    Raises:
        ValueError: the text is not such JSON.
    """

    def unique(pairs: list[tuple[str, Any]]) -> JsonObject:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            raise ValueError(f"an object holds a name twice: {names}")
        return JsonObject({name: mark(value) for name, value in pairs})

    def mark(value: Any) -> Any:
        return JsonArray(map(mark, value)) if isinstance(value, list) else value

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    return mark(json.loads(text, object_pairs_hook=unique, parse_constant=refuse))


class Response(httpx.Response):
    """An answer whose JSON is read strictly."""

    def json(self, **_: Any) -> Any:
        """Give the body as JSON; see `read_json`.

        Raises:
            BadAnswerError: the body is no JSON.
        """
        try:
            return read_json(self.content)
        except (ValueError, RecursionError) as error:
            raise BadAnswerError(f"The answer's body is not JSON: {error}.") from error

    def raise_for_status(self) -> "Response":
        """Give this answer back if its status is one of success (2xx).

        Raises:
            BadAnswerError: it is not.
        """
        if not self.is_success:
            what = f"{self.request.method} {self.request.url.raw_path.decode('ascii')}"
            raise BadAnswerError(f"{what} was answered with {self.status_code}, and should succeed.")
        return self


@dataclass(frozen=True)
class Address:
    """Where a server listens: the path of a Unix socket, or a base URL."""

    url: str = "http://app"
    socket: Path | None = None

    def open_client(
        self,
        record: Callable[[Exchange], None] = lambda _: None,
        explain: Callable[[], str | None] = lambda: None,
        timeout: float = ANSWER_LIMIT,
    ) -> httpx.Client:
        """Give a client for this server.

        Args:
            record: is called with each exchange, when it is over.
            explain: is asked, when a connection broke, for the reason that the server's side knows.
            timeout: seconds after which a request that is not answered is given up.

        Raises:
            NoAnswerError: (from the client's calls) the app did not answer.
        """
        transport = RecordingTransport(self, record, explain, timeout)
        return httpx.Client(base_url=self.url, transport=transport, timeout=timeout)

    def open_pool(self, *, keep: bool) -> httpx.HTTPTransport:
        """Open a pool of connections, for the client of one thread; says whether one is kept for the next request."""
        limits = httpx.Limits(max_keepalive_connections=int(keep))
        if self.socket is not None:
            return httpx.HTTPTransport(uds=str(self.socket), limits=limits, verify=False)
        # A TLS context takes 20 ms to make.
        return httpx.HTTPTransport(limits=limits, verify=self.url.startswith("https:"))

    def open_websocket(self, path: str, **options: Any) -> AbstractContextManager[Any]:
        """Open a WebSocket to `path` on this server; see `websockets.sync.client.connect` for the options."""
        from websockets.sync import client  # noqa: PLC0415 - most exercises have no WebSocket

        parts = urlsplit(self.url)
        uri = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{parts.path.rstrip('/')}{path}"
        options = {
            "compression": None,
            "open_timeout": ANSWER_LIMIT,
            "close_timeout": 1,
            "proxy": None,
        } | options
        if self.socket is not None:
            del options["proxy"]
            return client.unix_connect(str(self.socket), uri, **options)
        return client.connect(uri, **options)


class RecordingTransport(httpx.BaseTransport):
    """Sends requests to an address, records each exchange, and puts failures into words.

    Each thread has a pool of its own: httpcore may close a connection of a shared one in the moment in which another
    thread is given it.
    """

    def __init__(
        self,
        address: Address,
        record: Callable[[Exchange], None],
        explain: Callable[[], str | None],
        timeout: float,
    ) -> None:
        self.address = address
        self.record = record
        self.explain = explain
        self.timeout = timeout
        self.first_thread = threading.get_ident()  # the others come for one request, and go
        self.of_this_thread = threading.local()
        self.pools: list[httpx.HTTPTransport] = []

    @property
    def pool(self) -> httpx.HTTPTransport:
        """The connections of this thread."""
        if not hasattr(self.of_this_thread, "pool"):
            keep = threading.get_ident() == self.first_thread
            self.of_this_thread.pool = self.address.open_pool(keep=keep)
            self.pools.append(self.of_this_thread.pool)
        pool: httpx.HTTPTransport = self.of_this_thread.pool
        return pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, read its whole answer, and record both."""
        exchange = Exchange(
            request.method, request.url.raw_path.decode("ascii"), dict(request.headers), request.read()
        )
        started = time.perf_counter()
        try:
            answer = self.pool.handle_request(request)
            response = Response(
                answer.status_code, headers=answer.headers, stream=answer.stream, extensions=answer.extensions
            )
            exchange.answer = response.read()
            exchange.status = response.status_code
            exchange.answer_headers = dict(response.headers)
        except httpx.TimeoutException as error:
            raise NoAnswerError(
                f"{exchange.method} {exchange.target} was not answered within {self.timeout:g} seconds."
            ) from error
        except httpx.TransportError as error:
            reason = self.explain() or f"The connection broke: {error}"
            raise NoAnswerError(f"{exchange.method} {exchange.target} was not answered. {reason}") from error
        finally:
            exchange.seconds = time.perf_counter() - started
            self.record(exchange)
        return response

    def close(self) -> None:
        """Close the connections of all threads."""
        for pool in self.pools:
            pool.close()
