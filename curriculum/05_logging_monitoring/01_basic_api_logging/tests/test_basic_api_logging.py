"""The acceptance tests of curriculum 5.1: one for each criterion of the ticket."""

import json
import re
import time
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import reduce
from urllib.parse import quote, unquote_plus, urlencode

import pytest

SECONDS = 0.2
"""For how long a line is looked for, again and again, each time after another response."""
WAIT = 5.0
"""Seconds within which an app must notice what nobody tells it."""
PATIENCE = 5.0
"""Seconds within which something must arrive that waits for nothing."""
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
REDACTED = "[redacted]"
ABSENT = "(not there)"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
LIMIT = 2048
MOST_IMPORTED = 64 * 1024
SECRET_KEYS = [
    *("authorization", "cookie", "password", "token", "api_key", "email"),
    *("Password", "API-KEY", "Api_Key", "x-api-key", "new_password", "access-token", "Customer-Email"),
]
OTHER_KEYS = [
    "email_verified",
    "tokens",
    "passwordless",
    "key",
    "api",
    "broken",
    "author",
    "cookies",
    "mytoken",
    "apikey",
    "accessToken",
    "user.email",
    "token_",
    "email2",
]


AT_INFO_AND_DEBUG = pytest.mark.parametrize("settings", [{}, {"LOG_LEVEL": "DEBUG"}], ids=["INFO", "DEBUG"])


def refuse(constant):
    """Refuse what Python prints as JSON and nothing else reads (NaN, Infinity)."""
    raise ValueError(f"{constant} is not JSON")


def read_line(line):
    """Return what a line of the log says: an object, or else the line as it is."""
    with suppress(ValueError):
        return json.loads(line, parse_constant=refuse)
    return line


def lines_of(server):
    """Return all lines that the app has printed whole, after the response to one more request; not those about that."""
    with server.connect(PATIENCE) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
        read_until(connection, b"\r\n\r\n")
    lines = [read_line(line) for line in server.log.split("\n")[:-1]]
    return [line for line in lines if not (isinstance(line, dict) and line.get("path") == "/")]


def objects_of(server):
    """Return those that are objects."""
    return [line for line in lines_of(server) if isinstance(line, dict)]


def request_lines(server):
    """Return the lines that are about a request."""
    return [line for line in objects_of(server) if line.get("event") == "request"]


def lines_about(server, request_id, *names):
    """Return the named fields of each line about the request with this id."""
    found = [line for line in request_lines(server) if line.get("request_id") == request_id]
    return [{name: line.get(name, ABSENT) for name in names} for line in found]


def new_id(values):
    """Return a request id, or the core of a secret, that stands nowhere else."""
    return "".join(values.choices("bcdfghjk", k=12))


def with_id(request_id, **headers):
    """Return the headers of a request with an id."""
    return {"X-Request-ID": request_id, **headers}


def order_of(values, **other):
    """Return what a client sends to place an order."""
    order = {"product": values.text(), "quantity": 2, "email": values.email(), "card_number": card(values)}
    return order | other


def place_order(client, order):
    """Place an order; a test that fails here says which status it got."""
    return client.post("/orders", json=order).raise_for_status().json()


def luhn_sum(digits):
    """Return the sum of a number's digits, every second one of them doubled (ISO/IEC 7812-1, annex B)."""
    doubled = [sum(map(int, str(int(digit) * 2))) for digit in digits[-2::-2]]
    return sum(map(int, digits[-1::-2])) + sum(doubled)


def card(values, length=16):
    """Return a card number with so many digits; each length begins with another one."""
    digits = f"{length % 9 + 1}{values.randrange(10 ** (length - 2)):0{length - 2}}"
    return digits + str(-luhn_sum(f"{digits}0") % 10)


def no_card(values, length=16):
    """Return a number with so many digits, of which the last is wrong."""
    digits = card(values, length)
    return digits[:-1] + str((int(digits[-1]) + values.randrange(1, 10)) % 10)


def read_until(connection, end):
    """Return what arrives on a connection until these bytes have, or nothing more does."""
    arrived = b""
    with suppress(OSError):
        while end not in arrived and (part := connection.recv(4096)):
            arrived += part
    return arrived


def head_of(method, target, request_id, *headers):
    """Return how a request begins."""
    lines = [f"{method} {target} HTTP/1.1", "Host: shop", f"X-Request-ID: {request_id}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize(
    ("method", "target", "line"),
    [
        pytest.param("GET", "/orders/1", {"path": "/orders/1", "query": {}, "status": 200}, id="200"),
        pytest.param("PUT", "/caf%C3%A9", {"path": "/café", "query": {}, "status": 404}, id="no such path"),
        pytest.param("POST", "/orders", {"path": "/orders", "query": {}, "status": 422}, id="422"),
        pytest.param(
            "GET",
            "/feed?limit=-1",
            {"path": "/feed", "query": {"limit": ["-1"]}, "status": 422},
            id="422 for a query",
        ),
        pytest.param(
            "GET",
            "/feed?limit=2&a=x%20y&b=&a=1%2B1+%C3%A9",
            {
                "path": "/feed",
                "query": {"limit": ["2"], "a": ["x y", "1+1 é"], "b": [""]},
                "status": 200,
            },
            id="a query, and a stream",
        ),
        pytest.param(
            "GET",
            "/feed?limit=0&next=/health&b=1;a=2",
            {"path": "/feed", "query": {"limit": ["0"], "next": ["/health"], "b": ["1;a=2"]}, "status": 200},
            id="/health in a query",
        ),
        pytest.param(
            "GET",
            f"/{'m' * 5000}?a={'u' * 5000}",
            {"path": f"/{'m' * 5000}", "query": {"a": ["u" * 5000]}, "status": 404},
            id="5,001 characters",
        ),
    ],
)
def test_each_request_leaves_one_line(launch, eventually, values, method, target, line):
    server = launch()
    place_order(server.client, order_of(values))
    request_id = new_id(values)

    headers = with_id(request_id, **{"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"})
    response = server.client_from("198.51.100.7").request(method, target, headers=headers)

    expected = {"method": method, **line, "client": "198.51.100.7"}
    assert response.status_code == line["status"]
    eventually(lambda: lines_about(server, request_id, *expected), [expected], seconds=SECONDS)


