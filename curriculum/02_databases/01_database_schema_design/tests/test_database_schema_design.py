"""The acceptance tests of curriculum 2.1: one for each criterion of the ticket."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

JSON = "application/json"
TEXT = ("text", "not null")
KEY = ("bigint", "not null")
MONEY = ("numeric", "not null")
TABLES = {
    "customers": {"id": KEY, "name": TEXT, "email": TEXT},
    "addresses": {"id": KEY, "customer_id": KEY, "street": TEXT, "city": TEXT},
    "categories": {"id": KEY, "name": TEXT},
    "products": {"id": KEY, "name": TEXT, "price": MONEY},
    "product_categories": {"product_id": KEY, "category_id": KEY},
    "orders": {"id": KEY, "customer_id": KEY, "placed_at": ("timestamp with time zone", "not null")},
    "order_lines": {
        "order_id": KEY,
        "product_id": KEY,
        "quantity": ("integer", "not null"),
        "unit_price": MONEY,
    },
}
FOREIGN_KEYS = {
    "addresses.customer_id": "customers.id CASCADE",
    "product_categories.product_id": "products.id CASCADE",
    "product_categories.category_id": "categories.id CASCADE",
    "orders.customer_id": "customers.id RESTRICT",
    "order_lines.order_id": "orders.id CASCADE",
    "order_lines.product_id": "products.id RESTRICT",
}
WITH_ID = ["addresses", "categories", "customers", "orders", "products"]

COLUMNS = """
SELECT table_name, column_name,
    replace(data_type, 'character varying', 'text')
    || CASE data_type WHEN 'numeric' THEN coalesce('(' || numeric_precision || ')', '') ELSE '' END,
    CASE is_nullable WHEN 'NO' THEN 'not null' ELSE 'null' END
FROM information_schema.columns
WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
PRIMARY_KEYS = """
SELECT conrelid::regclass::text, array_agg(attname::text ORDER BY attname)
FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)
WHERE contype = 'p' AND connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
GROUP BY conrelid
"""
REFERENCES = """
SELECT conrelid::regclass || '.' || own.attname, confrelid::regclass || '.' || other.attname || ' ' ||
    CASE confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'r' THEN 'RESTRICT' WHEN 'a' THEN 'RESTRICT'
    WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END
FROM pg_constraint
JOIN pg_attribute own ON own.attrelid = conrelid AND own.attnum = conkey[1]
JOIN pg_attribute other ON other.attrelid = confrelid AND other.attnum = confkey[1]
WHERE contype = 'f' AND cardinality(conkey) = 1
"""
LEADING = """
SELECT DISTINCT indrelid::regclass || '.' || attname
FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
WHERE indisvalid AND indpred IS NULL
"""
ATTEMPT = """
CREATE OR REPLACE FUNCTION attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    SET CONSTRAINTS ALL IMMEDIATE;
    RAISE 'undo' USING ERRCODE = 'ZZ000';
EXCEPTION
    WHEN SQLSTATE 'ZZ000' THEN RETURN 'accepted';
    WHEN integrity_constraint_violation THEN RETURN 'refused';  -- the whole class 23
    WHEN OTHERS THEN RETURN SQLERRM;
END $$
"""
"""Tries a statement, says what the database did, and undoes it."""
OTHER_SETTINGS = """
DO $$ BEGIN
    EXECUTE 'ALTER DATABASE ' || current_database() || ' SET timezone = ''Asia/Tokyo''';
    EXECUTE 'ALTER DATABASE ' || current_database() || ' SET enable_indexscan = off';
    EXECUTE 'ALTER DATABASE ' || current_database() || ' SET enable_bitmapscan = off';
END $$
"""
"""Times come in another zone, and rows that no ORDER BY sorts as they are stored, in connections from now on."""
FIRST_ID = "SELECT setval(pg_get_serial_sequence(%s, 'id'), 8)"
"""The next rows of a table have the ids 9, 10, 11: as text, they are sorted in another way."""


def create(client, path, **fields):
    """Create something and return it; a test that fails here says which status it got."""
    return client.post(path, json=fields).raise_for_status().json()


def new_email(values):
    """Return an email that no other row of a test has."""
    return f"ada.{values.getrandbits(60)}@example.com"


def create_customer(client, values, **fields):
    """Create a customer with an email that nobody else has."""
    return create(client, "/customers", **{"name": values.text(), "email": new_email(values), **fields})


def create_product(client, values, **fields):
    """Create a product of no category."""
    return create(client, "/products", **{"name": values.text(), "price": cents(values), **fields})


def place_order(client, customer, *lines):
    """Place an order, with a product and a quantity for each line."""
    return create(
        client,
        "/orders",
        customer_id=customer["id"],
        lines=[{"product_id": product["id"], "quantity": quantity} for product, quantity in lines],
    )


def orders_of(client, customer):
    """List a customer's orders."""
    return client.get(f"/customers/{customer['id']}/orders").raise_for_status().json()


def cents(values):
    """Return a price that no float holds exactly."""
    return values.randrange(100, 99_999) + values.choice([0.01, 0.29, 0.58])


def exact(response):
    """Parse a response with its numbers as they are written."""
    return json.loads(response.content, parse_float=Decimal, parse_int=Decimal)


def rows(server):
    """Return all rows of the seven tables, each as text behind its table's name."""
    return server.query(
        " UNION ALL ".join(f"SELECT '{table}', t::text FROM {table} t" for table in TABLES)  # noqa: S608 - its own
        + " ORDER BY 1, 2"
    )


def attempt(server, statements, ids):
    """Try each statement by itself, and return what the database did with it."""
    server.query(ATTEMPT)
    answers = server.query(
        "SELECT attempt(statement) FROM unnest(%s::text[]) WITH ORDINALITY AS given (statement, number)"
        " ORDER BY number",
        [statement.format(**ids) for statement in statements.values()],
    )
    return {name: answer for name, (answer,) in zip(statements, answers, strict=True)}


