"""The API of the products on bare requests and responses: prices are whole cents, and all runs in the event loop."""

import json
import re
from decimal import Decimal
from itertools import count
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

REQUIRED = {"name", "price"}
DEFAULTS = {"description": None, "stock": 0}

products: dict[int, dict[str, Any]] = {}
ids = count(1)


class Refused(Exception):  # noqa: N818 - it is how a request ends
    """A request that ends with a status and a reason."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason


def answer(content: Any, status: int = 200, **headers: str) -> Response:
    """Answer in JSON that is plain ASCII, so that every string comes back as it was sent."""
    return Response(json.dumps(content), status, headers, "application/json")


def refuse(_request: Request, error: Exception) -> Response:
    """Answer a request that was refused."""
    assert isinstance(error, Refused)
    return answer({"error": error.reason}, error.status)


def shown(product: dict[str, Any]) -> dict[str, Any]:
    """Turn the cents of a product into a price."""
    euros, cents = divmod(product["cents"], 100)
    price = float(f"{euros}.{cents:02}")
    return {**{name: value for name, value in product.items() if name != "cents"}, "price": price}


def is_text(value: Any) -> bool:
    """Tell whether a value is a string that says something."""
    return isinstance(value, str) and value.strip() != ""


def cents_of(price: Any) -> int:
    """Count the cents of a price."""
    is_number = type(price) in {int, Decimal}
    if not is_number or not Decimal("0.01") <= price <= 10**6 or round(price, 2) != price:
        raise Refused(422, "the price is not valid")
    return int(price * 100)


async def fields_of(request: Request) -> dict[str, Any]:
    """Read those fields of a payload that a product has, and see that each is valid."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(422, "the body is not sent as JSON")
    try:
        payload = json.loads(await request.body(), parse_float=Decimal)
    except ValueError as error:
        raise Refused(422, "the body is not JSON") from error
    if not isinstance(payload, dict):
        raise Refused(422, "the body is not an object")
    fields = {name: value for name, value in payload.items() if name in REQUIRED | DEFAULTS.keys()}
    if "name" in fields and not (is_text(fields["name"]) and len(fields["name"]) <= 80):
        raise Refused(422, "the name is not valid")
    if fields.get("description") is not None and not is_text(fields["description"]):
        raise Refused(422, "the description is not valid")
    if "stock" in fields and not (type(fields["stock"]) is int and 0 <= fields["stock"] <= 10**6):
        raise Refused(422, "the stock is not valid")
    if "price" in fields:
        fields["cents"] = cents_of(fields.pop("price"))
    return fields


async def whole_product(request: Request) -> dict[str, Any]:
    """Read a payload that says all about a product."""
    fields = await fields_of(request)
    if not {"name", "cents"} <= fields.keys():
        raise Refused(422, "a field is missing")
    return DEFAULTS | fields


def wanted_id(request: Request) -> int:
    """Give the id in the path of a product that is there."""
    text = request.path_params["product_id"]
    if not re.fullmatch(r"-?[0-9]+", text):
        raise Refused(422, "the id is not an integer")
    if int(text) not in products:
        raise Refused(404, "no such product")
    return int(text)


async def create_product(request: Request) -> Response:
    """Create a product."""
    fields = await whole_product(request)
    product = {"id": next(ids), **fields}
    products[product["id"]] = product
    location = f"{request.url.scheme}://{request.url.netloc}/products/{product['id']}"
    return answer(shown(product), 201, Location=location)


async def list_products(_request: Request) -> Response:
    """List all products."""
    return answer([shown(products[number]) for number in sorted(products)])


async def read_product(request: Request) -> Response:
    """Read one product."""
    return answer(shown(products[wanted_id(request)]))


async def replace_product(request: Request) -> Response:
    """Replace one product."""
    fields = await whole_product(request)
    number = wanted_id(request)
    products[number] = {"id": number, **fields}
    return answer(shown(products[number]))


async def change_product(request: Request) -> Response:
    """Change one product."""
    fields = await fields_of(request)
    product = products[wanted_id(request)]
    product.update(fields)
    return answer(shown(product))


async def delete_product(request: Request) -> Response:
    """Delete one product."""
    del products[wanted_id(request)]
    return Response(status_code=204)


COLLECTION = {"GET": list_products, "POST": create_product}
MEMBER = {"GET": read_product, "PUT": replace_product, "PATCH": change_product, "DELETE": delete_product}


async def on_collection(request: Request) -> Response:
    """Do what a method asks of all products."""
    return await COLLECTION[request.method](request)


async def on_member(request: Request) -> Response:
    """Do what a method asks of one product."""
    return await MEMBER[request.method](request)


class Only:
    """Answers 405 to all methods but some, and names these."""

    def __init__(self, methods: dict[str, Any], endpoint: Any) -> None:
        self.methods = methods
        self.endpoint = endpoint

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        if request.method in self.methods:
            response = await self.endpoint(request)
        else:
            response = Response(status_code=405, headers={"Allow": ", ".join(self.methods)})
        await response(scope, receive, send)


app = Starlette(
    routes=[
        Route("/products", Only(COLLECTION, on_collection)),
        Route("/products/{product_id}", Only(MEMBER, on_member)),
    ],
    exception_handlers={Refused: refuse},
)
