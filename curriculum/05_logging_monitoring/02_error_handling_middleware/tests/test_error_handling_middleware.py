"""The acceptance tests of curriculum 5.2: one for each criterion of the ticket."""

import json
from contextlib import suppress
from urllib.parse import unquote
from uuid import UUID

import pytest

PATIENCE = 5.0
"""Seconds within which something must happen that waits for nothing."""
PROBLEM, HTML = "application/problem+json", "text/html"
STAFF = {"Authorization": "Bearer open sesame"}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
NO_DATABASE = {"DATABASE_URL": "postgresql://shop:hunter2@127.0.0.1:1/shop"}
NO_SOCKET = {"DATABASE_URL": "postgresql://shop:hunter2@/shop?host=/nowhere"}
MUG, MUGS = {"product_id": 1, "quantity": 1}, {"product_id": 1, "quantity": 6}
CUP = {"id": 1, "name": "Mug", "stock": 5}
REQUEST = ("method", "path", "query", "status")
STACK = "Traceback (most recent call last):\n"
INSIDE = [
    STACK.strip(),
    "hunter2",
    "127.0.0.1",
    "carrier.internal",
    ".py",
    "psycopg",
    "sqlalchemy",
    "INSERT INTO",
    "SELECT ",
]
ORDER = (
    b"POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 32\r\n\r\n"
    b'{"product_id": 1, "quantity": 1}'
)
LOCK = "SET LOCAL lock_timeout = '5s'; LOCK TABLE {}"  # or an app that keeps its locks would be waited for
NOTHING = "SELECT 1"
WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND NOT granted
"""
END_OF_CHUNKS = b"0\r\n\r\n"
FAIL = "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {}; RETURN NEW; END'"
LOSE_CONNECTION = FAIL.format("PERFORM pg_terminate_backend(pg_backend_pid())")
FIND_DEADLOCK = FAIL.format("RAISE EXCEPTION ''found a deadlock'' USING ERRCODE = ''40P01''")
CANCEL = FAIL.format("RAISE EXCEPTION ''was cancelled'' USING ERRCODE = ''57014''")
ON_READ = """
    ALTER TABLE products RENAME TO gone;
    CREATE FUNCTION lose() RETURNS integer LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN 1; END';
    CREATE VIEW products AS SELECT lose() AS id, name, stock FROM gone
