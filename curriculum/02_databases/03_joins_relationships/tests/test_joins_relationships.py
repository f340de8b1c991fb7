"""The acceptance tests of curriculum 2.3: one for each criterion of the ticket."""

from itertools import product

import pytest

MAY = "?from=2031-05-01&to=2031-05-31"
REPORTS = [
    f"/reports/orders{MAY}",
    f"/reports/customers{MAY}",
    "/reports/inactive-customers",
    "/reports/supplier-categories?supplier=Acme",
    "/reports/stock-take",
    "/reports/products",
    "/reports/products?tag=new",
]
NAMES = ["orders", "customers", "inactive", "supplier", "stock", "products", "tag"]
ROWS = [2_000, 4_000, 2_000, 2_000, 2_000, 2_000, 2_000]

PEOPLE = "INSERT INTO customers (id, name) VALUES (3, 'Cleo'), (1, 'Ada'), (4, 'Dan'), (2, 'Bob')"
GOODS = """
INSERT INTO products (id, sku, name, stock)
VALUES (2, 'C-2', 'Cup', 7), (3, 'B-3', 'Bowl', 0), (1, 'M-1', 'Mug', 5)
"""
MANY = """
INSERT INTO customers (id, name) SELECT n, 'Customer ' || n FROM generate_series({first}, {last}) n;
INSERT INTO customers (id, name) SELECT 100000 + n, 'Nobody ' || n FROM generate_series({first}, {last}) n;
INSERT INTO profiles (customer_id, phone) SELECT n, n::text FROM generate_series({first}, {last}) n;
INSERT INTO products (id, sku, name, stock)
SELECT n, 'S-' || n, 'Product ' || n, 1 FROM generate_series({first}, {last}) n;
INSERT INTO tags (id, name) SELECT 10 + n, 'Tag ' || n FROM generate_series({first}, {last}) n;
INSERT INTO product_tags (product_id, tag_id) SELECT n, 1 FROM generate_series({first}, {last}) n;
INSERT INTO product_tags (product_id, tag_id) SELECT n, 10 + n FROM generate_series({first}, {last}) n;
INSERT INTO orders (id, customer_id, placed_at)
SELECT n, n, '2031-05-10T00:00:00Z' FROM generate_series({first}, {last}) n;
INSERT INTO order_lines (order_id, product_id, quantity, unit_price)
SELECT n, n, 1, 2 FROM generate_series({first}, {last}) n;
INSERT INTO payments (id, order_id, amount) SELECT n, n, 2 FROM generate_series({first}, {last}) n;
INSERT INTO categories (id, name) SELECT n, 'Category ' || n FROM generate_series({first}, {last}) n;
INSERT INTO supplier_categories (supplier, name)
SELECT 'Acme', 'Category ' || n FROM generate_series({first}, {last}) n;
INSERT INTO stock_counts (id, sku, quantity) SELECT n, 'S-' || n, 1 FROM generate_series({first}, {last}) n
"""
SUMMED = """
INSERT INTO orders (id, customer_id, placed_at)
SELECT n, 1, '2031-06-10T00:00:00Z' FROM generate_series(11, 12000) n;
INSERT INTO order_lines (order_id, product_id, quantity, unit_price)
SELECT n, 1, 1, 2 FROM generate_series(11, 12000) n;
INSERT INTO payments (id, order_id, amount) SELECT n, 1, 2 FROM generate_series(11, 12000) n;
INSERT INTO categories (id, name) SELECT n, 'Category ' || n FROM generate_series(11, 12000) n;
INSERT INTO supplier_categories (supplier, name)
SELECT 'Other', 'Category ' || n FROM generate_series(11, 12000) n;
INSERT INTO stock_counts (id, sku, quantity) SELECT n, 'S-1', 1 FROM generate_series(11, 12000) n
"""
UNTAGGED = """
INSERT INTO products (id, sku, name, stock)
SELECT n, 'S-' || n, 'Product ' || n, 1 FROM generate_series(11, 12000) n;
INSERT INTO product_tags (product_id, tag_id) SELECT n, 11 FROM generate_series(11, 12000) n
"""
ATTEMPT = """
CREATE OR REPLACE FUNCTION attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN 'accepted';
EXCEPTION
    WHEN integrity_constraint_violation THEN RETURN 'refused';  -- the whole class 23
END $$
"""
LEADING = """
SELECT DISTINCT indrelid::regclass || '.' || attname
FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
WHERE indisvalid AND indpred IS NULL
"""


