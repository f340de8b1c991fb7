"""The acceptance tests of curriculum 1.1: one for each criterion of the ticket."""

import json
from decimal import Decimal
from urllib.parse import urljoin

import pytest

JSON = "application/json"
MUG = {"name": "Mug", "description": "Blue", "price": 12.5, "stock": 3}
ONE, ALL = "/products/{id}", "/products"

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


def fields(values, price=None):
    """Return what a client sends, with no default value in it and with a price that is no integer."""
    return {
        "name": values.text(),
        "description": values.text(),
        "price": values.randint(1, 9_999) + 0.5 if price is None else price,
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
        create(client, **fields(values) | {"name": "M", "description": "2", "price": 2.5, "stock": 20}),
        create(client, **fields(values) | {"name": "Z", "description": "1", "price": 9.5, "stock": 10}),
        create(client, **fields(values) | {"name": "A", "description": "3", "price": 1.5, "stock": 30}),
    ]


def test_a_new_product_is_returned_with_201_and_its_id(client):
    response = client.post("/products", json=MUG)

    assert response.status_code == 201
    assert media_type(response) == JSON
    product = response.json()
    assert product == {"id": product["id"], **MUG}
    assert type(product["id"]) is int
    assert product["id"] > 0


@pytest.mark.usefixtures("ten_products")
def test_the_location_of_a_new_product_leads_to_it(client, values):
    created = client.post("/products", json=fields(values)).raise_for_status()
    location = urljoin("http://app/products", created.headers.get("Location", ""))

    response = client.get(location)

    assert response.status_code == 200
    assert response.json() == created.json()


def test_without_products_the_list_is_empty_also_after_a_restart(launch, values):
    server = launch()
    before = list_products(server.client)
    product = create(server.client, **fields(values))
    between = list_products(server.client)

    server.restart(warm=True)

    assert before == []
    assert between == [product]
    assert list_products(server.client) == []


@pytest.mark.usefixtures("ten_products")
def test_all_products_are_listed_by_id_also_after_changes(client, three_products, values):
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
    "missing", [["description"], ["stock"], ["description", "stock"]], ids=["description", "stock", "both"]
)
@post_and_put
def test_post_and_put_set_an_optional_field_that_is_missing_to_its_default(
    client, product, values, method, path, missing
):
    sent = {name: value for name, value in fields(values).items() if name not in missing}

    response = client.request(method, path.format_map(product), json=sent)

    assert response.is_success
    stored = response.json()
    assert stored == {"id": stored["id"], "description": None, "stock": 0, **sent}
    assert client.get(path_of(stored)).json() == stored


@pytest.mark.parametrize("missing", [["name"], ["price"], ["name", "price"]], ids=["name", "price", "both"])
@post_and_put
def test_post_and_put_without_a_required_field_are_422_and_change_nothing(
    client, product, values, method, path, missing
):
    before = list_products(client)
    sent = {name: value for name, value in fields(values).items() if name not in missing}

    response = client.request(method, path.format_map(product), json=sent)

    assert response.status_code == 422
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize(
    "names",
    [
        ["name"],
        ["description"],
        ["price"],
        ["stock"],
        ["name", "stock"],
        ["name", "description", "price", "stock"],
        [],
    ],
    ids=lambda names: ", ".join(names) or "none",
)
def test_patch_changes_the_fields_that_are_sent_and_no_others(client, three_products, values, names):
    oldest, new = three_products[0], fields(values)
    sent = {name: new[name] for name in names}

    response = client.patch(path_of(oldest), json=sent)

    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json() == oldest | sent
    assert client.get(path_of(oldest)).json() == oldest | sent
    assert without(oldest, list_products(client))[-2:] == three_products[1:]


@pytest.mark.parametrize("other", [{}, {"stock": 0}], ids=["alone", "with another field"])
def test_patch_with_null_clears_the_description(client, product, other):
    sent = {"description": None, **other}

    response = client.patch(path_of(product), json=sent)

    assert response.status_code == 200
    assert response.json() == product | sent
    assert client.get(path_of(product)).json() == product | sent


def test_deleting_a_product_returns_204_and_no_body(client, product):
    response = client.delete(path_of(product))

    assert response.status_code == 204
    assert response.content == b""


@pytest.mark.parametrize(
    ("method", "payload"),
    [("GET", None), ("PUT", MUG), ("PATCH", MUG), ("DELETE", None)],
    ids=["GET", "PUT", "PATCH", "DELETE"],
)
@pytest.mark.parametrize("place", [0, 1, 2], ids=["the oldest", "the middle one", "the newest"])
def test_a_deleted_product_is_gone_and_the_others_stay(client, three_products, place, method, payload):
    before = list_products(client)
    deleted = three_products[place]
    client.delete(path_of(deleted)).raise_for_status()

    response = client.request(method, path_of(deleted), json=payload)

    assert response.status_code == 404
    assert deleted in before
    assert list_products(client) == without(deleted, before)
    assert client.get(path_of(three_products[place - 1])).json() == three_products[place - 1]


