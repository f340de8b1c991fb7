"""One file: the schema, the statements, and a function for each path."""

import os
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from http.client import responses
from typing import Annotated, Any

import psycopg
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg.rows import dict_row
from pydantic import AfterValidator, BaseModel, BeforeValidator, EmailStr, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

SCHEMA = """
SELECT pg_advisory_xact_lock(7);
CREATE TABLE IF NOT EXISTS customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS one_customer_for_each_email ON customers (lower(email));
CREATE TABLE IF NOT EXISTS addresses (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers ON DELETE CASCADE,
    street text NOT NULL,
    city text NOT NULL
);
CREATE INDEX IF NOT EXISTS addresses_of_a_customer ON addresses (customer_id, id);
CREATE TABLE IF NOT EXISTS categories (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CONSTRAINT one_category_for_each_name UNIQUE
);
CREATE TABLE IF NOT EXISTS products (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    price numeric NOT NULL CHECK (price >= 0)
);
CREATE TABLE IF NOT EXISTS product_categories (
    category_id bigint NOT NULL REFERENCES categories ON DELETE CASCADE,
    product_id bigint NOT NULL REFERENCES products ON DELETE CASCADE,
    PRIMARY KEY (category_id, product_id)
);
CREATE INDEX IF NOT EXISTS categories_of_a_product ON product_categories (product_id);
CREATE TABLE IF NOT EXISTS orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers DEFERRABLE,
    placed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS orders_of_a_customer ON orders (customer_id, placed_at);
CREATE TABLE IF NOT EXISTS order_lines (
    product_id bigint NOT NULL REFERENCES products,
    order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
    quantity integer NOT NULL CHECK (quantity >= 1),
    unit_price numeric NOT NULL CHECK (unit_price >= 0),
    PRIMARY KEY (product_id, order_id)
);
CREATE INDEX IF NOT EXISTS lines_of_an_order ON order_lines (order_id);
"""
PROBLEM = "application/problem+json"


def check_text(text: str) -> str:
    """Refuse a blank text and the character that PostgreSQL cannot store."""
    if not text.strip() or "\0" in text:
        raise ValueError("blank, or with a NUL")
    return text


def check_number(number: object) -> object:
    """Refuse what pydantic would convert to a number."""
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise ValueError("not a number")
    return number


def check_different(ids: list[int]) -> list[int]:
    """Refuse an id that occurs twice."""
    if len(set(ids)) < len(ids):
        raise ValueError("named twice")
    return ids


Text = Annotated[str, Field(max_length=80), AfterValidator(check_text)]
Integer = Annotated[int, Field(strict=True)]


class NewCustomer(BaseModel):
    """The payload of `POST /customers`."""

    name: Text
    email: EmailStr


class NewAddress(BaseModel):
    """The payload of `POST /customers/{id}/addresses`."""

    street: Text
    city: Text


class NewCategory(BaseModel):
    """The payload of `POST /categories`."""

    name: Text


class NewProduct(BaseModel):
    """The payload of `POST /products`."""

    name: Text
    price: Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=2), BeforeValidator(check_number)]
    category_ids: Annotated[list[Integer], AfterValidator(check_different)] = []


class NewLine(BaseModel):
    """A line of a `NewOrder`."""

    product_id: Integer
    quantity: Annotated[int, Field(strict=True, ge=1, le=1_000)]


class NewOrder(BaseModel):
    """The payload of `POST /orders`."""

    customer_id: Integer
    lines: Annotated[list[NewLine], Field(min_length=1)]


@contextmanager
def transaction() -> Iterator[psycopg.Cursor[dict[str, Any]]]:
    """Open a connection for one transaction, and translate what the database refuses."""
    try:
        with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row) as connection:
            connection.execute("SET TIME ZONE 'UTC'")
            with connection.cursor() as cursor:
                yield cursor
    except (psycopg.errors.UniqueViolation, psycopg.errors.RestrictViolation) as error:
        raise HTTPException(409, "taken") from error
    except psycopg.errors.ForeignKeyViolation as error:
        raise HTTPException(
            404 if "is not present" in str(error) else 409, "no such row, or still in use"
        ) from error
    except psycopg.errors.NumericValueOutOfRange as error:
        raise HTTPException(404, "beyond 64 bits") from error


def one(cursor: psycopg.Cursor[dict[str, Any]], statement: str, *parameters: Any) -> dict[str, Any]:
    """Return the row of a statement, or answer 404."""
    row = cursor.execute(statement, parameters).fetchone()  # type: ignore[arg-type]
    if row is None:
        raise HTTPException(404, "no such row")
    return row