def start(launch, **settings):
    """Start a server, and return it once it responds: its tables exist then."""
    server = launch(**settings)
    server.client.get("/")
    return server


def store(server, *statements):
    """Run these statements on the server's database, in one connection."""
    server.query(f"DO $store$ BEGIN {';'.join(statements)}; END $store$")


def attempt(server, *statements):
    """Try the statements one after the other, and return for each whether the database accepted it."""
    server.query(ATTEMPT)
    [results] = server.query(f"SELECT {', '.join(f'attempt($${statement}$$)' for statement in statements)}")
    return list(results)


def place(order_id, customer_id, placed_at):
    """Return the statement that stores an order."""
    return (
        f"INSERT INTO orders (id, customer_id, placed_at) VALUES ({order_id}, {customer_id}, '{placed_at}')"  # noqa: S608
    )


def line(order_id, product_id, quantity, unit_price):
    """Return the statement that stores a line of an order."""
    return f"INSERT INTO order_lines VALUES ({order_id}, {product_id}, {quantity}, {unit_price})"  # noqa: S608


def pay(payment_id, order_id, amount):
    """Return the statement that stores a payment."""
    return f"INSERT INTO payments (id, order_id, amount) VALUES ({payment_id}, {order_id}, {amount})"  # noqa: S608


def tag(tag_id, name, *product_ids):
    """Return the statements that store a tag and the products that have it."""
    pairs = [
        f"INSERT INTO product_tags (product_id, tag_id) VALUES ({product}, {tag_id})"  # noqa: S608
        for product in product_ids
    ]
    return [f"INSERT INTO tags (id, name) VALUES ({tag_id}, '{name}')", *pairs]  # noqa: S608


def read(server, path):
    """Read a report."""
    return server.client.get(path).raise_for_status().json()


def cost(server, path):
    """Return the CPU time that the app uses for a report."""
    return server.cpu_seconds(lambda: read(server, path), rounds=3)


def numbers(report, *fields):
    """Return these fields of each row."""
    return [[row[field] for field in fields] for row in report]


def test_orders_have_their_customer_total_and_payments(launch, values):
    server = start(launch)
    price = values.randrange(100, 999) + 0.25
    store(server, PEOPLE, GOODS, place(7, 2, "2031-05-10T10:00:00Z"), line(7, 1, 3, price), pay(1, 7, price))

    response = server.client.get(f"/reports/orders{MAY}")

    assert response.status_code == 200
    [order] = response.json()
    placed_at = order.pop("placed_at")
    assert placed_at in ("2031-05-10T10:00:00Z", "2031-05-10T10:00:00+00:00")
    assert order == {"id": 7, "customer_id": 2, "customer_name": "Bob", "total": 3 * price, "paid": price}


def test_lines_and_payments_do_not_multiply_each_other(launch, values):
    server = start(launch)
    price = values.randrange(10, 99) + 0.5
    store(server, PEOPLE, GOODS, place(1, 1, "2031-05-10T10:00:00Z"))
    store(server, line(1, 1, 2, price), line(1, 2, 2, price), line(1, 3, 1, price))
    store(server, pay(1, 1, 0.1), pay(2, 1, 0.1), pay(3, 1, 0.1))

    response = server.client.get(f"/reports/orders{MAY}")

    assert numbers(response.json(), "total", "paid") == [[5 * price, 0.3]]