"""
ON_ORDER = "CREATE TRIGGER fail BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION fail()"
ON_COMMIT = (
    "CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON orders"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()"
)
ERRORS = {  # the request, the status and the severity of each
    "unknown product": ({"method": "GET", "url": "/products/3"}, 404, "INFO"),
    "out of stock": ({"method": "POST", "url": "/orders", "json": MUGS}, 409, "INFO"),
    "invalid": ({"method": "POST", "url": "/orders?from=mail", "json": {}}, 422, "INFO"),
    "unknown path": ({"method": "GET", "url": "/caf%C3%A9?colour=bl%C3%BCe&size=2"}, 404, "WARNING"),
    "unknown method": ({"method": "DELETE", "url": "/orders"}, 405, "WARNING"),
    "no token": ({"method": "GET", "url": "/admin/orders"}, 401, "WARNING"),
    "late carrier": ({"method": "GET", "url": "/delivery/10115"}, 504, "WARNING"),
    "unexpected": ({"method": "GET", "url": "/admin/orders", "headers": STAFF}, 500, "ERROR"),
}
TOO_SLOW = {"too slow": ({"method": "GET", "url": "/delivery/10115"}, 503, "ERROR")}
DOWN = {
    "database down": ({"method": "GET", "url": "/products/1"}, 503, "CRITICAL"),
    "database down for the staff": (
        {"method": "GET", "url": "/admin/orders", "headers": STAFF},
        503,
        "CRITICAL",
    ),
}
HEADERS = {
    "unknown method": "Allow",
    "no token": "WWW-Authenticate",
    "database down": "Retry-After",
    "database down for the staff": "Retry-After",
}
"""What the response to some errors needs besides, as a problem and as a page."""
KINDS = pytest.mark.parametrize(
    ("settings", "statements", "errors"),
    [
        pytest.param(
            {"CARRIER_SECONDS": "9", "CARRIER_LIMIT": "0.05"}, ["DROP TABLE audit"], ERRORS, id="most"
        ),
        pytest.param(
            {"CARRIER_SECONDS": "9", "CARRIER_LIMIT": "8", "REQUEST_SECONDS": "0.1"},
            [],
            TOO_SLOW,
            id="too slow",
        ),
        pytest.param(NO_DATABASE, [], DOWN, id="database down"),
    ],
)
"""All kinds of errors: how the app is started, what then happens to its database, and what is asked."""


def open_shop(launch, statements=(), **settings):
    """Start the app, and run statements on its database; with one, its tables are there."""
    server = launch(**settings)
    for statement in statements:
        server.client.get("/health").raise_for_status()
        server.query(statement)
    return server


def fail_all(at_once, server, errors, *accepted):
    """Make some errors at the same time, once for each `Accept`; return the responses by name, or by both."""
    asked = [
        with_accept(request, accept) for accept in accepted or ["*/*"] for request, _, _ in errors.values()
    ]
    names = errors if len(accepted) < 2 else [f"{name}, {accept}" for accept in accepted for name in errors]
    return dict(
        zip(names, at_once(len(asked), lambda number: server.client.request(**asked[number])), strict=True)
    )


def with_accept(request, accept):
    """Return a request that says what it accepts."""
    return {**request, "headers": request.get("headers", {}) | {"Accept": accept}}


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def problem_in(response):
    """Return the status that a problem names; see that all of its members are there."""
    assert media_type(response) == PROBLEM
    problem = response.json()
    texts = [problem["type"], problem["title"], problem["detail"]]
    assert [isinstance(text, str) and text.strip() != "" for text in texts] == [True, True, True]
    UUID(problem["error_id"])
    return problem["status"]


def id_of(response):
    """Return the id of a problem."""
    return response.json()["error_id"]


def parse(line):
    """Return the JSON object of a line of the log; an empty one for what else the app prints."""
    with suppress(ValueError):
        value = json.loads(line)
        return value if isinstance(value, dict) else {}
    return {}


def lines_of(server):
    """Return the lines of the log that are about an error, without those of `/`: the kit may have asked for that."""
    lines = map(parse, server.log.splitlines())
    return [line for line in lines if "error_id" in line and line.get("path") != "/"]


def line_about(server, response):
    """Return the one line that has a problem's id."""
    (line,) = [line for line in lines_of(server) if line["error_id"] == id_of(response)]
    return line


def some(line, *names):
    """Return some fields of a line."""
    return {name: line.get(name) for name in names}


def read_product(client, product_id):
    """Read a product."""
    return client.get(f"/products/{product_id}").raise_for_status().json()


def read_orders(client):
    """Read all orders, as the staff do."""
    return client.get("/admin/orders", headers=STAFF).raise_for_status().json()


