"""The paths: a statement of plain SQL for each."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from http.client import responses
from typing import Annotated, Any

import psycopg
from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg.rows import dict_row
from starlette.exceptions import HTTPException as StarletteHTTPException

from .schema import prepare
from .statements import BY_EMAIL, BY_NAME, OF_CUSTOMER, OPEN, REVENUE, beginning

Page = Annotated[int, Query(ge=1, le=1000)]
SearchText = Annotated[str, Query(min_length=1, pattern="^[^\\x00]*$")]


def rows(statement: str, **values: Any) -> list[dict[str, Any]]:
    """Run one statement on a connection of its own."""
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        return connection.execute(statement, values).fetchall()


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Prepare the database before the first request."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        prepare(connection)
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/customers")
def find_customers(email: SearchText) -> list[dict[str, Any]]:
    return rows(BY_EMAIL, email=email)


@app.get("/customers/{customer_id}/orders")
def list_orders(customer_id: int, page: Page = 1) -> list[dict[str, Any]]:
    if not rows("SELECT FROM customers WHERE id = %(id)s AND %(id)s < 2::numeric ^ 63", id=customer_id):
        raise HTTPException(404, "no such customer")
    return rows(OF_CUSTOMER, customer_id=customer_id, skip=20 * (page - 1))


@app.get("/orders/open")
def list_open_orders(page: Page = 1) -> list[dict[str, Any]]:
    return rows(OPEN, skip=20 * (page - 1))


@app.get("/products")
def find_products(name: SearchText) -> list[dict[str, Any]]:
    return rows(BY_NAME, beginning=beginning(name))


@app.get("/revenue")
def sum_revenue(since: date, until: date) -> dict[str, Any]:
    return rows(REVENUE, since=f"{since} 00:00Z", until=f"{until} 00:00Z")[0]


@app.exception_handler(StarletteHTTPException)
@app.exception_handler(RequestValidationError)
def explain_refusal(_request: Request, error: Exception) -> JSONResponse:
    status = getattr(error, "status_code", 422)
    content = {"type": "about:blank", "title": responses[status], "status": status, "detail": str(error)}
    return JSONResponse(content, status, media_type="application/problem+json")
