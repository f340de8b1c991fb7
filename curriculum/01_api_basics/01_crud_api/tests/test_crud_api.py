"""The acceptance tests of curriculum 1.1: one for each criterion of the ticket."""

import json
from decimal import Decimal
from urllib.parse import urljoin

import pytest

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MUG = {"name": "Mug", "description": "Blue", "price": 12.5, "stock": 3}
ONE, ALL = "/products/{id}", "/products"
WRONG_PRICES = [
    *["0", "-0.01", "-12.5", "0.009", "1e-3", "0.015", "12.345"],
    *["0.30000000000000004", "19.990000000000002", "999999.9900000001"],
    *["1000000.01", "1000001", "1e300", "1" + "0" * 30],
    *['"5"', '"12.50"', '""', '"mug"', "true", "[5]", "{}", "null"],
]
WRONG_STOCKS = [
    *["-1", "-1000000", "1000001", "9223372036854775808", "1" + "0" * 30],
    *["5.0", "0.0", "5.5", '"5"', '""', "true", "false", "[5]", "{}", "null"],
]

post_and_put = pytest.mark.parametrize(("method", "path"), [("POST", ALL), ("PUT", ONE)], ids=["POST", "PUT"])
every_write = pytest.mark.parametrize(
    ("method", "path"), [("POST", ALL), ("PUT", ONE), ("PATCH", ONE)], ids=["POST", "PUT", "PATCH"]
)


def create(client, **fields):
    """Create a product and return it; a test that fails here says which status it got."""
    return client.post("/products", json=fields).raise_for_status().json()


def list_products(client):
    """Return all products."""
    return client.get("/products").raise_for_status().json()


def path_of(product):
    """Return the path of a product."""
    return f"/products/{product['id']}"


def without(product, products):
    """Return the other products."""
    return [other for other in products if other["id"] != product["id"]]


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def exact_price(response):
    """Return the price in a response as it is written there, or what else is there."""
    return json.loads(response.text, parse_float=Decimal, parse_int=Decimal)["price"]


def exact_prices(response):
    """Return the price of each product in a list as it is written there, by its id."""
    products = json.loads(response.text, parse_float=Decimal)
    return {product["id"]: product["price"] for product in products}


def fields(values):
    """Return what a client sends, with no default value in it and with a price that is no integer."""
    return {
        "name": values.text(),
        "description": values.text(),
        "price": values.randint(1, 9_999) + 0.5,
        "stock": values.randint(1, 9_999),
    }


@pytest.fixture
def product(client, values):
    return create(client, **fields(values))


@pytest.fixture
def ten_products(client):
    """Create ten products: the ids after them are sorted differently as numbers and as strings."""
    return [create(client, name=f"Earlier {number}", price=number + 0.5) for number in range(10)]


@pytest.fixture
def three_products(client, values):
    """Create three products: no field but the id is in the order of the ids, upwards or downwards."""
    return [
        create(client, name=f"M {values.text()}", description=f"2 {values.text()}", price=2.5, stock=20),
        create(client, name=f"Z {values.text()}", description=f"1 {values.text()}", price=9.5, stock=10),
        create(client, name=f"A {values.text()}", description=f"3 {values.text()}", price=1.5, stock=30),
    ]


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8"])
def test_a_new_product_is_returned_with_201(client, content_type):
    response = client.post("/products", content=json.dumps(MUG), headers={"Content-Type": content_type})

    assert response.status_code == 201
    assert media_type(response) == JSON
    product = response.json()
    assert product == {"id": product["id"], **MUG}
    assert type(product["id"]) is int
    assert product["id"] > 0


@pytest.mark.usefixtures("ten_products")
def test_the_location_of_a_new_product_leads_to_it(client, values):
    created = client.post("/products", json=fields(values)).raise_for_status()
    location = urljoin(str(created.url), created.headers.get("Location", ""))

    response = client.get(location)

    assert location == f"{created.url}/{created.json()['id']}"
    assert response.status_code == 200
    assert response.json() == created.json()


def test_a_restart_empties_the_list(launch, values):
    server = launch()
    before = list_products(server.client)
    product = create(server.client, **fields(values))
    between = list_products(server.client)

    server.restart(warm=True)

    assert before == []
    assert between == [product]
    assert list_products(server.client) == []