def begin_download(connection):
    """Ask for the table of the stock, and return the response up to its first line."""
    connection.sendall(b"GET /stock.csv HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
    received = b""
    while b"product_id,stock\n" not in received:
        received += read_some(connection)
    return received


def read_some(connection):
    """Return what has arrived; there must be something."""
    received = connection.recv(65536)
    assert received
    return received


def read_rest(connection):
    """Return what arrives until the connection is closed."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def leave_within_body(server):
    """Go away in the middle of a request's body."""
    with server.connect(PATIENCE) as connection:
        connection.sendall(b"POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 99\r\n")
        connection.sendall(b'Content-Type: application/json\r\n\r\n{"product_id": 1, ')


def leave_order(server, eventually):
    """Order, and go away while the app waits for the database."""
    with server.connect(PATIENCE) as connection:
        connection.sendall(ORDER)
        eventually(lambda: server.query(WAITING), [(1,)], seconds=PATIENCE)
    server.client.get("/health").raise_for_status()


def leave_download(server):
    """Go away in the middle of a response that waits for the database."""
    with server.transaction(LOCK.format("products")), server.connect(PATIENCE) as connection:
        begin_download(connection)
        connection.close()
        server.client.get("/delivery/10115").raise_for_status()


def statuses(responses):
    """Return the statuses of responses by their names."""
    return {name: response.status_code for name, response in responses.items()}


def expected(errors, place):
    """Return the statuses (1) or the severities (2) of errors by their names."""
    return {name: error[place] for name, error in errors.items()}


def split(url):
    """Return the decoded path and the query of a URL, as a line has them."""
    path, _, query = url.partition("?")
    return {"path": unquote(path), "query": query}


def inside(line):
    """Return what a line knows and no response may tell: the type of the exception, and the end of its text."""
    last = line["traceback"].strip().rpartition("\n")[2]
    return [line["type"], last.partition(": ")[2] or line["type"]]


def ids_in(server, response):
    """Return how many of the ids in the log a page has."""
    return sum(line["error_id"] in response.text for line in lines_of(server))


def link_to(error_id):
    """Return the address that the page of a 500 has."""
    return f"mailto:help@shop.example?subject={error_id}"


def test_an_unknown_product_is_404(client, unknown_id):
    response = client.get(f"/products/{unknown_id}")
    ordered = client.post("/orders", json={"product_id": unknown_id, "quantity": 1})

    assert [response.status_code, ordered.status_code] == [404, 404]
    assert [problem_in(response), problem_in(ordered)] == [404, 404]


@pytest.mark.parametrize("order", [MUGS, {"product_id": 2, "quantity": 1}], ids=["more", "none left"])
def test_more_than_the_stock_is_409_and_takes_nothing(fresh_client, order):
    response = fresh_client.post("/orders", json=order)

    assert response.status_code == 409
    assert problem_in(response) == 409
    assert read_product(fresh_client, 1) == CUP
    assert read_orders(fresh_client) == []


@pytest.mark.parametrize(
    ("method", "path", "payload", "places"),
    [
        pytest.param("POST", "/orders", {"product_id": 1, "quantity": 0}, ["body.quantity"], id="too few"),
        pytest.param("POST", "/orders", {"product_id": 1, "quantity": 101}, ["body.quantity"], id="too many"),
        pytest.param("POST", "/orders", {"product_id": "1", "quantity": 1}, ["body.product_id"], id="a text"),
        pytest.param("POST", "/orders", {"product_id": 1, "quantity": True}, ["body.quantity"], id="true"),
        pytest.param("POST", "/orders", {}, ["body.product_id", "body.quantity"], id="no fields"),
        pytest.param("GET", "/products/mug", None, ["path.product_id"], id="path"),
    ],
)
def test_an_invalid_request_is_422_and_names_fields(fresh_client, method, path, payload, places):
    response = fresh_client.request(method, path, json=payload)

    assert response.status_code == 422
    assert problem_in(response) == 422
    assert sorted(error["place"] for error in response.json()["errors"]) == places
    assert [isinstance(error.get("detail"), str) for error in response.json()["errors"]] == [True] * len(
        places
    )
    assert read_product(fresh_client, 1) == CUP
    assert read_orders(fresh_client) == []


@pytest.mark.parametrize("path", ["/", "/nowhere", "/products", "/nowhere/1"])
def test_an_unknown_path_is_404(client, path):
    response = client.get(path)

    assert response.status_code == 404
    assert problem_in(response) == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        pytest.param("DELETE", "/orders", {"POST"}, id="orders"),
        pytest.param("PUT", "/products/1", {"GET"}, id="product"),
        pytest.param("POST", "/health", {"GET"}, id="health"),
    ],
)
def test_an_unknown_method_is_405_with_allow(client, method, path, allowed):
    response = client.request(method, path)

    assert response.status_code == 405
    assert problem_in(response) == 405
    assert {one.strip() for one in response.headers["Allow"].split(",")} - {"HEAD", "OPTIONS"} == allowed


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer swordfish"}, {"Authorization": "open sesame"}],
    ids=["none", "wrong", "bare"],
)
def test_a_wrong_token_is_401_with_a_challenge(client, headers):
    response = client.get("/admin/orders", headers=headers)

    assert response.status_code == 401
    assert problem_in(response) == 401
    assert response.headers["WWW-Authenticate"].lower().startswith("bearer")


def test_a_late_carrier_is_504(launch):
    server = launch(CARRIER_SECONDS="9", CARRIER_LIMIT="0.05")

    response = server.client.get("/delivery/10115")

    assert response.status_code == 504
    assert problem_in(response) == 504


