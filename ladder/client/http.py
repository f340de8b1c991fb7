"""The client's side: `httpx` is imported here and nowhere else.

Every exchange with an app is recorded, so that a report can show what was asked and what came.
"""

import socket
import time
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from ladder.base.log import SHOWN_BYTES
from ladder.client.connection import (
    CHUNK_BYTES,
    MOST_BYTES,
    Allowance,
    Answer,
    NoHttpError,
    PartAnswerError,
    ask,
    connect,
)
from ladder.client.errors import BadAnswerError, NoAnswerError, answer_limit
from ladder.client.exchange import PEER_HEADER, Exchange
from ladder.client.strict_json import read_json

BareConnection = socket.socket
Client = httpx.Client
InvalidURL = httpx.InvalidURL
MOST_BYTES_IN_ALL = 32 * 2**20
"""The most that the answers to one client may have together: a test may keep them all."""
CONTENT_ENCODING = b"content-encoding"
WINDOW_BITS = {b"gzip": 31, b"deflate": 15}
"""The codings that are accepted, and what zlib calls them."""


class Response(httpx.Response):
    """An answer whose JSON is read strictly; its errors know the exchange that it belongs to."""

    exchange: Exchange | None = None

    def json(self, **_: Any) -> Any:
        """Return the body as JSON; see `read_json`.

        Raises:
            BadAnswerError: the body is no JSON.
        """
        try:
            return read_json(self.content)
        except (ValueError, RecursionError) as error:
            raise self.error(f"The answer's body is not JSON: {error}.") from error

    def error(self, message: str) -> BadAnswerError:
        """Return the error that says what is wrong with this answer."""
        error = BadAnswerError(message)
        error.exchange = self.exchange
        return error

    def raise_for_status(self) -> "Response":
        """Give this answer back if its status is one of success (2xx).

        Raises:
            BadAnswerError: it is not.
        """
        if not self.is_success:
            what = f"{self.request.method} {self.request.url.raw_path.decode('ascii')}"
            raise self.error(f"{what}: expected a status of success (2xx), got {self.status_code}.")
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
        timeout: float | None = None,
        where: Callable[[], str] = lambda: "",
        peer: str | None = None,
    ) -> Client:
        """Return a client for this server.

        Args:
            record: is called with each exchange, when it is over.
            explain: is asked, when a connection broke, for the reason that the server's side knows.
            timeout: seconds after which a request that is not answered is given up; by default, `answer_limit`.
            where: is asked then where the app hangs.
            peer: the address from which the requests seem to come, of a server of ours.

        Raises:
            NoAnswerError: (from the client's calls) the app did not answer.
        """
        transport = RecordingTransport(self, record, explain, timeout, where)
        return Client(
            base_url=self.url,
            transport=transport,
            timeout=timeout,
            headers={
                "Accept-Encoding": b", ".join(WINDOW_BITS).decode(),
                **({} if peer is None else {PEER_HEADER: peer}),
            },
            trust_env=False,
        )

    def connect(self, seconds: float) -> BareConnection:
        """Open a bare connection to this server; it waits so many seconds at most."""
        return connect(self.socket or self.url, seconds)

    def open_websocket(
        self, path: str, record: Callable[[Exchange], None] = lambda _: None, **options: Any
    ) -> AbstractContextManager[Any]:
        """Open a WebSocket to `path` on this server; see `ladder.client.websocket.open_websocket`."""
        from ladder.client.websocket import open_websocket  # noqa: PLC0415 - most exercises have no WebSocket

        parts = urlsplit(self.url)
        url = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{parts.path.rstrip('/')}{path}"
        return open_websocket(url, self.socket, record, **options)


