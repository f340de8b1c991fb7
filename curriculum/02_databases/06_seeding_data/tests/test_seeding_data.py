"""The acceptance tests of curriculum 2.6: one for each criterion of the ticket."""

import re
from datetime import UTC, datetime

import pytest

CATEGORIES = {"books": "Books", "garden": "Garden", "kitchen": "Kitchen", "office": "Office", "toys": "Toys"}
TABLES = ["categories", "products", "customers", "orders", "order_lines"]
EMPTY = dict.fromkeys(TABLES, 0)
SAMPLES = {
    "categories": "SELECT slug, name FROM categories",
    "products": """
        SELECT sku, products.name, price, slug FROM products JOIN categories ON categories.id = category_id
    """,
    "customers": "SELECT email, name FROM customers",
    "orders": """
        SELECT email, placed_at, array_agg(concat_ws(' ', sku, quantity, unit_price) ORDER BY sku)
        FROM orders JOIN customers ON customers.id = customer_id
        JOIN order_lines ON order_id = orders.id JOIN products ON products.id = product_id
        GROUP BY orders.id, email, placed_at
    """,
}
"""All columns but the ids, which the database sets."""
OTHER_IDS = """
SELECT setval(pg_get_serial_sequence(name, 'id'), 3000000000 + 1000 * number)
FROM unnest(ARRAY['categories', 'products', 'customers', 'orders']) WITH ORDINALITY AS given (name, number)
"""
OTHER_ZONE = """
DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET timezone = ''Pacific/Kiritimati'''; END $$
"""
"""Another machine, whose server takes a time without an offset for one of its own zone."""
FAIL_LATER = """
CREATE SEQUENCE seen;
CREATE FUNCTION fail_later() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('seen') > 1000 THEN RAISE 'The disk is full.'; END IF;
    RETURN NEW;
END $$;
"""
"""A trigger with this function refuses each row but the first thousand, also those of other transactions."""


@pytest.fixture
def start(launch):
    """Return a function that starts the app, and waits until it has created its tables."""

    def start(**settings):
        server = launch(**settings)
        server.client.get("/categories").raise_for_status()
        return server

    return start


def seed(server, *words, **settings):
    """Run the command, which must end well, and return what it printed."""
    finished = server.run("seed", *words, **settings)
    assert finished.status == 0, finished.output
    return finished.output


def develop(server, count):
    """Seed so many customers in development, and return what was printed."""
    return seed(server, "--customers", str(count), APP_ENV="development")


def report(output):
    """Return the lines about tables of what the command printed."""
    return [line for line in output.splitlines() if re.match(rf"({'|'.join(TABLES)}):", line)]


def customers_of(finished):
    """Return how many customers each command has created and left alone, as it says."""
    lines = [re.search(r"^customers: (\d+) created, (\d+) left alone$", one.output, re.M) for one in finished]
    return [tuple(int(number) for number in line.groups()) for line in lines if line]


def counts(server):
    """Return how many rows each table has."""
    return dict(
        server.query(
            " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in TABLES)  # noqa: S608 - its own
        )
    )


def rows(server):
    """Return all rows of all tables, each as text behind its table's name."""
    return server.query(
        " UNION ALL ".join(f"SELECT '{table}', t::text FROM {table} t" for table in TABLES)  # noqa: S608 - the same
        + " ORDER BY 1, 2"
    )


def samples(server):
    """Return what each table holds, without ids."""
    return {name: sorted(server.query(statement)) for name, statement in SAMPLES.items()}


def without_prices(orders):
    """Return orders of samples, each line without its price, which depends on the product that is there."""
    return [
        (email, placed_at, [line.rpartition(" ")[0] for line in lines]) for email, placed_at, lines in orders
    ]


def outcomes(names, finished):
    """Return the exit status of each command, and whether it printed a traceback."""
    return {
        name: (one.status, "a traceback" if "Traceback" in one.output else "no traceback")
        for name, one in zip(names, finished, strict=True)
    }


def test_production_gets_the_categories_only(start):
    server = start()

    finished = server.run("seed", APP_ENV="production")

    assert finished.status == 0, finished.output
    assert counts(server) == EMPTY | {"categories": 5}
    assert report(finished.output) == ["categories: 5 created, 0 left alone"]
    assert server.client.get("/categories").json() == [
        {"slug": slug, "name": name} for slug, name in CATEGORIES.items()
    ]


def test_without_app_env_it_is_production(start):
    server = start()

    finished = server.run("seed")

    assert finished.status == 0, finished.output
    assert counts(server) == EMPTY | {"categories": 5}


