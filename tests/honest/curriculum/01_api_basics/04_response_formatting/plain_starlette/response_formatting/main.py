"""The API of the products on bare requests and responses; what OpenAPI says of it is written by hand."""

import json
import logging
import re
from decimal import Decimal
from itertools import count
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

CODES = {401: "unauthorized", 404: "not_found", 405: "method_not_allowed", 500: "internal_error"}

products: dict[int, dict[str, Any]] = {}
ids = count(1)


class Invalid(Exception):  # noqa: N818 - it is how a request ends
    """A request whose fields are wrong: a place, a name and a reason for each."""

    def __init__(self, *wrong: tuple[str, str | None, str]) -> None:
        self.wrong = wrong


def answer(content: Any, status: int = 200, headers: Any = None) -> Response:
    """Answer in JSON that is plain ASCII."""
    return Response(json.dumps(content), status, headers, "application/json")


def succeed(data: Any, status: int = 200, headers: Any = None) -> Response:
    """Answer what was asked for."""
    return answer({"status": "success", "data": data}, status, headers)


def refuse(_request: Request, error: Exception) -> Response:
    """Answer a request that was refused by us or by the router."""
    assert isinstance(error, HTTPException)
    info = {"code": CODES[error.status_code], "message": error.detail}
    return answer({"status": "error", "error": info}, error.status_code, error.headers)


def refuse_invalid(_request: Request, error: Exception) -> Response:
    """Answer a request whose fields are wrong."""
    assert isinstance(error, Invalid)
    fields = [{"in": place, "field": name, "reason": reason} for place, name, reason in error.wrong]
    info = {"code": "validation_error", "message": "See the fields.", "fields": fields}
    return answer({"status": "error", "error": info}, 422)


def is_text(value: Any) -> bool:
    """Tell whether a value is a string that says something, and that UTF-8 can hold."""
    return isinstance(value, str) and value.strip() != "" and not re.search("[\ud800-\udfff]", value)


def is_price(value: Any) -> bool:
    """Tell whether a value is a number of whole cents."""
    if type(value) not in {int, Decimal} or not Decimal(value).is_finite():
        return False
    return bool(Decimal("0.01") <= value <= 10**6 and round(value, 2) == value)


def faults_of(payload: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    """Say what is wrong with a product, field by field."""
    name, description, stock = payload.get("name"), payload.get("description"), payload.get("stock", 0)
    return [
        ("body", field, reason)
        for field, is_right, reason in [
            ("name", is_text(name) and len(str(name)) <= 80, "1 to 80 characters"),
            ("description", description is None or is_text(description), "null or a text"),
            ("price", is_price(payload.get("price")), "0.01 to 1,000,000, in whole cents"),
            ("stock", type(stock) is int and 0 <= stock <= 10**6, "an integer, 0 to 1,000,000"),
        ]
        if not is_right
    ]


def wanted_id(request: Request) -> int:
    """Give the id in the path of a product that is there."""
    text = request.path_params["product_id"]
    if not re.fullmatch(r"-?[0-9]+", text):
        raise Invalid(("path", "product_id", "not an integer"))
    if int(text) not in products:
        raise HTTPException(404, "There is no such product.")
    return int(text)


async def create_product(request: Request) -> Response:
    """Create a product."""
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    try:
        payload = json.loads(await request.body(), parse_float=Decimal, parse_constant=Decimal)
    except ValueError:
        payload = None
    if media_type != "application/json" or not isinstance(payload, dict):
        raise Invalid(("body", None, "not an object in JSON"))
    faults = faults_of(payload)
    if faults:
        raise Invalid(*faults)
    number = next(ids)
    products[number] = {
        "id": number,
        "name": payload["name"],
        "description": payload.get("description"),
        "price": float(payload["price"]),
        "stock": payload.get("stock", 0),
    }
    return succeed(products[number], 201, {"Location": f"products/{number}"})


async def list_products(_request: Request) -> Response:
    """List all products."""
    return succeed([products[number] for number in sorted(products)])


async def read_product(request: Request) -> Response:
    """Read one product."""
    return succeed(products[wanted_id(request)])


async def delete_product(request: Request) -> Response:
    """Delete one product."""
    if request.headers.get("Authorization") != "Bearer staff-of-the-shop":
        raise HTTPException(401, "For the staff only.", {"WWW-Authenticate": 'Bearer realm="staff"'})
    del products[wanted_id(request)]
    return succeed(None)


async def crash(_request: Request) -> Response:
    """Fail, and log it as uvicorn would."""
    try:
        raise RuntimeError("No answer from postgresql://shop:t0p-s3cret@db/shop")
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("What nobody foresaw")
        raise HTTPException(500, "It is not your fault.") from None


def envelope(field: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Describe a response."""
    whole = {"type": "object", "required": ["status", field], "properties": {"status": {}, field: schema}}
    return {"description": field, "content": {"application/json": {"schema": whole}}}


def operation(success: dict[int, dict[str, Any]], *errors: int) -> dict[str, Any]:
    """Describe what a request gets."""
    found = {str(status): envelope("data", schema) for status, schema in success.items()}
    return {"responses": found | {str(status): {"$ref": "#/components/responses/Error"} for status in errors}}


PRODUCT = {"$ref": "#/components/schemas/Product"}
ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {}, "message": {}, "fields": {}},
}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/products": {
            "post": operation({201: PRODUCT}, 422),
            "get": operation({200: {"type": "array", "items": PRODUCT}}),
        },
        "/products/{product_id}": {
            "get": operation({200: PRODUCT}, 404, 422),
            "delete": operation({200: {"type": "null"}}, 401, 404, 422),
        },
        "/crash": {"get": operation({}, 500)},
    },
    "components": {
        "schemas": {
            "Product": {
                "type": "object",
                "properties": {name: {} for name in ("id", "name", "description", "price", "stock")},
            }
        },
        "responses": {"Error": envelope("error", ERROR)},
    },
}


async def openapi(_request: Request) -> Response:
    """Describe the API."""
    return answer(DOCUMENT)


async def docs(_request: Request) -> Response:
    """Show where it is described."""
    return HTMLResponse('<!doctype html><title>Shop</title><a href="/openapi.json">OpenAPI</a>')


async def redirect(_request: Request) -> Response:
    """Lead to the list."""
    return RedirectResponse("/products", 307)


class Paths:
    """Calls the function of a method, or answers 405 and names them all."""

    def __init__(self, **functions: Any) -> None:
        self.functions = functions

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        function = self.functions.get(request.method)
        if function is None:
            raise HTTPException(405, "It does not exist here.", {"allow": ", ".join(self.functions)})
        response = await function(request)
        await response(scope, receive, send)


app = Starlette(
    routes=[
        Route("/products", Paths(GET=list_products, POST=create_product)),
        Route("/products/", Paths(GET=redirect)),
        Route("/products/{product_id}", Paths(GET=read_product, DELETE=delete_product)),
        Route("/crash", Paths(GET=crash)),
        Route("/openapi.json", Paths(GET=openapi)),
        Route("/docs", Paths(GET=docs)),
    ],
    exception_handlers={HTTPException: refuse, Invalid: refuse_invalid},
)