@asynccontextmanager
async def lifespan(_app: FastAPI):  # type: ignore[no-untyped-def]
    """Create what is missing."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(SCHEMA)
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/customers", status_code=201)
def create_customer(new: NewCustomer) -> dict[str, Any]:
    with transaction() as cursor:
        return one(
            cursor,
            "INSERT INTO customers (name, email) VALUES (%s, %s) RETURNING id, name, email",
            new.name,
            new.email,
        )


@app.delete("/customers/{customer_id}", status_code=204)
def delete_customer(customer_id: int) -> None:
    with transaction() as cursor:
        one(cursor, "DELETE FROM customers WHERE id = %s::bigint RETURNING id", customer_id)


@app.post("/customers/{customer_id}/addresses", status_code=201)
def add_address(customer_id: int, new: NewAddress) -> dict[str, Any]:
    with transaction() as cursor:
        return one(
            cursor,
            "INSERT INTO addresses (customer_id, street, city) VALUES (%s, %s, %s)"
            " RETURNING id, customer_id, street, city",
            customer_id,
            new.street,
            new.city,
        )


@app.post("/categories", status_code=201)
def create_category(new: NewCategory) -> dict[str, Any]:
    with transaction() as cursor:
        return one(cursor, "INSERT INTO categories (name) VALUES (%s) RETURNING id, name", new.name)


@app.post("/products", status_code=201)
def create_product(new: NewProduct) -> dict[str, Any]:
    with transaction() as cursor:
        product = one(
            cursor,
            "INSERT INTO products (name, price) VALUES (%s, %s) RETURNING id, name, price",
            new.name,
            new.price,
        )
        cursor.executemany(
            "INSERT INTO product_categories (product_id, category_id) VALUES (%s, %s)",
            [(product["id"], category_id) for category_id in new.category_ids],
        )
        cursor.execute(
            "SELECT id, name FROM categories JOIN product_categories ON category_id = id"
            " WHERE product_id = %s ORDER BY id",
            [product["id"]],
        )
        return product | {"price": float(product["price"]), "categories": cursor.fetchall()}


def with_lines(cursor: psycopg.Cursor[dict[str, Any]], order: dict[str, Any]) -> dict[str, Any]:
    """Add its lines and its total to an order."""
    lines = cursor.execute(
        "SELECT product_id, quantity, unit_price FROM order_lines WHERE order_id = %s ORDER BY product_id",
        [order["id"]],
    ).fetchall()
    total = sum(line["quantity"] * line["unit_price"] for line in lines)
    return order | {
        "lines": [line | {"unit_price": float(line["unit_price"])} for line in lines],
        "total": float(total),
    }


@app.post("/orders", status_code=201)
def place_order(new: NewOrder) -> dict[str, Any]:
    if len({line.product_id for line in new.lines}) < len(new.lines):
        raise HTTPException(422, "a product occurs twice")
    with transaction() as cursor:
        order = one(
            cursor,
            "INSERT INTO orders (customer_id) VALUES (%s) RETURNING id, customer_id, placed_at",
            new.customer_id,
        )
        for line in new.lines:
            one(
                cursor,
                "INSERT INTO order_lines (order_id, product_id, quantity, unit_price)"
                " SELECT %s, id, %s, price FROM products WHERE id = %s::bigint RETURNING product_id",
                order["id"],
                line.quantity,
                line.product_id,
            )
        return with_lines(cursor, order)


@app.get("/orders/{order_id}")
def read_order(order_id: int) -> dict[str, Any]:
    with transaction() as cursor:
        return with_lines(
            cursor,
            one(cursor, "SELECT id, customer_id, placed_at FROM orders WHERE id = %s::bigint", order_id),
        )


@app.get("/customers/{customer_id}/orders")
def list_orders(customer_id: int) -> list[dict[str, Any]]:
    with transaction() as cursor:
        one(cursor, "SELECT id FROM customers WHERE id = %s::bigint", customer_id)
        orders = cursor.execute(
            "SELECT id, customer_id, placed_at FROM orders WHERE customer_id = %s ORDER BY id", [customer_id]
        ).fetchall()
        return [with_lines(cursor, order) for order in orders]


@app.exception_handler(StarletteHTTPException)
@app.exception_handler(RequestValidationError)
async def answer(_request: Request, error: Exception) -> JSONResponse:
    status = getattr(error, "status_code", 422)
    problem = {
        "type": "about:blank",
        "title": responses[status],
        "status": status,
        "detail": type(error).__name__,
    }
    return JSONResponse(problem, status, media_type=PROBLEM)
