"""The acceptance tests of curriculum 1.8: one for each criterion of the ticket."""

import re
import socket
import time
from contextlib import suppress
from itertools import takewhile
from math import floor
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest

JSON = "application/json"
PROBLEM = "application/problem+json"
MUG = {"name": "Mug", "category": "mugs", "price": 12.5}
CUP = {"name": "Cup", "category": "cups", "price": 9.99, "stock": 3}
NOWHERE = "unix:///nowhere/redis?db=0"
OLD_QUERY_SECONDS = "0.3"
"""How long an older query runs: ten times what a change takes on a quiet machine."""


def create(client, **fields):
    """Create a product and return it; a test that fails here says which status it got."""
    return client.post("/products", json=fields).raise_for_status().json()


def fetch(client, path="/products"):
    """Return a list of products, as JSON."""
    return client.get(path).raise_for_status().json()


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def status_of(response):
    """Return what `Cache-Status` says of `shop`: hit, fwd=miss or collapsed; anything else as it is."""
    header = response.headers.get("Cache-Status", "")
    member, *parameters = [part.strip() for part in header.split(";")]
    known = [name for name in ("collapsed", "fwd=miss", "hit") if name in parameters]
    is_one = member == "shop" and known in (["hit"], ["fwd=miss"], ["collapsed", "fwd=miss"])
    return known[0] if is_one else header


def directives_of(response):
    """Return the directives of `Cache-Control`, in lower case."""
    return {part.strip().lower() for part in response.headers.get("Cache-Control", "").split(",")}


def max_age_of(response):
    """Return the seconds of `max-age`, or None if there is no such directive with an integer."""
    found = [re.fullmatch(r"max-age=(\d+)", directive) for directive in directives_of(response)]
    return next((int(match[1]) for match in found if match), None)


def etag_of(response):
    """Return the ETag of a response, which must be a strong one."""
    etag = response.headers.get("ETag", "")
    assert re.fullmatch(r'"[!#-~]+"', etag), "a strong ETag"
    return etag


def queries_of(server):
    """Return how often the slow query has begun."""
    return server.log.count("Slow query")


def connect_to_redis(url):
    """Connect to a Redis."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(parts.path)
        return connection
    return socket.create_connection((parts.hostname, parts.port or 6379))


def ask_redis(url, command):
    """Send a command to the database of an app, and return the reply's first line."""
    parts = urlsplit(url)
    database = parts.query.removeprefix("db=") if parts.scheme == "unix" else parts.path.removeprefix("/")
    login = [f"AUTH {parts.password}"] if parts.password else []
    commands = [*login, f"SELECT {database or 0}", command]
    with connect_to_redis(url) as connection, connection.makefile("rw", newline="\r\n") as stream:
        stream.write("".join(f"{line}\n" for line in commands))
        stream.flush()
        return [stream.readline().strip() for _ in commands][-1]


def keys_of(server):
    """Return how many keys an app has in Redis."""
    return int(ask_redis(server.settings["REDIS_URL"], "DBSIZE").removeprefix(":"))


class Relay:
    """Stands between an app and its Redis: passes on what they say, or closes each connection, or says nothing.

    Attributes:
        url: what the app gets for `REDIS_URL`.
        state: "up", "down" or "silent".
    """

    def __init__(self, url):
        self.redis = url
        self.state = "up"
        self.ends = set()
        parts = urlsplit(url)
        if parts.scheme == "unix":  # beside the socket of Redis, where an app in a sandbox can reach it
            path = Path(parts.path).with_name(f"relay-{uuid4().hex[:8]}")
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(path))
            path.chmod(0o777)
            self.path = path
            self.url = f"unix://{path}?{parts.query}"
        else:
            self.listener = socket.create_server(("127.0.0.1", 0))
            self.path = None
            login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
            self.url = parts._replace(netloc=f"{login}127.0.0.1:{self.listener.getsockname()[1]}").geturl()
        self.listener.listen(200)
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
            if self.state == "down":
                return
            back = Thread(target=self.pump, args=(far, near), daemon=True)
            back.start()
            self.pump(near, far)
            back.join()
            self.ends -= {near, far}

    def pump(self, source, target):
        """Pass on what one end says, until one of them closes."""
        with suppress(OSError):
            while data := source.recv(65_536):
                if self.state == "up":
                    target.sendall(data)
        shut(source, target)

    def go_down(self):
        """Close each connection, and each that will be opened, until `state` is changed."""
        self.state = "down"
        shut(*self.ends)

    def close(self):
        """Leave nothing behind."""
        self.go_down()
        shut(self.listener)
        self.listener.close()
        if self.path is not None:
            self.path.unlink()