def test_the_time_of_a_line_is_in_utc(launch, eventually, values):
    server = launch()
    request_id = new_id(values)

    server.client.get("/feed?limit=0", headers=with_id(request_id)).raise_for_status()

    eventually(lambda: len(lines_about(server, request_id)), 1, seconds=SECONDS)
    [line] = lines_about(server, request_id, "timestamp")
    written = datetime.fromisoformat(line["timestamp"])
    assert written.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=10)


@pytest.mark.parametrize(
    ("method", "target", "header", "parts", "end"),
    [
        pytest.param("GET", "/feed?limit=3", "Accept: */*", (b"", b""), b"\r\n0\r\n\r\n", id="a stream"),
        pytest.param(
            "POST", "/imports", "Content-Length: 8", (b"half", b"half"), b'{"size":8}', id="a slow body"
        ),
    ],
)
def test_the_duration_is_in_milliseconds(launch, eventually, values, method, target, header, parts, end):
    server = launch()
    request_id = new_id(values)
    started = time.perf_counter()

    with server.connect(PATIENCE) as connection:
        connection.sendall(head_of(method, target, request_id, header) + parts[0])
        server.client.get("/feed?limit=3").raise_for_status()  # takes three tenths of a second
        connection.sendall(parts[1])
        answer = read_until(connection, end)

    assert answer.endswith(end)
    eventually(lambda: len(lines_about(server, request_id)), 1, seconds=SECONDS)
    longest = (time.perf_counter() - started) * 1000  # the app may look at its clock after our answer
    [line] = lines_about(server, request_id, "duration_ms")
    assert (
        280 <= line["duration_ms"] <= longest + 1
    )  # three times a tenth of a second, as the server's timer has it


def test_a_line_is_printed_when_its_request_ends(launch, eventually, values):
    server = launch()
    request_id = new_id(values)

    with server.connect(PATIENCE) as connection:
        connection.sendall(head_of("GET", "/feed?limit=5", request_id, "Connection: close"))
        begun = read_until(connection, b"orders\n")
        before = request_lines(server)
        rest = read_until(connection, b"0\r\n\r\n")

    assert (begun + rest).count(b"orders\n") == 5
    assert before == []
    eventually(lambda: request_id in server.log, True, seconds=WAIT)  # without another request
    assert lines_about(server, request_id, "status") == [{"status": 200}]


def test_a_stream_is_passed_on_part_by_part(launch, values):
    server = launch()
    request_id = new_id(values)

    with server.connect(PATIENCE) as connection:
        connection.sendall(head_of("GET", "/feed", request_id))
        begun = read_until(connection, b"orders\n")

    assert begun.count(b"0 orders\n") == 1, (
        "This stream has no end, and its first line must arrive all the same."
    )
    assert f"x-request-id: {request_id}\r\n".encode() in begun.lower()


@pytest.mark.parametrize(
    ("method", "target", "rest", "arrives"),
    [
        pytest.param("GET", "/feed", b"", b"orders\n", id="while it gets the response"),
        pytest.param("POST", "/imports", b"half of the body", b"", id="while it sends the body"),
    ],
)
def test_a_client_that_goes_away_is_499(launch, eventually, values, method, target, rest, arrives):
    server = launch()
    request_id = new_id(values)

    with server.connect(PATIENCE) as connection:
        length = f"Content-Length: {2 * len(rest)}"
        connection.sendall(head_of(method, target, request_id, length) + rest)
        read_until(connection, arrives)

    expected = {"method": method, "path": target, "status": 499, "level": "info"}
    eventually(lambda: lines_about(server, request_id, *expected), [expected], seconds=WAIT)
    assert [line for line in lines_of(server) if line["level"] != "info"] == []
    assert [line for line in lines_of(server) if line.get("exception") is not None] == []