@pytest.fixture
def shop(launch, values):
    """Start the app with some rows; the tests' SQL names their ids: `{ada}` has an order of a `{mug}`, `{bob}` none."""
    server = launch()
    client = server.client
    ada = create_customer(client, values, email="ada@example.com")
    bob = create_customer(client, values, email="bob@example.com")
    kitchen = create(client, "/categories", name="Kitchen")
    garden = create(client, "/categories", name="Garden")
    mug = create_product(client, values, category_ids=[kitchen["id"]])
    cup = create_product(client, values)
    create(client, f"/customers/{ada['id']}/addresses", street=values.text(), city=values.text())
    create(client, f"/customers/{bob['id']}/addresses", street=values.text(), city=values.text())
    order = place_order(client, ada, (mug, 2))
    things = {
        "ada": ada,
        "bob": bob,
        "kitchen": kitchen,
        "garden": garden,
        "mug": mug,
        "cup": cup,
        "order": order,
    }
    return server, {name: thing["id"] for name, thing in things.items()}


@pytest.fixture
def customer(client, values):
    """Create a customer."""
    return create_customer(client, values)


@pytest.fixture
def product(client, values):
    """Create a product."""
    return create_product(client, values)


def test_new_orders_have_lines_and_a_total(fresh_client):
    ada = create(fresh_client, "/customers", name="Ada", email="ada@example.com")["id"]
    mug = create(fresh_client, "/products", name="Mug", price=12.5)["id"]
    cup = create(fresh_client, "/products", name="Cup", price=7.25)["id"]
    before = datetime.now(UTC)

    response = fresh_client.post(
        "/orders",
        json={
            "customer_id": ada,
            "lines": [
                {"product_id": cup, "quantity": 1, "unit_price": 1, "colour": "blue"},
                {"product_id": mug, "quantity": 2},
            ],
            "placed_at": "2030-01-01T10:00:00Z",
            "total": 1,
            "colour": "blue",
        },
    )

    assert response.status_code == 201
    assert response.headers["Content-Type"].split(";")[0] == JSON
    placed = response.json()
    assert placed == {
        "id": placed["id"],
        "customer_id": ada,
        "placed_at": placed["placed_at"],
        "lines": [
            {"product_id": mug, "quantity": 2, "unit_price": 12.5},
            {"product_id": cup, "quantity": 1, "unit_price": 7.25},
        ],
        "total": 32.25,
    }
    assert type(placed["id"]) is int
    placed_at = datetime.fromisoformat(placed["placed_at"])
    assert placed_at.utcoffset() == timedelta(0)
    assert abs(placed_at - before) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("path", "sent", "more"),
    [
        pytest.param("/customers", {"name": "Ada", "email": "{new}@example.com"}, [], id="a customer"),
        pytest.param(
            "/customers/{id}/addresses",
            {"street": "Mill Lane 5", "city": "York"},
            ["customer_id"],
            id="an address",
        ),
        pytest.param("/categories", {"name": "{new}"}, [], id="a category"),
    ],
)
def test_new_customers_addresses_and_categories_are_returned(client, values, customer, path, sent, more):
    sent = {name: text.format(new=f"Ada.{values.getrandbits(60)}") for name, text in sent.items()}
    more = dict.fromkeys(more, customer["id"])

    response = client.post(
        path.format_map(customer), json={"id": 10**15, "customer_id": 0, "colour": "blue"} | sent
    )

    assert response.status_code == 201
    created = response.json()
    assert created == {"id": created["id"]} | sent | more
    assert type(created["id"]) is int
    assert created["id"] != 10**15


def test_new_products_have_their_categories(client, values):
    names = [f"{letter} {values.text()}" for letter in "ZYXWVUTSRQPONMLKJIHG"]
    categories = [create(client, "/categories", name=name) for name in names]
    chosen = [categories[number]["id"] for number in (*range(19, 1, -1), 0)]

    response = client.post(
        "/products", json={"id": 10**15, "name": "Mug", "price": 12.5, "category_ids": chosen}
    )

    assert response.status_code == 201
    product = response.json()
    assert product == {
        "id": product["id"],
        "name": "Mug",
        "price": 12.5,
        "categories": [categories[0], *categories[2:]],
    }
    assert type(product["id"]) is int
    assert product["id"] != 10**15
    assert create_product(client, values)["categories"] == []


def test_the_tickets_columns_hold_what_was_sent(shop):
    server, ids = shop
    customer = {"name": "  Ada\u00a0<b>\r\n", "email": "Ada.Of-Mill@example.com"}
    address = {"street": " Caf\u00e9 cafe\u0301 5 ", "city": "York & 'Ely'\n"}
    category, product = {"name": "007 \U0001f600 "}, {"name": "%s \\n ", "price": 19.99}

    customer |= {"id": create(server.client, "/customers", **customer)["id"]}
    address |= create(server.client, f"/customers/{customer['id']}/addresses", **address)
    category |= create(server.client, "/categories", **category)
    links = [ids["garden"], category["id"]]
    product |= create(server.client, "/products", **product, category_ids=links)
    placed = place_order(server.client, customer, (product, 3))

    assert {
        "customer": server.query("SELECT name, email FROM customers WHERE id = %s", customer["id"]),
        "address": server.query(
            "SELECT customer_id, street, city FROM addresses WHERE id = %s", address["id"]
        ),
        "category": server.query("SELECT name FROM categories WHERE id = %s", category["id"]),
        "product": server.query("SELECT name, price FROM products WHERE id = %s", product["id"]),
        "its categories": server.query(
            "SELECT category_id FROM product_categories WHERE product_id = %s ORDER BY 1", product["id"]
        ),
        "order": server.query("SELECT customer_id, placed_at FROM orders WHERE id = %s", placed["id"]),
        "line": server.query(
            "SELECT product_id, quantity, unit_price FROM order_lines WHERE order_id = %s", placed["id"]
        ),
    } == {
        "customer": [(customer["name"], customer["email"])],
        "address": [(customer["id"], address["street"], address["city"])],
        "category": [(category["name"],)],
        "product": [(product["name"], Decimal("19.99"))],
        "its categories": [(link,) for link in links],
        "order": [(customer["id"], datetime.fromisoformat(placed["placed_at"]))],
        "line": [(product["id"], 3, Decimal("19.99"))],
    }


