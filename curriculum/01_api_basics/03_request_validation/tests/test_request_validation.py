"""The acceptance tests of curriculum 1.3: one for each criterion of the ticket."""

import json
from copy import deepcopy
from decimal import Decimal
from functools import reduce
from operator import getitem

import pytest

JSON, PROBLEM = "application/json", "application/problem+json"
FORM = "application/x-www-form-urlencoded"
PRODUCTS, CUSTOMERS = "/products", "/customers"
MUG = {
    "name": "Mug",
    "price": 12.5,
    "sku": "MUG-0001",
    "stock": 3,
    "tags": ["blue"],
    "sale_price": 9.99,
    "available_from": "2031-05-01",
    "available_until": "2031-08-31",
    "supplier": {"name": "Okafor", "email": "ada@example.com"},
}
ADA = {"name": "Ada", "email": "ada@example.com", "age": 19}
DEFAULTS = {
    "stock": 0,
    "tags": [],
    "sale_price": None,
    "available_from": None,
    "available_until": None,
    "supplier": None,
}
GONE = "this field is not sent"
TEXTS = [(PRODUCTS, "name"), (PRODUCTS, "tags.2"), (PRODUCTS, "supplier.name"), (CUSTOMERS, "name")]
STRINGS = [*TEXTS, (PRODUCTS, "sku"), (PRODUCTS, "supplier.email"), (CUSTOMERS, "email")]
PRICES, DAYS = ["price", "sale_price"], ["available_from", "available_until"]
WRONG_SKUS = [
    *[
        "",
        "ABC",
        "ABC1234",
        "ABC-123",
        "ABC-12345",
        "AB-1234",
        "ABCD-1234",
        "ABC_1234",
        "1234-ABC",
        "A1C-1234",
    ],
    *["abc-1234", "Abc-1234", "ABC-12A4", "ABC-1234\n", "\nABC-1234", " ABC-1234", "ABC-1234 ", "XABC-1234"],
    *["ABC-1234 ABC-1234", "ABC\u20101234", "\u00c4BC-1234", "\uff21BC-1234"],
    *["ABC-123\u0664", "ABC-\u0661\u0662\u0663\u0664", "ABC-\uff11234", "ABC-123\u00b2"],
]
WRONG_ADDRESSES = [
    *["ada", "ada@", "@example.com", "ada@example", "ada@@example.com", "ada okafor@example.com"],
    *["ada@example..com", "ada..okafor@example.com", "ada@exam ple.com", "ada@okafor@example.com"],
    *["@", "", "   "],
]
WRONG_DAYS = [
    *[
        "",
        "today",
        "2031-02-29",
        "2100-02-29",
        "2031-04-31",
        "2031-13-01",
        "2031-00-10",
        "2031-05-00",
        "0000-01-01",
        "10000-01-01",
    ],
    *[
        "2031-5-17",
        "31-05-17",
        "17.05.2031",
        "05/17/2031",
        "20310517",
        "2031-W20-6",
        "2031-137",
        "2031/05/17",
    ],
    *[
        "2031-05-17T00:00:00",
        "2031-05-17T00:00:00Z",
        "2031-05-17 00:00",
        " 2031-05-17",
        "2031-05-17\n",
        "+2031-05-17",
    ],
    *["1936742400", "\u0662\u0660\u0663\u0661-05-17", "2031\u201305\u201317"],
]
PRICE_LIMITS = [
    0,
    -0.01,
    -12.5,
    0.009,
    0.001,
    1_000_000.01,
    1_000_001,
    1e300,
    10**30,
    12.345,
    0.30000000000000004,
]


def post(client, path, payload):
    """Send a payload, as JSON that may hold what JSON does not have (NaN)."""
    return client.post(path, content=json.dumps(payload), headers={"Content-Type": JSON})


def create(client, path, payload):
    """Create a product or a customer and return it; a test that fails here says which status it got."""
    return client.post(path, json=payload).raise_for_status().json()


def list_products(client):
    """Return all products."""
    return client.get(PRODUCTS).raise_for_status().json()


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def wrong_fields(response):
    """Return the place and the name of each field that a 422 names, such as `body supplier.email`, sorted."""
    return sorted(f"{error['in']} {error['field']}" for error in response.json()["errors"])


def exact(response, field):
    """Return a price in a response as it is written there, or what else is there."""
    return json.loads(response.text, parse_float=Decimal, parse_int=Decimal)[field]


def changed(payload, field, value):
    """Return a copy of a payload with another value in a field such as `supplier.email` or `tags.3`."""
    copy = deepcopy(payload)
    *parents, last = field.split(".")
    place = reduce(getitem, parents, copy)
    place[int(last) if isinstance(place, list) else last] = value
    return copy


def without(payload, field):
    """Return a copy of a payload without a field such as `supplier.email`."""
    copy = deepcopy(payload)
    *parents, last = field.split(".")
    del reduce(getitem, parents, copy)[last]
    return copy