@pytest.mark.parametrize(
    ("locked", "request_"),
    [
        pytest.param("mails", {"method": "GET", "url": "/delivery/10115"}, id="in an endpoint"),
        pytest.param("products", {"method": "GET", "url": "/products/1"}, id="in a dependency"),
        pytest.param(
            "audit", {"method": "GET", "url": "/admin/orders", "headers": STAFF}, id="in middleware"
        ),
    ],
)
def test_a_slow_response_is_503(launch, eventually, locked, request_):
    server = open_shop(launch, [NOTHING], CARRIER_SECONDS="9", CARRIER_LIMIT="8", REQUEST_SECONDS="0.5")

    with server.transaction(LOCK.format(locked)):
        response = server.client.request(**request_)
        eventually(lambda: server.query(WAITING), [(0,)], seconds=PATIENCE)

    assert response.status_code == 503
    assert problem_in(response) == 503


@pytest.mark.parametrize(
    ("settings", "statements", "request_"),
    [
        pytest.param(
            NO_DATABASE, [], {"method": "GET", "url": "/products/1"}, id="a dependency cannot connect"
        ),
        pytest.param(NO_SOCKET, [], {"method": "GET", "url": "/products/1"}, id="there is no server"),
        pytest.param(
            NO_DATABASE,
            [],
            {"method": "GET", "url": "/admin/orders", "headers": STAFF},
            id="middleware cannot connect",
        ),
        pytest.param(
            {},
            [LOSE_CONNECTION, ON_ORDER],
            {"method": "POST", "url": "/orders", "json": MUG},
            id="lost on the way",
        ),
        pytest.param(
            {},
            [LOSE_CONNECTION, ON_COMMIT],
            {"method": "POST", "url": "/orders", "json": MUG},
            id="lost at the commit",
        ),
    ],
)
def test_a_lost_database_is_503_with_retry_after(launch, settings, statements, request_):
    server = open_shop(launch, statements, **settings)

    response = server.client.request(**request_)

    assert response.status_code == 503
    assert problem_in(response) == 503
    assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("statements", "request_"),
    [
        pytest.param(
            ["DROP TABLE products CASCADE"], {"method": "GET", "url": "/products/1"}, id="in a dependency"
        ),
        pytest.param(
            [FIND_DEADLOCK, ON_ORDER], {"method": "POST", "url": "/orders", "json": MUG}, id="in an endpoint"
        ),
        pytest.param(
            ["DROP TABLE audit"],
            {"method": "GET", "url": "/admin/orders", "headers": STAFF},
            id="in middleware",
        ),
    ],
)
def test_an_unexpected_error_is_500(launch, statements, request_):
    server = open_shop(launch, statements)

    response = server.client.request(**request_)

    assert response.status_code == 500
    assert problem_in(response) == 500


def test_a_commit_that_fails_is_500_and_stores_nothing(launch):
    server = open_shop(launch, [CANCEL, ON_COMMIT])

    response = server.client.post("/orders", json=MUG)

    assert response.status_code == 500
    assert problem_in(response) == 500
    assert read_product(server.client, 1) == CUP
    assert read_orders(server.client) == []
    assert server.query("SELECT * FROM mails") == []


@pytest.mark.parametrize(
    "value", ["NaN", "1e400", '"\\ud800"', ""], ids=["NaN", "infinity", "half of a pair", "no value"]
)
def test_what_json_cannot_hold_is_422(client, value):
    content = f'{{"product_id": 1, "quantity": {value}}}'

    response = client.post("/orders", content=content, headers={"Content-Type": "application/json"})

    assert response.status_code == 422
    assert problem_in(response) == 422


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/problem+json, text/html", "", "text/plain"]
)
def test_problem_details_are_the_default(client, accept):
    response = client.get("/nowhere", headers={"Accept": accept})

    assert response.status_code == 404
    assert problem_in(response) == 404


@KINDS
def test_no_response_tells_of_the_inside(launch, at_once, settings, statements, errors):
    server = open_shop(launch, statements, **settings)

    responses = fail_all(at_once, server, errors, "*/*", BROWSER)

    assert list(statuses(responses).values()) == [*expected(errors, 1).values()] * 2
    secrets = [
        *INSIDE,
        *(secret for line in lines_of(server) if line.get("status") in {500, 503} for secret in inside(line)),
    ]
    texts = [f"{response.headers} {response.text}".lower() for response in responses.values()]
    assert [secret for secret in secrets for text in texts if secret.lower() in text] == []