def test_orders_can_be_read(launch, values):
    server = launch()
    customer = create_customer(server.client, values)  # now it has its tables
    server.query(FIRST_ID, "products")
    products = [create_product(server.client, values) for _ in range(3)]
    placed = place_order(server.client, customer, *((product, 2) for product in reversed(products)))
    place_order(server.client, customer, (products[1], 7))
    server.query("UPDATE order_lines SET quantity = 5 WHERE product_id = %s", products[0]["id"])
    server.query(OTHER_SETTINGS)
    server.restart(warm=True)

    response = server.client.get(f"/orders/{placed['id']}")

    assert response.status_code == 200
    read = response.json()
    assert [line["product_id"] for line in placed["lines"]] == [product["id"] for product in products]
    assert read == placed | {
        "lines": [placed["lines"][0] | {"quantity": 5}, *placed["lines"][1:]],
        "total": read["total"],
    }
    total = sum(
        Decimal(str(product["price"])) * count for product, count in zip(products, [5, 2, 2], strict=True)
    )
    assert exact(response)["total"] == total


def test_a_customers_orders_are_sorted(launch, values):
    server = launch()
    ada, bob = create_customer(server.client, values), create_customer(server.client, values)
    server.query(FIRST_ID, "orders")
    mug, cup = create_product(server.client, values), create_product(server.client, values)
    placed = [place_order(server.client, customer, (mug, 1), (cup, 2)) for customer in (ada, bob, ada, ada)]
    server.query("UPDATE orders SET placed_at = placed_at + INTERVAL '1 day' WHERE id = %s", placed[0]["id"])
    server.query(
        "UPDATE order_lines SET quantity = 5 WHERE order_id = %s AND product_id = %s",
        placed[0]["id"],
        mug["id"],
    )
    server.query(OTHER_SETTINGS)
    server.restart(warm=True)
    oldest = server.client.get(f"/orders/{placed[0]['id']}").raise_for_status().json()

    response = server.client.get(f"/customers/{ada['id']}/orders")

    assert response.status_code == 200
    assert response.json() == [oldest, placed[2], placed[3]]
    assert orders_of(server.client, bob) == [placed[1]]
    assert orders_of(server.client, create_customer(server.client, values)) == []


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        pytest.param([("0.1", 3)], "0.3", id="3 times 0.1"),
        pytest.param([("0.1", 1), ("0.2", 1)], "0.3", id="0.1 and 0.2"),
        pytest.param([("19.99", 3), ("1.15", 7)], "68.02", id="several of each"),
        pytest.param([("0", 5)], "0", id="nothing to pay"),
        pytest.param([("0", 5), ("5", 1)], "5", id="one for nothing"),
        pytest.param([("1000000", 1000), ("0.01", 1)], "1000000000.01", id="a thousand millions and a cent"),
        pytest.param([("0.1", 1)] * 50, "5", id="fifty lines"),
    ],
)
def test_totals_are_exact(client, values, lines, total):
    products = [(create_product(client, values, price=float(price)), quantity) for price, quantity in lines]
    customer = create_customer(client, values)

    response = client.post(
        "/orders",
        json={
            "customer_id": customer["id"],
            "lines": [{"product_id": product["id"], "quantity": quantity} for product, quantity in products],
        },
    )

    assert response.status_code == 201
    assert exact(response)["total"] == Decimal(total)
    assert [line["unit_price"] for line in exact(response)["lines"]] == [Decimal(price) for price, _ in lines]
    assert exact(client.get(f"/customers/{customer['id']}/orders")) == [exact(response)]


def test_orders_keep_their_prices(shop):
    server, ids = shop
    before = server.client.get(f"/orders/{ids['order']}").raise_for_status().json()
    server.query("UPDATE products SET price = price + 0.29")

    response = server.client.get(f"/orders/{ids['order']}")

    assert response.json() == before
    assert orders_of(server.client, {"id": ids["ada"]}) == [before]
    again = place_order(server.client, {"id": ids["ada"]}, ({"id": ids["mug"]}, 1))
    old, new = before["lines"][0]["unit_price"], again["lines"][0]["unit_price"]
    assert Decimal(str(new)) - Decimal(str(old)) == Decimal("0.29")


@pytest.mark.parametrize(
    ("path", "field", "form"),
    [
        pytest.param("/customers", "name", "{0}{1}", id="a customer's name"),
        pytest.param("/customers/{id}/addresses", "street", "{0}{1}", id="a street"),
        pytest.param("/customers/{id}/addresses", "city", "{0}{1}", id="a city"),
        pytest.param("/categories", "name", "{0}{new}{1}", id="a category's name"),
        pytest.param("/products", "name", "{0}{1}", id="a product's name"),
    ],
)
def test_text_is_kept_as_sent(client, values, customer, path, field, form, kept_text):
    text = form.format(kept_text[:5], kept_text[5:], new=values.getrandbits(60))[:80]
    others = {"street": "Mill Lane 5", "city": "York", "email": new_email(values), "price": 5}

    response = client.post(path.format_map(customer), json=others | {field: text})

    assert response.status_code == 201
    assert response.json()[field] == text