def shut(*ends):
    """Let whoever reads from these sockets know that nothing more comes."""
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def shop(launch):
    """Start the app with a query that takes no time."""
    return launch(SLOW_QUERY_SECONDS="0")


@pytest.fixture
def relay(launch):
    """Put a relay before the Redis of an app."""
    relay = Relay(launch().settings["REDIS_URL"])
    yield relay
    relay.close()


@pytest.fixture
def relayed(launch, relay):
    """Start the app with a query that takes no time, behind a relay."""
    return launch(SLOW_QUERY_SECONDS="0", REDIS_URL=relay.url)


CHANGES = {
    "POST": ("POST", "/products", {"name": "New", "category": "mugs", "price": 5}),
    "PUT": ("PUT", "/products/{id}", {"name": "Bowl", "category": "mugs", "price": 11, "stock": 7}),
    "PATCH": ("PATCH", "/products/{id}", {"price": 13.5}),
    "DELETE": ("DELETE", "/products/{id}", None),
}
"""A change of each kind, of a product in the category mugs."""
STATUSES = {"POST": 201, "PUT": 200, "PATCH": 200, "DELETE": 204}
each_change = pytest.mark.parametrize("kind", list(CHANGES))


def change(client, kind, product):
    """Make a change of this kind, of this product or beside it."""
    method, path, payload = CHANGES[kind]
    return client.request(method, path.format_map(product), json=payload).raise_for_status()


LISTED = {
    "POST": lambda products, made: [*products, made.json()],
    "PUT": lambda products, made: [made.json(), *products[1:]],
    "PATCH": lambda products, made: [made.json(), *products[1:]],
    "DELETE": lambda products, _made: products[1:],
}
"""What a list becomes if its first product is changed, or another one is created, by the kind of the change."""


def test_the_second_request_for_a_list_is_a_hit(shop):
    empty = [status_of(shop.client.get("/products").raise_for_status()) for _ in range(2)]
    mug = create(shop.client, name="Mug", category="mugs", price=12.5)
    first = shop.client.get("/products?category=mugs&sort=price")

    second = shop.client.get("/products?category=mugs&sort=price")

    assert mug == {"id": mug["id"], "name": "Mug", "category": "mugs", "price": 12.5, "stock": 0}
    assert [first.status_code, second.status_code] == [200, 200]
    assert [first.json(), second.json()] == [[mug], [mug]]
    assert [status_of(first), status_of(second)] == ["fwd=miss", "hit"]
    assert [media_type(first), media_type(second)] == [JSON, JSON]
    assert empty == ["fwd=miss", "hit"]
    assert queries_of(shop) == 2


@pytest.mark.parametrize("status", ["fwd=miss", "hit"])
@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("?sort=price", [3, 1, 4, 0, 2]),
        ("?category=mugs&sort=price", [1, 4, 0]),
    ],
)
def test_lists_are_filtered_and_sorted(shop, query, places, status):
    new = [("Z", "mugs", 10), ("B", "mugs", 9), ("Y", "cups", 100), ("C", "cups", 5.5), ("A", "mugs", 9)]
    products = [
        create(shop.client, name=name, category=category, price=price) for name, category, price in new
    ]
    fetches = {"hit": 1, "fwd=miss": 0}[status]
    before = [fetch(shop.client, f"/products{query}") for _ in range(fetches)]

    response = shop.client.get(f"/products{query}")

    assert response.status_code == 200
    assert response.json() == [products[place] for place in places]
    assert status_of(response) == status
    assert before == [response.json()] * fetches