@pytest.mark.usefixtures("ten_products")
def test_the_list_is_sorted_by_id(client, three_products, values):
    oldest, middle, newest = three_products
    replaced = client.put(path_of(oldest), json=fields(values)).raise_for_status().json()
    changed = client.patch(path_of(middle), json=fields(values)).raise_for_status().json()

    response = client.get("/products")

    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json()[-3:] == [replaced, changed, newest]


@pytest.mark.parametrize("place", [0, 1, 2], ids=["the oldest", "the middle one", "the newest"])
def test_a_product_can_be_read_by_its_id(client, three_products, place):
    response = client.get(path_of(three_products[place]))

    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json() == three_products[place]


@pytest.mark.parametrize("place", [0, 1, 2], ids=["the oldest", "the middle one", "the newest"])
def test_put_replaces_every_field(client, three_products, values, place):
    old, sent = three_products[place], fields(values)

    response = client.put(path_of(old), json=sent)

    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json() == {"id": old["id"], **sent}
    assert client.get(path_of(old)).json() == {"id": old["id"], **sent}
    assert without(old, list_products(client))[-2:] == without(old, three_products)


@pytest.mark.parametrize(
    "optional",
    [
        pytest.param({"stock": 7}, id="no description"),
        pytest.param({"stock": 7, "description": None}, id="null for a description"),
        pytest.param({"description": "Red"}, id="no stock"),
        pytest.param({}, id="neither"),
    ],
)
@post_and_put
def test_post_and_put_default_missing_optional_fields(client, product, method, path, optional):
    sent = {"name": "Cup", "price": 9.99, **optional}

    response = client.request(method, path.format_map(product), json=sent)

    assert response.is_success
    stored = response.json()
    assert stored == {"id": stored["id"], "description": None, "stock": 0, **sent}
    assert client.get(path_of(stored)).json() == stored


@pytest.mark.parametrize("missing", [["name"], ["price"], ["name", "price"]], ids=["name", "price", "both"])
@post_and_put
def test_post_and_put_refuse_missing_required_fields(client, product, values, method, path, missing):
    before = list_products(client)
    sent = {name: value for name, value in fields(values).items() if name not in missing}

    response = client.request(method, path.format_map(product), json=sent)

    assert response.status_code == 422
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"name": "Cup"}, id="name"),
        pytest.param({"description": "Red"}, id="description"),
        pytest.param({"description": None}, id="description to null"),
        pytest.param({"price": 9.99}, id="price"),
        pytest.param({"stock": 0}, id="stock"),
        pytest.param({"description": None, "stock": 7}, id="two fields"),
        pytest.param({"name": "Cup", "description": "Red", "price": 9.99, "stock": 7}, id="all fields"),
        pytest.param({}, id="no field"),
        pytest.param({"colour": "blue"}, id="no known field"),
    ],
)
def test_patch_changes_only_the_sent_fields(client, three_products, change):
    oldest = three_products[0]
    changed = {field: change.get(field, oldest[field]) for field in oldest}

    response = client.patch(path_of(oldest), json=change)

    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json() == changed
    assert client.get(path_of(oldest)).json() == changed
    assert without(oldest, list_products(client))[-2:] == three_products[1:]


@pytest.mark.parametrize("place", [0, 1, 2], ids=["the oldest", "the middle one", "the newest"])
def test_deleting_a_product_removes_no_other(client, three_products, place):
    before = list_products(client)
    unwanted, other = three_products[place], three_products[place - 1]

    response = client.delete(path_of(unwanted))

    assert response.status_code == 204
    assert response.content == b""
    assert unwanted in before
    assert list_products(client) == without(unwanted, before)
    assert client.get(path_of(other)).json() == other


@pytest.mark.parametrize(
    ("method", "payload"),
    [("GET", None), ("PUT", MUG), ("PATCH", MUG), ("DELETE", None)],
    ids=["GET", "PUT", "PATCH", "DELETE"],
)
def test_a_deleted_product_is_404(client, three_products, method, payload):
    before, oldest = list_products(client), three_products[0]
    client.delete(path_of(oldest)).raise_for_status()

    response = client.request(method, path_of(oldest), json=payload)

    assert response.status_code == 404
    assert oldest in before
    assert list_products(client) == without(oldest, before)