@KINDS
def test_every_error_leaves_one_line(launch, at_once, eventually, settings, statements, errors):
    server = open_shop(launch, statements, **settings)

    responses = fail_all(at_once, server, errors)

    assert statuses(responses) == expected(errors, 1)
    ids = sorted(id_of(response) for response in responses.values())
    eventually(lambda: sorted(line["error_id"] for line in lines_of(server)), ids, seconds=1.0)


@KINDS
def test_a_line_names_request_and_status(launch, at_once, settings, statements, errors):
    server = open_shop(launch, statements, **settings)

    responses = fail_all(at_once, server, errors)

    assert {name: some(line_about(server, response), *REQUEST) for name, response in responses.items()} == {
        name: {"method": request["method"], **split(request["url"]), "status": status}
        for name, (request, status, _) in errors.items()
    }


@KINDS
def test_a_line_has_type_and_traceback(launch, at_once, settings, statements, errors):
    server = open_shop(launch, statements, **settings)

    responses = fail_all(at_once, server, errors)

    lines = {name: line_about(server, response) for name, response in responses.items()}
    assert {name: line["type"].isidentifier() for name, line in lines.items()} == dict.fromkeys(errors, True)
    assert {name: STACK in line["traceback"] for name, line in lines.items()} == dict.fromkeys(errors, True)
    assert {name: line["type"] in line["traceback"] for name, line in lines.items()} == dict.fromkeys(
        errors, True
    )


def test_simultaneous_errors_do_not_mix(launch, at_once):
    server = launch(CARRIER_SECONDS="9", CARRIER_LIMIT="0.3")

    responses = at_once(40, lambda number: server.client.get(f"/delivery/{number}?number={number}"))

    assert [response.status_code for response in responses] == [504] * 40
    assert [some(line_about(server, response), "path", "query") for response in responses] == [
        {"path": f"/delivery/{number}", "query": f"number={number}"} for number in range(40)
    ]


@KINDS
def test_a_browser_gets_a_page(launch, at_once, settings, statements, errors):
    server = open_shop(launch, statements, **settings)

    responses = fail_all(at_once, server, errors, BROWSER)

    assert statuses(responses) == expected(errors, 1)
    assert {name: media_type(response) for name, response in responses.items()} == dict.fromkeys(errors, HTML)
    assert {
        name: str(response.status_code) in response.text for name, response in responses.items()
    } == dict.fromkeys(errors, True)
    assert {name: ids_in(server, response) for name, response in responses.items()} == dict.fromkeys(
        errors, 1
    )
    needed = {name: HEADERS[name] for name in responses if name in HEADERS}
    assert {name: header for name, header in needed.items() if header in responses[name].headers} == needed


@pytest.mark.parametrize(
    ("accept", "preferred"),
    [
        pytest.param("text/html", HTML, id="HTML alone"),
        pytest.param("text/html, application/json;q=0.9", HTML, id="JSON less"),
        pytest.param("text/html;q=0.9, application/json", PROBLEM, id="JSON more"),
        pytest.param("text/html;q=0.9, application/problem+json", PROBLEM, id="problems more"),
        pytest.param(
            "text/html;q=0.9, application/problem+json;q=0.5, application/json;q=0.1", HTML, id="both less"
        ),
        pytest.param("application/json;q=0.5, text/html;q=0.5", PROBLEM, id="as much"),
        pytest.param("text/html;q=0.001", HTML, id="a thousandth"),
        pytest.param("text/html;q=0, */*", PROBLEM, id="no HTML"),
        pytest.param("text/*, application/json;q=0.5", HTML, id="any text"),
        pytest.param("text/html;q=0.3, text/*;q=0.9, */*;q=0.5", PROBLEM, id="the most specific"),
        pytest.param("*/*, application/*;q=0.1", HTML, id="any but applications"),
        pytest.param("TEXT/HTML ; Q=0.8 , */* ; q=0.7", HTML, id="letter case and blanks"),
        pytest.param("text/html;q=2, */*;q=0.1", PROBLEM, id="more than 1"),
        pytest.param("text/html;q=high, */*;q=0.1", PROBLEM, id="no number"),
        pytest.param("text/html;q=.5", PROBLEM, id="no digit before the point"),
        pytest.param("text/html;q=", PROBLEM, id="an empty one"),
        pytest.param("text/html;q=0.1234", PROBLEM, id="four digits"),
        pytest.param("text/html;q=1.001", PROBLEM, id="a little more than 1"),
        pytest.param("text/html;q=-0.5, ;, /", PROBLEM, id="less than 0"),
    ],
)
def test_the_quality_of_html_decides(client, accept, preferred):
    response = client.get("/nowhere", headers={"Accept": accept})
    in_several = client.get("/nowhere", headers=[("Accept", one) for one in accept.split(",")])

    assert [response.status_code, in_several.status_code] == [404, 404]
    assert media_type(response) == preferred
    assert media_type(in_several) == preferred