def test_orders_without_lines_or_payments_have_sums_of_0(launch):
    server = start(launch)
    store(server, PEOPLE, GOODS, place(1, 1, "2031-05-10T10:00:00Z"), place(2, 1, "2031-05-11T10:00:00Z"))
    store(server, line(1, 1, 2, 4), pay(1, 2, 3))

    response = server.client.get(f"/reports/orders{MAY}")

    assert numbers(response.json(), "id", "total", "paid") == [[1, 8, 0], [2, 0, 3]]


def test_orders_of_guests_are_not_listed(launch):
    server = start(launch)
    store(server, PEOPLE, place(1, "NULL", "2031-05-10T10:00:00Z"), place(2, 3, "2031-05-11T10:00:00Z"))

    response = server.client.get(f"/reports/orders{MAY}")

    assert numbers(response.json(), "id", "customer_name") == [[2, "Cleo"]]


def test_orders_are_sorted_by_time_and_id(launch):
    server = start(launch)
    store(server, PEOPLE, place(12, 1, "2031-05-10T10:00:00Z"), place(1, 2, "2031-05-10T10:00:00Z"))
    store(server, place(4, 1, "2031-05-09T10:00:00Z"), place(2, 4, "2031-05-10T10:00:00Z"))

    response = server.client.get(f"/reports/orders{MAY}")

    assert numbers(response.json(), "id") == [[4], [1], [2], [12]]


def test_both_days_belong_to_a_range(launch):
    server = start(launch)
    store(server, PEOPLE, place(1, 1, "2031-04-30T23:59:59.999999Z"), place(2, 2, "2031-05-01T00:00:00Z"))
    store(server, place(3, 3, "2031-05-31T23:59:59.999999Z"), place(4, 4, "2031-06-01T00:00:00Z"))

    response = server.client.get(f"/reports/orders{MAY}")

    assert numbers(response.json(), "id") == [[2], [3]]


def test_customers_have_phone_orders_and_spending(launch, values):
    server = start(launch)
    price = values.randrange(100, 999) + 0.25
    store(server, "INSERT INTO customers (id, name) VALUES (5, 'Eve')")
    store(server, "INSERT INTO profiles (customer_id, phone) VALUES (5, '+44 1')", GOODS)
    store(server, place(1, 5, "2031-05-10T10:00:00Z"), line(1, 1, 2, price), line(1, 2, 1, price))
    store(server, place(2, 5, "2031-05-09T10:00:00Z"), line(2, 2, 3, price), pay(1, 2, 1), pay(2, 2, 1))

    response = server.client.get(f"/reports/customers{MAY}")

    [customer] = response.json()
    last_order_at = customer.pop("last_order_at")
    assert last_order_at in ("2031-05-10T10:00:00Z", "2031-05-10T10:00:00+00:00")
    assert customer == {"id": 5, "name": "Eve", "phone": "+44 1", "orders": 2, "spent": 6 * price}


def test_customers_without_orders_or_a_profile_are_listed(launch):
    server = start(launch)
    store(server, PEOPLE, "INSERT INTO profiles (customer_id, phone) VALUES (2, '+44 2')")

    response = server.client.get(f"/reports/customers{MAY}")

    assert numbers(response.json(), "id", "name", "phone", "orders", "spent", "last_order_at") == [
        [1, "Ada", None, 0, 0, None],
        [2, "Bob", "+44 2", 0, 0, None],
        [3, "Cleo", None, 0, 0, None],
        [4, "Dan", None, 0, 0, None],
    ]


def test_orders_outside_the_range_do_not_count(launch):
    server = start(launch)
    store(server, PEOPLE, GOODS, place(1, 1, "2031-05-31T23:59:59Z"), place(2, 1, "2031-06-01T00:00:00Z"))
    store(server, place(3, 2, "2031-04-30T10:00:00Z"), line(1, 1, 1, 2), line(2, 1, 1, 3), line(3, 1, 1, 4))

    response = server.client.get(f"/reports/customers{MAY}")

    first, *others = response.json()
    assert numbers([first], "id", "orders", "spent") == [[1, 1, 2]]
    assert first["last_order_at"].startswith("2031-05-31T23:59:59")
    expected = [[2, 0, 0, None], [3, 0, 0, None], [4, 0, 0, None]]
    assert numbers(others, "id", "orders", "spent", "last_order_at") == expected


