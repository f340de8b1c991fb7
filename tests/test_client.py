"""The client: JSON is read strictly, exchanges are kept, and a request can be sent again with curl."""

import gzip
import json
import resource
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import tracemalloc
import zlib
from pathlib import Path

import httpx
import pytest

from ladder.client.connection import Allowance, Answer, NoHttpError
from ladder.client.errors import BadAnswerError, NoAnswerError, answer_limit
from ladder.client.http import Address, decode_body
from ladder.client.strict_json import MOST_JSON_BYTES, MOST_JSON_LEVELS, read_json
from ladder.course.catalog import App
from ladder.serving.launcher import Launcher
from ladder.serving.runner import Runner, warm_runner

MIRROR = '''
"""Answers with what it was asked."""

import asyncio
import os

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

app = FastAPI()


@app.get("/sleep")
async def sleep():
    await asyncio.sleep(1000)


@app.get("/exit")
async def leave():
    print("Goodbye.", flush=True)
    os._exit(3)


@app.get("/kill")
async def kill():
    os.kill(os.getpid(), 9)


@app.get("/login")
async def login(request: Request):
    seen = {name: request.headers.get(name) for name in ("authorization", "cookie")}
    return JSONResponse(seen, headers={"Set-Cookie": "session=abc; Path=/"})


@app.get("/moved")
async def moved():
    return Response(status_code=303, headers={"Location": "/login"})


@app.post("/echo")
async def echo(request: Request):
    return Response(await request.body(), media_type="application/json")


@app.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "DELETE"])
async def mirror(path: str, request: Request):
    seen = {name: request.headers.get(name) for name in ("accept", "content-type", "x-note", "x-empty")}
    target = request.scope["raw_path"].decode() + "?" + request.scope["query_string"].decode()
    body = (await request.body()).hex()
    answer = {"method": request.method, "target": target, "headers": seen, "body": body}
    print(answer, flush=True)
    return answer
'''
TEXT = {"headers": {"Content-Type": "text/plain"}}
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl in PATH")


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    app = App(tmp_path_factory.mktemp("apps"), "mirror")
    app.source.mkdir()
    (app.source / "main.py").write_text(MIRROR)
    return app


@pytest.fixture(scope="module")
def launcher(app):
    """Return a launcher of forked servers."""
    launcher = Launcher(warm_runner(Path(sys.executable), ()), app)
    yield launcher
    launcher.close()


@pytest.fixture
def server(launcher):
    """Return a server on a Unix socket, and record what it is asked."""
    server = launcher.launch()
    server.exchanges = []
    server.record = server.exchanges.append
    yield server
    server.close()


@pytest.fixture(scope="module")
def tcp_server(app):
    """Return a server on a TCP port."""
    runner = Runner(Path(sys.executable), fork=False)
    launcher = Launcher(runner, app)
    server = launcher.launch()
    yield server
    server.close()
    launcher.close()
    runner.close()


@pytest.fixture
def eager_threads():
    """Let threads take turns as often as they can, so that they meet in unlikely places."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.fixture
def few_files():
    """Let this process open no more than some two hundred files and sockets."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200 + len(list(Path("/proc/self/fd").iterdir())), limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.fixture
