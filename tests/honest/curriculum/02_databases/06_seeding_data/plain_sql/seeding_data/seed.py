"""One lock, staging tables that are filled by COPY, and an INSERT … SELECT for each table."""

import argparse
import os
import random
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
from faker import Faker

from .main import connect

CATEGORIES = [
    ("books", "Books"),
    ("garden", "Garden"),
    ("kitchen", "Kitchen"),
    ("office", "Office"),
    ("toys", "Toys"),
]
STAGING = """
CREATE TEMPORARY TABLE new_products (category text, sku text, name text, price numeric) ON COMMIT DROP;
CREATE TEMPORARY TABLE new_customers (name text, email text) ON COMMIT DROP;
CREATE TEMPORARY TABLE new_orders (id bigint, number bigint, email text, placed_at timestamptz) ON COMMIT DROP;
CREATE TEMPORARY TABLE new_lines (number bigint, sku text, quantity integer) ON COMMIT DROP;
"""
IDS = "UPDATE new_orders SET id = nextval(pg_get_serial_sequence('orders', 'id'))"
ORDERS = """
INSERT INTO orders (id, customer_id, placed_at) OVERRIDING SYSTEM VALUE
SELECT new_orders.id, customers.id, placed_at FROM new_orders JOIN customers USING (email)
"""
LINES = """
INSERT INTO order_lines SELECT new_orders.id, products.id, quantity, price
FROM new_lines JOIN new_orders USING (number) JOIN products USING (sku)
"""


def copy(connection: psycopg.Connection, table: str, rows: list[tuple]) -> None:
    """Fill a staging table."""
    with connection.cursor().copy(f"COPY {table} FROM STDIN") as out:
        for row in rows:
            out.write_row(row)


def report(table: str, wanted: int, created: int) -> None:
    """Keep a line until the end."""
    LINES_TO_PRINT.append(f"{table}: {created} created, {wanted - created} left alone")


LINES_TO_PRINT: list[str] = []


def seed(connection: psycopg.Connection, size: int) -> None:
    """Insert what is missing; below 0, the categories only."""
    connection.execute("SELECT pg_advisory_xact_lock(2606)")
    cursor = connection.cursor()
    known = {slug for (slug,) in connection.execute("SELECT slug FROM categories")}
    missing = [row for row in CATEGORIES if row[0] not in known]
    cursor.executemany("INSERT INTO categories (slug, name) VALUES (%s, %s)", missing)
    report("categories", 5, len(missing))
    if size < 0:
        return
    products = []
    for number in range(20):
        dice = random.Random(f"product {number}")  # noqa: S311 - invents samples
        products.append(
            (
                dice.choice(CATEGORIES)[0],
                f"S{number}",
                dice.choice(["Cup", "Lamp"]),
                Decimal(dice.randint(100, 10_000)) / 100,
            )
        )
    customers, orders, lines = [], [], []
    fake = Faker("de_DE")
    for number in range(size):
        dice = random.Random(f"customer {number}")  # noqa: S311 - the same
        fake.seed_instance(number)
        email = f"customer-{number}@example.com"
        customers.append((fake.name(), email))
        for _ in range(5):
            placed_at = datetime(2024, 2, 1, tzinfo=UTC) + timedelta(seconds=dice.randrange(300 * 86_400))
            orders.append((None, len(orders), email, placed_at))
            chosen = dice.sample(products, dice.choice([1, 1, 1, 2, 3]))
            lines += [(len(orders) - 1, sku, dice.choice([1, 1, 2, 5])) for _, sku, _, _ in chosen]
    connection.execute(STAGING)
    for table, rows in [
        ("products", products),
        ("customers", customers),
        ("orders", orders),
        ("lines", lines),
    ]:
        copy(connection, f"new_{table}", rows)
    created = connection.execute(
        "INSERT INTO products (category_id, sku, name, price) SELECT id, sku, new_products.name, price"
        " FROM new_products JOIN categories ON slug = category ON CONFLICT (sku) DO NOTHING"
    ).rowcount
    report("products", 20, created)
    connection.execute("DELETE FROM new_orders WHERE lower(email) IN (SELECT lower(email) FROM customers)")
    created = connection.execute(
        "INSERT INTO customers (name, email) SELECT name, email FROM new_customers"
        " WHERE lower(email) NOT IN (SELECT lower(email) FROM customers)"
    ).rowcount
    report("customers", size, created)
    connection.execute(IDS)
    LINES_TO_PRINT.append(f"orders: {connection.execute(ORDERS).rowcount} created")
    LINES_TO_PRINT.append(f"order_lines: {connection.execute(LINES).rowcount} created")


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers")
    text = parser.parse_args().customers
    environment = os.environ.get("APP_ENV", "production")
    sizes = {"production": -1, "testing": 20, "development": 100}
    if environment not in sizes:
        print(f"There is no environment {environment}.", file=sys.stderr)
        return 2
    size = sizes[environment]
    if text is not None:
        if environment != "development" or not text.isascii() or not text.isdigit():
            print(f"--customers {text} is not possible in {environment}.", file=sys.stderr)
            return 2
        size = int(text)
    with connect() as connection:
        seed(connection, size)
    print("\n".join(LINES_TO_PRINT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