def test_customers_are_sorted_by_their_last_order(launch):
    server = start(launch)
    store(server, PEOPLE, place(1, 3, "2031-05-10T10:00:00Z"), place(2, 2, "2031-05-10T10:00:00Z"))
    store(server, place(3, 4, "2031-05-11T10:00:00Z"), place(4, 2, "2031-05-02T10:00:00Z"))
    store(server, place(5, 3, "2031-06-11T10:00:00Z"), "INSERT INTO customers (id, name) VALUES (12, 'Eve')")
    store(server, place(6, 12, "2031-05-10T10:00:00Z"))

    response = server.client.get(f"/reports/customers{MAY}")

    assert numbers(response.json(), "id") == [[4], [2], [3], [12], [1]]


def test_only_customers_who_never_ordered_are_inactive(launch):
    server = start(launch)
    store(
        server,
        "INSERT INTO customers (id, name) VALUES (12, 'Ada'), (9, 'Ada'), (5, 'de Vries'), (6, 'Olga')",
        PEOPLE,
    )
    store(server, place(1, 3, "2020-01-01T00:00:00Z"), place(2, "NULL", "2031-05-10T10:00:00Z"))

    response = server.client.get("/reports/inactive-customers")

    assert response.json() == [
        {"id": 1, "name": "Ada"},
        {"id": 9, "name": "Ada"},
        {"id": 12, "name": "Ada"},
        {"id": 2, "name": "Bob"},
        {"id": 4, "name": "Dan"},
        {"id": 6, "name": "Olga"},
        {"id": 5, "name": "de Vries"},
    ]


def test_all_categories_of_a_supplier_are_listed(launch):
    server = start(launch)
    store(server, "INSERT INTO categories (id, name) VALUES (7, 'cups'), (8, 'Mugs'), (9, 'Bowls')")
    store(server, "INSERT INTO supplier_categories VALUES ('Other', 'Mugs'), ('Other', 'Bowls')")
    store(
        server, "INSERT INTO supplier_categories VALUES ('Acme', 'Mugs'), ('Acme', 'bowls'), ('Acme', 'Cups')"
    )

    response = server.client.get("/reports/supplier-categories?supplier=Acme")

    assert response.json() == [
        {"name": "Cups", "category_id": None},
        {"name": "Mugs", "category_id": 8},
        {"name": "bowls", "category_id": None},
    ]


def test_the_stock_take_compares_the_books_with_the_count(launch):
    server = start(launch)
    store(server, GOODS, "INSERT INTO stock_counts (sku, quantity) VALUES ('b-3', 2), ('M-1', 4), ('X-9', 3)")

    response = server.client.get("/reports/stock-take")

    assert response.json() == [
        {"sku": "B-3", "booked": 0, "counted": None, "result": "only booked"},
        {"sku": "C-2", "booked": 7, "counted": None, "result": "only booked"},
        {"sku": "M-1", "booked": 5, "counted": 4, "result": "matched"},
        {"sku": "X-9", "booked": None, "counted": 3, "result": "only counted"},
        {"sku": "b-3", "booked": None, "counted": 2, "result": "only counted"},
    ]


def test_counts_of_one_sku_are_added_up(launch):
    server = start(launch)
    store(server, GOODS, "INSERT INTO stock_counts (sku, quantity) VALUES ('M-1', 4), ('X-9', 3), ('M-1', 4)")
    store(
        server,
        "INSERT INTO stock_counts (sku, quantity) VALUES ('X-9', 0), ('C-2', 0), ('B-3', 2), ('X-8', 0)",
    )

    response = server.client.get("/reports/stock-take")

    assert response.json() == [
        {"sku": "B-3", "booked": 0, "counted": 2, "result": "matched"},
        {"sku": "C-2", "booked": 7, "counted": 0, "result": "matched"},
        {"sku": "M-1", "booked": 5, "counted": 8, "result": "matched"},
        {"sku": "X-8", "booked": None, "counted": 0, "result": "only counted"},
        {"sku": "X-9", "booked": None, "counted": 3, "result": "only counted"},
    ]