@pytest.fixture
def valid(values):
    """Return a valid payload for each path, with no default value in it and with prices that are no integers."""
    price = values.randint(1_000, 9_999)
    return {
        PRODUCTS: {
            "name": values.text(),
            "price": price + 0.5,
            "sku": f"{''.join(values.choices('ABCXYZ', k=3))}-{values.randrange(10_000):04}",
            "stock": values.randint(1, 9_999),
            "tags": [values.text(1), values.text(1), values.text(1), values.text(1)],
            "sale_price": price - values.randint(1, 500) + 0.25,
            "available_from": f"2031-05-{values.randint(10, 28)}",
            "available_until": f"2032-02-{values.randint(10, 28)}",
            "supplier": {"name": values.text(), "email": values.email()},
        },
        CUSTOMERS: {"name": values.text(), "email": values.email(), "age": values.randint(30, 90)},
    }


@pytest.fixture
def product(client, valid):
    return create(client, PRODUCTS, valid[PRODUCTS])


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8"])
def test_new_products_are_returned_with_201(client, content_type):
    sent = {"name": "Mug", "price": 12.5, "sku": "MUG-0001", "sale_price": 9.99}

    response = client.post("/products", content=json.dumps(sent), headers={"Content-Type": content_type})

    assert response.status_code == 201
    assert media_type(response) == JSON
    product = response.json()
    assert product == {"id": product["id"], **DEFAULTS, **sent}
    assert type(product["id"]) is int
    assert product["id"] > 0


@pytest.mark.parametrize("email", ["ada@example.com", "ada@Mail.Example.COM"])
@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8"])
def test_new_customers_are_returned_with_201(client, email, content_type):
    sent = ADA | {"email": email}

    response = client.post("/customers", content=json.dumps(sent), headers={"Content-Type": content_type})

    assert response.status_code == 201
    assert media_type(response) == JSON
    customer = response.json()
    assert customer == {"id": customer["id"], **ADA, "email": customer["email"]}
    assert customer["email"] in [email, email.lower()]
    assert type(customer["id"]) is int
    assert customer["id"] > 0


@pytest.mark.parametrize("place", [0, 1, 2], ids=["the oldest", "the middle one", "the newest"])
def test_products_can_be_read(client, valid, place):
    products = [create(client, PRODUCTS, changed(valid[PRODUCTS], "stock", stock)) for stock in (5, 9, 2)]

    response = client.get(f"/products/{products[place]['id']}")

    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json() == {"id": products[place]["id"], **valid[PRODUCTS], "stock": (5, 9, 2)[place]}


@pytest.mark.parametrize(
    "optional",
    [
        pytest.param({}, id="none"),
        pytest.param({"stock": 7}, id="only stock"),
        pytest.param({"tags": ["red", "blue"]}, id="only tags"),
        pytest.param({"sale_price": 9.99}, id="only a sale price"),
        pytest.param({"available_from": "2031-05-17"}, id="only a first day"),
        pytest.param({"available_until": "2031-05-17"}, id="only a last day"),
        pytest.param({"supplier": {"name": "Lind", "email": "jo@example.com"}}, id="only a supplier"),
        pytest.param({"sale_price": None, "supplier": None}, id="null for sale price and supplier"),
        pytest.param({"available_from": None, "available_until": "2031-05-17"}, id="null for the first day"),
        pytest.param({"available_from": "2031-05-17", "available_until": None}, id="null for the last day"),
    ],
)
def test_optional_fields_have_defaults(client, optional):
    sent = {"name": "Cup", "price": 10.5, "sku": "CUP-0002", **optional}

    response = client.post("/products", json=sent)

    assert response.status_code == 201
    stored = response.json()
    assert stored == {"id": stored["id"], **DEFAULTS, **sent}
    assert client.get(f"/products/{stored['id']}").json() == stored


