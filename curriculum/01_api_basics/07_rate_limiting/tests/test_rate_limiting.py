"""The acceptance tests of curriculum 1.7: one for each criterion of the ticket."""

import math
import re
import socket
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from unittest.mock import ANY
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

JSON, PROBLEM = "application/json", "application/problem+json"
ADA, BOB = "198.51.100.7", "198.51.100.70"
HER_KEY, HIS_KEY = "Key=of/partner-1", "Key=of/partner-2"
KEYS = f"{HER_KEY},{HIS_KEY}"
MUG = {"name": "Mug", "price": 12.5}
FEW = {"RATE_LIMIT": "3"}
# How many requests two clients send at which second, if four are answered in a window of two seconds. A window that
# began with the first request ends between two bursts of Ada's; one of the clock between two of hers or of his,
# whenever it began. A limiter that lets more through does so in the next bursts, still within two seconds.
WINDOW, LIMIT = 2, 4
BURSTS = {
    "Ada": [(0.0, 1), (1.1, 4), (1.6, 4), (2.2, 4), (2.7, 4)],
    "Bob": [(0.5, 4), (1.1, 4), (1.6, 4), (2.2, 4)],
}
SCHEDULE = [(name, at, count) for name, bursts in BURSTS.items() for at, count in bursts]
LASTING_KEYS = """
local lasting = 0
for _, key in ipairs(redis.call('KEYS', '*')) do
    local seconds = redis.call('TTL', key)
    if seconds < 0 or seconds > 2 * 60 then lasting = lasting + 1 end
end
return {#redis.call('KEYS', '*') > 0 and 1 or 0, lasting}
"""


def use_up(client, count, headers=None, path="/products"):
    """Send requests that must be answered."""
    for _ in range(count):
        client.get(path, headers=headers).raise_for_status()


def wait_until_it_runs(server, peer="192.0.2.1"):
    """Let a server start and connect to Redis, so that it answers the next requests at once.

    This counts for another address. So does what the kit itself sends, `GET /` from 127.0.0.1: to the first server,
    before its test begins, and during a race. A test that uses that address has a server with settings of its own.
    """
    server.client_from(peer).get("/products").raise_for_status()


def remaining(response):
    """Return what `RateLimit` says is left, as text; or the header itself, if it is not as the ticket says."""
    return re.sub(r'^"default";r=([0-9]+);t=[0-9]+$', r"\1", response.headers.get("RateLimit", ""))


def seconds_left(window, first, now):
    """Return the numbers of seconds, rounded up, after which a first request may have left the window.

    Of both requests we know when they were sent, and when they were answered; they were counted between these times.
    """
    least, most = max(0.0, now[0] - first[1]), now[1] - first[0]
    return [str(seconds) for seconds in range(math.ceil(window - most), math.ceil(window - least) + 1)]


def timed(client):
    """Send a request, and return its response and the times before and after it."""
    sent = time.monotonic()
    response = client.get("/products")
    return response, (sent, time.monotonic())


def answer_at(client, moment):
    """Send a request at a moment, or now if it is over; return when it was sent and answered, and its status."""
    time.sleep(max(0.0, moment - time.monotonic()))
    response, (sent, received) = timed(client)
    return sent, received, response.status_code


def most_in_a_window(answers, seconds):
    """Return the largest number of requests that were answered with 200 within so many seconds.

    Counted is only what was sent and answered within them, so a slow machine makes this smaller, never larger.
    """
    times = [(sent, received) for sent, received, status in answers if status == 200]
    return max(
        sum(start <= sent and received < start + seconds for sent, received in times) for start, _ in times
    )


def connect_to_redis(url):
    """Connect to the Redis that a URL names."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(parts.path)
        return connection
    return socket.create_connection((parts.hostname, parts.port or 6379))


def redis_connection(url):
    """Connect to the database of Redis that a URL names."""
    parts = urlsplit(url)
    connection = connect_to_redis(url)
    connection.settimeout(5)
    if parts.password:
        send(connection, "AUTH", *filter(None, [parts.username]), parts.password)
    send(connection, "SELECT", parts.query.removeprefix("db=") or parts.path[1:] or "0")
    return connection


def send(connection, *words):
    """Send a command to Redis, and return what is there of its answer."""
    encoded = [word.encode() for word in words]
    lines = b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)
    connection.sendall(b"*%d\r\n%s" % (len(encoded), lines))
    return connection.recv(65536)


def read_to_end(connection):
    """Return what Redis sends until it closes the connection."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