PAYLOADS = {
    "/customers": '{"name": "Ada", "email": "EMAIL"}',
    "/customers/CUSTOMER/addresses": '{"street": "Mill Lane 5", "city": "York"}',
    "/categories": '{"name": "TEXT"}',
    "/products": '{"name": "Mug", "price": 12.5, "category_ids": []}',
    "/orders": '{"customer_id": CUSTOMER, "lines": [{"product_id": PRODUCT, "quantity": 2}]}',
}
"""A valid payload for each path."""
FIELDS = {
    ("/customers", '"name": "Ada"'): [
        *("", '"name": null', '"name": 5', '"name": "%s"' % ("m" * 81), '"name": "A\\u0000da"'),
    ],
    ("/customers", '"email": "EMAIL"'): [
        *("", '"email": null', '"email": 5', '"email": "ada"', '"email": "@example.com"', '"email": "ada@"'),
        *('"email": "ada@example"', '"email": "ada@example..com"', '"email": "a@da@example.com"'),
    ],
    ("/customers/CUSTOMER/addresses", '"street": "Mill Lane 5"'): [
        *("", '"street": null', '"street": 5', '"street": "%s"' % ("m" * 81), '"street": "\\u0000"'),
    ],
    ("/customers/CUSTOMER/addresses", '"city": "York"'): [
        *("", '"city": null', '"city": 5.5', '"city": "%s"' % ("m" * 81), '"city": "Y\\u0000"'),
    ],
    ("/categories", '"name": "TEXT"'): [
        *("", '"name": null', '"name": true', '"name": 5', '"name": "%s"' % ("m" * 81), '"name": "\\u0000K"'),
    ],
    ("/products", '"name": "Mug"'): [
        *("", '"name": null', '"name": 5'),
        '"name": "%s"' % ("m" * 81),
        '"name": "M\\u0000"',
        '"name": "\\ud800"',
    ],
    ("/products", '"price": 12.5'): [
        *("", '"price": null', '"price": "5"', '"price": true', '"price": NaN', '"price": -0.01'),
        *('"price": 0.001', '"price": 12.345', '"price": 5.00001', '"price": 1000000.01', '"price": 1e30'),
    ],
    ("/products", '"category_ids": []'): [
        *('"category_ids": null', '"category_ids": ["1"]', '"category_ids": [1.0]'),
        *('"category_ids": [true]', '"category_ids": 1', '"category_ids": {}'),
    ],
    ("/orders", '"customer_id": CUSTOMER'): [
        *(
            "",
            '"customer_id": null',
            '"customer_id": true',
            '"customer_id": "CUSTOMER"',
            '"customer_id": CUSTOMER.0',
        ),
    ],
    ("/orders", '"lines": [{"product_id": PRODUCT, "quantity": 2}]'): [
        *("", '"lines": null', '"lines": []', '"lines": [PRODUCT]'),
        '"lines": {"product_id": PRODUCT, "quantity": 2}',
        '"lines": [{"product_id": PRODUCT, "quantity": 2}, {"product_id": PRODUCT, "quantity": 1}]',
    ],
    ("/orders", '"product_id": PRODUCT'): [
        *(
            "",
            '"product_id": null',
            '"product_id": true',
            '"product_id": "PRODUCT"',
            '"product_id": PRODUCT.0',
        ),
    ],
    ("/orders", '"quantity": 2'): [
        *("", '"quantity": null', '"quantity": "2"', '"quantity": 2.0', '"quantity": true', '"quantity": 0'),
        *('"quantity": -1', '"quantity": 1001', '"quantity": 9223372036854775808'),
    ],
}
"""The fields of these payloads, and what is invalid in the place of each; an empty string leaves it out."""


def without_comma(text):
    """Mend a payload from which a field was left out."""
    return text.replace("{, ", "{").replace(", }", "}")


INVALID = [
    pytest.param(
        path,
        without_comma(PAYLOADS[path].replace(field, wrong)),
        id=f"{path}: {(wrong or 'no ' + field)[:50]}",
    )
    for (path, field), several in FIELDS.items()
    for wrong in several
] + [pytest.param("/orders", body, id=f"/orders: {body or 'no body'}") for body in ("[]", "null", "{", "")]


@pytest.mark.parametrize(("path", "payload"), INVALID)
def test_invalid_payloads_are_422(client, values, customer, product, path, payload):
    names = {
        "EMAIL": new_email(values),
        "TEXT": values.text(),
        "CUSTOMER": str(customer["id"]),
        "PRODUCT": str(product["id"]),
    }

    response = client.post(fill(path, names), content=fill(payload, names), headers={"Content-Type": JSON})

    assert response.status_code == 422
    valid = client.post(
        fill(path, names), content=fill(PAYLOADS[path], names), headers={"Content-Type": JSON}
    )
    assert valid.status_code == 201