def test_a_hit_has_the_text_of_the_miss(shop, kept_text):
    new = {"name": kept_text[:80], "category": kept_text[-80:], "price": 12.5}
    product = create(shop.client, **new)
    path = f"/products?category={quote(new['category'], safe='')}"
    miss = shop.client.get(path)

    hit = shop.client.get(path)

    assert [miss.status_code, hit.status_code] == [200, 200]
    assert [status_of(miss), status_of(hit)] == ["fwd=miss", "hit"]
    assert hit.content == miss.content
    assert hit.json() == [product]
    assert product == {"id": product["id"], "stock": 0, **new}
    assert media_type(hit) == JSON


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("category=mugs&sort=price", "sort=price&category=mugs"),
        ("sort=id&category=mugs", "category=%6Dugs&sort=id"),
    ],
)
def test_other_orders_of_parameters_share_a_list(shop, first, second):
    mug = create(shop.client, **MUG)
    miss = shop.client.get(f"/products?{first}")

    hit = shop.client.get(f"/products?{second}")

    assert [miss.status_code, hit.status_code] == [200, 200]
    assert [miss.json(), hit.json()] == [[mug], [mug]]
    assert [status_of(miss), status_of(hit)] == ["fwd=miss", "hit"]
    assert queries_of(shop) == 1


@pytest.mark.parametrize(
    ("first", "second", "sort"),
    [
        ("a", "b", "id"),
        ("a", "a", "price"),
        ("a", "A", "id"),
        ("a", "a ", "id"),
        ("a b", "a+b", "id"),
        ("a b", "a%20b", "id"),
        ("x" * 79 + "a", "x" * 79 + "b", "id"),
        ("caf\u00e9", "cafe\u0301", "id"),
        ("a&sort=price", "a", "price"),
        ("a:price", "a", "price"),
    ],
)
def test_different_parameters_share_no_list(shop, first, second, sort):
    new = [(first, 9), (second, 8), (first, 7), (second, 6)]
    products = [create(shop.client, name="Mug", category=category, price=price) for category, price in new]
    before = shop.client.get("/products", params={"category": first, "sort": "id"})

    response = shop.client.get("/products", params={"category": second, "sort": sort})

    assert [before.status_code, response.status_code] == [200, 200]
    assert before.json() == [product for product in products if product["category"] == first]
    wanted = [product for product in products if product["category"] == second]
    assert response.json() == sorted(wanted, key=lambda product: product[sort])
    assert [status_of(before), status_of(response)] == ["fwd=miss", "fwd=miss"]


@pytest.mark.parametrize("category", ["None", "null", "all", "*"])
def test_a_category_may_be_called_none(shop, category):
    mug, product = create(shop.client, **MUG), create(shop.client, **{**CUP, "category": category})
    everything = shop.client.get("/products")

    response = shop.client.get(f"/products?category={quote(category, safe='')}")

    assert [everything.status_code, response.status_code] == [200, 200]
    assert [everything.json(), response.json()] == [[mug, product], [product]]
    assert [status_of(everything), status_of(response)] == ["fwd=miss", "fwd=miss"]


def test_an_emptied_redis_is_a_miss(shop):
    mug = create(shop.client, **MUG)
    before = [status_of(shop.client.get("/products").raise_for_status()) for _ in range(2)]
    reply = ask_redis(shop.settings["REDIS_URL"], "FLUSHDB")

    response = shop.client.get("/products")

    assert response.status_code == 200
    assert response.json() == [mug]
    assert [*before, reply, status_of(response)] == ["fwd=miss", "hit", "+OK", "fwd=miss"]
    assert queries_of(shop) == 2