def free_port():
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        pytest.param('{"a": 1}', {"a": True}, id="an integer and true"),
        pytest.param('{"a": true}', {"a": 1}, id="true and an integer"),
        pytest.param('{"a": 0}', {"a": False}, id="zero and false"),
        pytest.param('{"a": 1}', {"a": 1.0}, id="an integer and a number with a point"),
        pytest.param('{"a": 1.0}', {"a": 1}, id="a number with a point and an integer"),
        pytest.param("[1]", [True], id="in an array"),
        pytest.param('[{"a": [1]}]', [{"a": [1.0]}], id="deep inside an array"),
        pytest.param('{"a": {"b": [[0]]}}', {"a": {"b": [[False]]}}, id="deep inside an object"),
        pytest.param('{"a": 1}', {"a": 1, "b": None}, id="a name more"),
        pytest.param('{"a": null}', {}, id="a name fewer"),
        pytest.param("[1, 2]", [2, 1], id="another order"),
        pytest.param("[1]", [1, 1], id="another length"),
        pytest.param("{}", [], id="an object and an array"),
    ],
)
def test_values_that_differ_in_kind_are_not_equal(text, other):
    value = read_json(text)

    assert (value == other, other == value) == (False, False)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        pytest.param('{"a": 1}', {"a": True}, id="object"),
        pytest.param("[1]", [1.0], id="array"),
        pytest.param('{"a": 1}', {"a": 2}, id="another value"),
    ],
)
def test_values_that_are_not_equal_are_unequal(text, other):
    value = read_json(text)

    assert (value != other, other != value) == (True, True)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        pytest.param(
            '{"a": 1, "b": [true, null, "x", 1.5]}', {"b": [True, None, "x", 1.5], "a": 1}, id="object"
        ),
        pytest.param('[{"a": []}, {}, [[0]]]', [{"a": []}, {}, [[0]]], id="array"),
        pytest.param(b'{"a": "\xe2\x98\x95"}', {"a": "☕"}, id="bytes"),
        pytest.param('{"a": {"b": 1}}', read_json('{"a": {"b": 1}}'), id="another answer"),
    ],
)
def test_values_of_the_same_kind_are_equal(text, other):
    value = read_json(text)

    assert (value == other, other == value) == (True, True)
    assert (value != other, other != value) == (False, False)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"a": NaN}', id="NaN"),
        pytest.param(b"[-Infinity]", id="infinity"),
        pytest.param(b'{"a": 1, "a": 1}', id="a name twice"),
        pytest.param(b'[{"b": {"a": 1, "a": 2}}]', id="a name twice deep inside"),
        pytest.param(b"{'a': 1}", id="other quotes"),
        pytest.param(b"[1,]", id="a comma too many"),
        pytest.param(b'"\xff"', id="bytes that are no UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16-le"), id="UTF-16"),
        pytest.param('{"a": 1}'.encode("utf-32-be"), id="UTF-32"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', id="a byte order mark"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="too deep"),
        pytest.param(b"1" * 5000, id="too many digits"),
    ],
)
def test_an_answer_that_is_no_json_is_a_bad_answer(server, body):
    response = server.client.post("/echo", content=body)

    assert response.content == body
    with pytest.raises(BadAnswerError, match=r"^The answer's body is not JSON: "):
        response.json()


def test_an_answer_is_compared_strictly(server):
    answer = server.client.post("/echo", content=b'[{"id": 1}]').json()

    assert answer == [{"id": 1}]
    assert {"id": 1} in answer
    assert {"id": True} not in answer


def test_each_exchange_is_recorded(server):
    server.client.post("/echo?page=1", content=b"[1]", headers={"X-Note": "one"})
    server.client.delete("/notes/1")

    first, second = server.exchanges
    assert (first.method, first.target, first.body) == ("POST", "/echo?page=1", b"[1]")
    assert (b"X-Note", b"one") in first.headers
    assert (first.status, first.answer) == (200, b"[1]")
    assert first.answer_headers["content-type"] == "application/json"
    assert first.seconds > 0
    assert (second.method, second.target, second.body, second.status) == ("DELETE", "/notes/1", b"", 200)
    assert json.loads(second.answer)["method"] == "DELETE"


@pytest.mark.parametrize(
    ("load", "seconds"),
    [pytest.param(2, "0.1", id="a quiet machine"), pytest.param(32, "0.2", id="a busy one")],
)
def test_on_a_busy_machine_an_app_may_take_longer(server, monkeypatch, load, seconds):
    monkeypatch.setattr("ladder.client.errors.ANSWER_LIMIT", 0.1)
    monkeypatch.setattr("os.getloadavg", lambda: (float(load), 0.0, 0.0))
    monkeypatch.setattr("ladder.base.workers.cores_of_ours", lambda: [0, 1])

    with server.process.address.open_client() as client, pytest.raises(NoAnswerError) as raised:
        client.get("/sleep")

    assert str(raised.value) == f"GET /sleep was not answered within {seconds} seconds."