def test_products_have_their_tags_and_sales(launch):
    server = start(launch)
    store(server, PEOPLE, GOODS, *tag(1, "new", 2), *tag(2, "blue", 1, 2), *tag(3, "old"), *tag(4, "Xmas", 2))
    store(server, "INSERT INTO products (id, sku, name, stock) VALUES (12, 'J-12', 'Jug', 0)")
    store(server, place(1, 1, "2031-05-10T10:00:00Z"), place(2, "NULL", "2031-05-10T10:00:00Z"))
    store(server, line(1, 2, 3, 1), line(2, 2, 3, 1))

    response = server.client.get("/reports/products")

    assert response.json() == [
        {"id": 1, "sku": "M-1", "name": "Mug", "tags": ["blue"], "sold": 0},
        {"id": 2, "sku": "C-2", "name": "Cup", "tags": ["Xmas", "blue", "new"], "sold": 6},
        {"id": 3, "sku": "B-3", "name": "Bowl", "tags": [], "sold": 0},
        {"id": 12, "sku": "J-12", "name": "Jug", "tags": [], "sold": 0},
    ]


def test_products_with_a_tag_keep_their_other_tags(launch):
    server = start(launch)
    store(
        server, GOODS, *tag(1, "new", 2, 1), *tag(2, "blue", 1, 2, 3), *tag(3, "New", 3), *tag(4, "newer", 3)
    )
    store(server, place(1, "NULL", "2031-05-10T10:00:00Z"), line(1, 2, 3, 1), line(1, 3, 5, 1))

    response = server.client.get("/reports/products?tag=new")

    expected = [[1, ["blue", "new"], 0], [2, ["blue", "new"], 3]]
    assert numbers(response.json(), "id", "tags", "sold") == expected


@pytest.mark.parametrize(("path", "rows"), list(zip(REPORTS, ROWS, strict=True)), ids=NAMES)
def test_reports_need_the_same_few_statements_for_2_000_rows(launch, database, path, rows):
    server = start(launch, DATABASE_URL=database.url)
    store(database, "INSERT INTO tags (id, name) VALUES (1, 'new')", MANY.format(first=1, last=10))
    read(server, path)
    with database.counting() as few:
        read(server, path)
    store(database, MANY.format(first=11, last=2_000), "ANALYZE")

    with database.counting() as many:
        report = read(server, path)

    assert len(report) == rows
    assert len(many) == len(few)
    assert 1 <= len(many) <= 3


@pytest.mark.parametrize(
    ("more", "paths"),
    [
        (SUMMED, [REPORTS[0], "/reports/customers?from=2031-06-01&to=2031-06-30", *REPORTS[2:]]),
        (UNTAGGED, REPORTS[6:]),
    ],
    ids=["all", "tag"],
)
def test_the_database_filters_and_adds_up(launch, more, paths):
    server = start(launch)
    store(server, "INSERT INTO tags (id, name) VALUES (1, 'new')", MANY.format(first=1, last=10))
    few = [cost(server, path) for path in paths]
    store(server, more, "ANALYZE")

    many = [cost(server, path) for path in paths]

    assert [path for path, before, now in zip(paths, few, many, strict=True) if now > 3 * before] == []


def test_a_customer_has_one_profile_at_most(launch):
    server = start(launch)
    store(server, PEOPLE)

    results = attempt(
        server,
        "INSERT INTO profiles (customer_id, phone) VALUES (1, '1')",
        "INSERT INTO profiles (customer_id, phone) VALUES (1, '2')",
    )

    assert results == ["accepted", "refused"]