def test_a_list_expires_in_redis(launch, eventually):
    server = launch(SLOW_QUERY_SECONDS="0", CACHE_SECONDS="0.4")
    create(server.client, **MUG)
    server.client.get("/products").raise_for_status()
    full = keys_of(server)

    # Each look is a hit, until one is a miss; none of them may make the list stay longer.
    eventually(lambda: status_of(server.client.get("/products")), "fwd=miss", seconds=2)

    assert queries_of(server) == 2
    eventually(lambda: keys_of(server) < full, True, seconds=2)


@each_change
@pytest.mark.parametrize("query", ["", "?category=mugs&sort=price"])
def test_every_change_is_seen_at_once(shop, kind, query):
    products = [create(shop.client, **{**MUG, "price": price}) for price in (10, 11, 12)]
    before = [fetch(shop.client, f"/products{query}") for _ in range(2)]
    hit = status_of(shop.client.get(f"/products{query}"))
    made = change(shop.client, kind, products[0])

    response = shop.client.get(f"/products{query}")

    assert response.status_code == 200
    listed = sorted(response.json(), key=lambda product: product["id"])
    assert listed == LISTED[kind](products, made)
    assert status_of(response) == "fwd=miss"
    assert made.status_code == STATUSES[kind]
    assert [*before, hit] == [products, products, "hit"]


@pytest.mark.parametrize(("query", "places"), [("mugs", [1]), ("cups", [0, 2])])
@pytest.mark.parametrize(
    ("method", "payload", "stock"),
    [("PUT", {"name": "Jug", "category": "cups", "price": 1.25}, 0), ("PATCH", {"category": "cups"}, 5)],
)
def test_a_changed_category_changes_both_lists(shop, method, payload, stock, query, places):
    mug, other, cup = [create(shop.client, **product) for product in ({**MUG, "stock": 5}, MUG, CUP)]
    before = [fetch(shop.client, f"/products?category={category}") for category in ("mugs", "cups")]
    moved = shop.client.request(method, f"/products/{mug['id']}", json=payload).raise_for_status().json()

    response = shop.client.get(f"/products?category={query}")

    assert response.status_code == 200
    assert response.json() == [[moved, other, cup][place] for place in places]
    assert status_of(response) == "fwd=miss"
    assert before == [[mug, other], [cup]]
    assert moved == {**mug, **payload, "stock": stock}


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "/products", '{"name": "Cup", "price": 5}', 422),
        ("POST", "/products", '{"name": "Cup", "category": "cups", "price": NaN}', 422),
        ("POST", "/products", '{"name": "Cup", "category": "cups", "price": 5, "stock": "5"}', 422),
        ("PUT", "/products/{id}", '{"name": "Cup", "category": "\\ud800", "price": 5}', 422),
        ("PATCH", "/products/{id}", '{"price": 0.001}', 422),
        ("PATCH", "/products/{id}", '{"stock": null}', 422),
        ("PATCH", "/products/{id}", '{"stock": true}', 422),
        ("PATCH", "/products/1x", '{"price": 5}', 422),
        ("PUT", "/products/0", '{"name": "Cup", "category": "cups", "price": 5}', 404),
        ("PATCH", f"/products/{2**63}", '{"price": 5}', 404),
        ("DELETE", "/products/-1", None, 404),
    ],
)
def test_a_refused_change_changes_no_list(shop, method, path, content, status):
    mug = create(shop.client, **MUG)
    before = shop.client.get("/products")
    path = path.format_map(mug)
    refused = shop.client.request(method, path, content=content, headers={"Content-Type": JSON})

    after = shop.client.get("/products")

    assert refused.status_code == status
    assert media_type(refused) == PROBLEM
    assert [before.status_code, after.status_code] == [200, 200]
    assert [before.json(), after.json()] == [[mug], [mug]]
    assert etag_of(after) == etag_of(before)


def test_an_older_query_stores_no_old_list(launch, at_once, eventually):
    server = launch(SLOW_QUERY_SECONDS=OLD_QUERY_SECONDS)
    mug = create(server.client, **MUG)

    def change_during_the_query():
        eventually(lambda: queries_of(server), 1, seconds=5)
        return change(server.client, "PATCH", mug)

    steps = [lambda: server.client.get("/products"), change_during_the_query]
    older, made = at_once(2, lambda number: steps[number]())

    response = server.client.get("/products")

    assert response.status_code == 200
    assert response.json() == [made.json()]
    assert made.json() == {**mug, "price": 13.5}
    assert status_of(older) == "fwd=miss"