class RecordingTransport(httpx.BaseTransport):
    """Sends each request over a connection of its own, records the exchange, and puts failures into words."""

    def __init__(
        self,
        address: Address,
        record: Callable[[Exchange], None],
        explain: Callable[[], str | None],
        timeout: float | None,
        where: Callable[[], str],
    ) -> None:
        self.record = record
        self.where = where
        self.explain = explain
        self.timeout = timeout
        self.path = address.socket
        self.allowance = Allowance(MOST_BYTES_IN_ALL)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, read its whole answer, and record both."""
        target = request.url.raw_path
        headers = request.headers.raw
        exchange = Exchange(request.method, target.decode("ascii"), headers, request.read())
        address = self.path or f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
        limit = answer_limit() if self.timeout is None else self.timeout
        started = time.perf_counter()
        try:
            answer = ask(
                address,
                serialize(request.method, target, headers, exchange.body),
                limit,
                has_body=request.method != "HEAD",
                allowance=self.allowance,
            )
            exchange.status = answer.status
            exchange.answer_headers = decode_headers(answer.headers)
            body = decode_body(answer, self.allowance)
            exchange.answer = bytes(body[:SHOWN_BYTES])
            response = Response(
                answer.status,
                headers=[(name, value) for name, value in answer.headers if name.lower() != CONTENT_ENCODING],
                content=bytes(body),
                extensions={"http_version": b"HTTP/1.1", "reason_phrase": answer.reason},
            )
            response.exchange = exchange
        except (OSError, NoHttpError) as error:
            asked = f"{exchange.method} {exchange.target}"
            if isinstance(error, PartAnswerError):
                silence = NoAnswerError(
                    f"{asked} was not wholly answered within {limit:.2g} seconds. {error}"
                )
                exchange.hangs = self.where()
            elif isinstance(error, TimeoutError):
                silence = NoAnswerError(f"{asked} was not answered within {limit:.2g} seconds.")
                exchange.hangs = self.where()
            else:
                reason = self.explain() or f"The connection broke: {error}."
                silence = NoAnswerError(f"{asked} was not answered. {reason}")
            silence.exchange = exchange
            raise silence from error
        finally:
            exchange.seconds = time.perf_counter() - started
            self.record(exchange)
        return response


def decode_body(answer: Answer, allowance: Allowance) -> bytearray:
    """Return an answer's body without its content codings (RFC 9110, section 8.4.1): those that we say we accept.

    Raises:
        NoHttpError: it is not coded as it says, in some way that was not asked for, or to too much.
    """
    codings = b",".join(value for name, value in answer.headers if name.lower() == CONTENT_ENCODING)
    body = answer.body
    for coding in reversed([coding.strip().lower() for coding in codings.split(b",") if coding.strip()]):
        if coding == b"identity":
            continue
        if coding not in WINDOW_BITS:
            raise NoHttpError(f"The body is in {coding.decode('latin-1')!r}, which was not asked for.")
        decoder = zlib.decompressobj(WINDOW_BITS[coding])
        decoded = bytearray()
        try:
            while not decoder.eof and (part := decoder.decompress(body, CHUNK_BYTES)):
                allowance.take(len(part))
                decoded += part
                body = bytearray(decoder.unconsumed_tail)
                if len(decoded) > MOST_BYTES:
                    raise NoHttpError(f"The decoded body has more than {MOST_BYTES >> 20} MiB.")
        except zlib.error as error:
            raise NoHttpError(
                f"The body is not in {coding.decode()}, as the answer says: {error}."
            ) from error
        body = decoded
    return body


def serialize(method: str, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> bytes:
    """Return a request as it goes over the connection (RFC 9112, sections 2 and 3)."""
    lines = [
        b"%s %s HTTP/1.1" % (method.encode("ascii"), target),
        *(b"%s: %s" % header for header in headers),
    ]
    if any(name.lower() == b"transfer-encoding" for name, _ in headers):
        body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    return b"\r\n".join([*lines, b"", body])


def decode_headers(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Give headers as text, by their names in lower case; those of one name are joined (RFC 9110, section 5.3)."""
    decoded: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        decoded[key] = f"{decoded[key]}, {text}" if key in decoded else text
    return decoded