@pytest.mark.parametrize("places", [[0], [1], [0, 1]], ids=["the older of two", "the newer of two", "both"])
def test_a_deleted_products_id_is_not_used_again(fresh_client, at_once, values, places):
    products = [create(fresh_client, **fields(values)), create(fresh_client, **fields(values))]
    paths = [path_of(products[place]) for place in places]
    at_once(len(paths), lambda number: fresh_client.delete(paths[number]).raise_for_status())

    new = create(fresh_client, **fields(values))

    assert new["id"] not in [product["id"] for product in products]
    assert fresh_client.get(paths[0]).status_code == 404


@pytest.mark.parametrize(
    ("method", "payload"),
    [("GET", None), ("PUT", MUG), ("PATCH", MUG), ("PATCH", {}), ("DELETE", None)],
    ids=["GET", "PUT", "PATCH", "empty PATCH", "DELETE"],
)
def test_an_unknown_id_is_404(client, product, method, payload, unknown_id):
    before = list_products(client)

    response = client.request(method, f"/products/{unknown_id}", json=payload)

    assert response.status_code == 404
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize("text", ["mug", "1x", "x1", "1.5", "None", "-", "--1", "\u00b2"])
@pytest.mark.parametrize(
    ("method", "payload"),
    [("GET", None), ("PUT", MUG), ("PATCH", MUG), ("DELETE", None)],
    ids=["GET", "PUT", "PATCH", "DELETE"],
)
def test_an_id_that_is_not_an_integer_is_422(client, product, method, payload, text):
    before = list_products(client)

    response = client.request(method, f"/products/{text}", json=payload)

    assert response.status_code == 422
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", ALL), ("PATCH", ALL), ("DELETE", ALL), ("POST", ONE)],
    ids=["PUT on all", "PATCH on all", "DELETE on all", "POST on one"],
)
def test_a_wrong_method_is_405_with_a_true_allow(client, product, at_once, method, path):
    before = list_products(client)

    response = client.request(method, path.format_map(product), json=MUG)

    assert response.status_code == 405
    assert list_products(client) == before
    assert product in before
    allowed = [name.strip() for name in response.headers.get("Allow", "").split(",") if name.strip()]
    assert allowed != []
    assert allowed == [name.upper() for name in allowed]  # or httpx sends GET where `get` is allowed
    answers = at_once(len(allowed), lambda number: client.request(allowed[number], path.format_map(product)))
    assert [name for name, answer in zip(allowed, answers, strict=True) if answer.status_code == 405] == []


@pytest.mark.parametrize(
    ("payload", "content_type"),
    [
        pytest.param(b'{"name": 5, "price": 12.5}', JSON, id="name is a number"),
        pytest.param(b'{"name": true, "price": 12.5}', JSON, id="name is a boolean"),
        pytest.param(b'{"name": null, "price": 12.5}', JSON, id="name is null"),
        pytest.param(b'{"name": ["Mug"], "price": 12.5}', JSON, id="name is an array"),
        pytest.param(b'{"name": "%s", "price": 12.5}' % (b"m" * 81), JSON, id="name has 81 characters"),
        pytest.param(
            b'{"name": "%s", "price": 12.5}' % (b"m" * 10_000), JSON, id="name has 10,000 characters"
        ),
        pytest.param(
            b'{"name": "%s ", "price": 12.5}' % (b"m" * 80), JSON, id="name has 80 letters and a blank"
        ),
        pytest.param(
            b'{"name": "%s", "price": 12.5}' % (rb"e\u0301" * 41),
            JSON,
            id="name has 41 letters and 41 accents",
        ),
        pytest.param(
            rb'{"name": "\u0085\u1680\u202f\u205f", "price": 12.5}', JSON, id="name is rare white space"
        ),
        pytest.param(b'{"name": "Mug", "price": 12.5, "description": 5}', JSON, id="description is a number"),
        pytest.param(
            b'{"name": "Mug", "price": 12.5, "description": false}', JSON, id="description is a boolean"
        ),
        pytest.param(
            b'{"name": "Mug", "price": 12.5, "description": {}}', JSON, id="description is an object"
        ),
        pytest.param(b'[{"name": "Mug", "price": 12.5}]', JSON, id="an array"),
        pytest.param(b'"Mug"', JSON, id="a string"),
        pytest.param(b"12.5", JSON, id="a number"),
        pytest.param(b"null", JSON, id="null"),
        pytest.param(b"", JSON, id="no body"),
        pytest.param(b'{"name": "Mug", "price": 12.5', JSON, id="not JSON"),
        pytest.param(b'{"name": "Mug", "price": 12.5}', "text/plain", id="sent as text"),
        pytest.param(b'{"name": "Mug", "price": 12.5}', FORM, id="sent as a form"),
        pytest.param(b'{"name": "Mug", "price": 12.5}', None, id="sent as nothing"),
        pytest.param(b"name=Mug&price=12.5", FORM, id="a form"),
    ],
)
@every_write
def test_an_invalid_payload_is_422_and_changes_nothing(client, product, method, path, payload, content_type):
    before = list_products(client)
    headers = content_type and {"Content-Type": content_type}

    response = client.request(method, path.format_map(product), content=payload, headers=headers)

    assert response.status_code == 422
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize("field", ["name", "description"])
@every_write
def test_a_blank_text_is_422(client, product, values, method, path, field, blank_text):
    before = list_products(client)

    response = client.request(method, path.format_map(product), json=fields(values) | {field: blank_text})

    assert response.status_code == 422
    assert list_products(client) == before
    assert product in before