def test_however_busy_the_machine_is_patience_ends(monkeypatch):
    monkeypatch.setattr("os.getloadavg", lambda: (1e6, 0.0, 0.0))

    assert answer_limit() == 40.0


def test_an_app_that_does_not_answer_in_time_has_given_no_answer(server):
    server.client.get("/notes").raise_for_status()  # a first request takes longer
    exchanges = []
    with server.process.address.open_client(exchanges.append, timeout=1) as client:
        client.get("/notes").raise_for_status()

        with pytest.raises(NoAnswerError, match=r"^GET /sleep was not answered within 1 seconds\.$"):
            client.get("/sleep")

    assert [(exchange.target, exchange.status) for exchange in exchanges] == [
        ("/notes", 200),
        ("/sleep", None),
    ]


def test_an_app_that_ends_has_given_no_answer_and_its_last_words_are_told(server):
    with pytest.raises(NoAnswerError) as caught:
        server.client.get("/exit")

    assert str(caught.value) == (
        "GET /exit was not answered. The app exited with status 3; the last it printed: Goodbye."
    )
    assert [(exchange.target, exchange.status) for exchange in server.exchanges] == [("/exit", None)]


def test_an_app_that_was_killed_is_told_by_the_signal(server):
    with pytest.raises(NoAnswerError) as caught:
        server.client.get("/kill")

    assert (
        str(caught.value) == "GET /kill was not answered. The app was ended by SIGKILL and printed nothing."
    )


def test_an_address_where_nobody_listens_gives_no_answer(free_port):
    with (
        Address(f"http://127.0.0.1:{free_port}").open_client() as client,
        pytest.raises(NoAnswerError, match=r"GET /notes was not answered\. The connection broke: "),
    ):
        client.get("/notes")


def test_a_path_that_comes_again_gets_the_query_and_the_base_url_of_its_own_request():
    with Address().open_client() as client:
        asked = [client.build_request("GET", "/notes", params=query) for query in (None, {"page": 1}, None)]
        client.base_url = "http://other/sub"
        asked.append(client.build_request("GET", "/notes"))

    assert [str(request.url) for request in asked] == [
        "http://app/notes",
        "http://app/notes?page=1",
        "http://app/notes",
        "http://other/sub/notes",
    ]


@pytest.mark.usefixtures("eager_threads")
def test_hundreds_of_requests_at_once_are_all_answered(server, at_once):
    statuses = at_once(200, lambda _: server.client.post("/echo").status_code)

    assert statuses == [200] * 200


@pytest.mark.usefixtures("few_files")
def test_calls_at_once_leave_no_connection_behind(server, at_once):
    everybody = threading.Barrier(100)

    def call(_number):
        everybody.wait(timeout=10)
        return server.client.post("/echo").status_code

    statuses = [at_once(100, call) for _ in range(3)]

    assert statuses == [[200] * 100] * 3


