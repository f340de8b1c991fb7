"""The list of the products in SQLite: LIKE, LIMIT and OFFSET, and absolute links in a header each."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from threading import Lock
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import FastAPI, HTTPException, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field, StrictFloat, StrictInt, StrictStr

COLUMNS = "id, name, description, price, stock"
FAR = 2**40  # no list is so long, and SQLite can calculate with it


def in_cents(price: float) -> float:
    """Refuse what is no whole number of cents."""
    if Decimal(str(price)) != round(Decimal(str(price)), 2):
        raise ValueError("a price has two decimals at most")
    return price


class NewProduct(BaseModel):
    """All that a client says of a product."""

    name: Annotated[StrictStr, Field(pattern=r"\S", max_length=80)]
    description: Annotated[StrictStr, Field(pattern=r"\S")] | None = None
    price: Annotated[StrictInt | StrictFloat, Field(ge=0.01, le=1_000_000), AfterValidator(in_cents)]
    stock: Annotated[StrictInt, Field(ge=0, le=1_000_000)] = 0


app = FastAPI()
lock = Lock()
connection = sqlite3.connect(":memory:", check_same_thread=False)
connection.row_factory = sqlite3.Row
connection.execute(
    """CREATE TABLE products (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, description TEXT, price REAL, stock INTEGER)"""
)


@contextmanager
def one_at_a_time() -> Iterator[sqlite3.Connection]:
    """Lend the connection to one request, and keep what it has changed."""
    with lock, connection:
        yield connection


def escaped(text: str) -> str:
    """Take their meaning from the signs of LIKE."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


@app.get("/products")
async def show_page(
    request: Request,
    response: Response,
    page: Annotated[int, Query(ge=1)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
    name: str | None = None,
) -> dict[str, Any]:
    """Show a page."""
    wanted = {"pattern": f"%{escaped(name or '')}%", "size": size, "start": min((page - 1) * size, FAR)}
    with one_at_a_time() as database:
        where = "FROM products WHERE name LIKE :pattern ESCAPE '!'"
        (total,) = database.execute(f"SELECT count(*) {where}", wanted).fetchone()
        rows = database.execute(
            f"SELECT {COLUMNS} {where} ORDER BY id LIMIT :size OFFSET :start", wanted
        ).fetchall()
    pages = -(-total // size)
    relations: dict[int, list[str]] = {}
    if pages:
        relations.setdefault(1, []).append("first")
        relations.setdefault(pages, []).append("last")
        if page > 1:
            relations.setdefault(min(page - 1, pages), []).append("prev")
        if page < pages:
            relations.setdefault(page + 1, []).append("next")
    for number, names in relations.items():
        query = urlencode({"page": number, "size": size} | ({} if name is None else {"name": name}))
        response.headers.append("Link", f'<{request.url.replace(query=query)}>; rel="{" ".join(names)}"')
    return {"items": [dict(row) for row in rows], "page": page, "size": size, "total": total, "pages": pages}


@app.post("/products", status_code=201)
async def create(new: NewProduct) -> dict[str, Any]:
    """Create a product."""
    with one_at_a_time() as database:
        values = new.model_dump()
        cursor = database.execute(
            "INSERT INTO products (name, description, price, stock) VALUES (:name, :description, :price, :stock)",
            values,
        )
    return {"id": cursor.lastrowid, **values, "price": float(new.price)}


@app.delete("/products/{number}", status_code=204)
async def delete(number: int) -> None:
    """Delete a product."""
    with one_at_a_time() as database:
        known = -FAR < number < FAR
        if not known or database.execute("DELETE FROM products WHERE id = ?", [number]).rowcount == 0:
            raise HTTPException(404)