@pytest.mark.parametrize("places", [[0], [1], [0, 1]], ids=["the older of two", "the newer of two", "both"])
def test_the_id_of_a_deleted_product_is_not_used_again(fresh_client, at_once, values, places):
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
def test_an_id_that_no_product_has_is_404_and_creates_nothing(client, product, method, payload, unknown_id):
    before = list_products(client)

    response = client.request(method, f"/products/{unknown_id}", json=payload)

    assert response.status_code == 404
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize("text", ["mug", "1x", "x1", "1.5", "None", "-"])
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
def test_a_method_that_a_path_does_not_have_is_405_with_an_allow_that_tells_the_truth(
    client, product, at_once, method, path
):
    before = list_products(client)

    response = client.request(method, path.format_map(product), json=MUG)

    assert response.status_code == 405
    assert list_products(client) == before
    assert product in before
    allowed = [name.strip() for name in response.headers.get("Allow", "").split(",") if name.strip()]
    assert allowed != []
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
        pytest.param(b'{"name": "Mug", "price": 12.5, "description": 5}', JSON, id="description is a number"),
        pytest.param(
            b'{"name": "Mug", "price": 12.5, "description": false}', JSON, id="description is a boolean"
        ),
        pytest.param(
            b'{"name": "Mug", "price": 12.5, "description": {}}', JSON, id="description is an object"
        ),
        pytest.param(b'{"name": "Mug", "price": null}', JSON, id="price is null"),
        pytest.param(b'{"name": "Mug", "price": 12.5, "stock": null}', JSON, id="stock is null"),
        pytest.param(b'[{"name": "Mug", "price": 12.5}]', JSON, id="an array"),
        pytest.param(b'"Mug"', JSON, id="a string"),
        pytest.param(b"12.5", JSON, id="a number"),
        pytest.param(b"null", JSON, id="null"),
        pytest.param(b"", JSON, id="no body"),
        pytest.param(b'{"name": "Mug", "price": 12.5', JSON, id="not JSON"),
        pytest.param(b'{"name": "Mug", "price": 12.5}', "text/plain", id="sent as text"),
        pytest.param(b"name=Mug&price=12.5", "application/x-www-form-urlencoded", id="a form"),
    ],
)
@every_write
def test_an_invalid_payload_is_422_and_changes_nothing(client, product, method, path, payload, content_type):
    before = list_products(client)

    response = client.request(
        method, path.format_map(product), content=payload, headers={"Content-Type": content_type}
    )

    assert response.status_code == 422
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize(
    "name",
    ["M", "7", "?", "m" * 80, "\U0001f600" * 80],
    ids=["a letter", "a digit", "a sign", "80 letters", "80 emoji"],
)
@every_write
def test_a_name_may_have_1_to_80_characters(client, product, values, method, path, name):
    sent = fields(values) | {"name": name}

    response = client.request(method, path.format_map(product), json=sent)

    assert response.is_success
    stored = response.json()
    assert stored == {"id": stored["id"], **sent}
    assert client.get(path_of(stored)).json() == stored


@pytest.mark.parametrize("field", ["name", "description"])
@every_write
def test_a_blank_name_or_description_is_422(client, product, values, method, path, field, blank_text):
    before = list_products(client)

    response = client.request(method, path.format_map(product), json=fields(values) | {field: blank_text})

    assert response.status_code == 422
    assert list_products(client) == before
    assert product in before


@every_write
def test_name_and_description_are_kept_as_sent(client, product, values, method, path, kept_text):
    sent = fields(values) | {"name": kept_text[:80], "description": kept_text}

    response = client.request(method, path.format_map(product), json=sent)

    assert response.is_success
    stored = response.json()
    assert stored == {"id": stored["id"], **sent}
    assert client.get(path_of(stored)).json() == stored
    assert stored in list_products(client)


@pytest.mark.parametrize(
    "price",
    ["0.01", "0.29", "1.15", "19.99", "1024.10", "999999.99", "1000000", "5", "5.0", "5e0", "1.25E+2", "1e6"],
)
@every_write
def test_a_price_from_0_01_to_1_000_000_is_kept_to_the_cent(client, product, method, path, price):
    payload = f'{{"name": "Mug", "price": {price}}}'

    response = client.request(
        method, path.format_map(product), content=payload, headers={"Content-Type": JSON}
    )

    assert response.is_success
    assert exact_price(response) == Decimal(price)
    assert exact_price(client.get(path_of(response.json()))) == Decimal(price)


