"""Passes on what an app and PostgreSQL say to each other, notes the statements, and holds one where a test wants it.

A round trip is what a client sends until it waits for an answer: a `Query` message, or all up to a `Sync`
(https://www.postgresql.org/docs/current/protocol-flow.html). Drivers differ in the messages that they use for a
statement, and all of them wait once for it.
"""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
"""The codes of what may come in the place of a start-up message; the first two are answered by one letter."""
REFUSED = b"N"
FIRST_PORT = 5433
"""Our sockets are called as those of a PostgreSQL on this port, or on the next that is free."""
CHUNK = 1 << 16
MOST_BYTES = 1 << 20
"""How much is kept of one message; a longer one passes, and its text is not known."""
MOST_NAMES = 1000
"""How many prepared statements and portals of a connection are remembered."""
LONGEST_TEXT = 10_000
HOLD_LIMIT = 10.0
"""Seconds after which a held statement goes on by itself."""
OF_TRANSACTIONS = re.compile(
    r"\s*(BEGIN|START|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|SET|RESET|SHOW|DISCARD|DEALLOCATE)\b[^;]*;?\s*",
    re.I,
)
"""What drivers and pools send by themselves."""


class Messages:
    """Cuts what a client sends into messages, in whatever pieces it comes."""

    def __init__(self) -> None:
        self.rest = bytearray()
        self.skip = 0
        self.has_begun = False

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the type and the body of each message that is complete now; before the start-up's, code and nothing."""
        passed = min(self.skip, len(data))
        self.skip -= passed
        self.rest += data[passed:]
        while True:
            at = 1 if self.has_begun else 0  # the first message has no type
            if len(self.rest) < (5 if self.has_begun else 8):
                return
            size = at + int.from_bytes(self.rest[at : at + 4], "big")
            missing = size - len(self.rest)
            if missing > 0 and size <= MOST_BYTES:
                return
            kind = self.rest[0] if self.has_begun else int.from_bytes(self.rest[4:8], "big")
            body = bytes(self.rest[at + 4 : size]) if self.has_begun and missing <= 0 else b""
            self.skip = max(missing, 0)
            del self.rest[: max(size, at + 4)]
            self.has_begun = self.has_begun or kind not in {SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST}
            yield kind, body


class Statements:
    """Reads the statements out of one connection's messages."""

    def __init__(self) -> None:
        self.messages = Messages()
        self.prepared: dict[bytes, str] = {}
        self.portals: dict[bytes, str] = {}
        self.begun: list[str] = []  # since the last Sync

    def feed(self, data: bytes) -> Iterator[int | str]:
        """Yield the statements of each round trip that is complete now, and the code of each request for encryption."""
        for kind, body in self.messages.feed(data):
            words = body.split(b"\0", 2)
            if kind in {SSL_REQUEST, GSS_REQUEST}:
                yield kind
            elif kind == ord("Q"):
                yield from self.round_trip([text_of(words[0])])
            elif kind == ord("P") and len(words) > 1:
                self.remember(self.prepared, words[0], text_of(words[1]))
            elif kind == ord("B") and len(words) > 1:
                self.remember(self.portals, words[0], self.prepared.get(words[1], ""))
            elif kind == ord("E"):
                self.begun = [*self.begun[-MOST_NAMES:], self.portals.get(words[0], "")]
            elif kind == ord("S"):
                yield from self.round_trip(self.begun)
                self.begun = []

    def remember(self, names: dict[bytes, str], name: bytes, text: str) -> None:
        """Note what a name stands for."""
        if len(names) >= MOST_NAMES:
            names.clear()
        names[name] = text

    def round_trip(self, texts: list[str]) -> Iterator[str]:
        """Yield the statements of one round trip, unless all of them are about transactions or settings."""
        if not all(OF_TRANSACTIONS.fullmatch(text) for text in texts):
            yield "; ".join(dict.fromkeys(texts))


def text_of(sql: bytes) -> str:
    """Return a statement as a report can show it."""
    return " ".join(sql[:LONGEST_TEXT].decode(errors="replace").split())