def test_nobody_waits_for_an_older_query(launch, at_once, eventually):
    server = launch(SLOW_QUERY_SECONDS=OLD_QUERY_SECONDS)
    mug = create(server.client, **MUG)

    def change_and_read_during_the_query():
        eventually(lambda: queries_of(server), 1, seconds=5)
        change(server.client, "PATCH", mug)
        return server.client.get("/products")

    steps = [lambda: server.client.get("/products"), change_and_read_during_the_query]

    older, response = at_once(2, lambda number: steps[number]())

    assert response.status_code == 200
    assert response.json() == [{**mug, "price": 13.5}]
    assert [status_of(older), status_of(response)] == ["fwd=miss", "fwd=miss"]


MOST_READS = 500
"""How often a list is read at most, in case that the change never ends."""


@each_change
def test_changes_among_reads_are_seen(shop, race, kind):
    products = [create(shop.client, **{**MUG, "price": price}) for price in (10, 11, 12)]
    changed = Event()

    def change_one():
        made = change(shop.client, kind, products[0])
        changed.set()
        return made

    steps = [change_one, *[lambda: read_until(shop.client, changed)] * 7]
    made, *_ = race(8, lambda number: steps[number]())

    response = shop.client.get("/products")

    assert response.status_code == 200
    assert response.json() == LISTED[kind](products, made)
    assert status_of(response) in {"hit", "fwd=miss"}


def read_until(client, changed):
    """Read the list again and again until a change is made, whose thread rests before each line."""
    unchanged = takewhile(lambda _: not changed.is_set(), range(MOST_READS))
    return [client.get("/products").raise_for_status() for _ in unchanged]


@pytest.mark.parametrize("count", [0, 1])
def test_a_restart_forgets_the_lists(shop, count):
    fetch(shop.client)
    create(shop.client, **MUG)
    before = [shop.client.get("/products").raise_for_status() for _ in range(2)]
    shop.restart(warm=True)
    products = [create(shop.client, **CUP) for _ in range(count)]

    response = shop.client.get("/products", headers={"If-None-Match": before[1].headers.get("ETag", "")})

    assert response.status_code == 200
    assert response.json() == products
    assert status_of(response) == "fwd=miss"
    assert [status_of(one) for one in before] == ["fwd=miss", "hit"]


def fall_silent(relay):
    """Let Redis never answer."""
    relay.state = "silent"


@pytest.mark.parametrize(
    ("kind", "lose"),
    [("POST", Relay.go_down), ("PATCH", Relay.go_down), ("PATCH", fall_silent)],
    ids=["POST", "PATCH", "PATCH in silence"],
)
def test_a_change_during_an_outage_is_seen(relayed, relay, kind, lose):
    products = [create(relayed.client, **{**MUG, "price": price}) for price in (10, 11, 12)]
    before = [status_of(relayed.client.get("/products").raise_for_status()) for _ in range(2)]
    lose(relay)
    made = change(relayed.client, kind, products[0])
    relay.state = "up"

    response = relayed.client.get("/products")

    assert response.status_code == 200
    assert response.json() == LISTED[kind](products, made)
    assert before == ["fwd=miss", "hit"]