class Relay:
    """Stands between an app and its Redis: it can close all connections, or hold the replies of Redis.

    Attributes:
        url: what the app gets for `REDIS_URL`.
        is_down: whether connections are closed.
        passes: unset while replies are held.
        has_held: set when a reply is held.
    """

    def __init__(self, url):
        self.redis = url
        self.is_down = False
        self.passes, self.has_held = Event(), Event()
        self.passes.set()
        self.ends = set()
        self.path = None
        parts = urlsplit(url)
        if parts.scheme == "unix":  # beside the socket of Redis, where an app in a sandbox can reach it
            self.path = Path(parts.path).with_name(f"relay-{uuid4().hex[:8]}")
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(self.path))
            self.path.chmod(0o777)
            self.url = f"unix://{self.path}?{parts.query}"
        else:
            self.listener = socket.create_server(("127.0.0.1", 0))
            login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
            self.url = parts._replace(netloc=f"{login}127.0.0.1:{self.listener.getsockname()[1]}").geturl()
        self.listener.listen()
        Thread(target=self.accept, daemon=True).start()

    def accept(self):
        """Serve each connection in a thread of its own, until the listener is closed."""
        with suppress(OSError):
            while True:
                Thread(target=self.serve, args=self.listener.accept()[:1], daemon=True).start()

    def serve(self, near):
        """Pass on what both ends of a connection say."""
        with near, connect_to_redis(self.redis) as far:
            self.ends |= {near, far}
            if not self.is_down:
                back = Thread(target=self.pass_back, args=(far, near), daemon=True)
                back.start()
                pass_on(near, far)
                back.join()
            self.ends -= {near, far}

    def pass_back(self, far, near):
        """Pass on what Redis says, when replies are not held."""
        with suppress(OSError):
            while data := far.recv(65536):
                if not self.passes.is_set():
                    self.has_held.set()
                self.passes.wait(10)
                near.sendall(data)
        shut(far, near)

    def go_down(self):
        """Close all connections, and those that will be opened."""
        self.is_down = True
        shut(*self.ends)

    def close(self):
        """Leave nothing behind."""
        self.go_down()
        shut(self.listener)
        self.listener.close()
        if self.path is not None:
            self.path.unlink()