@pytest.mark.parametrize(("path", "field"), TEXTS)
def test_text_is_kept_as_sent(client, valid, path, field, kept_text):
    sent = changed(valid[path], field, kept_text[:30])

    response = client.post(path, json=sent)

    assert response.status_code == 201
    assert response.json() == {"id": response.json()["id"], **sent}


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        pytest.param(PRODUCTS, {"name": "m"}, id="a name of one character"),
        pytest.param(PRODUCTS, {"name": "m" * 80}, id="a name of 80 characters"),
        pytest.param(PRODUCTS, {"name": "\U0001f600" * 80}, id="a name of 80 emoji"),
        pytest.param(PRODUCTS, {"name": "\u200b"}, id="a name of one invisible character"),
        pytest.param(PRODUCTS, {"name": "\u0000Mug\u001b"}, id="a name with control characters"),
        pytest.param(PRODUCTS, {"sku": "AAA-0000"}, id="the first SKU"),
        pytest.param(PRODUCTS, {"sku": "ZZZ-9999"}, id="the last SKU"),
        pytest.param(PRODUCTS, {"stock": 0}, id="a stock of zero"),
        pytest.param(PRODUCTS, {"stock": 1_000_000}, id="a stock of 1,000,000"),
        pytest.param(PRODUCTS, {"tags": []}, id="no tag"),
        pytest.param(PRODUCTS, {"tags": [f"tag {number}" for number in range(10)]}, id="10 tags"),
        pytest.param(PRODUCTS, {"tags": ["t"]}, id="a tag of one character"),
        pytest.param(PRODUCTS, {"tags": ["t" * 30, "\U0001f600" * 30]}, id="tags of 30 characters"),
        pytest.param(
            PRODUCTS,
            {"tags": ["Red", "red", "red ", "RED", "r\u00e9d", "re\u0301d"]},
            id="tags that look alike",
        ),
        pytest.param(PRODUCTS, {"tags": ["\u0000red\u001b", "red"]}, id="tags with control characters"),
        pytest.param(PRODUCTS, {"available_from": "0001-01-01"}, id="the first day"),
        pytest.param(PRODUCTS, {"available_from": "2000-02-29"}, id="the leap day of a full century"),
        pytest.param(PRODUCTS, {"available_until": "9999-12-31"}, id="the last day"),
        pytest.param(
            PRODUCTS,
            {"available_from": "2032-02-28", "available_until": "2032-02-29"},
            id="a day after the other",
        ),
        pytest.param(PRODUCTS, {"supplier": {"name": "m", "email": "a@example.com"}}, id="a short supplier"),
        pytest.param(
            PRODUCTS,
            {"supplier": {"name": "m" * 80, "email": "Ada.O_k-a+for7@x3m.mail.example.com"}},
            id="a long supplier",
        ),
        pytest.param(CUSTOMERS, {"name": "m"}, id="a customer's name of one character"),
        pytest.param(CUSTOMERS, {"name": "\U0001f600" * 80}, id="a customer's name of 80 emoji"),
        pytest.param(CUSTOMERS, {"email": "Ada.O_k-a+for7@x3m.mail.example.com"}, id="a long address"),
        pytest.param(CUSTOMERS, {"email": f"{'a' * 64}@example.com"}, id="64 letters before the @"),
        pytest.param(CUSTOMERS, {"email": "_+-7@example.com"}, id="no letter before the @"),
        pytest.param(CUSTOMERS, {"email": "ada@my-shop.example.com"}, id="a domain with a hyphen"),
        pytest.param(CUSTOMERS, {"age": 19}, id="an age of 19"),
        pytest.param(CUSTOMERS, {"age": 20}, id="an age of 20"),
        pytest.param(CUSTOMERS, {"age": 120}, id="an age of 120"),
        pytest.param(CUSTOMERS, {"age": 1_000_000}, id="an age of 1,000,000"),
        pytest.param(CUSTOMERS, {"age": 10**30}, id="an age of 31 digits"),
    ],
)
def test_fields_may_reach_their_limits(client, valid, path, limit):
    sent = valid[path] | limit

    response = client.post(path, json=sent)

    assert response.status_code == 201
    assert response.json() == {"id": response.json()["id"], **sent}


@pytest.mark.parametrize(
    ("price", "sale_price"),
    [
        *[
            ("0.01", "null"),
            ("0.02", "0.01"),
            ("19.99", "19.98"),
            ("1000000", "999999.99"),
            ("999999.99", "0.29"),
        ],
        *[("5", "1"), ("5.0", "1.0"), ("5e0", "1e0"), ("1.25E+2", "1.15"), ("1e6", "1024.10")],
        *[("12.500", "9.9900"), ("1999e-2", "29e-2")],
    ],
)
def test_prices_are_kept_to_the_cent(client, price, sale_price):
    payload = f'{{"name": "Mug", "sku": "MUG-0001", "price": {price}, "sale_price": {sale_price}}}'

    response = client.post("/products", content=payload, headers={"Content-Type": JSON})

    assert response.status_code == 201
    assert exact(response, "price") == Decimal(price)
    assert exact(response, "sale_price") == json.loads(sale_price, parse_float=Decimal, parse_int=Decimal)
    stored = client.get(f"/products/{response.json()['id']}")
    assert exact(stored, "price") == Decimal(price)
    assert exact(stored, "sale_price") == exact(response, "sale_price")


