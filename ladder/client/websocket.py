"""WebSockets (RFC 6455) as tests open them: `websockets` is imported here and nowhere else.

A connection is recorded as one exchange, with a line for each message, so that a report can show what was said.
"""

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidStatus
from websockets.sync.client import ClientConnection, connect, unix_connect

from ladder.base.log import SHOWN_BYTES
from ladder.client.errors import ANSWER_LIMIT, BadAnswerError, NoAnswerError, answer_limit
from ladder.client.exchange import Exchange
from ladder.client.strict_json import read_json

SWITCHING_PROTOCOLS = 101
CLOSE_SECONDS = 1
"""How long an app may take to answer the end of a connection."""


@dataclass
class Conversation(Exchange):
    """One connection: its answer is a line for each message, `> ` before what was sent, `< ` before what came."""

    def curl(self, base: str) -> str:
        """Return the line for a POSIX shell with which one speaks to the server at `base` in the same way."""
        parts = urlsplit(base)
        url = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{self.target}"
        return shlex.join(["python", "-m", "websockets", url])

    def note(self, sign: str, message: object) -> None:
        """Note a message."""
        if len(self.answer) < SHOWN_BYTES:
            text = message if isinstance(message, str) else repr(message)
            self.answer += f"{sign} {text[:SHOWN_BYTES]}\n".encode(errors="backslashreplace")


class Connection(ClientConnection):
    """A connection that records what is said.

    Attributes:
        conversation: the record.
    """

    conversation: Conversation

    def send(self, message: Any, *, text: bool | None = None) -> None:
        """Send a message.

        Raises:
            NoAnswerError: the connection has ended.
        """
        self.conversation.note(">", message)
        try:
            super().send(message, text=text)
        except ConnectionClosed as error:
            raise self.explain_end(error) from error

    def recv(self, timeout: float | None = None, decode: bool | None = None) -> Any:
        """Return the next message; see `websockets.sync.client.ClientConnection.recv`.

        Raises:
            NoAnswerError: none came within `answer_limit()` seconds, or the connection has ended.
            TimeoutError: none came within `timeout` seconds, if that was given.
        """
        limit = answer_limit()
        try:
            message = super().recv(limit if timeout is None else timeout, decode)
        except TimeoutError as error:
            if timeout is not None:
                raise
            raise NoAnswerError(
                f"The app sent no message over the WebSocket {self.conversation.target} "
                f"within {limit:.2g} seconds."
            ) from error
        except ConnectionClosed as error:
            raise self.explain_end(error) from error
        self.conversation.note("<", message)
        return message

    def __iter__(self) -> Iterator[Any]:
        """Return the messages until the app closes the connection normally.

        Raises:
            NoAnswerError: it ends in another way.
        """
        try:
            while True:
                yield self.recv()
        except NoAnswerError as error:
            if not isinstance(error.__cause__, ConnectionClosedOK):
                raise

    def explain_end(self, error: ConnectionClosed) -> NoAnswerError:
        """Put the end of the connection into words."""
        if error.rcvd is None:
            how = "broke"
        else:
            how = f"was closed by the {'app' if error.rcvd_then_sent else 'test'}: {error.rcvd}"
        return NoAnswerError(f"The WebSocket {self.conversation.target} {how}.")

    def recv_json(self) -> Any:
        """Return the next message as JSON, read as an answer's is.

        Raises:
            BadAnswerError: it is none.
        """
        message = self.recv()
        try:
            return read_json(message)
        except (ValueError, RecursionError) as error:
            raise BadAnswerError(f"The message is not JSON: {error}.") from error


def open_websocket(
    url: str, socket: Path | None, record: Callable[[Exchange], None], **options: Any
) -> AbstractContextManager[ClientConnection]:
    """Open a WebSocket.

    Args:
        url: `ws://…` or `wss://…`.
        socket: the path of the Unix socket on which the server listens, if it does.
        record: is called with the conversation when it begins.
        options: those of `websockets.sync.client.connect`.
    """
    parts = urlsplit(url)
    conversation = Conversation("WEBSOCKET", urlunsplit(parts._replace(scheme="", netloc="")))
    record(conversation)

    def make_connection(*words: Any, **limits: Any) -> Connection:
        connection = Connection(*words, **limits)
        connection.conversation = conversation
        return connection

    limits = {"open_timeout": ANSWER_LIMIT, "close_timeout": CLOSE_SECONDS}
    options = {"compression": None, "create_connection": make_connection, **limits} | options
    started = time.perf_counter()
    try:
        if socket is None:
            connection = connect(url, **{"proxy": None} | options)
        else:
            connection = unix_connect(str(socket), url, **options)
    except InvalidStatus as error:
        conversation.status = error.response.status_code
        conversation.answer = bytes(error.response.body or b"")[:SHOWN_BYTES]
        raise
    finally:
        conversation.seconds = time.perf_counter() - started
    conversation.status = SWITCHING_PROTOCOLS
    return connection
