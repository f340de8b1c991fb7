"""The acceptance tests of curriculum 1.4: one for each criterion of the ticket."""

import json
import re
from functools import reduce
from operator import getitem
from urllib.parse import urljoin

import pytest

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
STAFF = {"Authorization": "Bearer staff-of-the-shop"}
MUG = {"name": "Mug", "description": "Blue", "price": 12.5, "stock": 3}
PRODUCT_FIELDS = ["description", "id", "name", "price", "stock"]
SOME_TEXT = "(some text)"
EXCEPTION = "RuntimeError: No answer from postgresql://shop:t0p-s3cret@db/shop"
PARTS_OF_THE_EXCEPTION = [
    *["RuntimeError", "No answer", "postgresql", "t0p-s3cret", "db/shop"],
    *["Traceback", ".py", "response_formatting"],
]

every_accept = pytest.mark.parametrize("accepted", ["*/*", "text/html", "application/problem+json"])


def create(client, **fields):
    """Create a product and return it; a test that fails here says which status it got."""
    return client.post("/products", json=fields).raise_for_status().json()["data"]


def list_products(client):
    """Return all products."""
    return client.get("/products").raise_for_status().json()["data"]


def path_of(product):
    """Return the path of a product."""
    return f"/products/{product['id']}"


def without(product, products):
    """Return the other products."""
    return [other for other in products if other["id"] != product["id"]]


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def fields(values):
    """Return what a client sends, with no default value in it and with a price that is no integer."""
    return {
        "name": values.text(),
        "description": values.text(),
        "price": values.randint(1, 9_999) + 0.5,
        "stock": values.randint(1, 9_999),
    }


def success(data):
    """Return the body of a success."""
    return {"status": "success", "data": data}


def failure(code, *wrong):
    """Return the body of an error, as `wordless` does: the wrong fields are pairs of a place and a name."""
    error = {"code": code, "message": SOME_TEXT}
    if wrong:
        named = [{"field": name, "in": place, "reason": SOME_TEXT} for place, name in wrong]
        error["fields"] = sorted(named, key=str)
    return {"status": "error", "error": error}


def wordless(body):
    """Return the body of an error without what is free: the wording of its texts, and the order of its fields."""
    if isinstance(body, list):
        return sorted(map(wordless, body), key=str)
    if isinstance(body, dict):
        return {key: SOME_TEXT if is_free(key, body[key]) else wordless(body[key]) for key in sorted(body)}
    return body


def is_free(key, value):
    """Tell whether this is a text of which the ticket only says that it is not blank."""
    return key in {"message", "reason"} and isinstance(value, str) and value.strip() != ""


def responses_of(document, method, path):
    """Return what an OpenAPI document says of the responses to a request; `{}` stands for a path parameter."""
    operations = {re.sub(r"\{.*?\}", "{}", template): found for template, found in document["paths"].items()}
    return operations.get(path, {}).get(method.lower(), {}).get("responses", {})


def schema_of(document, responses, status):
    """Return the schema that is documented for a status, or a range such as 4XX."""
    found = [responses[key] for key in (str(status), f"{status // 100}XX", "default") if key in responses]
    response = resolve(document, [*found, {}][0])
    return resolve(document, response.get("content", {}).get(JSON, {}).get("schema", {}))


def resolve(document, schema):
    """Follow the references of a schema; of alternatives, take the first that is not null."""
    while "$ref" in schema or "anyOf" in schema:
        others = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
        steps = schema.get("$ref", "").removeprefix("#/").split("/")
        schema = others[0] if others else reduce(getitem, steps, document)
    return schema


def property_of(document, schema, name):
    """Return the schema of a property, or of an array's items."""
    found = resolve(document, schema.get("properties", {}).get(name, {}))
    return resolve(document, found.get("items", found))


def allows(schema, value):
    """Tell whether a schema that names its values, if it does, has this one among them."""
    return value in schema.get("enum", [schema.get("const", value)])


def missing(schema, *names):
    """Return which of these properties a schema does not require."""
    return [name for name in names if name not in schema.get("required", [])]