@pytest.mark.parametrize(
    ("settings", "method", "target", "content", "status", "level"),
    [
        pytest.param({}, "GET", "/orders/1", b"", 200, "info", id="200"),
        pytest.param({}, "POST", "/orders", b"\xff", 400, "warning", id="400"),  # FastAPI's own
        pytest.param({}, "GET", "/orders/7", b"", 404, "warning", id="404"),
        pytest.param({}, "POST", "/imports", b"." * (MOST_IMPORTED + 1), 413, "warning", id="413"),
        pytest.param({}, "GET", "/orders/mug", b"", 422, "warning", id="422"),
        pytest.param({}, "POST", "/orders/1/payment", b"", 500, "error", id="500"),
        pytest.param({}, "GET", "/health", b"", 503, "error", id="503"),
        pytest.param({"LOG_LEVEL": "DEBUG"}, "GET", "/orders/1", b"", 200, "info", id="200 at DEBUG"),
    ],
)
def test_the_status_decides_the_level(
    launch, eventually, values, settings, method, target, content, status, level
):
    server = launch(**settings)
    server.files.write("closed", "")
    place_order(server.client, order_of(values))
    request_id = new_id(values)
    headers = with_id(request_id, **{"Content-Type": JSON})

    response = server.client.request(method, target, content=content, headers=headers)

    assert response.status_code == status
    expected = {"status": status, "level": level}
    eventually(lambda: lines_about(server, request_id, *expected), [expected], seconds=SECONDS)


def exceptions_of(server):
    """Return the status and the type of the exception's field for each line about a request."""
    return [(line["status"], type(line.get("exception"))) for line in request_lines(server)]


def test_an_exception_is_in_one_field_of_the_line(launch, eventually, values):
    server = launch()
    order = place_order(server.client, order_of(values))
    server.files.write("closed", "")
    missing, closed = server.client.get("/orders/7"), server.client.get("/health")
    request_id = new_id(values)

    response = server.client.post(f"/orders/{order['id']}/payment", headers=with_id(request_id))

    assert [one.status_code for one in (missing, closed, response)] == [404, 503, 500]
    nothing = type(None)
    expected = [(201, nothing), (404, nothing), (503, nothing), (500, str)]
    eventually(lambda: exceptions_of(server), expected, seconds=SECONDS)
    [line] = lines_about(server, request_id, "exception")
    words = [
        "PaymentError",
        f"Order {order['id']} was not paid",
        "TimeoutError",
        "in charge",
        "service.py",
        "in pay_order",
        "starlette",  # the frames of the framework, too: the whole traceback
    ]
    assert [word for word in words if word in line["exception"]] == words


@pytest.mark.parametrize(
    ("settings", "levels", "statuses"),
    [
        pytest.param({}, ["error", "info", "warning"], [201, 200, 404, 500], id="INFO, the default"),
        pytest.param({"LOG_LEVEL": "WARNING"}, ["error", "warning"], [404, 500], id="WARNING"),
        pytest.param({"LOG_LEVEL": "ERROR"}, ["error"], [500], id="ERROR"),
    ],
)
def test_log_level_is_the_least_level_that_is_logged(launch, eventually, values, settings, levels, statuses):
    server = launch(**settings, UVICORN_LOG_LEVEL="info")
    order = place_order(server.client, order_of(values))
    server.client.post("/imports", json=[]).raise_for_status()  # whose handler logs with the standard library
    missing = server.client.get("/orders/7")

    response = server.client.post(f"/orders/{order['id']}/payment")

    assert (missing.status_code, response.status_code) == (404, 500)
    eventually(lambda: [line["status"] for line in request_lines(server)], statuses, seconds=SECONDS)
    assert sorted({line["level"] for line in lines_of(server)}) == levels


@pytest.mark.parametrize(
    "sent",
    ["A-z_0.9", "-", "b" * 64, "1f6e3b1c-90aa-4d54-8bb5-b1a2ae0e1cde", "20261129093000123"],
    ids=["all kinds", "a hyphen", "64 characters", "a UUID", "a long number"],
)
def test_a_sane_request_id_is_kept(launch, eventually, sent):
    server = launch()

    response = server.client.get("/orders/7", headers=with_id(sent))

    assert response.headers.get_list("X-Request-ID") == [sent]
    eventually(lambda: lines_about(server, sent, "status"), [{"status": 404}], seconds=SECONDS)


@pytest.mark.parametrize(
    "form",
    [
        pytest.param("{0:b<65}", id="65 characters"),
        pytest.param("{0} words", id="a blank"),
        pytest.param('{0}"b', id="a quotation mark"),
        pytest.param("{0},b", id="a comma"),
        pytest.param("{0}:b", id="a colon"),
        pytest.param("{0}/b+c=", id="Base64"),
        pytest.param("{0}@b~c", id="signs of a URL"),
        pytest.param("{{{0}}}", id="braces"),
        pytest.param("caf\u00e9{0}", id="a letter of another script"),
        pytest.param("{0}\u0663\u0664", id="digits of another script"),
        pytest.param("{0}-{1}", id="a card number in it"),
        pytest.param("", id="empty"),
    ],
)
def test_any_other_request_id_is_replaced(launch, eventually, values, form):
    server = launch()
    core = new_id(values)
    sent = form.format(core, card(values))

    response = server.client.get("/orders/7", headers=with_id(sent.encode()))

    [given] = response.headers.get_list("X-Request-ID")
    assert SANE.fullmatch(given)
    assert given != sent
    eventually(lambda: lines_about(server, given, "status"), [{"status": 404}], seconds=SECONDS)
    assert core not in server.log


def cards_in(text):
    """Return the card numbers in a text."""
    return [digits for digits in re.findall("[0-9]+", text) if is_card(digits)]


def is_card(digits):
    """Return whether digits are a card number."""
    return 13 <= len(digits) <= 19 and luhn_sum(digits) % 10 == 0