@pytest.mark.parametrize(
    ("path", "payload", "wrong"),
    [
        pytest.param(
            PRODUCTS,
            {"name": "Mug", "price": 8, "sale_price": 9, "supplier": {"name": "Lind", "email": "jo"}},
            ["sale_price", "sku", "supplier.email"],
            id="the ticket's example",
        ),
        pytest.param(
            PRODUCTS,
            {
                "name": " ",
                "price": 0,
                "sku": "mug",
                "stock": -1,
                "tags": [5, "blue", "", "red"],
                "sale_price": "9.99",
                "available_from": 1_936_742_400,
                "available_until": "soon",
                "supplier": {"name": None, "email": "ada", "phone": "5"},
                "id": 7,
            },
            [
                *["available_from", "available_until", "id", "name", "price", "sale_price", "sku", "stock"],
                *["supplier.email", "supplier.name", "supplier.phone", "tags.0", "tags.2"],
            ],
            id="each field of a product",
        ),
        pytest.param(
            CUSTOMERS,
            {"name": "", "email": "ada", "age": 18, "phone": 5},
            ["age", "email", "name", "phone"],
            id="each field of a customer",
        ),
        pytest.param(
            PRODUCTS, MUG | {"supplier": {}}, ["supplier.email", "supplier.name"], id="an empty supplier"
        ),
        pytest.param(CUSTOMERS, ADA | {"name": "\u0085\u1680\u202f\u205f"}, ["name"], id="rare white space"),
        pytest.param(CUSTOMERS, {}, ["age", "email", "name"], id="an empty customer"),
        pytest.param(PRODUCTS, {}, ["name", "price", "sku"], id="an empty product"),
    ],
)
def test_every_wrong_field_is_named(client, product, path, payload, wrong):
    before = list_products(client)

    response = client.post(path, json=payload)

    assert response.status_code == 422
    assert wrong_fields(response) == [f"body {field}" for field in wrong]
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize(
    ("method", "path", "payload", "wrong"),
    [
        pytest.param("POST", PRODUCTS, {**MUG, "name": ""}, ["name"], id="one wrong field"),
        pytest.param("POST", CUSTOMERS, {}, ["age", "email", "name"], id="three missing fields"),
        pytest.param(
            "POST", PRODUCTS, {**MUG, "tags": [5, "blue", 5]}, ["tags.0", "tags.2"], id="wrong tags"
        ),
        pytest.param("POST", PRODUCTS, {**MUG, "tags": ["a", "a"]}, ["tags"], id="a repeated tag"),
        pytest.param(
            "POST", PRODUCTS, {**MUG, "colour": "red", "price": 8}, ["colour", "sale_price"], id="two rules"
        ),
        pytest.param("GET", "/products?min_price=x", None, ["min_price"], id="a query"),
        pytest.param("GET", "/products/mug", None, ["product_id"], id="a path"),
        pytest.param("POST", PRODUCTS, [], [None], id="an array"),
    ],
)
def test_a_422_is_problem_details(client, method, path, payload, wrong):
    response = client.request(method, path, json=payload)

    assert response.status_code == 422
    assert media_type(response) == PROBLEM
    body = response.json()
    assert body["status"] == 422
    assert [type(body.get(name)) for name in ("type", "title", "detail")] == [str, str, str]
    assert [sorted(error) for error in body["errors"]] == [["field", "in", "reason"]] * len(wrong)
    assert sorted((error["field"] for error in body["errors"]), key=str) == wrong
    assert [error["reason"] for error in body["errors"] if not str(error["reason"]).strip()] == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        *[(PRODUCTS, field) for field in ("name", "price", "sku", "supplier.name", "supplier.email")],
        *[(CUSTOMERS, field) for field in ("name", "email", "age")],
    ],
)
def test_missing_fields_are_named(client, valid, path, field):
    before = list_products(client)

    response = client.post(path, json=without(valid[path], field))

    assert response.status_code == 422
    assert wrong_fields(response) == [f"body {field}"]
    assert list_products(client) == before


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        *[
            (PRODUCTS, field, value)
            for field in ("id", "colour", "Name", "description")
            for value in (None, 5, "x")
        ],
        *[
            (PRODUCTS, field, value)
            for field in ("", " ", "5", "caf\u00e9", "\u0000", "<b>")
            for value in (5, {"a": 5})
        ],
        *[(PRODUCTS, field, 5) for field in ("f" * 1_000, "salePrice", "__class__", "loc", "in")],
        *[
            (PRODUCTS, f"supplier.{field}", value)
            for field in ("id", "phone", "Name")
            for value in (None, 5, [])
        ],
        *[(CUSTOMERS, field, value) for field in ("id", "phone", "Age") for value in (None, 5, "x")],
    ],
    ids=ascii,
)
def test_unknown_fields_are_named(client, valid, path, field, value):
    before = list_products(client)

    response = client.post(path, json=changed(valid[path], field, value))

    assert response.status_code == 422
    assert wrong_fields(response) == [f"body {field}"]
    assert list_products(client) == before


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        *[(path, field, value) for path, field in STRINGS for value in (5, 12.5, True, None, [], ["x"], {})],
        *[(PRODUCTS, field, value) for field in PRICES for value in ("5", "12.50", "", "mug", True, [5], {})],
        (PRODUCTS, "price", None),
        *[(PRODUCTS, "stock", value) for value in ("5", "", 5.0, 5.5, True, False, None, [5], {})],
        *[(CUSTOMERS, "age", value) for value in ("36", "", 36.0, 36.5, True, None, [36], {})],
        *[(PRODUCTS, "tags", value) for value in ("red", "", 5, True, None, {}, {"0": "red"})],
        *[
            (PRODUCTS, "supplier", value)
            for value in ("Okafor", "", 5, True, [], [{"name": "Okafor", "email": "a@b.co"}])
        ],
        *[(PRODUCTS, day, value) for day in DAYS for value in (0, 86_400, 1_936_742_400, 5.5, True, [], {})],
    ],
)
def test_wrong_types_are_named(client, valid, path, field, value):
    before = list_products(client)

    response = client.post(path, json=changed(valid[path], field, value))

    assert response.status_code == 422
    assert wrong_fields(response) == [f"body {field}"]
    assert list_products(client) == before