def fill(template, names):
    """Put what this run has created into a path or a payload."""
    for name, text in names.items():
        template = template.replace(name, text)
    return template


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        pytest.param("/customers", {"name": "BLANK", "email": "ada@example.com"}, id="a customer's name"),
        pytest.param("/customers/{id}/addresses", {"street": "BLANK", "city": "York"}, id="a street"),
        pytest.param("/customers/{id}/addresses", {"street": "Mill Lane 5", "city": "BLANK"}, id="a city"),
        pytest.param("/categories", {"name": "BLANK"}, id="a category's name"),
        pytest.param("/products", {"name": "BLANK", "price": 5}, id="a product's name"),
        pytest.param("/products", {"name": "\u0085BLANK", "price": 5}, id="a product's name, with U+0085"),
    ],
)
def test_blank_texts_are_422(client, customer, path, sent, blank_text):
    payload = json.dumps(sent).replace("BLANK", json.dumps(blank_text)[1:-1])

    response = client.post(path.format_map(customer), content=payload, headers={"Content-Type": JSON})

    assert response.status_code == 422


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        pytest.param("/customers", {"name": "m"}, id="a customer's name of one letter"),
        pytest.param("/customers", {"name": "\U0001f600" * 80}, id="a customer's name of 80 emoji"),
        pytest.param(
            "/customers", {"email": "{:a>64}@mail.shop.example.com"}, id="an email of 86 characters"
        ),
        pytest.param("/customers", {"email": "_{}-@example.com"}, id="an email with signs at its ends"),
        pytest.param("/customers", {"email": "%{}+@a-1.b2.example.com"}, id="an email with more signs"),
        pytest.param("/customers", {"email": "7{}@example.com"}, id="an email of digits"),
        pytest.param(
            "/customers/{id}/addresses", {"street": "\u00df" * 80, "city": "c"}, id="a street of 80"
        ),
        pytest.param("/customers/{id}/addresses", {"street": "s", "city": "\u00e9" * 80}, id="a city of 80"),
        pytest.param("/categories", {"name": "{:\u00fc>80}"}, id="a category's name of 80 letters"),
        pytest.param("/products", {"name": "\u00f6" * 80}, id="a product's name of 80 letters"),
        pytest.param("/products", {"name": "\u200b"}, id="a product's name of a zero width space"),
        pytest.param("/products", {"price": 0}, id="a price of 0"),
        pytest.param("/products", {"price": 0.01}, id="a price of a cent"),
        pytest.param("/products", {"price": 999_999.99}, id="a price of 999,999.99"),
        pytest.param("/products", {"price": 1_000_000}, id="a price of a million"),
    ],
)
def test_fields_may_reach_their_limits(client, customer, values, path, fields):
    others = {"name": values.text(), "email": new_email(values), "price": 5}
    number = values.getrandbits(60)
    sent = {name: value.format(number) if type(value) is str else value for name, value in fields.items()}

    response = client.post(path.format_map(customer), json=others | sent)

    assert response.status_code == 201
    assert {name: response.json()[name] for name in sent} == sent


@pytest.mark.parametrize(
    ("method", "path", "payload"),
    [
        pytest.param("DELETE", "/customers/UNKNOWN", "", id="DELETE of a customer"),
        pytest.param("GET", "/customers/UNKNOWN/orders", "", id="GET of a customer's orders"),
        pytest.param(
            "POST",
            "/customers/UNKNOWN/addresses",
            '{"street": "Mill Lane 5", "city": "York"}',
            id="POST of an address",
        ),
        pytest.param("GET", "/orders/UNKNOWN", "", id="GET of an order"),
        pytest.param(
            "POST",
            "/products",
            '{"name": "Mug", "price": 5, "category_ids": [UNKNOWN]}',
            id="a product's category",
        ),
        pytest.param(
            "POST",
            "/orders",
            '{"customer_id": UNKNOWN, "lines": [{"product_id": PRODUCT, "quantity": 1}]}',
            id="an order's customer",
        ),
        pytest.param(
            "POST",
            "/orders",
            '{"customer_id": CUSTOMER, "lines": [{"product_id": PRODUCT, "quantity": 1},'
            ' {"product_id": UNKNOWN, "quantity": 1}]}',
            id="an order's product",
        ),
    ],
)
def test_unknown_ids_are_404(client, customer, product, method, path, payload, unknown_id):
    names = {"UNKNOWN": str(unknown_id), "CUSTOMER": str(customer["id"]), "PRODUCT": str(product["id"])}

    response = client.request(
        method, fill(path, names), content=fill(payload, names), headers={"Content-Type": JSON}
    )

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("path", "taken", "sent"),
    [
        pytest.param("/customers", "ada.l{}@example.com", "ada.l{}@example.com", id="an email"),
        pytest.param("/customers", "ada.l{}@example.com", "ADA.L{}@EXAMPLE.COM", id="an email in capitals"),
        pytest.param(
            "/customers", "Ada.L{}@example.com", "ada.l{}@example.com", id="an email in small letters"
        ),
        pytest.param(
            "/customers", "ada.L{}@example.com", "Ada.l{}@Example.com", id="an email in mixed letters"
        ),
        pytest.param("/categories", "Kitchen {}", "Kitchen {}", id="a category's name"),
    ],
)
def test_taken_emails_and_category_names_are_409(client, values, path, taken, sent):
    number, field = values.getrandbits(60), {"/customers": "email", "/categories": "name"}[path]
    create(client, path, **{"name": "Ada", field: taken.format(number)})

    response = client.post(path, json={"name": "Ada", field: sent.format(number)})

    assert response.status_code == 409


@pytest.mark.parametrize(
    ("path", "taken", "sent"),
    [
        pytest.param("/customers", "ada.l{}@example.com", "ada.l{}+1@example.com", id="a plus"),
        pytest.param("/customers", "ada.l{}@example.com", "adal{}@example.com", id="a dot less"),
        pytest.param("/customers", "ada.l{}@example.com", "ada_l{}@example.com", id="an underscore"),
        pytest.param("/customers", "ada.l{}@example.com", "a%{}@example.com", id="a percent sign"),
        pytest.param("/customers", "ada.l{}@example.com", "ada.l{}@mail.example.com", id="another domain"),
        pytest.param("/customers", "ada.l{}@example.com", "bada.l{}@example.com", id="a letter more"),
        pytest.param("/categories", "Kitchen {}", "kitchen {}", id="a category in small letters"),
        pytest.param("/categories", "Kitchen {}", "Kitchen {} ", id="a category with a blank"),
        pytest.param("/categories", "Kitchen {}", "Kitchen  {}", id="a category with two blanks"),
        pytest.param(
            "/categories", "Caf\u00e9 {}", "Cafe\u0301 {}", id="a category with an accent of its own"
        ),
    ],
)
def test_similar_ones_are_not_taken(client, values, path, taken, sent):
    number, field = values.getrandbits(60), {"/customers": "email", "/categories": "name"}[path]
    create(client, path, **{"name": "Ada", field: taken.format(number)})

    response = client.post(path, json={"name": "Ada", field: sent.format(number)})

    assert response.status_code == 201
    assert response.json()[field] == sent.format(number)