@every_write
def test_text_is_kept_as_sent(client, product, values, method, path, kept_text):
    sent = fields(values) | {"name": kept_text[:80], "description": kept_text}

    response = client.request(method, path.format_map(product), json=sent)

    assert response.is_success
    stored = response.json()
    assert stored == {"id": stored["id"], **sent}
    assert client.get(path_of(stored)).json() == stored
    assert stored in list_products(client)


@pytest.mark.parametrize(
    "limit",
    [
        pytest.param({"name": "m"}, id="one letter"),
        pytest.param({"name": "?"}, id="one sign"),
        pytest.param({"name": "m" * 80}, id="80 letters"),
        pytest.param({"name": "\U0001f600" * 80}, id="80 emoji"),
        pytest.param({"name": "\u00e9" * 80}, id="80 letters with an accent"),
        pytest.param({"name": "\u200b"}, id="one invisible character"),
        pytest.param({"name": "\u0000Mug\u001b"}, id="control characters"),
        pytest.param({"name": "Blue\u00a0mug"}, id="a no-break space between words"),
        pytest.param({"description": "d"}, id="a short description"),
        pytest.param({"description": "\ufeff Blue"}, id="a byte order mark"),
        pytest.param({"description": "d" * 100_000}, id="a long description"),
        pytest.param({"stock": 0}, id="no stock"),
        pytest.param({"stock": 1}, id="a stock of one"),
        pytest.param({"stock": 999_999}, id="a stock of 999,999"),
        pytest.param({"stock": 1_000_000}, id="a stock of 1,000,000"),
    ],
)
@every_write
def test_fields_may_reach_their_limits(client, product, values, method, path, limit):
    sent = fields(values) | limit

    response = client.request(method, path.format_map(product), json=sent)

    assert response.is_success
    stored = response.json()
    assert stored == {"id": stored["id"], **sent}
    assert client.get(path_of(stored)).json() == stored


@pytest.mark.parametrize(
    "price",
    [
        *["0.01", "0.29", "1.15", "19.99", "1024.10", "999999.99", "1000000"],
        *["5", "5.0", "5e0", "12.500", "1.25E+2", "1e6", "1999e-2"],
    ],
)
@every_write
def test_prices_are_kept_to_the_cent(client, product, method, path, price):
    payload = f'{{"name": "Mug", "price": {price}}}'

    response = client.request(
        method, path.format_map(product), content=payload, headers={"Content-Type": JSON}
    )

    assert response.is_success
    stored = response.json()
    assert exact_price(response) == Decimal(price)
    assert exact_price(client.get(path_of(stored))) == Decimal(price)
    assert exact_prices(client.get("/products"))[stored["id"]] == Decimal(price)