def without_envelope(document):
    """Return the documented JSON responses that are no envelope."""
    found = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                for kind, content in resolve(document, response).get("content", {}).items():
                    schema = resolve(document, content.get("schema", {}))
                    names = ["status", "data" if status.startswith("2") else "error"]
                    if "json" in kind and (schema.get("type") != "object" or missing(schema, *names)):
                        found.append(f"{method.upper()} {path} {status}")
    return found


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
def test_a_new_product_is_the_data_of_a_201(client, content_type):
    response = client.post("/products", content=json.dumps(MUG), headers={"Content-Type": content_type})

    assert response.status_code == 201
    assert media_type(response) == JSON
    body = response.json()
    assert body == success({"id": body["data"]["id"], **MUG})
    assert type(body["data"]["id"]) is int
    assert body["data"]["id"] > 0


@pytest.mark.usefixtures("ten_products")
def test_the_location_of_a_new_product_leads_to_it(client, values):
    created = client.post("/products", json=fields(values)).raise_for_status()
    location = urljoin(str(created.url), created.headers.get("Location", ""))

    response = client.get(location)

    assert location == f"{created.url}/{created.json()['data']['id']}"
    assert response.status_code == 200
    assert response.json() == success(created.json()["data"])


@every_accept
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(MUG, id="every field"),
        pytest.param({"name": "Cup", "price": 9.99}, id="the required fields"),
        pytest.param(
            {"name": "success", "description": "data", "price": 1.5, "stock": 0}, id="words of ours"
        ),
        pytest.param(
            {"name": '{"status": "error", "error": null}', "description": '"data":', "price": 1.5},
            id="text like an envelope",
        ),
    ],
)
def test_a_product_is_the_data_of_a_200(client, values, sent, accepted):
    oldest = create(client, **sent)
    others = [create(client, **fields(values)), create(client, **fields(values))]

    response = client.get(path_of(oldest), headers={"Accept": accepted})

    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json() == success({"id": oldest["id"], "description": None, "stock": 0, **sent})
    assert others == list_products(client)[-2:]


@every_accept
@pytest.mark.usefixtures("ten_products")
def test_a_list_is_the_data_of_a_200_sorted_by_id(client, three_products, accepted):
    response = client.get("/products", headers={"Accept": accepted})

    assert response.status_code == 200
    assert media_type(response) == JSON
    body = response.json()
    assert body == success(body["data"])
    assert body["data"][-3:] == three_products


def test_an_empty_list_is_data(launch, values):
    server = launch()
    before = server.client.get("/products")
    create(server.client, **fields(values))
    server.restart(warm=True)

    response = server.client.get("/products")

    assert before.status_code == 200
    assert before.json() == success([])
    assert response.json() == success([])


@pytest.mark.parametrize("place", [0, 1, 2], ids=["the oldest", "the middle one", "the newest"])
def test_deleting_returns_null_as_data(client, three_products, place):
    before, unwanted = list_products(client), three_products[place]

    response = client.delete(path_of(unwanted), headers=STAFF)

    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json() == success(None)
    assert unwanted in before
    assert list_products(client) == without(unwanted, before)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_deleted_product_is_404(client, three_products, method):
    before, oldest = list_products(client), three_products[0]
    client.delete(path_of(oldest), headers=STAFF).raise_for_status()

    response = client.request(method, path_of(oldest), headers=STAFF)

    assert response.status_code == 404
    assert media_type(response) == JSON
    assert wordless(response.json()) == failure("not_found")
    assert list_products(client) == without(oldest, before)