@pytest.mark.parametrize(
    ("headers", "slow"),
    [({}, 0), ({"If-None-Match": "*"}, 0), ({}, 0.3)],
    ids=["200", "304", "a slow query"],
)
def test_max_age_is_the_remaining_time(launch, eventually, headers, slow):
    seconds = 60.2  # so that 0.2 seconds later one second less is left
    server = launch(SLOW_QUERY_SECONDS=f"{slow}", CACHE_SECONDS=f"{seconds}")
    create(server.client, **MUG)
    stored_after = time.monotonic()
    miss = server.client.get("/products")
    stored_before = time.monotonic()
    wrong = []

    def read():
        sent = time.monotonic()
        age = max_age_of(server.client.get("/products", headers=headers))
        most = floor(seconds - (sent - stored_before) + 0.05)
        least = floor(seconds - (time.monotonic() - stored_after) - 0.05)
        wrong.extend([(least, age, most)] if age is None or not least <= age <= most else [])
        return age

    eventually(read, 59, seconds=2)

    assert wrong == []
    assert floor(seconds - (stored_before - stored_after - slow)) <= max_age_of(miss) <= 60
    assert directives_of(miss) & {"public", "private", "no-store", "no-cache"} == {"public"}


def test_without_changes_the_etag_stays(launch, eventually):
    server = launch(SLOW_QUERY_SECONDS="0", CACHE_SECONDS="0.3")
    create(server.client, **MUG)
    miss, hit = [server.client.get("/products").raise_for_status() for _ in range(2)]
    eventually(lambda: status_of(server.client.get("/products?")), "fwd=miss", seconds=2)

    response = server.client.get("/products")

    assert response.status_code == 200
    assert etag_of(response) == etag_of(miss)
    assert etag_of(hit) == etag_of(miss)


@pytest.mark.parametrize(
    ("fields", "replaced"),
    [
        ({"price": 13.5}, 0),
        ({"price": 21.5}, 0),
        ({"name": "Gum"}, 0),
        ({"name": "mug"}, 0),
        ({"stock": 1}, 0),
        ({"category": "Mugs"}, 0),
        ({}, 1),
    ],
    ids=["price", "digits swapped", "letters swapped", "case", "stock", "category", "another product"],
)
def test_every_change_changes_the_etag(shop, fields, replaced):
    mug, other = create(shop.client, **MUG), create(shop.client, **MUG)
    before = shop.client.get("/products")
    shop.client.patch(f"/products/{mug['id']}", json=fields).raise_for_status()
    for product in [mug][:replaced]:
        change(shop.client, "DELETE", product)
        create(shop.client, **MUG)

    response = shop.client.get("/products")

    assert [before.status_code, response.status_code] == [200, 200]
    assert etag_of(response) != etag_of(before)
    assert response.json()[0] == {**[mug, other][replaced], **fields}


MATCHES = [
    "{etag}",
    "W/{etag}",
    '"other", {etag}',
    '"other",{etag}',
    '{etag}, "other"',
    'W/"other", W/{etag}, "third"',
    '"a,b" , {etag}',
    "*",
]


@pytest.mark.parametrize(
    ("header", "status"),
    [*[(header, "hit") for header in MATCHES], *[(header, "fwd=miss") for header in MATCHES[-2:]]],
)
def test_a_known_etag_is_304(shop, header, status):
    create(shop.client, **MUG)
    first = shop.client.get("/products").raise_for_status()
    commands = {"hit": "PING", "fwd=miss": "FLUSHDB"}
    ask_redis(shop.settings["REDIS_URL"], commands[status])

    response = shop.client.get("/products", headers={"If-None-Match": header.format(etag=etag_of(first))})

    assert response.status_code == 304
    assert response.content == b""
    assert status_of(response) == status


def test_a_304_has_the_lists_headers(shop):
    create(shop.client, **MUG)
    first = shop.client.get("/products").raise_for_status()

    response = shop.client.get("/products", headers={"If-None-Match": etag_of(first)})

    assert response.status_code == 304
    assert etag_of(response) == etag_of(first)
    assert max_age_of(response) is not None
    assert directives_of(response) & {"public", "private", "no-store", "no-cache"} == {"public"}
    assert status_of(response) == "hit"
    assert "Date" in response.headers
    assert response.headers.get("Content-Length", f"{len(first.content)}") == f"{len(first.content)}"