class Hold:
    """One statement of an app that waits on its way to the server."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.connection: object = None
        self.arrived = threading.Event()
        self.released = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Wait until the statement has come, and return whether it has within so many seconds."""
        return self.arrived.wait(seconds)

    def release(self) -> None:
        """Let the statement go on."""
        self.released.set()


class Relay:
    """A socket behind which a PostgreSQL server answers.

    Args:
        url: of a database on that server.
        folder: where the socket is to be; apps must be able to reach it.

    Attributes:
        port: by which libpq finds the socket in the folder.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.target = target_of(url)
        self.noted: list[list[str]] = []  # of those that count at this moment
        self.hold: Hold | None = None
        self.connections: set[asyncio.StreamWriter] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.port = FIRST_PORT
        while (path := folder / f".s.PGSQL.{self.port}").exists():
            self.port += 1
        self.path = path
        self.server = self.call(asyncio.start_unix_server(self.connected, path))
        path.chmod(0o666)  # an app may run as somebody else

    def call(self, work: Any) -> Any:
        """Do something on the loop, and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of an app until either side ends it."""
        self.connections.add(writer)
        connect = asyncio.open_unix_connection if len(self.target) == 1 else asyncio.open_connection
        try:
            from_server, to_server = await connect(*self.target)
        except OSError:
            writer.close()
            return
        self.connections.add(to_server)
        answers = asyncio.ensure_future(pass_answers(from_server, writer))
        await self.pass_statements(reader, to_server, writer)
        to_server.close()
        await answers
        self.connections -= {writer, to_server}

    async def pass_statements(
        self, reader: asyncio.StreamReader, to_server: asyncio.StreamWriter, to_app: asyncio.StreamWriter
    ) -> None:
        """Pass on what an app sends, and note it before the server can answer."""
        statements = Statements()
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                found = list(statements.feed(data))
                if any(isinstance(one, int) for one in found):  # encrypted, nothing could be read
                    to_app.write(REFUSED)
                    continue
                for text in found:
                    for noted in self.noted:
                        noted.append(str(text))
                    await self.hold_back(statements)
                to_server.write(data)
                await to_server.drain()

    async def hold_back(self, connection: object) -> None:
        """Wait where this is the statement that a test wants to hold."""
        hold = self.hold
        if hold is None or hold.connection not in {None, connection}:
            return
        hold.connection = connection
        hold.left -= 1
        if hold.left == 0:
            hold.arrived.set()
            await asyncio.to_thread(hold.released.wait, HOLD_LIMIT)

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        """Note the statements of the apps, as a list with one text for each round trip."""
        noted: list[str] = []
        self.noted = [*self.noted, noted]
        yield noted
        self.noted = [other for other in self.noted if other is not noted]

    @contextmanager
    def holding(self, number: int) -> Iterator[Hold]:
        """Hold one statement on its way, until it is released or the block ends.

        Args:
            number: which one: 2 is the second of the first connection that sends one from now on.
        """
        self.hold = hold = Hold(number)
        yield hold
        hold.release()
        self.hold = None

    def close(self) -> None:
        """End all connections, and remove the socket."""
        self.call(self.end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        self.path.unlink(missing_ok=True)

    async def end(self) -> None:
        """Take no further connection, and end those that there are."""
        self.server.close()
        for writer in self.connections:
            writer.close()
        ours = asyncio.all_tasks() - {asyncio.current_task()}
        if ours:
            await asyncio.wait(ours)


async def pass_answers(from_server: asyncio.StreamReader, to_app: asyncio.StreamWriter) -> None:
    """Pass on what the server sends."""
    with suppress(OSError):
        while data := await from_server.read(CHUNK):
            to_app.write(data)
            await to_app.drain()
    to_app.close()


def target_of(url: str) -> tuple[Any, ...]:
    """Return where the server of a database listens: a path, or a host and a port."""
    parts = urlsplit(url)
    named = parse_qs(parts.query)
    host = unquote(named.get("host", [parts.hostname or "localhost"])[0])
    port = int(named.get("port", [parts.port or 5432])[0])
    return (f"{host}/.s.PGSQL.{port}",) if host.startswith("/") else (host, port)