@pytest.mark.parametrize(("path", "field"), TEXTS)
def test_blank_texts_are_named(client, valid, path, field, blank_text):
    before = list_products(client)

    response = client.post(path, json=changed(valid[path], field, blank_text))

    assert response.status_code == 422
    assert wrong_fields(response) == [f"body {field}"]
    assert list_products(client) == before


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        pytest.param(PRODUCTS, "name", "m" * 81, id="name of 81 characters"),
        pytest.param(PRODUCTS, "name", "m" * 10_000, id="name of 10,000 characters"),
        pytest.param(PRODUCTS, "name", "m" * 80 + " ", id="name of 80 letters and a blank"),
        pytest.param(PRODUCTS, "supplier.name", "m" * 81, id="supplier's name of 81 characters"),
        pytest.param(CUSTOMERS, "name", "m" * 81, id="customer's name of 81 characters"),
        pytest.param(PRODUCTS, "tags.0", "t" * 31, id="first tag of 31 characters"),
        pytest.param(PRODUCTS, "tags.1", "e\u0301" * 16, id="tag of 16 letters and 16 accents"),
        pytest.param(PRODUCTS, "tags.3", "t" * 10_000, id="last tag of 10,000 characters"),
        *[pytest.param(PRODUCTS, "price", price, id=f"price {price}") for price in PRICE_LIMITS],
        *[pytest.param(PRODUCTS, "sale_price", price, id=f"sale price {price}") for price in PRICE_LIMITS],
        *[
            pytest.param(PRODUCTS, "stock", stock, id=f"stock {stock}")
            for stock in (-1, -1_000_000, 1_000_001, 2**63, 10**30)
        ],
        *[pytest.param(CUSTOMERS, "age", age, id=f"age {age}") for age in (18, 17, 0, -19, -(10**30))],
    ],
)
def test_values_beyond_limits_are_named(client, valid, path, field, value):
    before = list_products(client)

    response = client.post(path, json=changed(valid[path], field, value))

    assert response.status_code == 422
    assert wrong_fields(response) == [f"body {field}"]
    assert list_products(client) == before


@pytest.mark.parametrize("sku", WRONG_SKUS, ids=ascii)
def test_invalid_skus_are_named(client, valid, sku):
    before = list_products(client)

    response = client.post("/products", json=valid[PRODUCTS] | {"sku": sku})

    assert response.status_code == 422
    assert wrong_fields(response) == ["body sku"]
    assert list_products(client) == before


@pytest.mark.parametrize("email", WRONG_ADDRESSES, ids=ascii)
@pytest.mark.parametrize(("path", "field"), [(PRODUCTS, "supplier.email"), (CUSTOMERS, "email")])
def test_invalid_addresses_are_named(client, valid, path, field, email):
    before = list_products(client)

    response = client.post(path, json=changed(valid[path], field, email))

    assert response.status_code == 422
    assert wrong_fields(response) == [f"body {field}"]
    assert list_products(client) == before


@pytest.mark.parametrize("day", WRONG_DAYS, ids=ascii)
@pytest.mark.parametrize("field", DAYS)
def test_invalid_days_are_named(client, valid, field, day):
    before = list_products(client)

    response = client.post("/products", json=valid[PRODUCTS] | {field: day})

    assert response.status_code == 422
    assert wrong_fields(response) == [f"body {field}"]
    assert list_products(client) == before


@pytest.mark.parametrize(
    ("tags", "wrong"),
    [
        pytest.param(["", "b", "c", "d"], ["body tags.0"], id="the first"),
        pytest.param(["a", "b", "c", 5], ["body tags.3"], id="the fourth"),
        pytest.param(["a", None, "c", "t" * 31], ["body tags.1", "body tags.3"], id="two of four"),
        pytest.param([[], {}, True], ["body tags.0", "body tags.1", "body tags.2"], id="all of three"),
        pytest.param([*"abcdefghi", " "], ["body tags.9"], id="the tenth"),
    ],
)
def test_wrong_tags_are_named_by_position(client, valid, tags, wrong):
    before = list_products(client)

    response = client.post("/products", json=valid[PRODUCTS] | {"tags": tags})

    assert response.status_code == 422
    assert wrong_fields(response) == wrong
    assert list_products(client) == before


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param([f"tag {number}" for number in range(11)], id="11 tags"),
        pytest.param([f"tag {number}" for number in range(1_000)], id="1,000 tags"),
        pytest.param(["red", "red"], id="neighbours"),
        pytest.param(["red", "blue", "green", "red"], id="first and last"),
        pytest.param(["red", "blue", "red", "blue"], id="two repeated"),
        pytest.param([*"abcdefghij", "a"], id="10 different tags and one repeated"),
    ],
)
def test_too_many_or_repeated_tags_are_one_error(client, valid, tags):
    before = list_products(client)

    response = client.post("/products", json=valid[PRODUCTS] | {"tags": tags})

    assert response.status_code == 422
    assert wrong_fields(response) == ["body tags"]
    assert list_products(client) == before