@pytest.mark.parametrize(
    "header",
    ['"other"', 'W/"other", "third"', '"{inner}x"', '"x{inner}"', '"{half}"', '"x,{inner},x"', '"*"'],
)
def test_other_etags_get_the_list(shop, header):
    mug = create(shop.client, **MUG)
    first = shop.client.get("/products").raise_for_status()
    known = shop.client.get("/products", headers={"If-None-Match": etag_of(first)})
    inner = etag_of(first).strip('"')
    parts = {"inner": inner, "half": inner[: len(inner) // 2]}

    response = shop.client.get("/products", headers={"If-None-Match": header.format_map(parts)})

    assert known.status_code == 304
    assert response.status_code == 200
    assert response.json() == [mug]
    assert etag_of(response) == etag_of(first)


@pytest.mark.parametrize("headers", [{}, {"If-None-Match": "*"}], ids=["plain", "with If-None-Match"])
def test_empty_categories_are_not_cached(shop, race, headers):
    mug = create(shop.client, **MUG)
    change(shop.client, "DELETE", mug)
    before = race(5, lambda _: shop.client.get("/products?category=mugs", headers=headers))
    queries = queries_of(shop)

    response = shop.client.get("/products?category=mugs", headers=headers)

    assert [one.status_code for one in [*before, response]] == [404] * 6
    assert media_type(response) == PROBLEM
    assert "no-store" in directives_of(response)
    assert "ETag" not in response.headers
    assert queries_of(shop) == queries + 1
    assert status_of(shop.client.get("/products").raise_for_status()) == "fwd=miss"


@pytest.mark.parametrize(
    "query",
    [
        "sort=name",
        "sort=Price",
        "sort=",
        "category=",
        "category=%E3%80%80",
        f"category={'x' * 81}",
    ],
)
def test_invalid_parameters_are_not_cached(shop, query):
    mug = create(shop.client, **MUG)
    before = shop.client.get("/products").raise_for_status()
    headers = {"If-None-Match": "*"}

    response = shop.client.get(f"/products?{query}", headers=headers)

    assert response.status_code == 422
    assert media_type(response) == PROBLEM
    assert "public" not in directives_of(response)
    assert "ETag" not in response.headers
    assert before.json() == [mug]
    assert status_of(shop.client.get("/products")) == "hit"


def test_accounts_are_private_and_not_stored(shop):
    shop.client.get("/products").raise_for_status()
    kept = keys_of(shop)
    first = shop.client.get("/account", headers={"X-User": "ada"})

    second = shop.client.get("/account", headers={"X-User": "bob"})

    assert [first.status_code, second.status_code] == [200, 200]
    assert [first.json(), second.json()] == [{"user": "ada"}, {"user": "bob"}]
    assert directives_of(first) == {"private", "no-store"}
    assert directives_of(second) == {"private", "no-store"}
    assert keys_of(shop) == kept
    assert shop.client.get("/account").status_code == 422


def test_a_hundred_at_once_run_one_query(launch, race):
    server = launch(SLOW_QUERY_SECONDS="0.3")
    mug = create(server.client, **MUG)

    answers = race(100, lambda _: server.client.get("/products?category=mugs"))

    assert [answer.status_code for answer in answers] == [200] * 100
    assert [answer.json() for answer in answers] == [[mug]] * 100
    statuses = sorted(status_of(answer) for answer in answers)
    assert set(statuses) <= {"collapsed", "fwd=miss", "hit"}
    assert statuses.count("fwd=miss") == 1
    assert queries_of(server) == 1


def test_different_lists_do_not_wait(launch, race):
    server = launch(SLOW_QUERY_SECONDS="0.4")
    products = [create(server.client, **{**MUG, "category": f"mugs {number}"}) for number in range(10)]

    def fetch_and_count(number):
        response = server.client.get(f"/products?category=mugs+{number}")
        return response, queries_of(server)

    started = time.monotonic()

    results = race(10, fetch_and_count)

    assert time.monotonic() - started >= 0.4, "A query takes SLOW_QUERY_SECONDS."
    answers = [response for response, _ in results]
    assert [answer.status_code for answer in answers] == [200] * 10
    assert [answer.json() for answer in answers] == [[product] for product in products]
    assert [status_of(answer) for answer in answers] == ["fwd=miss"] * 10
    # When the first list has arrived, all ten queries have begun; one after the other, it would be the second.
    assert min(begun for _, begun in results) > 5


@pytest.mark.parametrize("kind", ["POST", "PATCH"])
def test_without_redis_lists_are_answered(launch, kind):
    server = launch(SLOW_QUERY_SECONDS="0", REDIS_URL=NOWHERE)
    products = [create(server.client, **{**MUG, "price": price}) for price in (10, 11, 12)]
    before = server.client.get("/products").raise_for_status()
    made = change(server.client, kind, products[0])

    response = server.client.get("/products")

    assert response.status_code == 200
    assert response.json() == LISTED[kind](products, made)
    assert before.json() == products
    assert [status_of(before), status_of(response)] == ["fwd=miss", "fwd=miss"]
    assert max_age_of(response) in {59, 60}


@pytest.mark.parametrize(
    ("method", "path", "payload"),
    [("GET", "/products?category={category}", None), ("PATCH", "/products/{id}", {"name": "Bowl"})],
    ids=["list", "change"],
)
def test_a_silent_redis_costs_a_second(relayed, relay, at_once, method, path, payload):
    mugs = [create(relayed.client, **{**MUG, "category": f"mugs-{number}"}) for number in range(5)]
    before = [status_of(relayed.client.get("/products").raise_for_status()) for _ in range(2)]
    relay.state = "silent"
    started = time.monotonic()

    answers = at_once(
        5, lambda number: relayed.client.request(method, path.format_map(mugs[number]), json=payload)
    )

    seconds = time.monotonic() - started
    assert [answer.status_code for answer in answers] == [200] * 5
    results = {"GET": [[mug] for mug in mugs], "PATCH": [{**mug, "name": "Bowl"} for mug in mugs]}
    assert [answer.json() for answer in answers] == results[method]
    assert before == ["fwd=miss", "hit"]
    assert seconds < 2  # a second, and as much again for a busy machine


def test_after_an_outage_redis_is_used_again(launch, relay, at_once, eventually):
    server = launch(SLOW_QUERY_SECONDS=OLD_QUERY_SECONDS, REDIS_URL=relay.url)
    create(server.client, **MUG)

    def lose_redis_during_the_query():
        eventually(lambda: queries_of(server), 1, seconds=5)
        relay.go_down()
        return server.client.get("/products?sort=price")

    steps = [lambda: server.client.get("/products"), lose_redis_during_the_query]
    before, during = at_once(2, lambda number: steps[number]())
    relay.state = "up"

    eventually(lambda: status_of(server.client.get("/products")), "hit", seconds=3)

    assert [before.status_code, during.status_code] == [200, 200]
    assert [status_of(before), status_of(during)] == ["fwd=miss", "fwd=miss"]


def test_simultaneous_changes_are_all_listed(shop, race):
    gone = create(shop.client, **MUG)
    deleted = race(8, lambda _: shop.client.delete(f"/products/{gone['id']}"))
    before = status_of(shop.client.get("/products").raise_for_status())
    first, *others = race(200, lambda number: create(shop.client, **{**MUG, "price": number + 0.5}))
    fields = {"name": "Bowl", "category": "bowls", "price": 1.25, "stock": 9}
    parts = [{name: value} for name, value in fields.items()]
    race(
        4, lambda number: shop.client.patch(f"/products/{first['id']}", json=parts[number]).raise_for_status()
    )
    miss = shop.client.get("/products")

    hit = shop.client.get("/products")

    assert [miss.status_code, hit.status_code] == [200, 200]
    assert sorted(response.status_code for response in deleted) == [204, *[404] * 7]
    assert miss.json() == sorted([{**first, **fields}, *others], key=lambda product: product["id"])
    assert gone["id"] not in [product["id"] for product in miss.json()]
    assert hit.content == miss.content
    assert [before, status_of(miss), status_of(hit)] == ["fwd=miss", "fwd=miss", "hit"]