def pass_on(source, target):
    """Pass on what one end of a connection says, until one of them closes."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    shut(source, target)


def shut(*ends):
    """Let whoever reads from these sockets know that nothing more comes."""
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def relays(launch):
    """Put two relays before the Redis of an app."""
    url = launch().settings["REDIS_URL"]
    relays = [Relay(url), Relay(url)]
    yield relays
    for relay in relays:
        relay.close()


def hold_replies(relays):
    """Hold the replies that come from now on."""
    for relay in relays:
        relay.passes.clear()


def release_replies(relays):
    """When each relay holds a reply, pass all of them on."""
    for relay in relays:
        relay.has_held.wait(10)
    for relay in relays:
        relay.passes.set()


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def test_each_response_says_how_many_requests_are_left(launch):
    server = launch()
    wait_until_it_runs(server)

    response, now = timed(server.client_from(ADA))

    assert response.status_code == 200
    assert response.json() == []
    assert response.headers.get("RateLimit-Policy") == '"default";q=100;w=3600'
    assert response.headers.get("RateLimit") in [
        f'"default";r=99;t={seconds}' for seconds in seconds_left(3600, now, now)
    ]


@pytest.mark.parametrize("used", [1, 2, 99])
def test_up_to_the_limit_each_request_takes_one_away(client_from, used):
    client = client_from(f"198.51.100.{used}")
    use_up(client, used)

    response = client.get("/products")

    assert response.status_code == 200
    assert remaining(response) == str(99 - used)


@pytest.mark.parametrize(
    ("limit", "method", "path"),
    [(1, "GET", "/products"), (101, "GET", "/products"), (1, "OPTIONS", "/nothing")],
)
def test_one_request_more_is_429(launch, limit, method, path):
    server = launch(RATE_LIMIT=str(limit), RATE_WINDOW_SECONDS="1800")
    use_up(server.client, limit)

    response = server.client.request(method, path)

    assert response.status_code == 429
    assert response.headers.get("RateLimit-Policy") == f'"default";q={limit};w=1800'
    assert remaining(response) == "0"


@pytest.mark.parametrize(
    ("peer", "payload"),
    [
        pytest.param(1, {"name": "M" * 80, "price": 0.01}, id="defaults"),
        pytest.param(2, {"name": "b", "description": None, "price": 12.55, "stock": 0}, id="no description"),
        pytest.param(
            3, {"name": " b ", "description": "d", "price": 999_999.99, "stock": 10**6}, id="limits"
        ),
    ],
)
def test_a_new_product_is_returned_and_counts(client_from, race, peer, payload):
    client = client_from(f"192.0.2.{peer}")

    response = client.post("/products", json=payload)

    product = response.json()
    assert response.status_code == 201
    assert product == {"description": None, "stock": 0, **payload, "id": product["id"]}
    assert product["id"] > 0
    assert remaining(response) == "99"
    assert client.get(f"/products/{product['id']}").json() == product
    race(8, lambda _: client.post("/products", json=payload).raise_for_status())
    ids = [product["id"] for product in client.get("/products").raise_for_status().json()]
    assert ids == sorted(set(ids)), "Products are sorted by id, also those that came at the same time."


def test_a_refused_request_changes_nothing(launch):
    server = launch(**FEW)
    ada, bob = server.client_from(ADA), server.client_from(BOB)
    mug = ada.post("/products", json=MUG).raise_for_status().json()
    use_up(ada, 2)

    refused = ada.post("/products", json={"name": "Bowl", "price": 8})

    assert refused.status_code == 429
    assert bob.get("/products").json() == [mug]


@pytest.mark.parametrize(("hers", "his"), [(ADA, BOB), ("2001:db8::7", "2001:4860::7")])
def test_each_address_has_a_limit_of_its_own(launch, hers, his):
    server = launch(**FEW)
    ada, bob = server.client_from(hers), server.client_from(his)
    use_up(ada, 3)

    of_bob = bob.get("/products")
    of_ada = ada.get("/products", headers={"User-Agent": "Monitor/1.0", "Cookie": "session=2"})

    assert of_ada.status_code == 429
    assert of_bob.status_code == 200
    assert remaining(of_bob) == "2"


@pytest.mark.parametrize(
    ("address", "key", "status", "left"),
    [
        pytest.param(ADA, HER_KEY, 429, "0", id="her key"),
        pytest.param(BOB, HER_KEY, 429, "0", id="her key from elsewhere"),
        pytest.param(ADA, HIS_KEY, 200, "2", id="another key"),
        pytest.param(ADA, None, 200, "1", id="no key"),
    ],
)
def test_a_valid_key_is_a_client_of_its_own(launch, address, key, status, left):
    server = launch(API_KEYS=KEYS, **FEW)
    use_up(server.client_from(ADA), 1)
    use_up(server.client_from(ADA), 1, {"X-API-Key": HER_KEY})
    use_up(server.client_from(BOB), 2, {"X-API-Key": HER_KEY})

    response = server.client_from(address).get("/products", headers={"X-API-Key": key} if key else {})

    assert response.status_code == status
    assert remaining(response) == left


def test_a_key_that_looks_like_an_address_is_another_client(launch):
    server = launch(API_KEYS=ADA, **FEW)
    ada, bob = server.client_from(ADA), server.client_from(BOB)
    use_up(ada, 3)
    refused = ada.get("/products")

    response = bob.get("/products", headers={"X-API-Key": ADA})

    assert refused.status_code == 429
    assert response.status_code == 200
    assert remaining(response) == "2"


@pytest.mark.parametrize(
    ("keys", "headers"),
    [
        pytest.param(KEYS, {"X-API-Key": "made-up"}, id="made up"),
        pytest.param(KEYS, {"X-API-Key": HER_KEY.upper()}, id="in capitals"),
        pytest.param(KEYS, {"X-API-Key": HER_KEY[:-1]}, id="shorter by one character"),
        pytest.param(KEYS, {"X-API-Key": f"{HER_KEY}y"}, id="longer by one character"),
        pytest.param(KEYS, {"X-API-Key": f"Bearer {HER_KEY}"}, id="behind a word"),
        pytest.param(KEYS, {"X-API-Key": b"cl\xe9"}, id="not ASCII"),
        pytest.param(KEYS, {"Authorization": f"Bearer {HER_KEY}"}, id="in other places"),
        pytest.param("", {"X-API-Key": ""}, id="empty, and there are no keys"),
    ],
)
def test_an_unknown_key_counts_for_the_address(launch, keys, headers):
    server = launch(API_KEYS=keys, **FEW)
    ada, bob = server.client_from(ADA), server.client_from(BOB)
    path = f"/products?api_key={HER_KEY}"
    use_up(bob, 3, headers, path)
    use_up(ada, 2)

    response = ada.get(path, headers=headers)

    assert response.status_code == 200
    assert remaining(response) == "0"
    assert ada.get(path, headers=headers).status_code == 429


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        pytest.param(ADA, {"X-Forwarded-For": BOB}, id="X-Forwarded-For"),
        pytest.param(ADA, {"Forwarded": f"for={BOB}"}, id="Forwarded"),
        pytest.param(ADA, {"X-Real-IP": BOB}, id="X-Real-IP"),
        pytest.param(
            ADA,
            dict.fromkeys(["CF-Connecting-IP", "True-Client-IP", "Fastly-Client-IP", "X-Client-IP"], BOB),
            id="headers of services",
        ),
        pytest.param("127.0.0.1", {"X-Forwarded-For": BOB}, id="from this machine"),
        pytest.param("10.0.0.1", {"X-Forwarded-For": BOB}, id="from a private network"),
    ],
)
def test_an_address_in_a_header_changes_nothing(launch, peer, headers):
    server = launch(**FEW)
    ada, bob = server.client_from(peer), server.client_from(BOB)
    use_up(ada, 3)

    forged = ada.get("/products", headers=headers)

    assert forged.status_code == 429
    assert remaining(bob.get("/products")) == "2"


@pytest.mark.parametrize(
    ("peer", "method", "path", "payload", "status"),
    [
        pytest.param(1, "POST", "/products", MUG, 201, id="201"),
        pytest.param(2, "GET", "/products/1000", None, 404, id="no such product"),
        pytest.param(3, "GET", "/nothing", None, 404, id="no such path"),
        pytest.param(4, "GET", "/healthy", None, 404, id="a path like that of the health check"),
        pytest.param(5, "GET", "/products/health", None, 422, id="health as an id"),
        pytest.param(6, "DELETE", "/products", None, 405, id="no such method"),
        pytest.param(7, "OPTIONS", "/products", None, 405, id="OPTIONS"),
        pytest.param(8, "POST", "/products", {**MUG, "name": "M" * 81}, 422, id="a long name"),
        pytest.param(9, "POST", "/products", {**MUG, "name": " "}, 422, id="a blank name"),
        pytest.param(10, "POST", "/products", {"price": 1}, 422, id="no name"),
        pytest.param(11, "POST", "/products", {"name": "Mug"}, 422, id="no price"),
        pytest.param(12, "POST", "/products", {**MUG, "description": ""}, 422, id="an empty description"),
        pytest.param(13, "POST", "/products", {**MUG, "price": 0}, 422, id="a price of 0"),
        pytest.param(14, "POST", "/products", {**MUG, "price": 1_000_000.01}, 422, id="a high price"),
        pytest.param(15, "POST", "/products", {**MUG, "price": 1.001}, 422, id="three decimals"),
        pytest.param(16, "POST", "/products", {**MUG, "price": "1"}, 422, id="a price in quotes"),
        pytest.param(17, "POST", "/products", {**MUG, "stock": -1}, 422, id="a stock below 0"),
        pytest.param(18, "POST", "/products", {**MUG, "stock": 1_000_001}, 422, id="a large stock"),
        pytest.param(19, "POST", "/products", {**MUG, "stock": "5"}, 422, id="a stock in quotes"),
        pytest.param(20, "GET", "/health/live", None, 404, id="a path below the health check"),
        pytest.param(21, "GET", "/Health", None, 404, id="the health check with a capital"),
        pytest.param(22, "GET", "/products?from=/health", None, 200, id="the health check in a query"),
        pytest.param(23, "HEAD", "/nothing", None, 404, id="HEAD"),
        pytest.param(24, "GET", "/", None, 404, id="the root"),
        pytest.param(25, "GET", "/favicon.ico", None, 404, id="what browsers ask for"),
        pytest.param(26, "GET", "/openapi.json", None, ANY, id="the documentation, if there is some"),
    ],
)
def test_every_response_counts_whatever_its_status(client_from, peer, method, path, payload, status):
    client = client_from(f"192.0.2.{peer}")

    response = client.request(method, path, json=payload)

    assert response.status_code == status
    assert response.headers.get("RateLimit-Policy") == '"default";q=100;w=3600'
    assert remaining(response) == "99"
    assert remaining(client.get("/products")) == "98"


def test_the_health_check_is_not_limited(launch):
    server = launch(**FEW)
    use_up(server.client, 2)
    server.client.get("/health?probe=1").raise_for_status()
    use_up(server.client, 1)
    refused = server.client.get("/products")

    response = server.client.get("/health?probe=2")

    assert refused.status_code == 429
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert [name for name in response.headers if name.startswith("ratelimit")] == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/products", 429), ("GET", "/nothing", 404), ("DELETE", "/products", 405)],
)
def test_errors_are_problem_details(launch, method, path, status):
    server = launch(**FEW)
    use_up(server.client, 3 if status == 429 else 0)

    response = server.client.request(method, path)

    assert response.status_code == status
    assert media_type(response) == PROBLEM
    problem = response.json()
    assert problem["status"] == status
    assert [type(problem[member]) for member in ("type", "title", "detail")] == [str, str, str]


def test_of_200_requests_at_once_100_are_answered(launch, race):
    server = launch()
    ada = server.client_from(ADA)

    answers = race(200, lambda _: ada.get("/products"))

    assert sorted(answer.status_code for answer in answers) == [200] * 100 + [429] * 100


def test_two_processes_share_the_counts(launch, relays, at_once):
    servers = [launch(RATE_LIMIT="1", REDIS_URL=relay.url) for relay in relays]
    wait_until_it_runs(servers[0], "192.0.2.1")
    wait_until_it_runs(servers[1], "192.0.2.2")
    clients = [server.client_from(ADA) for server in servers]
    hold_replies(relays)  # so that both processes ask Redis before either learns anything
    calls = [lambda: clients[0].get("/products"), lambda: clients[1].get("/products")]

    answers = at_once(3, lambda number: [*calls, lambda: release_replies(relays)][number]())

    assert sorted(answer.status_code for answer in answers[:2]) == [200, 429]
    assert clients[0].get("/products").status_code == 429
    assert clients[1].get("/products").status_code == 429


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": HER_KEY}], ids=["address", "key"])
def test_a_restart_forgets_nothing(launch, headers):
    server = launch(API_KEYS=KEYS, **FEW)
    use_up(server.client, 2, headers)
    server.restart()

    last = server.client.get("/products", headers=headers)
    refused = server.client.get("/products", headers=headers)

    assert last.status_code == 200
    assert remaining(last) == "0"
    assert refused.status_code == 429


def test_in_no_window_are_more_requests_answered(launch, at_once):
    server = launch(RATE_LIMIT=str(LIMIT), RATE_WINDOW_SECONDS=str(WINDOW))
    clients = {"Ada": server.client_from(ADA), "Bob": server.client_from(BOB)}
    wait_until_it_runs(server)
    start = time.monotonic() + 0.1

    answers = at_once(
        len(SCHEDULE),
        lambda number: [
            answer_at(clients[SCHEDULE[number][0]], start + SCHEDULE[number][1])
            for _ in range(SCHEDULE[number][2])
        ],
    )

    bursts = [(name, burst) for (name, *_), burst in zip(SCHEDULE, answers, strict=True)]
    of_ada = [answer for name, burst in bursts if name == "Ada" for answer in burst]
    of_bob = [answer for name, burst in bursts if name == "Bob" for answer in burst]
    assert most_in_a_window(of_ada, WINDOW) <= LIMIT
    assert most_in_a_window(of_bob, WINDOW) <= LIMIT
    assert {status for *_, status in of_ada + of_bob} == {200, 429}


def test_the_seconds_lead_to_the_end_of_the_oldest_request(launch):
    server = launch(RATE_LIMIT="2", RATE_WINDOW_SECONDS="10")
    wait_until_it_runs(server)
    _, first = timed(server.client)
    time.sleep(1.6)  # neither rounding nor the time since the second request gives the same as rounding up
    last, then = timed(server.client)

    refused, now = timed(server.client)

    assert last.status_code == 200
    assert last.headers.get("RateLimit") in [
        f'"default";r=0;t={seconds}' for seconds in seconds_left(10, first, then)
    ]
    assert refused.status_code == 429
    assert refused.headers.get("Retry-After") in seconds_left(10, first, now)
    assert refused.headers.get("RateLimit") == f'"default";r=0;t={refused.headers.get("Retry-After")}'


def test_refused_requests_do_not_put_off_the_next_answer(launch, eventually):
    server = launch(RATE_LIMIT="1", RATE_WINDOW_SECONDS="1")
    _, (_, answered) = timed(server.client)
    answers = []

    def ask_again():
        response, (sent, _) = timed(server.client)
        answers.append(response.status_code)
        return sent >= answered + 1

    eventually(ask_again, True, seconds=5.0)

    assert set(answers) == {429, 200}


def test_redis_gets_no_api_key(launch):
    server = launch(API_KEYS=KEYS)

    with redis_connection(server.settings["REDIS_URL"]) as monitor:
        send(monitor, "MONITOR")
        use_up(server.client, 2, {"X-API-Key": HER_KEY})
        commands = send(monitor, "QUIT") + read_to_end(monitor)

    assert b'"' in commands
    assert HER_KEY.encode() not in commands


def test_redis_forgets_clients_that_are_gone(launch):
    server = launch(API_KEYS=KEYS, RATE_WINDOW_SECONDS="60", **FEW)
    use_up(server.client, 2)
    use_up(server.client, 1, {"X-API-Key": HER_KEY})
    server.client.get("/products", headers={"X-API-Key": "made-up"})
    server.client.get("/products")  # one more than the limit

    with redis_connection(server.settings["REDIS_URL"]) as connection:
        found = send(connection, "EVAL", LASTING_KEYS, "0")

    assert found == b"*2\r\n:1\r\n:0\r\n"


def test_without_redis_requests_are_answered_and_the_log_says_so(launch, eventually):
    server = launch(REDIS_URL="unix:///nowhere/no-such-server", **FEW)
    use_up(server.client, 3)

    response = server.client.get("/products")

    assert response.status_code == 200
    assert response.json() == []
    eventually(lambda: "redis" in server.log.lower(), True, seconds=2.0)


def test_after_an_outage_of_redis_requests_are_limited_again(launch, relays, eventually):
    relay = relays[0]
    server = launch(REDIS_URL=relay.url, **FEW)
    use_up(server.client, 3)
    before = server.client.get("/products")
    logged_before = len(server.log)
    relay.go_down()
    use_up(server.client, 4)
    eventually(lambda: "redis" in server.log[logged_before:].lower(), True, seconds=2.0)

    relay.is_down = False

    assert before.status_code == 429
    eventually(lambda: server.client.get("/products").status_code, 429, seconds=3.0)