@pytest.mark.parametrize(
    ("price", "sale_price"),
    [(12.5, 12.5), (12.5, 12.51), (0.01, 0.01), (0.29, 1_000_000), (9.99, 10), (100.5, 99_999.5)],
)
def test_sale_prices_are_below_prices(client, valid, price, sale_price):
    before = list_products(client)

    response = client.post("/products", json=valid[PRODUCTS] | {"price": price, "sale_price": sale_price})

    assert response.status_code == 422
    assert wrong_fields(response) == ["body sale_price"]
    assert list_products(client) == before


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2031-05-17", "2031-05-17"),
        ("2031-05-17", "2031-05-16"),
        ("2032-01-01", "2031-12-31"),
        ("2031-10-01", "2031-09-30"),
        ("9999-12-31", "0001-01-01"),
        ("0001-01-01", "0001-01-01"),
    ],
)
def test_availability_ends_after_it_begins(client, valid, start, end):
    before = list_products(client)

    response = client.post(
        "/products", json=valid[PRODUCTS] | {"available_from": start, "available_until": end}
    )

    assert response.status_code == 422
    assert wrong_fields(response) == ["body available_until"]
    assert list_products(client) == before


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        pytest.param({"name": ""}, ["body name"], id="a blank name"),
        pytest.param({"sku": "abc"}, ["body sku"], id="a wrong SKU"),
        pytest.param({"stock": "5"}, ["body stock"], id="a stock in quotes"),
        pytest.param({"tags": ["red", 5]}, ["body tags.1"], id="a wrong tag"),
        pytest.param(
            {"supplier": {"name": "Okafor", "email": "ada"}}, ["body supplier.email"], id="a wrong address"
        ),
        pytest.param({"supplier": 5}, ["body supplier"], id="a wrong supplier"),
        pytest.param({"colour": "blue"}, ["body colour"], id="an unknown field"),
        pytest.param({"stock": float("nan")}, ["body stock"], id="NaN"),
        pytest.param({"name": "\ud800"}, ["body name"], id="half a pair"),
    ],
)
def test_other_errors_hide_no_rule(client, valid, wrong, names):
    before = list_products(client)
    both = {
        "price": 9.99,
        "sale_price": 9.99,
        "available_from": "2031-05-17",
        "available_until": "2031-05-17",
    }

    response = post(client, "/products", valid[PRODUCTS] | both | wrong)

    assert response.status_code == 422
    assert wrong_fields(response) == sorted(["body available_until", "body sale_price", *names])
    assert list_products(client) == before


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        pytest.param(
            {"price": 5.5, "sale_price": 5.5, "available_from": "x"},
            ["available_from", "sale_price"],
            id="price",
        ),
        pytest.param(
            {"price": 0, "available_from": "2031-05-17", "available_until": "2031-05-17"},
            ["available_until", "price"],
            id="price, and the rule of the days",
        ),
        pytest.param({"price": "5", "sale_price": 5.5}, ["price"], id="price in quotes"),
        pytest.param({"price": 0, "sale_price": 5.5}, ["price"], id="price of zero"),
        pytest.param({"price": 5.555, "sale_price": 5.56}, ["price"], id="price with a fraction of a cent"),
        pytest.param({"price": None, "sale_price": 5.5}, ["price"], id="no price"),
        pytest.param({"price": GONE, "sale_price": 5.5}, ["price"], id="price is missing"),
        pytest.param({"price": 5.5, "sale_price": "9"}, ["sale_price"], id="sale price in quotes"),
        pytest.param({"price": "5", "sale_price": "9"}, ["price", "sale_price"], id="both prices in quotes"),
        pytest.param(
            {"available_from": "2031-02-30", "available_until": "2031-02-01"},
            ["available_from"],
            id="first day",
        ),
        pytest.param(
            {"available_from": 4_000_000_000, "available_until": "2031-02-01"},
            ["available_from"],
            id="first day, a number",
        ),
        pytest.param(
            {"available_from": "2031-03-01", "available_until": "2031-02-30"},
            ["available_until"],
            id="last day",
        ),
        pytest.param(
            {"available_from": "x", "available_until": ""},
            ["available_from", "available_until"],
            id="both days",
        ),
    ],
)
def test_rules_need_both_fields_valid(client, valid, sent, wrong):
    before = list_products(client)
    payload = {field: value for field, value in (valid[PRODUCTS] | sent).items() if value != GONE}

    response = client.post("/products", json=payload)

    assert response.status_code == 422
    assert wrong_fields(response) == [f"body {field}" for field in wrong]
    assert list_products(client) == before