def test_without_one_each_request_gets_a_new_id(launch, eventually, at_once):
    server = launch()
    before = at_once(100, lambda _: server.client.get("/orders/7").headers.get("X-Request-ID", ""))
    server.restart(warm=True)

    after = at_once(100, lambda _: server.client.get("/orders/7").headers.get("X-Request-ID", ""))

    given = [*before, *after]
    assert [one for one in given if SANE.fullmatch(one) and not cards_in(one)] == given
    assert len(set(given)) == 200
    shown = sorted(given)
    eventually(lambda: sorted(line["request_id"] for line in request_lines(server)), shown, seconds=SECONDS)


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        pytest.param("GET", "/orders/1", 200, id="200"),
        pytest.param("GET", "/feed?limit=1", 200, id="a stream"),
        pytest.param("GET", "/health", 200, id="the health check"),
        pytest.param("GET", "/nothing/here", 404, id="unknown path"),
        pytest.param("POST", "/orders/1/payment", 500, id="exception"),
    ],
)
def test_every_response_has_the_id_of_its_request(launch, values, method, target, status):
    server = launch()
    place_order(server.client, order_of(values))
    request_id = new_id(values)

    response = server.client.request(method, target, headers=with_id(request_id))

    assert response.status_code == status
    assert response.headers.get_list("X-Request-ID") == [request_id]


def events(server, event):
    """Return the id, the level and the order of the lines that say this."""
    names = ("request_id", "level", "order")
    return [
        {name: line.get(name) for name in names} for line in objects_of(server) if line.get("event") == event
    ]


@pytest.mark.parametrize(
    ("target", "order", "event"),
    [
        pytest.param("/orders", {"product": "Mug", "quantity": 2}, "order placed", id="with structlog"),
        pytest.param("/imports", None, "imported 4 bytes", id="with the standard library"),
    ],
)
@pytest.mark.parametrize("form", ["{}", "not sane: {}"], ids=["the client's id", "a new id"])
def test_what_a_handler_logs_has_the_id(launch, eventually, values, form, target, order, event):
    server = launch()
    sent = order and {**order, "email": "", "card_number": ""}

    response = server.client.post(target, json=sent or 1234, headers=with_id(form.format(new_id(values))))

    assert response.is_success
    shown = order and {**order, "id": 1, "email": REDACTED, "card_number": ""}
    expected = {"request_id": response.headers.get("X-Request-ID"), "level": "info", "order": shown}
    eventually(lambda: events(server, event), [expected], seconds=SECONDS)


def ids_of_orders(server):
    """Return the ids of the requests that placed orders, as their own lines show them."""
    return [line["request_id"] for line in request_lines(server) if line["path"] == "/orders"]


def test_a_hundred_requests_at_once_keep_their_ids(launch, eventually, values, race):
    server = launch()
    ids = [f"{new_id(values)}-{number}" for number in range(100)]

    def send(number):
        order = order_of(values, quantity=number)
        response = server.client.post("/orders", json=order, headers=with_id(ids[number]))
        return response.status_code, response.headers.get("X-Request-ID")

    seen = race(100, send)

    assert seen == [(201, one) for one in ids]
    eventually(lambda: sorted(ids_of_orders(server)), sorted(ids), seconds=PATIENCE)
    placed = {line["order"]["quantity"]: line["request_id"] for line in lines_of(server) if "order" in line}
    assert placed == dict(enumerate(ids))


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        pytest.param({"LOG_LEVEL": "DEBUG"}, ["headers", "body_bytes", "body"], id="DEBUG"),
        pytest.param({}, [], id="INFO"),
    ],
)
def test_headers_and_bodies_are_logged_at_debug_only(launch, eventually, values, settings, shown):
    server = launch(**settings)
    request_id, header, note = new_id(values), new_id(values), new_id(values)
    headers = with_id(request_id, **{"X-Shop": header})

    response = server.client.post("/imports", json={"note": note}, headers=headers)

    assert response.json() == {"size": 23}
    eventually(lambda: len(lines_about(server, request_id)), 1, seconds=SECONDS)
    [line] = [one for one in request_lines(server) if one["request_id"] == request_id]
    content = {name: line[name] for name in ("headers", "body_bytes", "body") if name in line}
    sent = {"headers": content.get("headers"), "body_bytes": 23, "body": {"note": note}}
    assert content == {name: sent[name] for name in shown}
    assert [one for one in (header, note) if one in server.log] == [header, note][: len(shown)]
    assert content.get("headers", {}).get("x-shop", header) == header


def json_of(size):
    """Return an object that takes so many bytes as JSON."""
    return {"note": "n" * (size - 12)}


def nested(levels, value):
    """Return a value within so many arrays."""
    return reduce(lambda inner, _: [inner], range(levels), value)


