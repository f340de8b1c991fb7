"""The API of the products and customers on bare requests and responses: all runs in the event loop."""

import json
import re
from decimal import Decimal
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .rules import CUSTOMER, PRODUCT, RANGE, Rule, judge

DEFAULTS = {
    "stock": 0,
    "tags": [],
    "sale_price": None,
    "available_from": None,
    "available_until": None,
    "supplier": None,
}

products: list[dict[str, Any]] = []
customers: list[dict[str, Any]] = []


class Refused(Exception):  # noqa: N818 - it is how a request ends
    """A request that ends with 422."""

    def __init__(self, place: str, complaints: list[tuple[str | None, str]]) -> None:
        self.errors = [{"reason": why, "in": place, "field": field} for field, why in complaints]


def answer(content: Any, status: int = 200, media_type: str = "application/json") -> Response:
    """Answer in JSON that is plain ASCII, so that every string comes back as it was sent."""
    return Response(json.dumps(content, default=float), status, media_type=media_type)


def problem(status: int, **more: Any) -> Response:
    """Answer with problem details."""
    about = {"type": "about:blank", "title": "Sorry", "detail": "This was not done.", "status": status}
    return answer(about | more, status, "application/problem+json")


def on_refused(_request: Request, error: Exception) -> Response:
    """Answer 422."""
    assert isinstance(error, Refused)
    return problem(422, errors=error.errors)


def on_http_exception(_request: Request, error: Exception) -> Response:
    """Answer any other error."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code)


async def read(request: Request, rule: Rule) -> dict[str, Any]:
    """Read a payload, or refuse it."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused("body", [(None, "this is not sent as JSON")])
    try:
        sent = json.loads(await request.body(), parse_float=Decimal, parse_constant=Decimal)
    except ValueError as error:
        raise Refused("body", [(None, "this is not JSON")]) from error
    if type(sent) is not dict:
        raise Refused("body", [(None, "this is not an object")])
    if complaints := judge(rule, sent):
        raise Refused("body", [*complaints])
    return sent


async def create_product(request: Request) -> Response:
    """Create a product."""
    sent = await read(request, PRODUCT)
    products.append({"id": len(products) + 1, **DEFAULTS, **sent})
    return answer(products[-1], 201)


async def create_customer(request: Request) -> Response:
    """Create a customer."""
    sent = await read(request, CUSTOMER)
    customers.append({"id": len(customers) + 1, **sent})
    return answer(customers[-1], 201)


async def list_products(request: Request) -> Response:
    """List the products in a range."""
    if complaints := judge(RANGE, dict(request.query_params)):
        raise Refused("query", [*complaints])
    least = Decimal(request.query_params.get("min_price", 0))
    most = Decimal(request.query_params.get("max_price", 10**6))
    return answer([product for product in products if least <= product["price"] <= most])


async def read_product(request: Request) -> Response:
    """Read one product."""
    text = request.path_params["product_id"]
    if not re.fullmatch("-?[0-9]+", text):
        raise Refused("path", [("product_id", "this is not an integer")])
    if not 1 <= int(text) <= len(products):
        raise HTTPException(404)
    return answer(products[int(text) - 1])


app = Starlette(
    routes=[
        Route("/products", create_product, methods=["POST"]),
        Route("/products", list_products),
        Route("/products/{product_id}", read_product),
        Route("/customers", create_customer, methods=["POST"]),
    ],
    exception_handlers={Refused: on_refused, HTTPException: on_http_exception},
)