@pytest.mark.parametrize(
    ("query", "places"),
    [
        pytest.param("", [0, 1, 2, 3], id="none"),
        pytest.param("min_price=9.99", [0, 2, 3], id="the lowest price"),
        pytest.param("max_price=9.99", [1, 3], id="the highest price"),
        pytest.param("min_price=9.99&max_price=9.99", [3], id="one price"),
        pytest.param("max_price=19.99&min_price=9.99", [2, 3], id="both"),
        pytest.param("min_price=10&max_price=19.98", [], id="both, between two"),
        pytest.param("min_price=0&max_price=0", [], id="zero"),
        pytest.param("min_price=0&max_price=1000000", [0, 1, 2, 3], id="the limits"),
        pytest.param("min_price=1000000&max_price=1000000", [0], id="the highest of all"),
        pytest.param("max_price=0.29", [1], id="the lowest of all"),
        pytest.param("min_price=9.994&max_price=19.994", [2], id="fractions of a cent"),
        pytest.param("max_price=9.986", [1], id="a fraction of a cent less"),
    ],
)
def test_products_can_be_filtered_by_price(fresh_client, valid, query, places):
    prices = [1_000_000, 0.29, 19.99, 9.99]
    sent = [valid[PRODUCTS] | {"price": price, "sale_price": 0.28} for price in prices]
    products = [create(fresh_client, PRODUCTS, payload) for payload in sent]

    response = fresh_client.get(f"/products?{query}")

    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json() == [products[place] for place in places]
    assert [product["tags"] for product in products] == [valid[PRODUCTS]["tags"]] * 4


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        *[
            pytest.param(f"{name}={value}", [name], id=f"{name}={value[:12]}")
            for name in ("min_price", "max_price")
            for value in (
                *["cheap", "", "5x", "null", "NaN", "Infinity", "-0.001", "-0.01", "-1"],
                *["1000000.001", "1000000.01", "1000001", "1e300", "1" + "0" * 30],
            )
        ],
        pytest.param("min_price=x&max_price=y", ["max_price", "min_price"], id="both prices"),
        pytest.param("min_price=5&max_price=y", ["max_price"], id="one of two prices"),
        pytest.param("min_prize=5", ["min_prize"], id="an unknown one"),
        pytest.param("price=5&id=1", ["id", "price"], id="two unknown ones"),
        pytest.param("caf%C3%A9+au+lait=5", ["caf\u00e9 au lait"], id="one that is encoded"),
        pytest.param("min_price=5&max_price=9&Min_price=5", ["Min_price"], id="one with a capital letter"),
        pytest.param("page=x&min_price=x", ["min_price", "page"], id="a price and an unknown one"),
    ],
)
def test_wrong_query_parameters_are_named(client, query, wrong):
    response = client.get(f"/products?{query}")

    assert response.status_code == 422
    assert wrong_fields(response) == [f"query {name}" for name in wrong]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        pytest.param("min_price=9.99&max_price=9.98", ["max_price"], id="one cent"),
        pytest.param("max_price=9&min_price=10", ["max_price"], id="as text it is greater"),
        pytest.param("min_price=1000000&max_price=0", ["max_price"], id="the limits"),
        pytest.param("min_price=0.01&max_price=0", ["max_price"], id="zero"),
        pytest.param(
            "min_price=9&max_price=5&colour=blue", ["colour", "max_price"], id="beside an unknown one"
        ),
        pytest.param("min_price=-9&max_price=-10", ["max_price", "min_price"], id="both are negative"),
        pytest.param("min_price=x&max_price=0", ["min_price"], id="the first one is no number"),
    ],
)
def test_a_max_price_below_min_price_is_named(client, query, wrong):
    response = client.get(f"/products?{query}")

    assert response.status_code == 422
    assert wrong_fields(response) == [f"query {name}" for name in wrong]


@pytest.mark.parametrize("text", ["mug", "1x", "x1", "1.5", "None", "-", "--1", "\u00b2"])
def test_invalid_ids_are_named(client, text):
    response = client.get(f"/products/{text}")

    assert response.status_code == 422
    assert wrong_fields(response) == ["path product_id"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b"", JSON, id="no body"),
        pytest.param(b"{", JSON, id="half an object"),
        pytest.param(b'{"name": "Mug", "price": 12.5,}', JSON, id="a comma too many"),
        pytest.param(b"{'name': 'Mug'}", JSON, id="single quotes"),
        pytest.param(b'{"name": "Mug"} {}', JSON, id="two objects"),
        pytest.param(b"mug", JSON, id="a word"),
        pytest.param(b"[]", JSON, id="an empty array"),
        pytest.param(b'[{"name": "Mug", "price": 12.5}]', JSON, id="an array"),
        pytest.param(b'"Mug"', JSON, id="a string"),
        pytest.param(b"12.5", JSON, id="a number"),
        pytest.param(b"NaN", JSON, id="not a number"),
        pytest.param(b"true", JSON, id="a boolean"),
        pytest.param(b"null", JSON, id="null"),
        pytest.param(json.dumps(MUG).encode(), "text/plain", id="sent as text"),
        pytest.param(json.dumps(MUG).encode(), FORM, id="sent as a form"),
        pytest.param(json.dumps(MUG).encode(), None, id="sent as nothing"),
        pytest.param(b"name=Mug&price=12.5", FORM, id="a form"),
    ],
)
@pytest.mark.parametrize("path", [PRODUCTS, CUSTOMERS])
def test_other_bodies_are_one_error_without_field(client, path, body, content_type):
    before = list_products(client)

    response = client.post(path, content=body, headers=content_type and {"Content-Type": content_type})

    assert response.status_code == 422
    reason = response.json()["errors"][0]["reason"]
    assert response.json()["errors"] == [{"in": "body", "field": None, "reason": reason}]
    assert list_products(client) == before