@pytest.mark.parametrize(
    ("path", "table"), [("/customers", "customers"), ("/categories", "categories")], ids=["emails", "names"]
)
def test_equal_emails_or_names_at_once_create_one(launch, values, race, path, table):
    server = launch()
    create_customer(server.client, values)
    create(server.client, "/categories", name=values.text())
    before = rows(server)
    payloads = {
        "/customers": [{"name": values.text(), "email": "ada@example.com"} for _ in range(20)],
        "/categories": [{"name": "Kitchen"}] * 20,
    }[path]

    answers = race(20, lambda number: server.client.post(path, json=payloads[number]), table=table)

    statuses = [answer.status_code for answer in answers]
    assert Counter(statuses) == {201: 1, 409: 19}
    created = answers[statuses.index(201)].json()
    assert created == payloads[statuses.index(201)] | {"id": created["id"]}
    [(stored,)] = server.query(f"SELECT to_jsonb(t) FROM {table} t WHERE id = %s", created["id"])  # noqa: S608
    assert stored == created
    assert len(rows(server)) == len(before) + 1


@pytest.mark.parametrize(
    ("path", "payload", "status"),
    [
        pytest.param(
            "/orders",
            '{{"customer_id": {ada}, "lines": [{{"product_id": {mug}, "quantity": 1}},'
            ' {{"product_id": 2147483648, "quantity": 1}}]}}',
            404,
            id="an order of an unknown product",
        ),
        pytest.param(
            "/orders",
            '{{"customer_id": {ada}, "lines": [{{"product_id": {mug}, "quantity": 1}},'
            ' {{"product_id": {cup}, "quantity": 0}}]}}',
            422,
            id="an order of nothing",
        ),
        pytest.param(
            "/products",
            '{{"name": "Jug", "price": 5, "category_ids": [{garden}, 2147483648]}}',
            404,
            id="a product of an unknown category",
        ),
        pytest.param(
            "/products",
            '{{"name": "Jug", "price": 5, "category_ids": [{garden}, {garden}]}}',
            422,
            id="a product twice in a category",
        ),
        pytest.param("/customers", '{{"name": "Eve", "email": "ADA@example.com"}}', 409, id="a taken email"),
    ],
)
def test_refused_requests_store_no_row(shop, path, payload, status):
    server, ids = shop
    before = rows(server)

    response = server.client.post(path, content=payload.format(**ids), headers={"Content-Type": JSON})

    assert response.status_code == status
    assert rows(server) == before


def test_deleting_a_customer_deletes_their_addresses(shop, race):
    server, ids = shop
    before = rows(server)
    gone = server.query(
        "SELECT 'customers', c::text FROM customers c WHERE id = %s"
        " UNION ALL SELECT 'addresses', a::text FROM addresses a WHERE customer_id = %s",
        ids["bob"],
        ids["bob"],
    )

    response = server.client.delete(f"/customers/{ids['bob']}")

    assert response.status_code == 204
    assert response.content == b""
    assert [table for table, _ in gone] == ["customers", "addresses"]
    assert rows(server) == [row for row in before if row not in gone]
    assert server.client.get(f"/customers/{ids['bob']}/orders").status_code == 404
    again = create(server.client, "/customers", name="Bob", email="bob@example.com")
    answers = race(5, lambda _: server.client.delete(f"/customers/{again['id']}"), table="customers")
    statuses = [answer.status_code for answer in answers]
    assert 204 in statuses
    assert set(statuses) <= {204, 404}


def test_customers_with_orders_are_409(shop):
    server, ids = shop
    before = rows(server)

    response = server.client.delete(f"/customers/{ids['ada']}")

    assert response.status_code == 409
    assert rows(server) == before


