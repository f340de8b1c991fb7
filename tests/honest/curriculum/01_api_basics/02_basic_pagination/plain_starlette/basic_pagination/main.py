"""The list of the products on bare requests and responses; all runs in the event loop, so nothing needs a lock."""

import json
import re
from decimal import Decimal
from itertools import count
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

products: list[dict[str, Any]] = []  # sorted by id, since the newest is appended
product_ids = count(1)


class Refused(Exception):  # noqa: N818 - it is how a request ends
    """A request that ends with a status."""

    def __init__(self, status: int) -> None:
        self.status = status


def answer(content: Any, status: int = 200, **headers: str) -> Response:
    """Answer in JSON that is plain ASCII."""
    return Response(json.dumps(content), status, headers, "application/json")


def refuse(_request: Request, error: Exception) -> Response:
    """Answer a request that was refused."""
    assert isinstance(error, Refused)
    return answer({}, error.status)


def is_text(value: Any) -> bool:
    """Tell whether a value is a string that says something."""
    return isinstance(value, str) and value.strip() != ""


def valid_product(payload: Any) -> dict[str, Any]:
    """Give the fields of a product, if all are valid."""
    if not isinstance(payload, dict):
        raise Refused(422)
    name, price = payload.get("name"), payload.get("price")
    description, stock = payload.get("description"), payload.get("stock", 0)
    valid = [
        is_text(name) and len(str(name)) <= 80,
        description is None or is_text(description),
        type(price) in {int, Decimal} and price == round(price, 2) and Decimal("0.01") <= price <= 10**6,
        type(stock) is int and 0 <= stock <= 10**6,
    ]
    if not all(valid):
        raise Refused(422)
    return {"name": name, "description": description, "price": float(str(price)), "stock": stock}


def number_of(request: Request, parameter: str, default: int, most: float) -> int:
    """Give a parameter that is a number."""
    text = request.query_params.get(parameter)
    if text is None:
        return default
    if not re.fullmatch("[1-9][0-9]{0,40}", text) or int(text) > most:
        raise Refused(422)
    return int(text)


def folded(text: str) -> str:
    """Replace A to Z by a to z, and nothing else."""
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), text)


async def list_products(request: Request) -> Response:
    """List one page."""
    page, size = number_of(request, "page", 1, float("inf")), number_of(request, "size", 20, 100)
    name = request.query_params.get("name", "")
    found = [product for product in products if folded(name) in folded(product["name"])]
    last, rest = divmod(len(found), size)
    last += rest > 0
    linked = {"last": last, "next": page + 1 if page < last else 0, "prev": min(page - 1, last)}
    links = [
        f'<products?size={size}&name={quote(name, safe="")}&page={number}>;title="page, {number}";REL={relation}'
        for relation, number in {**linked, "first": min(last, 1)}.items()
        if number > 0
    ]
    content = {
        "pages": last,
        "total": len(found),
        "size": size,
        "page": page,
        "items": found[size * (page - 1) :][:size],
    }
    return answer(content, **({"Link": ",".join(links)} if links else {}))


async def create_product(request: Request) -> Response:
    """Create a product."""
    try:
        payload = json.loads(await request.body(), parse_float=Decimal)
    except ValueError as error:
        raise Refused(422) from error
    fields = valid_product(payload)
    products.append({"id": next(product_ids), **fields})
    return answer(products[-1], 201)


async def delete_product(request: Request) -> Response:
    """Delete a product."""
    text = request.path_params["product_id"]
    if not re.fullmatch("-?[0-9]+", text):
        raise Refused(422)
    for product in products:
        if product["id"] == int(text):
            products.remove(product)
            return Response(status_code=204)
    raise Refused(404)


app = Starlette(
    routes=[
        Route("/products", list_products, methods=["GET"]),
        Route("/products", create_product, methods=["POST"]),
        Route("/products/{product_id}", delete_product, methods=["DELETE"]),
    ],
    exception_handlers={Refused: refuse},
)