@pytest.mark.parametrize(
    ("path", "field"),
    [
        *[*STRINGS, (PRODUCTS, "price"), (PRODUCTS, "sale_price"), (PRODUCTS, "stock"), (CUSTOMERS, "age")],
        *[
            (PRODUCTS, "tags"),
            (PRODUCTS, "supplier"),
            (PRODUCTS, "available_from"),
            (PRODUCTS, "available_until"),
        ],
        *[(PRODUCTS, "colour"), (PRODUCTS, "supplier.phone"), (CUSTOMERS, "phone")],
    ],
)
@pytest.mark.parametrize(
    "value",
    ["NaN", "-Infinity", "1e400", r'"\ud800"', r'"Mug \udfff"'],
    ids=["NaN", "-Infinity", "1e400", "half a pair", "the other half"],
)
def test_nan_and_half_pairs_are_named(client, valid, path, field, value):
    before = list_products(client)
    body = json.dumps(changed(valid[path], field, "HERE")).replace('"HERE"', value)

    response = client.post(path, content=body, headers={"Content-Type": JSON})

    assert response.status_code == 422
    assert wrong_fields(response) == [f"body {field}"]
    assert list_products(client) == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        *[
            pytest.param("POST", PRODUCTS, json.dumps(changed(MUG, field, wrong)), id=f"{field}, {kind}")
            for field in (
                "price",
                "sku",
                "stock",
                "tags",
                "sale_price",
                "available_until",
                "supplier",
            )
            for kind, wrong in [
                ("string", "kelp73lagoon"),
                ("array", ["kelp73lagoon", {}]),
                ("number", 8_271_360_945),
            ]
        ],
        pytest.param("POST", PRODUCTS, json.dumps(changed(MUG, "name", 8_271_360_945)), id="name"),
        pytest.param("POST", PRODUCTS, json.dumps(changed(MUG, "tags.0", {"kelp73lagoon": 5})), id="tags.0"),
        pytest.param(
            "POST", PRODUCTS, json.dumps(changed(MUG, "supplier.name", ["kelp73lagoon"])), id="supplier.name"
        ),
        pytest.param(
            "POST", PRODUCTS, json.dumps(changed(MUG, "supplier.email", "kelp73lagoon")), id="supplier.email"
        ),
        pytest.param("POST", PRODUCTS, json.dumps(MUG | {"colour": "kelp73lagoon"}), id="an unknown field"),
        pytest.param("POST", PRODUCTS, json.dumps(MUG | {"tags": ["kelp73lagoon"] * 2}), id="repeated tags"),
        pytest.param(
            "POST", PRODUCTS, json.dumps(MUG | {"price": 4271.25, "sale_price": 8271.25}), id="two prices"
        ),
        pytest.param("POST", PRODUCTS, json.dumps(MUG | {"available_from": "4271-01-01"}), id="two days"),
        pytest.param(
            "POST", PRODUCTS, json.dumps({"name": "kelp73lagoon"}), id="a valid field beside missing ones"
        ),
        pytest.param("POST", PRODUCTS, '["kelp73lagoon"]', id="an array"),
        pytest.param("POST", PRODUCTS, '{"name": kelp73lagoon}', id="no JSON"),
        pytest.param("POST", CUSTOMERS, json.dumps(ADA | {"email": "kelp73lagoon"}), id="an address"),
        pytest.param("POST", CUSTOMERS, json.dumps(ADA | {"age": -4271}), id="an age"),
        pytest.param(
            "POST", CUSTOMERS, json.dumps(ADA | {"phone \ud800": 4271}), id="a name with half a pair"
        ),
        pytest.param("GET", "/products?min_price=kelp73lagoon", None, id="a query parameter"),
        pytest.param("GET", "/products?min_price=8271.25&max_price=4271.25", None, id="two query parameters"),
        pytest.param("GET", "/products?colour=kelp73lagoon", None, id="an unknown query parameter"),
        pytest.param("GET", "/products/kelp73lagoon", None, id="an id"),
    ],
)
def test_no_value_is_repeated(client, method, path, body):
    response = client.request(method, path, content=body, headers={"Content-Type": JSON})

    assert response.status_code == 422
    assert len(response.json()["errors"]) > 0
    parts = ["kelp", "lagoon", "8271", "4271", "MUG-0001", "Okafor"]
    assert [part for part in parts if part in response.text] == []


def test_unknown_ids_are_404(client, product, unknown_id):
    before = list_products(client)

    response = client.get(f"/products/{unknown_id}")

    assert response.status_code == 404
    assert media_type(response) == PROBLEM
    assert response.json()["status"] == 404
    assert product in before
    assert list_products(client) == before


def test_two_hundred_requests_at_once_succeed(client, valid, race):
    sent = [(PRODUCTS, changed(valid[PRODUCTS], "stock", number // 4)) for number in range(100)]
    sent += [(CUSTOMERS, changed(valid[CUSTOMERS], "age", 19 + number // 2)) for number in range(100)]

    created = race(200, lambda number: create(client, *sent[number]))

    assert created == [{"id": one["id"], **payload} for one, (_, payload) in zip(created, sent, strict=True)]
    assert len({one["id"] for one in created[:100]}) == 100
    assert len({one["id"] for one in created[100:]}) == 100
    kept = [product for product in list_products(client) if product["name"] == valid[PRODUCTS]["name"]]
    assert kept == sorted(created[:100], key=lambda product: product["id"])


def test_long_lists_are_complete(fresh_client, valid, at_once):
    created = at_once(1_100, lambda _: create(fresh_client, PRODUCTS, valid[PRODUCTS]))

    response = fresh_client.get("/products")

    assert response.json() == sorted(created, key=lambda product: product["id"])
    assert created[0] == {"id": created[0]["id"], **valid[PRODUCTS]}
