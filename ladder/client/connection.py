"""One HTTP/1.1 connection (RFC 9112) to an app that may answer anything, and for as long as it likes.

`httpx` leaves the sending to this module: a read timeout there never fires on an answer that drips, and nothing bounds
what is kept of one. Here a whole exchange has one deadline, and an answer has a greatest size.
"""

import selectors
import socket
import ssl
import threading
import time
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httptools

MOST_BYTES = 8 * 2**20
"""The greatest answer that is read, head included."""
MOST_HEAD_BYTES = 64 * 2**10
"""The greatest head that is read."""
CHUNK_BYTES = 2**16
INTERIM = range(100, 200)
"""The statuses after which the final answer is still to come (RFC 9110, section 15.2)."""


class Gate(Protocol):
    """Where a request waits, all of it but its last byte sent."""

    def wait(self) -> None:
        """Wait until it may go on."""

    def note_sent(self) -> None:
        """Note that the whole request is out."""


gate: ContextVar[Gate | None] = ContextVar("gate", default=None)
"""Where the next request of a thread waits, if anywhere."""


class Allowance:
    """How many bytes the answers to one client may still have together: a test may keep all of them.

    Args:
        size: the bytes.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.left = size
        self.lock = threading.Lock()

    def take(self, count: int) -> None:
        """Take some bytes.

        Raises:
            NoHttpError: there are not so many left.
        """
        with self.lock:
            self.left -= count
        if self.left < 0:
            raise NoHttpError(f"The answers in this test have more than {self.size >> 20} MiB in all.")


class NoHttpError(Exception):
    """What came is not one whole answer in HTTP/1.1. The message says why."""


class PartAnswerError(TimeoutError):
    """Only a part of an answer came in time. The message says which."""


class Answer:
    """One answer, while it is read: `httptools` calls the methods whose names begin with `on_`.

    Args:
        has_body: whether a body may follow; none follows the head that answers HEAD.
        allowance: what the bytes are taken from.
    """

    def __init__(self, *, has_body: bool, allowance: Allowance) -> None:
        self.has_body = has_body
        self.allowance = allowance
        self.parser = httptools.HttpResponseParser(self)
        self.status = 0
        self.reason = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()
        self.read_bytes = 0
        self.has_head = False
        self.complete = False

    def on_status(self, part: bytes) -> None:
        """Note the reason phrase, or a part of it."""
        if not self.has_head:
            self.reason += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header; what follows the body is none."""
        if not self.has_head:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Note the end of the head, unless another one is to come."""
        if self.has_head:
            return
        self.status = self.parser.get_status_code()
        if self.status in INTERIM:
            self.reason, self.headers = b"", []
        else:
            self.has_head = True
            self.complete = not self.has_body

    def on_body(self, part: bytes) -> None:
        """Note a part of the body."""
        if not self.complete:
            self.body += part

    def on_message_complete(self) -> None:
        """Note the end of the answer."""
        self.complete = self.has_head

    def feed(self, data: bytes) -> None:
        """Read a part of what came; nothing at all means that the connection was closed.

        Raises:
            NoHttpError: it is no HTTP, too much, or not all.
        """
        self.read_bytes += len(data)
        if self.read_bytes > MOST_BYTES:
            raise NoHttpError(f"The answer has more than {MOST_BYTES >> 20} MiB.")
        if not self.has_head and self.read_bytes > MOST_HEAD_BYTES + CHUNK_BYTES:
            raise NoHttpError(f"The answer's headers have more than {MOST_HEAD_BYTES >> 10} KiB.")
        self.allowance.take(len(data))
        if not data:
            self.complete = self.has_head and self.ends_with_connection
            if not self.complete:
                where = "within" if self.read_bytes else "without"
                raise NoHttpError(f"The app closed the connection {where} an answer.")
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as error:
            raise NoHttpError("The app wants to speak another protocol.") from error
        except httptools.HttpParserError as error:
            if not self.complete:  # else something follows that nobody asked for
                raise NoHttpError(f"The answer is not HTTP: {error}.") from error

    @property
    def what_is_missing(self) -> str:
        """What has come of an answer that is not complete, and what has not."""
        if not self.has_head:
            return f"{self.read_bytes:,} bytes came, without the empty line that ends an answer's headers."
        came = f"The headers came, and {len(self.body):,} bytes of the body"
        fields = {name.lower(): value for name, value in self.headers}
        if b"transfer-encoding" in fields:
            return f"{came}, without the last chunk."
        if b"content-length" in fields:
            return f"{came}, where Content-Length says {fields[b'content-length'].decode('latin-1')}."
        return f"{came}; without a Content-Length, only the end of the connection would end it."

    @property
    def ends_with_connection(self) -> bool:
        """Whether neither a length nor chunks tell where the body ends (RFC 9112, section 6.3)."""
        return not {name.lower() for name, _ in self.headers} & {b"content-length", b"transfer-encoding"}


def ask(
    address: Path | str,
    request: bytes,
    seconds: float,
    *,
    has_body: bool = True,
    allowance: Allowance | None = None,
) -> Answer:
    """Open a connection, send a request, and read the whole answer.

    Args:
        address: where the server listens: the path of its Unix socket, or its origin.
        request: all its bytes.
        seconds: how long all of it may take.
        has_body: whether the answer may have a body.
        allowance: what its bytes are taken from; by default, one for the greatest answer.

    Raises:
        PartAnswerError: it took too long, and a part of the answer had come.
        TimeoutError: it took too long.
        OSError: the connection could not be opened, or broke.
        NoHttpError: what came is not one whole answer.
    """
    deadline = time.monotonic() + seconds
    answer = Answer(has_body=has_body, allowance=allowance or Allowance(MOST_BYTES + CHUNK_BYTES))
    with connect(address, seconds) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # an answer may have come all the same
            waiting_at = gate.get()
            if waiting_at is not None:
                gate.set(None)
                send(connection, request[:-1], deadline)
                waiting_at.wait()
                deadline = time.monotonic() + seconds
                request = request[-1:]
            send(connection, request, deadline)
            if waiting_at is not None:
                waiting_at.note_sent()
        try:
            while not answer.complete:
                connection.settimeout(seconds_until(deadline))
                answer.feed(connection.recv(CHUNK_BYTES))
        except TimeoutError as error:
            if answer.read_bytes:
                raise PartAnswerError(answer.what_is_missing) from error
            raise
    return answer


def connect(address: Path | str, seconds: float) -> socket.socket:
    """Open a connection.

    Args:
        address: where the server listens: the path of its Unix socket, or its origin, such as `http://127.0.0.1:8000`.
        seconds: how long that, and whatever is done with it afterwards, may take.

    Raises:
        OSError: nobody listens there.
    """
    if isinstance(address, Path):
        opened = socket.socket(socket.AF_UNIX)
        opened.settimeout(seconds)
        try:
            opened.connect(str(address))
        except OSError:
            opened.close()
            raise
        return opened
    url = urlsplit(address)
    secure = url.scheme == "https"
    host = url.hostname or ""
    opened = socket.create_connection((host, url.port or (443 if secure else 80)), seconds)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return ssl.create_default_context().wrap_socket(opened, server_hostname=host) if secure else opened


def send(connection: socket.socket, request: bytes, deadline: float) -> None:
    """Send a request, or as much of it as goes until an answer comes (RFC 9112, section 9.5)."""
    if len(request) <= CHUNK_BYTES or isinstance(connection, ssl.SSLSocket):
        connection.settimeout(seconds_until(deadline))
        connection.sendall(request)
        return
    connection.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
        left = memoryview(request)
        while left:
            ready = selector.select(seconds_until(deadline))
            if not ready:
                raise TimeoutError
            if ready[0][1] & selectors.EVENT_READ:
                return
            left = left[connection.send(left) :]


def seconds_until(deadline: float) -> float:
    """Return how long one may still wait: to a socket, no seconds at all would mean for ever.

    Raises:
        TimeoutError: no longer.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