@pytest.mark.parametrize(
    ("media_type", "content", "body"),
    [
        pytest.param(
            JSON,
            b'{"mugs": [1, 2.5, null, {"a": true}], "": "\\u00e9"}',
            {"mugs": [1, 2.5, None, {"a": True}], "": "é"},
            id="an object",
        ),
        pytest.param(JSON, b'["mug", "m\xc3\xbcg"]', ["mug", "müg"], id="an array"),
        pytest.param("Application/JSON; charset=utf-8", b'{"a": 1}', {"a": 1}, id="in capitals"),
        pytest.param("application/json ;charset=utf-8", b'{"a": 1}', {"a": 1}, id="a blank in the type"),
        pytest.param(JSON, b"[" * 20 + b"1" + b"]" * 20, nested(20, 1), id="20 deep"),
        pytest.param(FORM, b"a=1&b=x+y&a=%C3%A9&c=", {"a": ["1", "é"], "b": ["x y"], "c": [""]}, id="a form"),
        pytest.param(FORM, b"gr%C3%B6%C3%9Fe[1]=XL", {"größe[1]": ["XL"]}, id="a form's name in German"),
        pytest.param(JSON, json.dumps(json_of(LIMIT)).encode(), json_of(LIMIT), id="2,048 bytes"),
        pytest.param(JSON, json.dumps(json_of(LIMIT + 1)).encode(), None, id="2,049 bytes"),
        pytest.param(JSON, f'["{"é" * 1100}"]'.encode(), None, id="1,104 characters in 2,204 bytes"),
        pytest.param(JSON, b"", None, id="nothing"),
    ],
)
def test_json_and_forms_of_up_to_2_kib_are_logged(launch, eventually, values, media_type, content, body):
    server = launch(LOG_LEVEL="DEBUG")
    request_id = new_id(values)

    response = server.client.post(
        "/imports", content=iter([content]), headers=with_id(request_id, **{"Content-Type": media_type})
    )

    assert response.json() == {"size": len(content)}
    expected = {"body_bytes": len(content), "body": body}
    eventually(lambda: lines_about(server, request_id, *expected), [expected], seconds=SECONDS)


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        pytest.param({}, "password=%s", id="no type"),
        pytest.param({"Content-Type": JSON}, '{"password": "%s"', id="not quite JSON"),
        pytest.param({"Content-Type": "text/plain"}, '{"note": "%s"}', id="JSON, called a text"),
        pytest.param({"Content-Type": "application/merge-patch+json"}, '{"note": "%s"}', id="merge patch"),
        pytest.param({"Content-Type": "application/json-patch+json"}, '[{"note": "%s"}]', id="JSON patch"),
        pytest.param({"Content-Type": JSON}, '\xff{"password": "%s"}', id="a byte before the JSON"),
        pytest.param({"Content-Type": JSON}, "password=%s", id="a form, called JSON"),
        pytest.param({"Content-Type": FORM}, '{"password": "%s"}', id="JSON, called a form"),
        pytest.param(
            {"Content-Type": FORM}, '{"password": "a=%s"}', id="JSON with a sign of equality, called a form"
        ),
        pytest.param({"Content-Type": FORM}, 'note=1&{"password": "a=%s"}', id="half a form"),
        pytest.param(
            {"Content-Type": "multipart/form-data; boundary=x"},
            '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n%s\r\n--x--\r\n',
            id="multipart",
        ),
    ],
)
def test_a_body_that_cannot_be_parsed_is_left_out(launch, eventually, values, headers, form):
    server = launch(LOG_LEVEL="DEBUG")
    request_id, secret = new_id(values), new_id(values)
    content = (form % secret).encode("latin-1")

    response = server.client.post("/imports", content=content, headers=with_id(request_id, **headers))

    assert response.json() == {"size": len(content)}
    expected = {"body_bytes": len(content), "body": None}
    eventually(lambda: lines_about(server, request_id, *expected), [expected], seconds=SECONDS)
    assert revealed(server, secret) == []


def strings_in(value):
    """Return all texts in a JSON value, keys too."""
    if isinstance(value, dict):
        return [text for key, part in value.items() for text in (key, *strings_in(part))]
    return [text for part in value for text in strings_in(part)] if isinstance(value, list) else [str(value)]


def revealed(server, *secrets):
    """Return those secrets that stand in what was printed, as it is or in Base64, before or after it is decoded."""
    told = "\n".join([server.log, *(text for line in lines_of(server) for text in strings_in(line))])
    told += unquote_plus(told)
    # Three bytes give four letters of Base64, whatever stands before and behind them.
    encoded = {
        secret: [b64encode(secret.encode()[at : at + 9]).decode() for at in range(3)] for secret in secrets
    }
    return [secret for secret in secrets if any(form in told for form in (secret, *encoded[secret]))]


def shown_of(server, request_id, *path):
    """Return what the line about a request shows at a path of keys, in a list; nothing if there is no such line."""
    return [
        reduce(step_into, path, line)
        for line in request_lines(server)
        if line.get("request_id") == request_id
    ]


def step_into(value, key):
    """Return a part of a value; of what has no such part, the whole."""
    with suppress(KeyError, IndexError, TypeError):
        return value[key]
    return value


def test_secrets_in_a_query_are_redacted(launch, eventually, values):
    server = launch()
    request_id, first, second = new_id(values), new_id(values), new_id(values)
    secrets = [(key, f'{value}"ü/&=') for key in SECRET_KEYS for value in (first, second)]
    query = urlencode([("limit", "0"), ("page", "2"), *secrets, ("page", "3")])
    encoded = f"%70assword={first}&%61ccess%2Dtoken={second}"

    response = server.client.get(f"/feed?{query}&{encoded}", headers=with_id(request_id))

    assert response.status_code == 200
    expected = {"limit": ["0"], "page": ["2", "3"], **dict.fromkeys(SECRET_KEYS, REDACTED)}
    eventually(lambda: shown_of(server, request_id, "query"), [expected], seconds=SECONDS)
    assert revealed(server, first, second) == []