@pytest.mark.parametrize(
    ("settings", "count", "named"),
    [
        pytest.param({"APP_ENV": "production"}, "5", "production", id="production"),
        pytest.param({"APP_ENV": "testing"}, "20", "testing", id="testing"),
        pytest.param({}, "0", "production", id="without APP_ENV"),
    ],
)
def test_only_development_takes_a_number_of_customers(start, settings, count, named):
    server = start()

    finished = server.run("seed", "--customers", count, **settings)

    assert finished.status == 2, finished.output
    assert named in finished.output
    assert "Traceback" not in finished.output
    assert counts(server) == EMPTY


def test_unknown_environments_are_refused(start, at_once):
    server = start()
    unknown = ["staging", "prod", "Production", "DEVELOPMENT", "dev", "test", "testing "]

    finished = at_once(len(unknown), lambda number: server.run("seed", APP_ENV=unknown[number]))

    assert outcomes(unknown, finished) == dict.fromkeys(unknown, (2, "no traceback"))
    assert [name for name, one in zip(unknown, finished, strict=True) if name not in one.output] == []
    assert counts(server) == EMPTY


def test_invalid_arguments_are_refused(start, at_once):
    server = start(APP_ENV="development")
    invalid = ["--customers -1", "--customers 1.5", "--customers ten", "--customers", "--orders 5", "5"]

    finished = at_once(len(invalid), lambda number: server.run("seed", *invalid[number].split()))

    assert outcomes(invalid, finished) == dict.fromkeys(invalid, (2, "no traceback"))
    assert counts(server) == EMPTY


@pytest.mark.parametrize(
    ("words", "count"),
    [
        pytest.param([], 100, id="by default"),
        pytest.param(["--customers", "0"], 0, id="none"),
        pytest.param(["--customers", "230"], 230, id="more"),
    ],
)
def test_development_gets_as_many_customers_as_wanted(start, words, count):
    server = start()

    finished = server.run("seed", *words, APP_ENV="development")

    assert finished.status == 0, finished.output
    seeded = counts(server)
    assert seeded == {
        "categories": 5,
        "products": 20,
        "customers": count,
        "orders": 5 * count,
        "order_lines": seeded["order_lines"],
    }


def test_testing_gets_the_same_rows_every_time(start):
    first, second = start(), start()
    seed(first, APP_ENV="testing")
    second.query(OTHER_IDS)
    second.query(OTHER_ZONE)

    finished = second.run(
        "seed", APP_ENV="testing", TZ="UTC", cold=True
    )  # the app's own zone has another date

    assert finished.status == 0, finished.output
    seeded = samples(second)
    assert {name: len(given) for name, given in seeded.items()} == {
        "categories": 5,
        "products": 20,
        "customers": 20,
        "orders": 100,
    }
    assert seeded == samples(first)


def test_customers_have_five_orders_of_one_to_three_lines(start):
    server = start()

    develop(server, 60)

    assert (
        server.query(
            "SELECT count(orders.id) FROM customers LEFT JOIN orders ON customer_id = customers.id"
            " GROUP BY customers.id"
        )
        == [(5,)] * 60
    )
    lines = server.query(
        "SELECT count(order_id), min(quantity), max(quantity) FROM orders LEFT JOIN order_lines ON order_id = orders.id"
        " GROUP BY orders.id"
    )
    assert {count for count, _, _ in lines} <= {1, 2, 3}
    assert [line for line in lines if not 1 <= line[1] <= line[2] <= 5] == []


def test_lines_have_the_stored_prices(start):
    server = start()
    develop(server, 10)
    server.query("UPDATE products SET price = price + 0.05 * id")
    (last,) = server.query("SELECT max(id) FROM orders")[0]

    develop(server, 30)

    prices = server.query(
        "SELECT unit_price, price FROM order_lines JOIN products ON products.id = product_id WHERE order_id > %s",
        last,
    )
    assert len(prices) >= 100
    assert [paid for paid, _ in prices] == [price for _, price in prices]


def test_samples_look_real_and_belong_to_nobody(start):
    server = start()

    develop(server, 100)

    customers = server.query("SELECT name, email FROM customers")
    names = [name for name, _ in customers]
    assert [
        email for _, email in customers if not re.fullmatch(r"[A-Za-z0-9._+-]{1,64}@example\.com", email)
    ] == []
    assert [name for name in names if not 1 <= len(name.strip()) <= 80] == []
    assert len(set(names)) >= 50
    products = server.query("SELECT name, price FROM products")
    assert [name for name, _ in products if not 1 <= len(name.strip()) <= 80] == []
    prices = [price for _, price in products]
    assert [price for price in prices if not 1 <= price <= 100 or price != round(price, 2)] == []
    times = [placed_at for (placed_at,) in server.query("SELECT placed_at FROM orders")]
    year = [datetime(number, 1, 1, tzinfo=UTC) for number in (2024, 2025)]
    assert [placed_at for placed_at in times if not year[0] <= placed_at < year[1]] == []
    assert len(set(times)) >= 250