@every_accept
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nothing"),
        ("POST", "/nothing"),
        ("PUT", "/nothing/at/all"),
        ("DELETE", "/nothing/1"),
        ("GET", "/product"),
        ("GET", "/Products"),
        ("POST", "/products/{id}/reviews"),
        ("GET", "/products/{id}/reviews"),
        ("GET", "/crash/1"),
        ("GET", "/%F0%9F%98%80"),
    ],
)
def test_an_unknown_path_is_404(client, product, method, path, accepted):
    response = client.request(method, path.format_map(product), headers={"Accept": accepted})

    assert response.status_code == 404
    assert media_type(response) == JSON
    assert wordless(response.json()) == failure("not_found")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_id_is_404(client, product, method, unknown_id):
    before = list_products(client)

    response = client.request(method, f"/products/{unknown_id}", headers=STAFF)

    assert response.status_code == 404
    assert media_type(response) == JSON
    assert wordless(response.json()) == failure("not_found")
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/products"),
        ("PATCH", "/products"),
        ("DELETE", "/products"),
        ("POST", "/products/{id}"),
        ("PUT", "/products/{id}"),
        ("PATCH", "/products/{id}"),
        ("POST", "/crash"),
        ("DELETE", "/crash"),
        ("POST", "/openapi.json"),
    ],
)
def test_a_wrong_method_is_405_with_a_true_allow(client, product, at_once, method, path):
    before = list_products(client)

    response = client.request(method, path.format_map(product), json=MUG, headers=STAFF)

    assert response.status_code == 405
    assert media_type(response) == JSON
    assert wordless(response.json()) == failure("method_not_allowed")
    assert list_products(client) == before
    assert product in before
    allowed = [name.strip() for name in response.headers.get("Allow", "").split(",") if name.strip()]
    assert allowed != []
    assert allowed == [name.upper() for name in allowed]  # or httpx sends GET where `get` is allowed
    answers = at_once(len(allowed), lambda number: client.request(allowed[number], path.format_map(product)))
    assert [name for name, answer in zip(allowed, answers, strict=True) if answer.status_code == 405] == []


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"Accept": "text/html"}, id="nothing, from a browser"),
        pytest.param({"Authorization": "Bearer staff-of-the-shop-"}, id="a longer token"),
        pytest.param({"Authorization": "Bearer staff-of-the-sho"}, id="a shorter token"),
        pytest.param({"Authorization": "Bearer guest"}, id="another token"),
        pytest.param({"Authorization": "Bearer Staff-of-the-Shop"}, id="the token in other letters"),
        pytest.param({"Authorization": "Bearer sch\u00f6n".encode()}, id="a token that is not ASCII"),
        pytest.param({"Authorization": "Basic c3RhZmY6c2hvcA=="}, id="another scheme"),
        pytest.param({"Authorization": "Token staff-of-the-shop"}, id="the token in another scheme"),
        pytest.param({"Authorization": "Bearer"}, id="a scheme alone"),
    ],
)
def test_a_deletion_without_the_token_is_401(client, product, headers):
    before = list_products(client)

    response = client.delete(path_of(product), headers=headers)

    assert response.status_code == 401
    assert media_type(response) == JSON
    assert wordless(response.json()) == failure("unauthorized")
    assert response.headers.get("WWW-Authenticate", "").split(" ")[0] == "Bearer"
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize(
    ("payload", "wrong"),
    [
        ({}, ["name", "price"]),
        ({"price": 12.5}, ["name"]),
        ({"name": "Mug"}, ["price"]),
        ({"name": "Mug", "stock": -1}, ["price", "stock"]),
        (
            {"name": 5, "description": 5, "price": "5", "stock": "5"},
            ["name", "description", "price", "stock"],
        ),
        ({"name": None, "price": None, "stock": None}, ["name", "price", "stock"]),
        ({"status": "success", "data": MUG}, ["name", "price"]),
        ({**MUG, "name": "m" * 81}, ["name"]),
        ({**MUG, "name": "m" * 80 + " "}, ["name"]),
        ({**MUG, "name": "\u0085\u1680\u202f\u205f"}, ["name"]),
        ({**MUG, "name": "m" * 10_000}, ["name"]),
        ({**MUG, "name": True}, ["name"]),
        ({**MUG, "name": ["Mug"]}, ["name"]),
        ({**MUG, "description": False}, ["description"]),
        ({**MUG, "description": {"en": "Blue"}}, ["description"]),
        ({**MUG, "price": 0}, ["price"]),
        ({**MUG, "price": -12.5}, ["price"]),
        ({**MUG, "price": 0.009}, ["price"]),
        ({**MUG, "price": 12.345}, ["price"]),
        ({**MUG, "price": 0.30000000000000004}, ["price"]),
        ({**MUG, "price": 1_000_000.01}, ["price"]),
        ({**MUG, "price": 10**30}, ["price"]),
        ({**MUG, "price": "12.5"}, ["price"]),
        ({**MUG, "price": True}, ["price"]),
        ({**MUG, "price": [5]}, ["price"]),
        ({**MUG, "stock": -1}, ["stock"]),
        ({**MUG, "stock": 1_000_001}, ["stock"]),
        ({**MUG, "stock": 2**63}, ["stock"]),
        ({**MUG, "stock": 5.0}, ["stock"]),
        ({**MUG, "stock": "5"}, ["stock"]),
        ({**MUG, "stock": True}, ["stock"]),
        ({"name": "Mug", "stock": float("nan")}, ["price", "stock"]),
        ({"name": "\ud800", "price": 12.5, "stock": "5"}, ["name", "stock"]),
    ],
)
def test_an_invalid_payload_is_422_and_names_wrong_fields(client, product, payload, wrong):
    before = list_products(client)

    response = client.post("/products", content=json.dumps(payload), headers={"Content-Type": JSON})

    assert response.status_code == 422
    assert media_type(response) == JSON
    assert wordless(response.json()) == failure("validation_error", *[("body", name) for name in wrong])
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize("field", ["name", "description"])
def test_a_blank_text_is_422(client, product, values, field, blank_text):
    before = list_products(client)

    response = client.post("/products", json=fields(values) | {field: blank_text})

    assert response.status_code == 422
    assert wordless(response.json()) == failure("validation_error", ("body", field))
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("price", value) for value in ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"]],
        *[("stock", value) for value in ["NaN", "Infinity", "1e400"]],
        *[("name", value) for value in ["NaN", r'"\ud800"', r'"Mug \udc00"']],
        *[("description", value) for value in ["NaN", r'"\ud800"', r'"\udfff Blue"']],
    ],
)
def test_nan_and_half_pairs_are_422(client, product, field, value):
    before = list_products(client)
    payload = json.dumps(MUG).replace(json.dumps(MUG[field]), value)

    response = client.post("/products", content=payload, headers={"Content-Type": JSON})

    assert response.status_code == 422
    assert media_type(response) == JSON
    assert wordless(response.json()) == failure("validation_error", ("body", field))
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize(
    ("payload", "content_type"),
    [
        pytest.param(b'{"name": "Mug", "price": 12.5', JSON, id="an object without an end"),
        pytest.param(b"{name: Mug}", JSON, id="not JSON"),
        pytest.param(b"", JSON, id="no body"),
        pytest.param(b'[{"name": "Mug", "price": 12.5}]', JSON, id="an array"),
        pytest.param(b'"Mug"', JSON, id="a string"),
        pytest.param(b"12.5", JSON, id="a number"),
        pytest.param(b"null", JSON, id="null"),
        pytest.param(b'{"name": "Mug", "price": 12.5}', "text/plain", id="sent as text"),
        pytest.param(b'{"name": "Mug", "price": 12.5}', FORM, id="sent as a form"),
        pytest.param(b'{"name": "Mug", "price": 12.5}', None, id="sent as nothing"),
        pytest.param(b"name=Mug&price=12.5", FORM, id="a form"),
    ],
)
def test_another_body_is_422_without_a_field(client, product, payload, content_type):
    before = list_products(client)
    headers = content_type and {"Content-Type": content_type}

    response = client.post("/products", content=payload, headers=headers)

    assert response.status_code == 422
    assert media_type(response) == JSON
    assert wordless(response.json()) == failure("validation_error", ("body", None))
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize("accepted", ["*/*", "text/html"])
@pytest.mark.parametrize("text", ["mug", "1x", "1.5", "None", "-", "--1", "\u00b2"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_id_that_is_not_an_integer_is_422(client, product, method, text, accepted):
    before = list_products(client)

    response = client.request(method, f"/products/{text}", headers=STAFF | {"Accept": accepted})

    assert response.status_code == 422
    assert media_type(response) == JSON
    assert wordless(response.json()) == failure("validation_error", ("path", "product_id"))
    assert list_products(client) == before
    assert product in before


@pytest.mark.parametrize("accepted", ["*/*", "text/html", "text/plain"])
def test_a_crash_is_500_and_says_nothing_of_it(client, accepted):
    response = client.get("/crash", headers={"Accept": accepted})

    assert response.status_code == 500
    assert media_type(response) == JSON
    assert wordless(response.json()) == failure("internal_error")
    answer = f"{response.headers} {response.text}"
    assert [part for part in PARTS_OF_THE_EXCEPTION if part in answer] == []


def test_a_crashs_traceback_is_in_the_log(launch, eventually):
    server = launch()
    wanted = [
        "Traceback (most recent call last):",
        "response_formatting",
        EXCEPTION,
    ]  # with the app's own frame

    response = server.client.get("/crash")

    assert wordless(response.json()) == failure("internal_error")
    eventually(lambda: [line for line in wanted if line not in server.log], [], seconds=2.0)


def test_the_app_works_after_a_crash(client, product, at_once):
    crashes = at_once(20, lambda _: client.get("/crash"))

    response = client.get(path_of(product))

    assert [crash.status_code for crash in crashes] == [500] * 20
    assert response.status_code == 200
    assert response.json() == success(product)


def test_text_is_kept_as_sent(client, values, kept_text):
    sent = fields(values) | {"name": kept_text[:80], "description": kept_text}

    response = client.post("/products", json=sent)

    assert response.status_code == 201
    stored = response.json()["data"]
    assert stored == {"id": stored["id"], **sent}
    assert client.get(path_of(stored)).json() == success(stored)
    assert stored in list_products(client)


@pytest.mark.parametrize(
    "limit",
    [
        pytest.param({"name": "m"}, id="one letter"),
        pytest.param({"name": "m" * 80}, id="80 letters"),
        pytest.param({"name": "\U0001f600" * 80}, id="80 emoji"),
        pytest.param({"description": "d"}, id="a short description"),
        pytest.param({"name": "\u200b"}, id="one invisible character"),
        pytest.param({"name": "\u0000Mug\u001b"}, id="control characters"),
        pytest.param({"description": "d" * 200_000}, id="a long description"),
        pytest.param({"description": None}, id="null for a description"),
        pytest.param({"price": 0.01}, id="a price of one cent"),
        pytest.param({"price": 19.99}, id="a price of 19.99"),
        pytest.param({"price": 999_999.99}, id="a price of 999,999.99"),
        pytest.param({"price": 1_000_000.0}, id="a price of 1,000,000"),
        pytest.param({"stock": 0}, id="no stock"),
        pytest.param({"stock": 1}, id="a stock of one"),
        pytest.param({"stock": 1_000_000}, id="a stock of 1,000,000"),
    ],
)
def test_fields_may_reach_their_limits(client, values, limit):
    sent = fields(values) | limit

    response = client.post("/products", json=sent)

    assert response.status_code == 201
    stored = response.json()["data"]
    assert stored == {"id": stored["id"], **sent}
    assert client.get(path_of(stored)).json() == success(stored)


@pytest.mark.parametrize(
    ("method", "path", "status", "kind", "names"),
    [
        ("POST", "/products", 201, "object", PRODUCT_FIELDS),
        ("GET", "/products", 200, "array", PRODUCT_FIELDS),
        ("GET", "/products/{}", 200, "object", PRODUCT_FIELDS),
        ("DELETE", "/products/{}", 200, "null", []),
    ],
)
def test_openapi_documents_successes(client, method, path, status, kind, names):
    response = client.get("/openapi.json")

    document = response.json()
    schema = schema_of(document, responses_of(document, method, path), status)
    assert schema.get("type") == "object"
    assert missing(schema, "status", "data") == []
    assert allows(property_of(document, schema, "status"), "success")
    assert resolve(document, schema.get("properties", {}).get("data", {})).get("type") == kind
    assert sorted(property_of(document, schema, "data").get("properties", [])) == names


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/products", 422),
        ("GET", "/products/{}", 404),
        ("GET", "/products/{}", 422),
        ("DELETE", "/products/{}", 401),
        ("DELETE", "/products/{}", 404),
        ("DELETE", "/products/{}", 422),
        ("GET", "/crash", 500),
    ],
)
def test_openapi_documents_errors(client, method, path, status):
    response = client.get("/openapi.json")

    document = response.json()
    schema = schema_of(document, responses_of(document, method, path), status)
    assert schema.get("type") == "object"
    assert missing(schema, "status", "error") == []
    assert allows(property_of(document, schema, "status"), "error")
    assert missing(property_of(document, schema, "error"), "code", "message") == []


