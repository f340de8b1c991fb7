"""The connection: what an app may answer, and how long it may take, whoever wrote it."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from ladder import connection
from ladder.connection import Connection, NoHttpError

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
        server = Scripted(tmp_path / "s", parts, **options)
        opened.append(server)
        client = Connection("http://app", tmp_path / "s")
        try:
            return client.ask(REQUEST, seconds, has_body=has_body)
        finally:
            client.close()

    yield ask
    for server in opened:
        server.stop()


@pytest.fixture
def ask_twice(tmp_path):
    """Ask twice, and give both statuses and the number of the connections; each is answered once, and stays open."""

    def ask_twice(part):
        server = Scripted(tmp_path / "s", [part], close=False)
        client = Connection("http://app", tmp_path / "s")
        try:
            return [client.ask(REQUEST, 5).status for _ in range(2)], len(server.accepted)
        finally:
            client.close()
            server.stop()

    return ask_twice


@pytest.fixture
def little(monkeypatch):
    """Let answers be no larger than a hundred bytes."""
    monkeypatch.setattr(connection, "MOST_BYTES", 100)


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
    assert b"".join(answer.body) == body
    assert not {name for name, _ in answer.headers} & {b"Link", b"X-End"}


def test_an_answer_to_head_has_no_body_whatever_its_length_says(ask):
    answer = ask(HEAD + b"Content-Length: 5\r\n\r\n", has_body=False, close=False)

    assert (answer.status, answer.body) == (200, [])


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        pytest.param([], "The app closed the connection without an answer.", id="nothing"),
        pytest.param([HEAD[:9]], "The app closed the connection within an answer.", id="a part of the head"),
        pytest.param(
            [WITH_BODY[:-1]], "The app closed the connection within an answer.", id="a body cut short"
        ),
        pytest.param([b"hello\r\n\r\n"], "The answer is no HTTP: ", id="no HTTP"),
        pytest.param(
            [HEAD + b"Content-Length: x\r\n\r\n"], "The answer is no HTTP: ", id="a length of letters"
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


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize(
    "part",
    [
        pytest.param(b"X-Long: " + b"a" * 100 + b"\r\n", id="in its head"),
        pytest.param(b"Content-Length: 100\r\n\r\n" + b"a" * 100, id="in its body"),
        pytest.param(b"\r\n" + b"a" * 100, id="without an end"),
    ],
)
def test_an_answer_that_is_too_large_is_not_read(ask, part):
    with pytest.raises(NoHttpError, match=r"^The answer has more than "):
        ask(HEAD + part, close=False)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([], id="that is silent"),
        pytest.param([b"HTTP/1.1 200 OK\r\nX: "] + [b"a"] * 100, id="whose head drips"),
        pytest.param([HEAD + b"Content-Length: 100\r\n\r\n"] + [b"a"] * 100, id="whose body drips"),
    ],
)
def test_an_app_gets_one_deadline_for_a_whole_exchange(ask, parts):
    started = time.monotonic()

    with pytest.raises(TimeoutError):
        ask(*parts, pause=0.02, close=False, seconds=0.2)

    assert time.monotonic() - started < 1


def test_an_answer_that_comes_before_all_was_sent_is_read(tmp_path):
    server = Scripted(
        tmp_path / "s", [b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"], close=False
    )
    client = Connection("http://app", tmp_path / "s")

    answer = client.ask(REQUEST + b"a" * 10**7, 5)

    client.close()
    server.stop()
    assert answer.status == 413


def test_a_connection_that_the_server_has_closed_is_not_used_again(tmp_path, eventually):
    server = Scripted(tmp_path / "s", [WITH_BODY], close=True)
    client = Connection("http://app", tmp_path / "s")
    client.ask(REQUEST, 5)
    eventually(lambda: not connection.is_quiet(client.socket), "the server has closed it")

    answer = client.ask(REQUEST, 5)

    client.close()
    server.stop()
    assert answer.status == 200
    assert len(server.accepted) == 2


def test_no_connection_is_used_again_after_an_error_of_the_server(ask_twice):
    assert ask_twice(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n") == ([500, 500], 2)


def test_a_connection_is_used_again(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        client = Connection("http://app", tmp_path / "s")
        accepted = []

        def serve():
            accepted.append(listener.accept()[0])
            for _ in range(3):
                accepted[0].recv(65536)
                accepted[0].sendall(WITH_BODY)

        thread = threading.Thread(target=serve)
        thread.start()

        statuses = [client.ask(REQUEST, 5).status for _ in range(3)]

        thread.join()
        client.close()
        accepted[0].close()
    assert statuses == [200, 200, 200]


def test_what_comes_unasked_is_not_taken_for_the_next_answer(ask_twice):
    assert ask_twice(WITH_BODY + b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") == ([200, 200], 2)