@KINDS
def test_every_error_varies_by_accept(launch, at_once, settings, statements, errors):
    server = open_shop(launch, statements, **settings)

    responses = fail_all(at_once, server, errors, "*/*", BROWSER)

    assert list(statuses(responses).values()) == [*expected(errors, 1).values()] * 2
    varying = {name: response.headers.get("Vary", "").lower() for name, response in responses.items()}
    assert varying == dict.fromkeys(responses, "accept")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        pytest.param("/nowhere", "/nowhere", id="plain"),
        pytest.param("/caf%C3%A9", "/café", id="an accent"),
        pytest.param("/%3Cscript%3Ealert(1)", "/&lt;script&gt;alert(1)", id="a tag"),
        pytest.param("/a&b%26amp;", "/a&amp;b&amp;amp;", id="an ampersand"),
        pytest.param("/{path}{0}%25s", "/{path}{0}%s", id="placeholders"),
        pytest.param("/products/99", "/products/99", id="a product"),
    ],
)
def test_the_404_page_shows_the_path_as_text(client, path, shown):
    response = client.get(f"{path}?secret=1", headers={"Accept": BROWSER})

    assert response.status_code == 404
    assert media_type(response) == HTML
    assert shown in response.content.decode()
    assert "<script" not in response.text
    assert "secret=1" not in response.text


@pytest.mark.parametrize(
    ("settings", "statements", "errors", "with_path"),
    [
        pytest.param(
            {"CARRIER_SECONDS": "9", "CARRIER_LIMIT": "0.05"},
            ["DROP TABLE audit"],
            ERRORS,
            {"unknown product", "unknown path"},
            id="most",
        ),
        pytest.param(
            {"CARRIER_SECONDS": "9", "CARRIER_LIMIT": "8", "REQUEST_SECONDS": "0.1", **NO_DATABASE},
            [],
            TOO_SLOW | {"database down": DOWN["database down"]},
            set(),
            id="503",
        ),
    ],
)
def test_the_500_page_alone_links_to_us(launch, at_once, settings, statements, errors, with_path):
    server = open_shop(launch, statements, **settings)

    responses = fail_all(at_once, server, errors, BROWSER)

    assert statuses(responses) == expected(errors, 1)
    unexpected = {name for name, (_, status, _) in errors.items() if status == 500}
    links = [link_to(line["error_id"]) for line in lines_of(server) if line["status"] == 500]
    linking = {name for name, response in responses.items() for link in links if link in response.text}
    assert linking == unexpected
    assert {name for name, response in responses.items() if "mailto:" in response.text} == unexpected
    paths = {name: split(request["url"])["path"] for name, (request, _, _) in errors.items()}
    shown = {name for name, response in responses.items() if paths[name] in response.content.decode()}
    assert shown == with_path