@needs_curl
@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"method": "GET", "url": "/notes"}, id="a path"),
        pytest.param({"method": "GET", "url": "/notes", "params": {"q": "a b&c=d", "page": 1}}, id="a query"),
        pytest.param({"method": "GET", "url": "/it's/$HOME/%20/%2F"}, id="a path with odd characters"),
        pytest.param({"method": "GET", "url": "/notes[1-2]/{a,b}"}, id="a path with brackets"),
        pytest.param({"method": "GET", "url": "/notes/../secret"}, id="a path with dots"),
        pytest.param({"method": "GET", "url": "/notes", "headers": {"Accept": "text/csv"}}, id="accept"),
        pytest.param({"method": "GET", "url": "/notes", "headers": {"X-Note": 'it\'s "$HOME"'}}, id="header"),
        pytest.param({"method": "GET", "url": "/notes", "headers": {"X-Empty": ""}}, id="an empty header"),
        pytest.param(
            {"method": "GET", "url": "/notes", "headers": [("X-Note", "a"), ("X-Note", "b")]},
            id="a header twice",
        ),
        pytest.param(
            {"method": "GET", "url": "/notes", "headers": {"X-Note": b"\xff'%s"}}, id="a header's byte"
        ),
        pytest.param({"method": "DELETE", "url": "/notes/1"}, id="another method"),
        pytest.param({"method": "POST", "url": "/notes"}, id="no body"),
        pytest.param({"method": "POST", "url": "/notes", "json": {"title": "Milk"}}, id="JSON"),
        pytest.param(
            {"method": "PUT", "url": "/notes", "json": {"a": 'it\'s "$HOME" `id` \\ !'}}, id="quotes"
        ),
        pytest.param({"method": "POST", "url": "/notes", "json": ["two\nlines", "☕ é 𝄞"]}, id="not ASCII"),
        pytest.param(
            {"method": "POST", "url": "/notes", "content": b"two\r\nlines\n", **TEXT}, id="newlines"
        ),
        pytest.param(
            {"method": "POST", "url": "/notes", "content": b"@/etc/hostname", **TEXT}, id="like a file"
        ),
        pytest.param(
            {"method": "POST", "url": "/notes", "content": b"\xff%s\\n\x01'", **TEXT}, id="not UTF-8"
        ),
        pytest.param({"method": "POST", "url": "/notes", "content": b"a\0b", **TEXT}, id="a zero byte"),
        pytest.param({"method": "POST", "url": "/notes", "content": b"{}"}, id="a body without type"),
        pytest.param({"method": "POST", "url": "/notes", "data": {"title": "a & b"}}, id="a form"),
        pytest.param({"method": "POST", "url": "/n", "files": {"f": ("f.bin", b"\0\xff")}}, id="a file"),
    ],
)
def test_a_request_can_be_sent_again_with_its_curl_line(tcp_server, request_):
    exchanges = []
    address = tcp_server.process.address
    with address.open_client(exchanges.append) as client:
        ours = client.request(**request_).raise_for_status().json()

    line = exchanges[0].curl(address.url)
    sent = subprocess.run(
        ["bash", "-c", f"{line} --silent --show-error --max-time 5"], capture_output=True, check=True
    )

    head, _, body = sent.stdout.partition(b"\r\n\r\n")
    assert b" 200 OK" in head.splitlines()[0]
    assert json.loads(body) == ours


@needs_curl
def test_a_curl_line_for_a_server_below_a_path_names_the_path_once(tcp_server):
    exchanges = []
    address = Address(f"{tcp_server.process.address.url}/api")
    with address.open_client(exchanges.append) as client:
        ours = client.get("/notes").raise_for_status().json()

    line = exchanges[0].curl(address.url)
    sent = subprocess.run(["bash", "-c", f"{line} --silent"], capture_output=True, check=True)

    assert ours["target"] == "/api/notes?"
    assert json.loads(sent.stdout.partition(b"\r\n\r\n")[2]) == ours


@needs_curl
def test_a_request_for_the_head_alone_can_be_sent_again_with_its_curl_line(tcp_server):
    exchanges = []
    address = tcp_server.process.address
    with address.open_client(exchanges.append) as client:
        client.head("/notes").raise_for_status()

    line = exchanges[0].curl(address.url)
    sent = subprocess.run(
        ["bash", "-c", f"{line} --silent --show-error --max-time 2"], capture_output=True, check=False
    )

    assert sent.stderr == b""
    assert sent.returncode == 0
    assert tcp_server.log.count("'method': 'HEAD'") == 2


def test_a_curl_line_shows_no_header_that_any_client_sends_by_itself(server):
    server.client.post("/echo", json={"title": "Milk"})

    words = shlex.split(server.exchanges[0].curl("http://127.0.0.1:8000/"))

    assert words == [
        *("curl", "-i", "-g", "-X", "POST", "http://127.0.0.1:8000/echo"),
        *("-H", "Content-Type: application/json", "--data-raw", '{"title":"Milk"}'),
    ]


def test_a_cookie_is_sent_back_by_the_client_that_got_it_and_by_no_other(server):
    first = server.client.get("/login").json()

    second = server.client.get("/login").json()

    with server.process.address.open_client() as other:
        assert [first["cookie"], second["cookie"], other.get("/login").json()["cookie"]] == [
            None,
            "session=abc",
            None,
        ]


