"""The schema, and the one path."""

import os
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager

import psycopg
from fastapi import FastAPI
from psycopg.rows import dict_row

SCHEMA = """
SELECT pg_advisory_xact_lock(7);
CREATE TABLE IF NOT EXISTS categories (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL
);
CREATE TABLE IF NOT EXISTS products (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category_id bigint NOT NULL REFERENCES categories,
    sku text NOT NULL UNIQUE,
    name text NOT NULL,
    price numeric NOT NULL CHECK (price >= 0)
);
CREATE TABLE IF NOT EXISTS customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS one_customer_for_each_email ON customers (lower(email));
CREATE TABLE IF NOT EXISTS orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    placed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS orders_of_a_customer ON orders (customer_id);
CREATE TABLE IF NOT EXISTS order_lines (
    order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
    product_id bigint NOT NULL REFERENCES products,
    quantity integer NOT NULL CHECK (quantity > 0),
    unit_price numeric NOT NULL CHECK (unit_price >= 0),
    PRIMARY KEY (order_id, product_id)
);
CREATE INDEX IF NOT EXISTS lines_of_a_product ON order_lines (product_id);
"""


@contextmanager
def connect() -> Iterator[psycopg.Connection]:
    """Open a transaction, in a database with tables."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(SCHEMA)
        connection.commit()
        yield connection


@asynccontextmanager
async def lifespan(_app: FastAPI):
    """Create the tables."""
    with connect():
        pass
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/categories")
def list_categories() -> list[dict[str, str]]:
    """List all categories."""
    with connect() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        return cursor.execute("SELECT slug, name FROM categories ORDER BY slug").fetchall()