def test_no_order_loses_its_customer(launch, values, race):
    server = launch()
    product = create_product(server.client, values)
    customers = [create_customer(server.client, values) for _ in range(11)]
    lines = [{"product_id": product["id"], "quantity": 1}]
    place_order(server.client, customers[10], (product, 1))

    def ask(number):
        customer = customers[number // 2]["id"]
        if number % 2 == 0:
            return server.client.delete(f"/customers/{customer}")
        return server.client.post("/orders", json={"customer_id": customer, "lines": lines})

    answers = race(21, ask, table="orders")  # the orders have been looked at when the customers are deleted

    *statuses, of_the_last = [answer.status_code for answer in answers]
    pairs = list(zip(statuses[::2], statuses[1::2], strict=True))
    assert set(pairs) <= {(409, 201), (204, 404), (204, 409)}
    assert of_the_last == 409
    kept = [customer["id"] for customer, pair in zip(customers, pairs, strict=False) if pair[0] == 409]
    kept.append(customers[10]["id"])
    assert server.query("SELECT customer_id FROM orders ORDER BY 1") == [(customer,) for customer in kept]
    assert server.query("SELECT id FROM customers ORDER BY 1") == [(customer,) for customer in kept]
    assert server.query("SELECT count(*) FROM order_lines") == [(len(kept),)]


def test_ids_may_exceed_32_bits(launch, values):
    server = launch()
    create_customer(server.client, values)  # now it has its tables
    server.query(
        "SELECT setval(pg_get_serial_sequence(name, 'id'), 3000000000 + 10 * number)"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS given (name, number)",
        WITH_ID,
    )
    customer = create_customer(server.client, values)
    address = create(
        server.client, f"/customers/{customer['id']}/addresses", street="Mill Lane 5", city="York"
    )
    category = create(server.client, "/categories", name=values.text())
    product = create_product(server.client, values, category_ids=[category["id"]])

    response = server.client.post(
        "/orders",
        json={"customer_id": customer["id"], "lines": [{"product_id": product["id"], "quantity": 1}]},
    )

    assert response.status_code == 201
    order = response.json()
    made = {
        "addresses": address,
        "categories": category,
        "customers": customer,
        "orders": order,
        "products": product,
    }
    assert {table: row["id"] for table, row in made.items()} == {
        table: 3_000_000_001 + 10 * number for number, table in enumerate(WITH_ID, start=1)
    }
    assert product["categories"] == [category]
    assert order["lines"][0]["product_id"] == product["id"]
    assert orders_of(server.client, customer) == [order]


def test_tables_have_the_tickets_columns_only(shop):
    server, _ = shop

    columns = server.query(COLUMNS)

    assert sorted(f"{table}.{column}" for table, column, *_ in columns) == sorted(
        f"{table}.{column}" for table, several in TABLES.items() for column in several
    )


def test_columns_have_the_tickets_types_and_no_null(shop):
    server, _ = shop

    columns = server.query(COLUMNS)

    assert {f"{table}.{column}": (kind, null) for table, column, kind, null in columns} == {
        f"{table}.{column}": kind for table, several in TABLES.items() for column, kind in several.items()
    }


def test_tables_have_the_tickets_primary_keys(shop):
    server, _ = shop

    keys = server.query(PRIMARY_KEYS)

    assert dict(keys) == {table: ["id"] for table in WITH_ID} | {
        "order_lines": ["order_id", "product_id"],
        "product_categories": ["category_id", "product_id"],
    }
    assert server.query(
        "SELECT table_name::text, column_name::text FROM information_schema.columns"
        " WHERE table_schema = 'public' AND is_identity = 'YES' ORDER BY 1"
    ) == [(table, "id") for table in WITH_ID]


def test_foreign_keys_have_the_tickets_rules(shop):
    server, _ = shop

    references = server.query(REFERENCES)

    assert dict(references) == FOREIGN_KEYS


def test_foreign_keys_lead_an_index(shop):
    server, _ = shop

    leading = server.query(LEADING)

    assert sorted(FOREIGN_KEYS.keys() - {column for (column,) in leading}) == []


REFUSED = {
    "orphans": {
        "an address of nobody": "INSERT INTO addresses (customer_id, street, city) VALUES (999, 'a', 'b')",
        "a category of no product": "INSERT INTO product_categories (product_id, category_id) VALUES (999, {garden})",
        "a product in no category": "INSERT INTO product_categories (product_id, category_id) VALUES ({cup}, 999)",
        "an order of nobody": "INSERT INTO orders (customer_id, placed_at) VALUES (999, now())",
        "an order given to nobody": "UPDATE orders SET customer_id = 999",
        "a line of no order": (
            "INSERT INTO order_lines (order_id, product_id, quantity, unit_price) VALUES (999, {cup}, 1, 1)"
        ),
        "a line of no product": (
            "INSERT INTO order_lines (order_id, product_id, quantity, unit_price) VALUES ({order}, 999, 1, 1)"
        ),
        "a customer with an order": "DELETE FROM customers WHERE id = {ada}",
        "a product of an order": "DELETE FROM products WHERE id = {mug}",
    },
    "numbers": {
        "a price": "INSERT INTO products (name, price) VALUES ('a', -0.01)",
        "a changed price": "UPDATE products SET price = -5",
        "a unit price": (
            "INSERT INTO order_lines (order_id, product_id, quantity, unit_price) VALUES ({order}, {cup}, 1, -0.01)"
        ),
        "a quantity of 0": (
            "INSERT INTO order_lines (order_id, product_id, quantity, unit_price) VALUES ({order}, {cup}, 0, 1)"
        ),
        "a quantity of -1": "UPDATE order_lines SET quantity = -1",
    },
    "duplicates": {
        "an email": "INSERT INTO customers (name, email) VALUES ('Ada', 'ada@example.com')",
        "an email in capitals": "INSERT INTO customers (name, email) VALUES ('Ada', 'ADA@Example.com')",
        "a changed email": "UPDATE customers SET email = 'Ada@example.com' WHERE id = {bob}",
        "a category": "INSERT INTO categories (name) VALUES ('Kitchen')",
        "a product in an order": (
            "INSERT INTO order_lines (order_id, product_id, quantity, unit_price) VALUES ({order}, {mug}, 1, 1)"
        ),
        "a product in a category": (
            "INSERT INTO product_categories (product_id, category_id) VALUES ({mug}, {kitchen})"
        ),
    },
}
"""What the database itself refuses, by kind."""
ACCEPTED = {
    "a product for nothing": "INSERT INTO products (name, price) VALUES ('a', 0)",
    "a price of ten millions": "INSERT INTO products (name, price) VALUES ('a', 10000000.005)",
    "a product twice": "INSERT INTO products (name, price) SELECT name, price FROM products",
    "a line for nothing": (
        "INSERT INTO order_lines (order_id, product_id, quantity, unit_price) VALUES ({order}, {cup}, 1, 0)"
    ),
    "a line of 1,001": (
        "INSERT INTO order_lines (order_id, product_id, quantity, unit_price) VALUES ({order}, {cup}, 1001, 0.001)"
    ),
    "a customer of the same name": "UPDATE customers SET name = 'Ada'",
    "texts of 1,000 bytes": "INSERT INTO customers (name, email) VALUES (repeat('m', 1000), repeat('m', 1000))",
    "places of 1,000 bytes": (
        "INSERT INTO addresses (customer_id, street, city) VALUES ({ada}, repeat('m', 1000), repeat('m', 1000))"
    ),
    "a product's name of 1,000 bytes": "UPDATE products SET name = repeat('m', 1000)",
    "a category's name of 1,000 bytes": "INSERT INTO categories (name) VALUES (repeat('m', 1000))",
    "a category without a name": "INSERT INTO categories (name) VALUES ('')",
    "a customer without a name": "UPDATE customers SET name = ''",
    "a product without a name": "UPDATE products SET name = ''",
    "an address without a place": "UPDATE addresses SET street = '', city = ''",
    "an email without @": "UPDATE customers SET email = 'ada' WHERE id = {ada}",
    "an email with a blank": "INSERT INTO customers (name, email) VALUES ('Ada', 'ada@example.com ')",
    "an address twice": (
        "INSERT INTO addresses (customer_id, street, city) SELECT customer_id, street, city FROM addresses"
    ),
    "a category in small letters": "INSERT INTO categories (name) VALUES ('kitchen')",
    "a second category of a product": (
        "INSERT INTO product_categories (product_id, category_id) VALUES ({mug}, {garden})"
    ),
    "a second product of a category": (
        "INSERT INTO product_categories (product_id, category_id) VALUES ({cup}, {kitchen})"
    ),
    "an order twice": "INSERT INTO orders (customer_id, placed_at) SELECT customer_id, placed_at FROM orders",
    "a product in two orders": (
        "WITH another AS (INSERT INTO orders (customer_id, placed_at) VALUES ({bob}, now()) RETURNING id)"
        " INSERT INTO order_lines (order_id, product_id, quantity, unit_price) SELECT id, {mug}, 2, 1 FROM another"
    ),
    "deleting an order with its lines": "DELETE FROM orders WHERE id = {order}",
    "deleting the lines of an order": "DELETE FROM order_lines WHERE order_id = {order}",
    "deleting a category of a product": "DELETE FROM categories WHERE id = {kitchen}",
    "deleting a product that nobody ordered": "DELETE FROM products WHERE id = {cup}",
    "deleting a customer with an address": "DELETE FROM customers WHERE id = {bob}",
    "deleting an address": "DELETE FROM addresses WHERE customer_id = {ada}",
}
"""What the database accepts."""


def test_the_database_refuses_orphans(shop):
    server, ids = shop

    answers = attempt(server, REFUSED["orphans"], ids)

    assert answers == dict.fromkeys(REFUSED["orphans"], "refused")


def test_the_database_refuses_wrong_numbers(shop):
    server, ids = shop

    answers = attempt(server, REFUSED["numbers"], ids)

    assert answers == dict.fromkeys(REFUSED["numbers"], "refused")


def test_the_database_refuses_duplicates(shop):
    server, ids = shop

    answers = attempt(server, REFUSED["duplicates"], ids)

    assert answers == dict.fromkeys(REFUSED["duplicates"], "refused")


def test_the_database_refuses_nothing_else(shop):
    server, ids = shop

    answers = attempt(server, ACCEPTED, ids)

    assert answers == dict.fromkeys(ACCEPTED, "accepted")


def test_a_restart_keeps_all_rows(shop):
    server, ids = shop
    server.query("UPDATE customers SET name = ' Bob ', email = 'Bob@Example.com' WHERE id = %s", ids["bob"])
    server.query("DELETE FROM product_categories; DELETE FROM categories")
    before = rows(server)
    order = server.client.get(f"/orders/{ids['order']}").raise_for_status().json()

    server.restart(warm=True)

    assert server.client.get(f"/orders/{ids['order']}").json() == order
    assert rows(server) == before


PLACE = {"street": "Mill Lane 5", "city": "York"}


@pytest.mark.parametrize(
    ("method", "path", "payload", "status"),
    [
        pytest.param("GET", "/orders/0", None, 404, id="an unknown order"),
        pytest.param("GET", "/nowhere", None, 404, id="an unknown path"),
        pytest.param("GET", "/customers/0/orders", None, 404, id="orders of an unknown customer"),
        pytest.param("DELETE", "/customers/0", None, 404, id="DELETE of an unknown customer"),
        pytest.param("POST", "/customers/0/addresses", PLACE, 404, id="an address of an unknown customer"),
        pytest.param(
            "POST",
            "/products",
            {"name": "Mug", "price": 5, "category_ids": [0]},
            404,
            id="an unknown category",
        ),
        pytest.param(
            "POST",
            "/orders",
            {"customer_id": 0, "lines": [{"product_id": 0, "quantity": 1}]},
            404,
            id="an order of an unknown customer",
        ),
        pytest.param("GET", "/orders/1x", None, 422, id="an order's id that is no integer"),
        pytest.param("GET", "/customers/x/orders", None, 422, id="a customer's id that is no integer"),
        pytest.param("DELETE", "/customers/1.5", None, 422, id="DELETE with an id that is no integer"),
        pytest.param("POST", "/customers/x/addresses", PLACE, 422, id="POST with an id that is no integer"),
        pytest.param("POST", "/orders", {"customer_id": 0, "lines": []}, 422, id="an invalid payload"),
        pytest.param("POST", "/customers", {"name": "Ada", "email": "EMAIL"}, 409, id="a taken email"),
        pytest.param("POST", "/categories", {"name": "CATEGORY"}, 409, id="a taken name"),
        pytest.param("DELETE", "/customers/CUSTOMER", None, 409, id="a customer with orders"),
    ],
)
def test_errors_are_problem_details(client, values, method, path, payload, status):
    customer = create_customer(client, values)
    place_order(client, customer, (create_product(client, values), 1))
    category = create(client, "/categories", name=values.text())
    path = path.replace("CUSTOMER", str(customer["id"]))
    sent = json.dumps(payload).replace("EMAIL", customer["email"]).replace("CATEGORY", category["name"])

    response = client.request(method, path, json=json.loads(sent))

    assert response.status_code == status
    assert response.headers["Content-Type"].split(";")[0] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert [type(problem[name]) for name in ("type", "title", "detail")] == [str, str, str]