@pytest.mark.parametrize(
    "form",
    ["Bearer {0}", "Basic {1}", "session={0}; theme=dark"],
    ids=["Bearer", "Basic", "a cookie"],
)
def test_secrets_in_a_header_are_redacted(launch, eventually, values, form):
    server = launch(LOG_LEVEL="DEBUG")
    request_id, secret = new_id(values), new_id(values)
    header = form.format(secret, b64encode(f"ada:{secret}".encode()).decode())
    names = [
        *(key for key in SECRET_KEYS if key.lower() == key),
        "proxy-authorization",
        "Set-Cookie",
        "X-Access-Token",
    ]
    headers = with_id(request_id, **dict.fromkeys(names, header), **{"X-Shop": "mugs"})

    response = server.client.get("/feed?limit=0", headers=headers)

    assert response.status_code == 200
    expected = {**{name.lower(): REDACTED for name in names}, "x-shop": "mugs"}
    eventually(lambda: len(lines_about(server, request_id)), 1, seconds=SECONDS)
    [shown] = shown_of(server, request_id, "headers")
    assert {name: shown.get(name) for name in expected} == expected
    assert revealed(server, secret) == []


def secrets_as(value):
    """Return an object that has this value under each key of a secret."""
    return dict.fromkeys(SECRET_KEYS, value)


@pytest.mark.parametrize(
    ("media_type", "write", "body"),
    [
        pytest.param(
            JSON,
            lambda secret: json.dumps([1, [{"a": {"b": secrets_as(secret), "c": 1}}], secrets_as(secret)]),
            [1, [{"a": {"b": secrets_as(REDACTED), "c": 1}}], secrets_as(REDACTED)],
            id="JSON",
        ),
        pytest.param(
            JSON,
            lambda secret: json.dumps([secrets_as({"a": [secret, 1]}), secrets_as([secret, 2])]),
            [secrets_as(REDACTED)] * 2,
            id="objects and arrays as secrets",
        ),
        pytest.param(
            JSON,
            lambda _: json.dumps([secrets_as(1234567), secrets_as(True), secrets_as(None), secrets_as("")]),
            [secrets_as(REDACTED)] * 4,
            id="numbers and nothing as secrets",
        ),
        pytest.param(
            JSON,
            lambda secret: f'{{"pass\\u0077ord": "{secret}", "\\u0074oken": 1}}',
            {"password": REDACTED, "token": REDACTED},
            id="escapes in a key",
        ),
        pytest.param(
            JSON,
            lambda secret: json.dumps(nested(19, {"token": secret})),
            nested(19, {"token": REDACTED}),
            id="20 deep",
        ),
        pytest.param(
            FORM,
            lambda secret: f"%70assword={secret}&a=1&%61ccess%2Dtoken={secret}",
            {"password": REDACTED, "a": ["1"], "access-token": REDACTED},
            id="an encoded form",
        ),
        pytest.param(
            FORM,
            lambda secret: urlencode([*secrets_as(secret).items(), ("a", "1"), *secrets_as(2).items()]),
            {**secrets_as(REDACTED), "a": ["1"]},
            id="a form",
        ),
    ],
)
def test_secrets_in_a_body_are_redacted(launch, eventually, values, media_type, write, body):
    server = launch(LOG_LEVEL="DEBUG")
    request_id, secret = new_id(values), new_id(values)
    content = write(secret).encode()
    headers = with_id(request_id, **{"Content-Type": media_type})

    response = server.client.post("/imports", content=content, headers=headers)

    assert response.json() == {"size": len(content)}
    eventually(lambda: shown_of(server, request_id, "body"), [body], seconds=SECONDS)
    assert revealed(server, secret) == []


@AT_INFO_AND_DEBUG
def test_secrets_that_a_handler_logs_are_redacted(launch, eventually, values, settings):
    server = launch(**settings)
    email = f"{new_id(values)}@example.com"
    number = card(values)
    order = order_of(values, email=email, product=f"Mug {number}")

    placed = place_order(server.client, order)

    shown = placed | {"email": REDACTED, "card_number": REDACTED, "product": f"Mug {REDACTED}"}
    eventually(
        lambda: [line["order"] for line in objects_of(server) if "order" in line], [shown], seconds=SECONDS
    )
    eventually(lambda: len(request_lines(server)), 1, seconds=SECONDS)
    assert revealed(server, email.partition("@")[0], number, order["card_number"]) == []


@pytest.mark.parametrize(
    ("length", "target", "content", "path", "shown"),
    [
        pytest.param(16, "/imports/CARD", "", ["path"], "/imports/[redacted]", id="a path"),
        pytest.param(19, "/imports?a=no+CARD.", "", ["query", "a", 0], "no [redacted].", id="a query"),
        pytest.param(16, "/imports?CARD=", "", ["query"], {REDACTED: [""]}, id="a key"),
        pytest.param(
            13, "/imports", '{"a": [{"b": "xCARDx"}]}', ["body", "a", 0, "b"], "x[redacted]x", id="a text"
        ),
        pytest.param(
            15, "/imports", '["CARD, CARD"]', ["body", 0], "[redacted], [redacted]", id="two in a text"
        ),
        pytest.param(14, "/imports", '{"a": CARD}', ["body", "a"], REDACTED, id="a number"),
        pytest.param(17, "/imports", '"CARD"', ["body"], REDACTED, id="nothing else"),
        pytest.param(18, "/imports", "{}", ["headers", "x-shop"], "no. [redacted]", id="a header"),
    ],
)
def test_card_numbers_are_redacted(launch, eventually, values, length, target, content, path, shown):
    server = launch(LOG_LEVEL="DEBUG")
    request_id, number = new_id(values), card(values, length)
    headers = with_id(request_id, **{"Content-Type": JSON, "X-Shop": f"no. {number}"})

    response = server.client.post(
        target.replace("CARD", number), content=content.replace("CARD", number).encode(), headers=headers
    )

    assert response.status_code in {200, 404}
    eventually(lambda: shown_of(server, request_id, *path), [shown], seconds=SECONDS)
    assert revealed(server, number) == []