@pytest.mark.parametrize(
    ("environment", "cold"),
    [
        pytest.param("production", False, id="production"),  # where nothing is invented
        pytest.param("testing", True, id="testing"),
    ],
)
def test_a_second_seed_changes_nothing(start, environment, cold):
    server = start(APP_ENV=environment)
    seed(server)
    before = rows(server)

    finished = server.run("seed", cold=cold)

    assert finished.status == 0, finished.output
    assert rows(server) == before


def test_what_users_changed_is_kept(start):
    server = start()
    develop(server, 20)
    server.query("UPDATE categories SET name = 'Garden and patio' WHERE slug = 'garden'")
    server.query("UPDATE products SET name = 'Better', price = 0.5 WHERE id = (SELECT min(id) FROM products)")
    server.query("UPDATE customers SET name = 'Ada' WHERE id = (SELECT min(id) FROM customers)")
    server.query("UPDATE orders SET placed_at = '2031-05-19T10:00Z' WHERE id = (SELECT min(id) FROM orders)")
    server.query(
        "UPDATE order_lines SET quantity = 77 WHERE order_id = (SELECT max(order_id) FROM order_lines)"
    )
    server.query("DELETE FROM orders WHERE id = (SELECT max(id) - 3 FROM orders)")
    server.query("DELETE FROM orders WHERE customer_id = (SELECT max(id) - 5 FROM customers)")
    before = rows(server)

    develop(server, 20)

    assert rows(server) == before


@pytest.mark.parametrize(
    ("environment", "words", "first", "count", "added"),
    [
        pytest.param("development", ["--customers", "30"], 30, 45, 15, id="a larger number"),
        pytest.param("testing", [], 20, 10, 0, id="a smaller number after those of testing"),
    ],
)
def test_another_number_only_adds_customers(start, environment, words, first, count, added):
    server = start()
    seed(server, *words, APP_ENV=environment)
    before, seeded = rows(server), counts(server)

    develop(server, count)

    assert counts(server) == seeded | {
        "customers": first + added,
        "orders": 5 * (first + added),
        "order_lines": counts(server)["order_lines"],
    }
    assert set(before) - set(rows(server)) == set()


def test_rows_in_the_way_are_left_alone(start):
    first, server = start(), start()
    seed(first, APP_ENV="testing")
    expected = samples(first)
    (email, _), (sku, *_) = expected["customers"][7], expected["products"][7]
    server.query(
        "INSERT INTO customers (name, email) VALUES ('Ada', %s), ('Bob', 'bob@example.com')", email.upper()
    )
    others = {"toys": "Games", "art": "Art", "Garden": "Parks"}
    server.query(
        "INSERT INTO categories (slug, name) VALUES ('toys', 'Games'), ('art', 'Art'), ('Garden', 'Parks')"
    )
    server.query(
        "INSERT INTO products (sku, name, price, category_id)"
        " SELECT unnest(ARRAY[%s, 'of a user']), 'Rare', 900, id FROM categories WHERE slug = 'art'",
        sku,
    )
    before = rows(server)

    finished = server.run("seed", APP_ENV="testing")

    assert finished.status == 0, finished.output
    assert set(before) - set(rows(server)) == set()
    assert server.client.get("/categories").json() == [
        {"slug": slug, "name": name} for slug, name in sorted((CATEGORIES | others).items())
    ]
    seeded = samples(server)
    invented = [product for product in expected["products"] if product[0] != sku]
    assert [product for product in seeded["products"] if product[3] != "art"] == invented
    remaining = [customer for customer in expected["customers"] if customer[0] != email]
    assert seeded["customers"] == sorted([*remaining, (email.upper(), "Ada"), ("bob@example.com", "Bob")])
    assert without_prices(seeded["orders"]) == without_prices(
        order for order in expected["orders"] if order[0] != email
    )
    assert report(finished.output)[:4] == [
        "categories: 4 created, 1 left alone",
        "products: 19 created, 1 left alone",
        "customers: 19 created, 1 left alone",
        "orders: 95 created",
    ]


def test_two_first_seeds_at_once_are_like_one(start, race):
    server = start(APP_ENV="development")

    finished = race(
        2, lambda number: server.run("seed", "--customers", ["40", "60"][number]), table="categories"
    )

    assert [one.status for one in finished] == [0, 0], "\n".join(one.output for one in finished)
    assert sum(created for created, _ in customers_of(finished)) == 60
    assert [created + left_alone for created, left_alone in customers_of(finished)] == [40, 60]
    seeded = counts(server)
    assert seeded == {
        "categories": 5,
        "products": 20,
        "customers": 60,
        "orders": 300,
        "order_lines": seeded["order_lines"],
    }


