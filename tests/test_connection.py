"""The connection: what an app may answer, and how long it may take, whoever wrote it."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from ladder.client import connection
from ladder.client.connection import NoHttpError, PartAnswerError

REQUEST = b"GET / HTTP/1.1\r\nHost: app\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\n"
WITH_BODY = HEAD + b"Content-Length: 5\r\n\r\nhello"


class Scripted:
    """A server that sends what it is told to, whatever it is asked.

    Args:
        path: of its Unix socket.
        parts: for each connection, what it sends, part by part.
        pause: seconds between the parts.
        close: whether it closes each connection then.
    """

    def __init__(self, path, parts, *, pause=0.0, close=True):
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.parts = parts
        self.pause = pause
        self.close = close
        self.accepted = []
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        """Accept one connection after the other, until the listener is shut down."""
        with suppress(OSError):
            while True:
                accepted = self.listener.accept()[0]
                self.accepted.append(accepted)
                accepted.recv(65536)
                for part in self.parts:
                    accepted.sendall(part)
                    time.sleep(self.pause)
                if self.close:
                    accepted.close()

    def stop(self):
        """End the thread, and close everything."""
        self.listener.shutdown(socket.SHUT_RDWR)
        for accepted in self.accepted:
            with suppress(OSError):
                accepted.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        for accepted in [*self.accepted, self.listener]:
            accepted.close()


@pytest.fixture
def ask(tmp_path):
    """Ask a server that answers these parts; give the answer."""
    opened = []

    def ask(*parts, seconds=5.0, has_body=True, **options):
        server = Scripted(tmp_path / str(len(opened)), parts, **options)
        opened.append(server)
        return connection.ask(server.path, REQUEST, seconds, has_body=has_body)

    yield ask
    for server in opened:
        server.stop()


@pytest.fixture
def little(monkeypatch):
    """Let answers be no larger than a hundred bytes, heads included."""
    monkeypatch.setattr(connection, "MOST_BYTES", 100)


@pytest.mark.parametrize("end", [b"", b"\r\n"], ids=["without an end", "with an end"])
def test_a_head_that_is_too_large_is_not_read(ask, end):
    with pytest.raises(NoHttpError, match=r"^The answer's headers have more than 64 KiB\.$"):
        ask(HEAD + b"X: a\r\n" * 2**17 + end, close=False)


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        pytest.param([WITH_BODY], b"hello", id="a length"),
        pytest.param([bytes([byte]) for byte in WITH_BODY], b"hello", id="byte by byte"),
        pytest.param(
            [HEAD, b"Transfer-Encoding: chunked\r\n\r\n", b"2\r\nhe\r\n3\r\nllo\r\n0\r\nX-End: 1\r\n\r\n"],
            b"hello",
            id="chunks and a trailer",
        ),
        pytest.param([HEAD, b"\r\nhel", b"lo"], b"hello", id="until the connection ends"),
        pytest.param([b"HTTP/1.1 204 No Content\r\n\r\n"], b"", id="no content"),
        pytest.param([b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", WITH_BODY], b"hello", id="interim"),
    ],
)
def test_a_whole_answer_is_read(ask, parts, body):
    answer = ask(*parts)

    assert answer.status in {200, 204}
    assert answer.body == body
    assert not {name for name, _ in answer.headers} & {b"Link", b"X-End"}


def test_an_answer_to_head_has_no_body_whatever_its_length_says(ask):
    answer = ask(HEAD + b"Content-Length: 5\r\n\r\n", has_body=False, close=False)

    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        pytest.param([], "The app closed the connection without an answer.", id="nothing"),
        pytest.param([HEAD[:9]], "The app closed the connection within an answer.", id="a part of the head"),
        pytest.param(
            [WITH_BODY[:-1]], "The app closed the connection within an answer.", id="a body cut short"
        ),
        pytest.param([b"hello\r\n\r\n"], "The answer is not HTTP: ", id="no HTTP"),
        pytest.param(
            [HEAD + b"Content-Length: x\r\n\r\n"], "The answer is not HTTP: ", id="a length of letters"
        ),
        pytest.param(
            [b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: ws\r\n\r\n"],
            "The app wants to speak another protocol.",
            id="another protocol",
        ),
    ],
)
def test_what_is_no_whole_answer_is_told(ask, parts, said):
    with pytest.raises(NoHttpError) as caught:
        ask(*parts)

    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("head", "body", "said"),
    [
        pytest.param(HEAD + b"X: y", b"", "21 bytes came, without the empty line", id="half a head"),
        pytest.param(
            HEAD + b"Content-Length: 9\r\n\r\n",
            b"hello",
            "5 bytes of the body, where Content-Length says 9.",
            id="a length that is too great",
        ),
        pytest.param(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
            b"5\r\nhello\r\n",
            "5 bytes of the body, without the last chunk.",
            id="no last chunk",
        ),
        pytest.param(
            HEAD + b"\r\n", b"hello", "5 bytes of the body; without a Content-Length", id="no length"
        ),
    ],
)
def test_an_answer_that_does_not_end_in_time_is_told_by_what_has_come_of_it(ask, head, body, said):
    with pytest.raises(PartAnswerError) as caught:
        ask(head, body, seconds=0.3, close=False)

    assert said in str(caught.value)


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize(
    "part",
    [
        pytest.param(b"X-Long: " + b"a" * 100 + b"\r\n", id="in a header"),
        pytest.param(b"X: a\r\n" * 40, id="in many headers"),
        pytest.param(b"Content-Length: 100\r\n\r\n" + b"a" * 100, id="in its body"),
        pytest.param(b"\r\n" + b"a" * 100, id="without an end"),
    ],
)
def test_an_answer_that_is_too_large_is_not_read(ask, part):
    with pytest.raises(NoHttpError, match=r"^The answer has more than "):
        ask(HEAD + part, close=False)


@pytest.mark.parametrize(
    ("parts", "pause"),
    [
        pytest.param([], 0.0, id="that is silent"),
        pytest.param([b"HTTP/1.1 200 OK\r\nX: "] + [b"a"] * 100, 0.02, id="whose head drips"),
        pytest.param([HEAD + b"Content-Length: 100\r\n\r\n"] + [b"a"] * 100, 0.02, id="whose body drips"),
        pytest.param(
            [HEAD + b"Content-Length: 100000\r\n\r\n"] + [b"a"] * 100_000, 0.0, id="that drips fast"
        ),
    ],
)
def test_an_app_gets_one_deadline_for_a_whole_exchange(ask, parts, pause):
    started = time.monotonic()

    with pytest.raises(TimeoutError):
        ask(*parts, pause=pause, close=False, seconds=0.2)

    assert time.monotonic() - started < 1


def test_an_answer_that_comes_before_all_was_sent_is_read(tmp_path):
    server = Scripted(
        tmp_path / "s", [b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"], close=False
    )

    answer = connection.ask(server.path, REQUEST + b"a" * 10**7, 5)

    server.stop()
    assert answer.status == 413


def test_what_comes_unasked_is_not_taken_for_an_answer(ask):
    unasked = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    answers = [ask(WITH_BODY + unasked, close=False), ask(WITH_BODY, close=False)]

    assert [(answer.status, answer.body) for answer in answers] == [(200, b"hello"), (200, b"hello")]