@AT_INFO_AND_DEBUG
def test_card_numbers_in_an_exception_are_redacted(launch, eventually, values, settings):
    server = launch(**settings, UVICORN_LOG_LEVEL="info")
    request_id, order = new_id(values), order_of(values)
    placed = place_order(server.client, order)

    response = server.client.post(f"/orders/{placed['id']}/payment", headers=with_id(request_id))

    assert response.status_code == 500
    eventually(lambda: len(lines_about(server, request_id)), 1, seconds=SECONDS)
    [told] = shown_of(server, request_id, "exception")
    assert "not paid with the card [redacted]." in told
    assert "No answer about the card [redacted]." in told
    assert revealed(server, order["card_number"], order["email"]) == []


def test_other_numbers_are_kept(launch, eventually, values):
    server = launch(LOG_LEVEL="DEBUG")
    request_id, number = new_id(values), no_card(values)
    longer = [f"{card(values)}{digit}" for digit in range(1, 10)] + [
        f"{digit}{card(values)}" for digit in range(1, 10)
    ]
    kept = [one for one in longer if luhn_sum(one) % 10 != 0]
    wrong = [no_card(values, length) for length in range(13, 20)]
    other_lengths = [card(values, length) for length in (11, 12, 20, 21)]
    other_digits = card(values).translate({ord("0") + digit: 0x0660 + digit for digit in range(10)})
    body = {
        "a": [kept, other_lengths, other_digits, f"{card(values)}5678", f"1234{card(values)}"],
        "b": wrong,
        "c": list(map(int, wrong)),
        number: 1.5,
    }
    headers = with_id(request_id, **{"X-Shop": number})

    response = server.client.post(f"/imports?order={number}", json=body, headers=headers)

    assert response.status_code == 200
    eventually(lambda: shown_of(server, request_id, "body"), [body], seconds=SECONDS)
    assert shown_of(server, request_id, "query") == [{"order": [number]}]
    assert shown_of(server, request_id, "headers", "x-shop") == [number]


def test_other_keys_are_kept(launch, eventually, values):
    server = launch(LOG_LEVEL="DEBUG")
    request_id = new_id(values)
    kept = {key: new_id(values) for key in OTHER_KEYS}

    response = server.client.post("/imports", params=kept, json=[kept], headers=with_id(request_id, **kept))

    assert response.status_code == 200
    eventually(lambda: shown_of(server, request_id, "body"), [[kept]], seconds=SECONDS)
    assert shown_of(server, request_id, "query") == [{key: [value] for key, value in kept.items()}]
    [headers] = shown_of(server, request_id, "headers")
    assert {key: headers.get(key.lower()) for key in kept} == kept


@pytest.mark.parametrize(
    "text",
    ["\r\n", "\u2028\x00", "\x85\x7f\x9b", "\\", '"}\n{"event": "request"}', "\x1b[31m"],
    ids=["CRLF", "U+2028 and NUL", "other control characters", "backslash", "a forged line", "a colour"],
)
def test_a_path_stays_within_its_line(launch, eventually, values, text):
    server = launch()
    request_id = new_id(values)

    response = server.client.get(f"/mugs{quote(text)}x?a={quote(text)}", headers=with_id(request_id))

    assert response.status_code == 404
    expected = {"path": f"/mugs{text}x", "query": {"a": [text]}}
    eventually(lambda: lines_about(server, request_id, *expected), [expected], seconds=SECONDS)
    assert [line for line in lines_of(server) if not isinstance(line, dict)] == []
    assert len(request_lines(server)) == 1
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", server.log) == []


@AT_INFO_AND_DEBUG
def test_the_health_check_is_logged_only_if_it_fails(launch, eventually, settings):
    server = launch(**settings, UVICORN_LOG_LEVEL="info")
    open_shop = server.client.get("/health?first=1")
    server.files.write("closed", "")
    closed = server.client.get("/health?second=2")
    server.files.remove("closed")

    posted = server.client.post("/health?third=3")

    assert [one.status_code for one in (open_shop, closed, posted)] == [200, 503, 405]
    eventually(lambda: [line["status"] for line in request_lines(server)], [503, 405], seconds=SECONDS)
    assert [line["level"] for line in request_lines(server)] == ["error", "warning"]
    assert [word for word in ("first", "second", "third") if word in server.log] == ["second", "third"]