def test_two_later_seeds_at_once_are_like_one(start, race):
    server = start(APP_ENV="development")
    develop(server, 20)
    before = rows(server)

    finished = race(
        2, lambda number: server.run("seed", "--customers", ["40", "60"][number]), table="customers"
    )

    assert [one.status for one in finished] == [0, 0], "\n".join(one.output for one in finished)
    assert sum(created for created, _ in customers_of(finished)) == 40
    assert [created + left_alone for created, left_alone in customers_of(finished)] == [40, 60]
    seeded = counts(server)
    assert seeded == {
        "categories": 5,
        "products": 20,
        "customers": 60,
        "orders": 300,
        "order_lines": seeded["order_lines"],
    }
    assert set(before) - set(rows(server)) == set()


@pytest.mark.parametrize(
    ("trigger", "table", "count"),
    [
        pytest.param("TRIGGER fails BEFORE INSERT", "customers", 1_100, id="among the customers"),
        pytest.param("TRIGGER fails BEFORE INSERT", "order_lines", 250, id="among the lines"),
        pytest.param(
            "CONSTRAINT TRIGGER fails AFTER INSERT",
            "orders DEFERRABLE INITIALLY DEFERRED",
            250,
            id="at the commit",
        ),
    ],
)
def test_a_failure_leaves_nothing(start, trigger, table, count):
    server = start(APP_ENV="development")
    server.query(FAIL_LATER)
    server.query(f"CREATE {trigger} ON {table} FOR EACH ROW EXECUTE FUNCTION fail_later()")

    finished = server.run("seed", "--customers", str(count))

    assert finished.status == 1, finished.output
    assert "The disk is full." in finished.output
    assert report(finished.output) == []
    assert counts(server) == EMPTY
    server.query("DROP FUNCTION fail_later() CASCADE")
    assert "customers: 70 created, 0 left alone" in develop(server, 70)


def test_a_large_seed_needs_at_most_sixty_round_trips(database, start):
    server = start(DATABASE_URL=database.url, APP_ENV="development")

    with database.counting() as statements:
        develop(server, 2_000)

    assert counts(server)["orders"] == 10_000
    assert len(statements) <= 60


@pytest.mark.parametrize(
    ("environment", "words", "expected"),
    [
        pytest.param(
            "production",
            [],
            [
                "products: 20 created, 0 left alone",
                "customers: 50 created, 0 left alone",
                "orders: 250 created",
            ],
            id="samples after the categories",
        ),
        pytest.param(
            "development",
            ["--customers", "30"],
            [
                "products: 0 created, 20 left alone",
                "customers: 20 created, 30 left alone",
                "orders: 100 created",
            ],
            id="more customers",
        ),
        pytest.param(
            "development",
            ["--customers", "60"],
            [
                "products: 0 created, 20 left alone",
                "customers: 0 created, 50 left alone",
                "orders: 0 created",
            ],
            id="nothing new",
        ),
    ],
)
def test_the_command_reports_what_it_did(start, environment, words, expected):
    server = start()
    seed(server, *words, APP_ENV=environment)
    before = counts(server)

    output = develop(server, 50)

    new_lines = counts(server)["order_lines"] - before["order_lines"]
    assert report(output) == [
        "categories: 0 created, 5 left alone",
        *expected,
        f"order_lines: {new_lines} created",
    ]


def test_later_rows_get_ids_of_their_own(start):
    server = start()

    develop(server, 10)

    created = {
        "category": "INSERT INTO categories (slug, name) VALUES ('art', 'Art')",
        "product": "INSERT INTO products (sku, name, price, category_id)"
        " SELECT 'new', 'Easel', 5, min(id) FROM categories",
        "customer": "INSERT INTO customers (name, email) VALUES ('Ada', 'ada@example.org')",
        "order": "INSERT INTO orders (customer_id, placed_at) SELECT min(id), now() FROM customers",
    }
    assert {
        name: len(server.query(f"{statement} ON CONFLICT DO NOTHING RETURNING id"))
        for name, statement in created.items()
    } == dict.fromkeys(created, 1)


def test_missing_tables_are_created(start):
    server = start()
    server.query("DROP SCHEMA public CASCADE")
    server.query("CREATE SCHEMA public")
    refused = server.run("seed", APP_ENV="staging")
    tables = server.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")

    finished = server.run("seed", "--customers", "3", APP_ENV="development")

    assert finished.status == 0, finished.output
    assert counts(server)["orders"] == 15
    assert refused.status == 2, refused.output
    assert tables == []