def test_a_product_has_a_tag_at_most_once(launch):
    server = start(launch)
    store(server, GOODS, *tag(1, "new", 1, 2), *tag(2, "blue", 1))

    results = attempt(server, "INSERT INTO product_tags (product_id, tag_id) VALUES (1, 1)")

    assert results == ["refused"]


def test_the_database_refuses_orphans_and_duplicates(launch):
    server = start(launch)
    store(server, PEOPLE, GOODS, *tag(1, "new"), place(1, 1, "2031-05-10T10:00:00Z"), line(1, 1, 1, 1))
    store(server, "INSERT INTO categories (name) VALUES ('Mugs')")
    store(server, "INSERT INTO supplier_categories VALUES ('Acme', 'Mugs')")

    orphans = attempt(
        server,
        "INSERT INTO profiles (customer_id, phone) VALUES (99, '1')",
        "INSERT INTO payments (id, order_id, amount) VALUES (1, 99, 1)",
        "INSERT INTO product_tags (product_id, tag_id) VALUES (99, 1)",
        "INSERT INTO product_tags (product_id, tag_id) VALUES (1, 99)",
        place(2, 99, "2031-05-10T10:00:00Z"),
        line(99, 1, 1, 1),
        line(1, 99, 1, 1),
    )
    duplicates = attempt(
        server,
        line(1, 1, 2, 2),
        "INSERT INTO products (id, sku, name, stock) VALUES (9, 'M-1', 'Jug', 1)",
        "INSERT INTO categories (name) VALUES ('Mugs')",
        "INSERT INTO supplier_categories VALUES ('Acme', 'Mugs')",
    )
    others = attempt(
        server,
        "INSERT INTO profiles (customer_id, phone) VALUES (1, '1')",
        "INSERT INTO payments (id, order_id, amount) VALUES (1, 1, 1)",
        "INSERT INTO product_tags (product_id, tag_id) VALUES (1, 1)",
    )

    assert orphans == ["refused"] * 7
    assert duplicates == ["refused"] * 4
    assert others == ["accepted"] * 3


def test_new_keys_hold_64_bits_and_may_be_left_out(launch):
    server = start(launch)
    store(
        server,
        "INSERT INTO customers (id, name) VALUES (9000000000, 'Eve')",
        place(9_000_000_000, 9_000_000_000, "2031-05-10T10:00:00Z"),
    )
    store(server, "INSERT INTO products (id, sku, name, stock) VALUES (9000000000, 'J-1', 'Jug', 1)")

    results = attempt(
        server,
        "INSERT INTO profiles (customer_id, phone) VALUES (9000000000, '1')",
        pay(9_000_000_000, 9_000_000_000, 1),
        "INSERT INTO payments (order_id, amount) VALUES (9000000000, 2), (9000000000, 3)",
        *tag(9_000_000_000, "new", 9_000_000_000),
        "INSERT INTO tags (name) VALUES ('blue'), ('old')",
    )

    assert results == ["accepted"] * 6


def test_foreign_keys_lead_an_index(launch):
    server = start(launch)

    columns = {column for (column,) in server.query(LEADING)}

    old = {"orders.customer_id", "order_lines.order_id", "order_lines.product_id"}
    new = {"profiles.customer_id", "payments.order_id", "product_tags.product_id", "product_tags.tag_id"}
    assert (old | new) - columns == set()


@pytest.mark.parametrize(
    ("path", "query"),
    [
        *product(REPORTS[:2], ["", "?from=2031-05-01", "?to=2031-05-31", "?from=2031-05-01&to=2031-02-30"]),
        *product(REPORTS[3:4], ["", "?supplier=%00", "?supplier=Ac%00me"]),
        (REPORTS[6], "?tag=new%00"),
    ],
)
def test_invalid_parameters_are_422(client, path, query):
    assert client.get(path).status_code == 200

    response = client.get(path.partition("?")[0] + query)

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == 422