def test_openapi_documents_no_other_json(client):
    response = client.get("/openapi.json")

    document = response.json()
    assert without_envelope(document) == []
    assert "HTTPValidationError" not in response.text


@pytest.mark.usefixtures("product")
@pytest.mark.parametrize(
    ("path", "kind", "is_bare"),
    [
        pytest.param("/openapi.json", JSON, lambda text: "paths" in json.loads(text), id="OpenAPI"),
        pytest.param("/docs", "text/html", lambda text: text.strip().startswith("<"), id="docs"),
    ],
)
def test_the_documentation_has_no_envelope(client, path, kind, is_bare):
    response = client.get(path)

    assert response.status_code == 200
    assert media_type(response) == kind
    assert is_bare(response.text)


def test_a_redirect_stays_a_redirect(client, product):
    response = client.get("/products/")

    assert response.status_code == 307
    location = urljoin(str(response.url), response.headers.get("Location", ""))
    assert location == str(response.url).removesuffix("/")
    assert client.get(location).json()["data"][-1] == product


@pytest.mark.parametrize(
    "others",
    [
        pytest.param(lambda other: {"id": other["id"]}, id="an id that is taken"),
        pytest.param(lambda other: {"id": other["id"] + 10**6}, id="an id that is free"),
        pytest.param(lambda _: {"id": "first"}, id="an id that is no number"),
        pytest.param(lambda _: {"status": "error", "error": {"code": "not_found"}}, id="an error"),
        pytest.param(lambda other: {"status": "success", "data": other}, id="a success"),
        pytest.param(lambda _: {"colour": "blue", "Name": 5}, id="unknown fields"),
        pytest.param(lambda _: {"tags": ["new"], "size": {"height": 9}}, id="an array and an object"),
    ],
)
def test_other_fields_are_ignored(client, three_products, values, others):
    before, sent = list_products(client), fields(values)
    more = others(three_products[2])

    response = client.post("/products", json=sent | more)

    assert response.status_code == 201
    stored = response.json()["data"]
    assert response.json() == success({"id": stored["id"], **sent})
    assert stored["id"] != more.get("id")
    assert list_products(client) == [*before, stored]


def test_two_hundred_products_created_at_once_are_all_kept(client, values, race):
    name = values.text()

    created = race(
        200, lambda number: create(client, name=name, price=number // 2 + 0.5)
    )  # two of each price

    assert [product["price"] for product in created] == [number // 2 + 0.5 for number in range(200)]
    assert len({product["id"] for product in created}) == 200
    kept = [product for product in list_products(client) if product["name"] == name]
    assert kept == sorted(created, key=lambda product: product["id"])


def test_of_fifty_deletions_at_once_exactly_one_is_200(client, three_products, race):
    before = list_products(client)
    unwanted = three_products[0]

    answers = race(50, lambda _: client.delete(path_of(unwanted), headers=STAFF))

    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 49
    assert [answer.json()["status"] for answer in answers if answer.status_code == 404] == ["error"] * 49
    assert unwanted in before
    assert list_products(client) == without(unwanted, before)
