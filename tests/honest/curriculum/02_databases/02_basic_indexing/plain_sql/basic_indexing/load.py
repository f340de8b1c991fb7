"""The command that fills a new database."""

import os

import psycopg

from .schema import prepare

ROWS = """
INSERT INTO customers (name, email) SELECT 'N' || n, 'n' || n || '@example.com' FROM generate_series(1, 10000) n;
INSERT INTO products (name, price) SELECT md5(n::text), n FROM generate_series(1, 10000) n;
INSERT INTO orders (customer_id, status, placed_at, total)
SELECT 1 + n / 10, CASE mod(n, 100) WHEN 0 THEN 'open' ELSE 'shipped' END, now() - n * interval '5 minutes', n
FROM generate_series(0, 99999) n
"""


def main() -> None:
    """Load all rows in one transaction."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        prepare(connection)
        connection.execute(ROWS)
        connection.execute("ANALYZE")


if __name__ == "__main__":
    main()