def test_a_login_is_sent_for_one_request_or_for_all(server):
    one = server.client.get("/login", auth=("ada", "secret")).json()
    none = server.client.get("/login").json()
    server.client.auth = ("ada", "secret")
    all_ = server.client.get("/login").json()

    basic = "Basic YWRhOnNlY3JldA=="  # RFC 7617, section 2
    assert [seen["authorization"] for seen in (one, none, all_)] == [basic, None, basic]


def test_a_redirect_is_followed_only_where_it_is_asked_for(server):
    answers = [server.client.get("/moved", **options) for options in ({}, {"follow_redirects": True})]

    assert [(answer.status_code, answer.url.path) for answer in answers] == [(303, "/moved"), (200, "/login")]


def test_the_client_is_an_ordinary_one(server):
    assert isinstance(server.client, httpx.Client)
    assert server.client.get("/notes").json()["headers"]["accept"] == "*/*"


def coded(codings, body):
    """Make an answer whose body is coded as its headers say."""
    answer = Answer(has_body=True, allowance=Allowance(2**30))
    answer.headers = [(b"Content-Encoding", coding) for coding in codings]
    answer.body = bytearray(body)
    return answer


@pytest.mark.parametrize(
    ("codings", "body"),
    [
        pytest.param([], b"hello", id="plain"),
        pytest.param([b"identity"], b"hello", id="identity"),
        pytest.param([b"GZIP"], gzip.compress(b"hello"), id="gzip"),
        pytest.param([b"deflate"], zlib.compress(b"hello"), id="deflate"),
        pytest.param([b"deflate, gzip"], gzip.compress(zlib.compress(b"hello")), id="one within the other"),
        pytest.param([b"deflate", b"gzip"], gzip.compress(zlib.compress(b"hello")), id="two headers"),
    ],
)
def test_a_coded_body_is_decoded(codings, body):
    assert decode_body(coded(codings, body), Allowance(2**30)) == b"hello"


@pytest.mark.parametrize(
    ("codings", "body", "said"),
    [
        pytest.param([b"br"], b"hello", "is in 'br', which was not asked for", id="another coding"),
        pytest.param([b"gzip"], b"hello", "is not in gzip, as the answer says", id="not coded"),
        pytest.param([b"gzip"], gzip.compress(bytes(9 * 2**20)), "more than 8 MiB", id="too much"),
    ],
)
def test_a_body_that_cannot_be_decoded_is_told(codings, body, said):
    with pytest.raises(NoHttpError, match=said):
        decode_body(coded(codings, body), Allowance(2**30))


def test_a_bomb_costs_the_client_little():
    answer = coded([b"gzip"], gzip.compress(bytes(200 * 2**20), 1))
    tracemalloc.start()

    with pytest.raises(NoHttpError, match="more than 8 MiB"):
        decode_body(answer, Allowance(2**30))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 * 2**20


def test_the_answers_to_one_client_may_not_grow_without_bound(tcp_server):
    body = "a" * (6 * 2**20)

    with (
        tcp_server.process.address.open_client() as client,
        pytest.raises(NoAnswerError, match="32 MiB in all"),
    ):
        [client.post("/echo", content=body) for _ in range(6)]


@pytest.mark.parametrize(
    "unit", ["[],", "{},", '{"a":1},', "0,", '"",'], ids=["arrays", "objects", "more", "numbers", "strings"]
)
def test_the_greatest_json_costs_little_once_it_is_read(unit):
    count = MOST_JSON_BYTES // len(unit) - 2
    text = f"[{unit * count}0]"
    tracemalloc.start()

    read = read_json(text)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(read) == count + 1
    assert peak < 64 * 2**20


def test_json_that_is_too_deep_is_not_read():
    levels = MOST_JSON_LEVELS

    assert read_json("[" * levels + "]" * levels) is not None
    with pytest.raises(ValueError, match=f"more than {levels} levels"):
        read_json('{"a":' * (levels + 1) + "1" + "}" * (levels + 1))


def test_json_that_is_too_large_is_not_read():
    with pytest.raises(ValueError, match="more than 512 KiB"):
        read_json("[" + "0," * MOST_JSON_BYTES + "0]")