@pytest.mark.parametrize(
    ("token", "status"), [("open sesame", 500), ("swordfish", 401)], ids=["right", "wrong"]
)
def test_no_token_is_in_the_log(launch, token, status):
    server = open_shop(launch, ["DROP TABLE audit"])

    response = server.client.get("/admin/orders", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == status
    assert line_about(server, response)["status"] == status
    assert token not in f"{server.log} {response.text}"


@pytest.mark.parametrize(
    ("statement", "severity"),
    [
        pytest.param("DROP TABLE products CASCADE", "ERROR", id="unexpected"),
        pytest.param(ON_READ, "CRITICAL", id="database down"),
    ],
)
def test_an_error_within_a_response_cuts_it(launch, eventually, statement, severity):
    server = open_shop(launch, [statement])

    with server.connect(PATIENCE) as connection:
        received = begin_download(connection) + read_rest(connection)

    assert received.startswith(b"HTTP/1.1 200 OK")
    assert not received.endswith(END_OF_CHUNKS)
    line = {"method": "GET", "path": "/stock.csv", "query": "", "status": 200, "severity": severity}
    eventually(lambda: [some(line, *REQUEST, "severity") for line in lines_of(server)], [line], seconds=1.0)
    assert STACK in lines_of(server)[0]["traceback"]
    assert received.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    ("statements", "severity"),
    [
        pytest.param(["DROP TABLE mails"], "ERROR", id="unexpected"),
        pytest.param([LOSE_CONNECTION, ON_ORDER.replace("orders", "mails")], "CRITICAL", id="database down"),
    ],
)
def test_a_background_error_is_logged(launch, eventually, statements, severity):
    server = open_shop(launch, statements)

    response = server.client.post("/orders?from=mail", json=MUG)

    assert response.status_code == 201
    assert response.json() == {"id": 1, **MUG}
    line = {"method": "POST", "path": "/orders", "query": "from=mail", "status": 201, "severity": severity}
    eventually(lambda: [some(line, *REQUEST, "severity") for line in lines_of(server)], [line], seconds=1.0)
    assert STACK in lines_of(server)[0]["traceback"]
    assert UUID(lines_of(server)[0]["error_id"])


def test_a_begun_response_has_no_limit(launch, eventually):
    server = open_shop(launch, [NOTHING], REQUEST_SECONDS="1", CARRIER_SECONDS="9", CARRIER_LIMIT="8")

    with server.connect(PATIENCE) as connection:
        with server.transaction(LOCK.format("mails")):
            placed = server.client.post("/orders", json=MUG)
            with server.transaction(LOCK.format("products")):
                begin_download(connection)
                too_slow = server.client.get("/delivery/10115")
        rest = read_rest(connection)

    assert placed.status_code == 201
    assert too_slow.status_code == 503
    assert rest.endswith(END_OF_CHUNKS)
    eventually(lambda: server.query("SELECT order_id FROM mails"), [(1,)], seconds=PATIENCE)
    assert [line["error_id"] for line in lines_of(server)] == [id_of(too_slow)]


@pytest.mark.parametrize(
    "leave", [leave_within_body, leave_download], ids=["while it sends a body", "during a download"]
)
def test_a_client_that_goes_is_no_error(launch, leave):
    server = open_shop(launch, [NOTHING], CARRIER_SECONDS="0.3")

    leave(server)

    server.client.get("/delivery/10115").raise_for_status()
    response = server.client.get("/nowhere")
    assert response.status_code == 404
    assert [line["error_id"] for line in lines_of(server)] == [id_of(response)]


def test_a_success_leaves_no_line(launch):
    server = launch()

    placed = server.client.post("/orders", json={"product_id": 1, "quantity": 5})

    assert placed.status_code == 201
    assert placed.json() == {"id": 1, "product_id": 1, "quantity": 5}
    assert "Vary" not in placed.headers
    assert read_product(server.client, 1) == {**CUP, "stock": 0}
    assert read_orders(server.client) == [placed.json()]
    assert server.client.get("/delivery/10115").json() == {"days": 2}
    assert server.client.get("/health").json() == {"status": "ok"}
    assert server.client.get("/stock.csv").text == "product_id,stock\n1,0\n2,0\n"
    response = server.client.get("/nowhere")
    assert [line["error_id"] for line in lines_of(server)] == [id_of(response)]


@KINDS
def test_the_severity_follows_the_table(launch, at_once, settings, statements, errors):
    server = open_shop(launch, statements, **settings)

    responses = fail_all(at_once, server, errors)

    severities = {name: line_about(server, response)["severity"] for name, response in responses.items()}
    assert severities == expected(errors, 2)


def test_a_client_that_has_gone_hides_no_error(launch, eventually):
    server = open_shop(launch, [FIND_DEADLOCK, ON_ORDER])

    with server.transaction(LOCK.format("products")):
        leave_order(server, eventually)

    line = {"method": "POST", "path": "/orders", "query": "", "severity": "ERROR"}
    eventually(lambda: [some(one, *line) for one in lines_of(server)], [line], seconds=PATIENCE)
    assert STACK in lines_of(server)[0]["traceback"]