@pytest.mark.parametrize(
    ("field", "value"),
    [*[("price", price) for price in WRONG_PRICES], *[("stock", stock) for stock in WRONG_STOCKS]],
)
@every_write
def test_other_prices_and_stocks_are_422(client, product, method, path, field, value):
    before = list_products(client)
    payload = json.dumps(MUG).replace(json.dumps(MUG[field]), value)

    response = client.request(
        method, path.format_map(product), content=payload, headers={"Content-Type": JSON}
    )

    assert response.status_code == 422
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize(
    "others",
    [
        pytest.param(lambda other: {"id": other["id"]}, id="an id that is taken"),
        pytest.param(lambda other: {"id": other["id"] + 10**6}, id="an id that is free"),
        pytest.param(lambda _: {"id": -1}, id="a negative id"),
        pytest.param(lambda _: {"id": "first"}, id="an id that is no number"),
        pytest.param(lambda _: {"id": None}, id="an id that is null"),
        pytest.param(lambda _: {"colour": "blue", "Name": 5}, id="unknown fields"),
        pytest.param(lambda _: {"tags": ["new"], "size": {"height": 9}}, id="an array and an object"),
    ],
)
@every_write
def test_other_fields_are_ignored(client, three_products, values, method, path, others):
    before, sent = list_products(client), fields(values)
    more = others(three_products[2])

    response = client.request(method, path.format_map(three_products[0]), json=sent | more)

    assert response.is_success
    stored = response.json()
    assert stored == {"id": stored["id"], **sent}
    assert stored["id"] != more.get("id")
    assert client.get(path_of(stored)).json() == stored
    assert without(stored, list_products(client)) == without(stored, before)


def test_two_hundred_products_created_at_once_are_all_kept(client, values, race):
    name = values.text()

    created = race(
        200, lambda number: create(client, name=name, price=number // 2 + 0.5)
    )  # two of each price

    assert [product["price"] for product in created] == [number // 2 + 0.5 for number in range(200)]
    assert len({product["id"] for product in created}) == 200
    kept = [product for product in list_products(client) if product["name"] == name]
    assert kept == sorted(created, key=lambda product: product["id"])


def test_of_fifty_deletions_at_once_exactly_one_is_204(client, three_products, race):
    before = list_products(client)
    unwanted = three_products[0]

    answers = race(50, lambda _: client.delete(path_of(unwanted)))

    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 49
    assert unwanted in before
    assert list_products(client) == without(unwanted, before)


def test_changes_of_different_fields_at_once_are_all_kept(client, values, race):
    products = [create(client, **fields(values)) for _ in range(10)]
    new = [fields(values) for _ in range(10)]
    changes = [(place, {name: new[place][name]}) for place in range(10) for name in new[place]]

    answers = race(
        40, lambda number: client.patch(path_of(products[changes[number][0]]), json=changes[number][1])
    )

    assert [answer.status_code for answer in answers] == [200] * 40
    assert list_products(client)[-10:] == [
        {"id": product["id"], **sent} for product, sent in zip(products, new, strict=True)
    ]


def test_a_product_deleted_during_a_change_stays_deleted(client, product, values, race):
    going = [create(client, **fields(values)) for _ in range(10)]
    kinds = [("PUT", MUG), ("DELETE", None), ("PATCH", {"stock": 5}), ("PATCH", {"name": "Cup"})]
    requests = [(method, path_of(one), payload) for one in going for method, payload in kinds]

    answers = race(40, lambda number: client.request(*requests[number][:2], json=requests[number][2]))

    assert [answer.status_code for answer in answers[1::4]] == [204] * 10
    assert {answer.status_code for answer in answers} <= {200, 204, 404}
    assert list_products(client)[-1] == product


@pytest.mark.parametrize("change", ["PUT", "PATCH"])
def test_no_product_is_seen_half_replaced(client, product, values, race, change):
    new = [fields(values) for _ in range(5)]
    whole = [product, *({"id": product["id"], **one} for one in new)]
    requests = [*([(change, one)] for one in new), *[[("GET", None)] * 20] * 5]

    answers = race(
        10,
        lambda number: [
            client.request(method, path_of(product), json=payload) for method, payload in requests[number]
        ],
    )

    seen = [answer.json() for several in answers for answer in several]
    assert [one for one in seen if one not in whole] == []
    assert client.get(path_of(product)).json() in whole


def test_a_list_of_1_100_products_is_complete(client, values, at_once):
    name = values.text()
    created = at_once(1_100, lambda number: create(client, name=name, price=number + 0.5))

    response = client.get("/products")

    kept = [product for product in response.json() if product["name"] == name]
    assert kept == sorted(created, key=lambda product: product["id"])


def test_the_list_works_during_changes(client, product, values, race):
    going = [create(client, **fields(values)) for _ in range(10)]
    requests = [
        *[("GET", ALL, None)] * 2,
        *(("DELETE", path_of(one), None) for one in going),
        *[("POST", ALL, MUG)] * 10,
    ]

    answers = race(22, lambda number: client.request(*requests[number][:2], json=requests[number][2]))

    assert [answer.is_success for answer in answers] == [True] * 22
    assert [product in answer.json() for answer in answers[:2]] == [True] * 2