@pytest.mark.parametrize(
    "price",
    [
        *[
            "0",
            "0.0",
            "-0.01",
            "-5",
            "0.001",
            "0.009",
            "1000000.01",
            "1000001",
            "1e7",
            "1" + "0" * 30,
            "1e300",
        ],
        *[
            "0.30000000000000004",
            "0.015",
            "12.345",
            "1e-3",
            "19.990000000000002",
            "999999.9900000001",
            "0.0100001",
        ],
        *['"5"', '"12.50"', '""', '"mug"', "true", "false", "[5]", "{}"],
    ],
)
@every_write
def test_any_other_price_is_422(client, product, method, path, price):
    before = list_products(client)
    payload = f'{{"name": "Mug", "price": {price}}}'

    response = client.request(
        method, path.format_map(product), content=payload, headers={"Content-Type": JSON}
    )

    assert response.status_code == 422
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize("stock", [0, 1, 2**16, 999_999, 1_000_000])
@every_write
def test_a_stock_may_be_any_integer_from_0_to_1_000_000(client, product, values, method, path, stock):
    sent = fields(values) | {"stock": stock}

    response = client.request(method, path.format_map(product), json=sent)

    assert response.is_success
    stored = response.json()
    assert stored == {"id": stored["id"], **sent}
    assert client.get(path_of(stored)).json() == stored


@pytest.mark.parametrize(
    "stock",
    [-1, -1_000_000, 1_000_001, 2**63, 10**30, 5.0, 5.5, 0.0, "5", "", True, False, [5], {}],
    ids=json.dumps,
)
@every_write
def test_any_other_stock_is_422(client, product, values, method, path, stock):
    before = list_products(client)

    response = client.request(method, path.format_map(product), json=fields(values) | {"stock": stock})

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
    ],
)
@every_write
def test_other_fields_of_a_payload_are_ignored_an_id_too(
    client, three_products, values, method, path, others
):
    before, sent = list_products(client), fields(values)
    more = others(three_products[2])

    response = client.request(method, path.format_map(three_products[0]), json=more | sent)

    assert response.is_success
    stored = response.json()
    assert stored == {"id": stored["id"], **sent}
    assert stored["id"] != more.get("id")
    assert client.get(path_of(stored)).json() == stored
    assert without(stored, list_products(client)) == without(stored, before)


def test_two_hundred_products_at_once_are_all_kept_each_with_its_own_id(client, values, race):
    name = values.text()

    created = race(
        200, lambda number: create(client, name=name, price=number // 2 + 0.5)
    )  # two of each price

    assert [product["price"] for product in created] == [number // 2 + 0.5 for number in range(200)]
    assert len({product["id"] for product in created}) == 200
    kept = [product for product in list_products(client) if product["name"] == name]
    assert kept == sorted(created, key=lambda product: product["id"])


def test_of_fifty_requests_at_once_to_delete_a_product_exactly_one_gets_204(client, three_products, race):
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


def test_a_product_that_is_deleted_while_it_is_changed_stays_deleted(client, product, values, race):
    going = [create(client, **fields(values)) for _ in range(10)]
    kinds = [("PUT", MUG), ("DELETE", None), ("PATCH", {"stock": 5}), ("PATCH", {"name": "Cup"})]
    requests = [(method, path_of(one), payload) for one in going for method, payload in kinds]

    answers = race(40, lambda number: client.request(*requests[number][:2], json=requests[number][2]))

    assert [answer.status_code for answer in answers[1::4]] == [204] * 10
    assert {answer.status_code for answer in answers} <= {200, 204, 404}
    assert list_products(client)[-1] == product


def test_a_product_is_never_seen_half_replaced(client, product, values, race):
    whole = [product, *({"id": product["id"], **fields(values)} for _ in range(20))]
    requests = [("GET", None), *(("PUT", one) for one in whole[1:]), *[("GET", None)] * 20]

    answers = race(
        41, lambda number: client.request(requests[number][0], path_of(product), json=requests[number][1])
    )

    assert [answer.status_code for answer in answers] == [200] * 41
    assert [answer.json() for answer in answers if answer.json() not in whole] == []
    assert client.get(path_of(product)).json() in whole


def test_a_list_of_more_than_a_thousand_products_is_complete(client, values, at_once):
    name = values.text()
    created = at_once(1_100, lambda number: create(client, name=name, price=number + 0.5))

    response = client.get("/products")

    kept = [product for product in response.json() if product["name"] == name]
    assert kept == sorted(created, key=lambda product: product["id"])


def test_products_can_be_listed_while_others_are_created_and_deleted(client, product, values, race):
    going = [create(client, **fields(values)) for _ in range(10)]
    requests = [
        *[("GET", ALL, None)] * 10,
        *(("DELETE", path_of(one), None) for one in going),
        *[("POST", ALL, MUG)] * 10,
    ]

    answers = race(30, lambda number: client.request(*requests[number][:2], json=requests[number][2]))

    assert [answer.is_success for answer in answers] == [True] * 30
    assert [product in answer.json() for answer in answers[:10]] == [True] * 10