def test_every_line_is_json_those_of_uvicorn_as_well(launch, eventually, values):
    server = launch(UVICORN_LOG_LEVEL="info")
    place_order(server.client, order_of(values))
    with server.connect(PATIENCE) as connection:
        connection.sendall(b"This is not HTTP.\r\n\r\n")
        refusal = read_until(connection, b"\r\n\r\n")

    server.restart(warm=True, UVICORN_LOG_LEVEL="debug")

    assert refusal.startswith(b"HTTP/1.1 400")
    ready = "Application startup complete."
    eventually(lambda: [line["event"] for line in objects_of(server)].count(ready), 2, seconds=SECONDS)
    assert [line for line in lines_of(server) if not isinstance(line, dict)] == []
    typed = [[type(line.get(name)) for name in ("timestamp", "level", "event")] for line in lines_of(server)]
    assert typed == [[str, str, str]] * len(typed)
    invalid = [
        line["level"] for line in lines_of(server) if line["event"] == "Invalid HTTP request received."
    ]
    assert invalid == ["warning"]


@AT_INFO_AND_DEBUG
@pytest.mark.parametrize(
    ("target", "status"), [("/mugs/{}", 404), ("/feed?limit=1&a={}", 200)], ids=["404", "200"]
)
def test_no_other_line_repeats_a_request(launch, eventually, values, settings, target, status):
    server = launch(**settings, UVICORN_LOG_LEVEL="info")
    request_id = new_id(values)

    response = server.client.get(target.format(request_id), headers=with_id(request_id))

    assert response.status_code == status
    eventually(lambda: lines_about(server, request_id, "status"), [{"status": status}], seconds=SECONDS)
    assert len([line for line in lines_of(server) if request_id in str(line)]) == 1


@pytest.mark.parametrize(
    ("level", "size", "body"),
    [
        pytest.param("DEBUG", LIMIT, json_of(LIMIT), id="2,048 bytes"),
        pytest.param("DEBUG", LIMIT + 1, None, id="2,049 bytes"),
        pytest.param("DEBUG", MOST_IMPORTED, None, id="64 KiB"),
        pytest.param("INFO", MOST_IMPORTED, ABSENT, id="64 KiB at INFO"),
    ],
)
def test_a_handler_still_reads_the_whole_body(launch, eventually, values, level, size, body):
    server = launch(LOG_LEVEL=level)
    request_id = new_id(values)
    content = json.dumps(json_of(size)).encode()
    head = head_of("POST", "/imports", request_id, f"Content-Type: {JSON}", f"Content-Length: {size}")

    with server.connect(PATIENCE) as connection:
        connection.sendall(head + content[:9])
        lines_of(server)  # by then, the handler has got the first part
        connection.sendall(content[9:])
        answer = read_until(connection, b"}")

    assert answer.endswith(b'\r\n\r\n{"size":%d}' % size)
    expected = {"status": 200, "body": body}
    eventually(lambda: lines_about(server, request_id, *expected), [expected], seconds=SECONDS)


@pytest.mark.parametrize(
    ("settings", "body_bytes"),
    [
        pytest.param({}, ABSENT, id="INFO"),
        pytest.param({"LOG_LEVEL": "DEBUG"}, MOST_IMPORTED + 1, id="DEBUG"),
    ],
)
def test_a_body_is_passed_on_while_it_arrives(launch, eventually, values, settings, body_bytes):
    server = launch(**settings)
    request_id = new_id(values)
    length = f"Content-Length: {10 * MOST_IMPORTED}"

    with server.connect(PATIENCE) as connection:
        connection.sendall(head_of("POST", "/imports", request_id, length) + b"." * (MOST_IMPORTED + 1))
        answer = read_until(connection, b"\r\n\r\n")

    assert answer[:12] == b"HTTP/1.1 413", (
        "The rest of the body is never sent: the handler must get what there is."
    )
    expected = {"status": 413, "body_bytes": body_bytes}
    eventually(lambda: lines_about(server, request_id, *expected), [expected], seconds=SECONDS)


@pytest.mark.parametrize(
    ("target", "media_type", "content"),
    [
        pytest.param("/imports", JSON, b"[NaN, -Infinity, 1e400]", id="NaN"),
        pytest.param("/imports", JSON, b'["\\ud800"]', id="half a surrogate pair"),
        pytest.param("/imports", JSON, b"[" * 900 + b"]" * 900, id="900 arrays"),
        pytest.param("/imports", JSON, b'{"a":' * 340 + b"1" + b"}" * 340, id="340 objects"),
        pytest.param("/imports", FORM, b"a=%ff&b=\xff&%=&=&&", id="a broken form"),
        pytest.param("/imports?a=%ff&b=%&%zz=&=", JSON, b"1", id="a broken query"),
        pytest.param("/imports", "\xff; charset", b"1", id="a broken media type"),
        pytest.param("/imports?" + "a=&" * 2000, FORM, b"a=&" * 600, id="2,000 fields"),
    ],
)
def test_logging_changes_no_response(launch, eventually, values, target, media_type, content):
    server = launch(LOG_LEVEL="DEBUG")
    request_id = new_id(values)
    headers = with_id(request_id, **{"Content-Type": media_type.encode("latin-1")})

    response = server.client.post(target, content=content, headers=headers)

    assert (response.status_code, response.json()) == (200, {"size": len(content)})
    expected = {"path": "/imports", "status": 200, "body_bytes": len(content)}
    eventually(lambda: lines_about(server, request_id, *expected), [expected], seconds=SECONDS)
    assert [line for line in lines_of(server) if not isinstance(line, dict)] == []
