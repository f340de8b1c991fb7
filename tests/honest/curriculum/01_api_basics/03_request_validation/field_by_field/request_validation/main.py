"""The API in one module: payloads are dictionaries, which are read field by field."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Len, Predicate
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import EmailStr, Strict, StringConstraints, TypeAdapter, ValidationError
from pydantic.functional_validators import AfterValidator, BeforeValidator
from starlette.exceptions import HTTPException

Errors = list[dict[str, Any]]
REQUIRED = object()


def type_in_json(*types: type) -> BeforeValidator:
    """Make a check that a value has one of the types that JSON gave it."""

    def check(value: Any) -> Any:
        if type(value) not in types:
            raise ValueError(f"not of the type {types[-1].__name__}")
        return value

    return BeforeValidator(check)


def is_in_cents(price: float) -> bool:
    """Tell whether a price has no fraction of a cent."""
    return Decimal(str(price)) == round(Decimal(str(price)), 2)


def text(most: int) -> Any:
    """Make the type of a text."""
    return Annotated[str, Strict(), StringConstraints(max_length=most, pattern=r"\S")]


Price = Annotated[float, type_in_json(int, float), Ge(0.01), Le(1_000_000), Predicate(is_in_cents)]
Day = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}){2}$"),
    AfterValidator(lambda day: str(date.fromisoformat(day))),
]
Tags = Annotated[list[text(30)], Len(0, 10), Predicate(lambda tags: len(tags) == len({*tags}))]
Limit = Annotated[Decimal, Ge(0), Le(1_000_000)]
SUPPLIER = {"name": (text(80), REQUIRED), "email": (EmailStr, REQUIRED)}
PRODUCT = {
    "name": (text(80), REQUIRED),
    "price": (Price, REQUIRED),
    "sku": (Annotated[str, StringConstraints(pattern="^[A-Z]{3}-[0-9]{4}$")], REQUIRED),
    "stock": (Annotated[int, Strict(), Ge(0), Le(1_000_000)], 0),
    "tags": (Tags, []),
    "sale_price": (Price | None, None),
    "available_from": (Day | None, None),
    "available_until": (Day | None, None),
    "supplier": (SUPPLIER, None),
}
CUSTOMER = {**SUPPLIER, "age": (Annotated[int, Strict(), Gt(18)], REQUIRED)}
RANGE = {"min_price": (Limit, Decimal(0)), "max_price": (Limit, Decimal(1_000_000))}
RULES: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "sale_price": ("price", lambda sale, price: sale < price),
    "available_until": ("available_from", lambda end, start: end > start),
    "max_price": ("min_price", lambda most, least: most >= least),
}

adapter_of = cache(TypeAdapter)
products: dict[int, dict[str, Any]] = {}
customer_ids = count(1)
app = FastAPI()


class Invalid(Exception):  # noqa: N818 - it is how a request ends
    """A request that ends with 422, and its errors."""


def read_value(kind: Any, value: Any) -> tuple[Any, list[str]]:
    """Read a value, and name what is wrong in it: an empty name stands for all of it."""
    try:
        return adapter_of(kind).validate_python(value), []
    except ValidationError as error:
        return None, sorted({".".join(map(str, fault["loc"][: kind is Tags])) for fault in error.errors()})


def read_object(kind: Mapping[str, Any], value: Any, place: str, field: str) -> tuple[Any, Errors]:
    """Read an object in a payload."""
    if value is None:
        return None, []
    if not isinstance(value, dict):
        return None, [{"in": place, "field": field, "reason": "not an object"}]
    return read(kind, value, place, f"{field}.")


def read(
    fields: Mapping[str, Any], sent: Mapping[str, Any], place: str, prefix: str = ""
) -> tuple[dict, Errors]:
    """Read what was sent, and collect all that is wrong."""
    found: dict[str, Any] = {}
    errors: Errors = []
    for field, (kind, default) in fields.items():
        if field not in sent:
            found[field] = default
        elif isinstance(kind, dict):
            found[field], more = read_object(kind, sent[field], place, prefix + field)
            errors += more
        else:
            found[field], parts = read_value(kind, sent[field])
            names = [prefix + field + f".{part}" * (part != "") for part in parts]
            errors += [{"in": place, "field": name, "reason": "not valid"} for name in names]
    missing = [prefix + field for field in found if found[field] is REQUIRED]
    unknown = [prefix + field for field in sent if field not in fields]
    errors += [{"in": place, "field": field, "reason": "missing or unknown"} for field in missing + unknown]
    for second, (first, is_kept) in RULES.items():
        pair = found.get(second), found.get(first)
        if {first, second} <= sent.keys() and None not in pair and not is_kept(*pair):
            errors.append({"in": place, "field": second, "reason": f"not possible with this {first}"})
    return found, errors


async def read_body(request: Request, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Read a payload, or end the request."""
    try:
        sent = json.loads(await request.body())
    except ValueError:
        sent = None
    if (
        not isinstance(sent, dict)
        or request.headers.get("content-type", "").split(";")[0] != "application/json"
    ):
        raise Invalid([{"in": "body", "field": None, "reason": "not a JSON object"}])
    payload, errors = read(fields, sent, "body")
    if errors:
        raise Invalid(errors)
    return payload


def problem(status: int, **more: Any) -> JSONResponse:
    """Answer with problem details, in ASCII."""
    content = {"type": "about:blank", "title": "Error", "status": status, "detail": "See `errors`.", **more}
    response = JSONResponse(None, status, media_type="application/problem+json")
    response.body = json.dumps(content).encode()
    response.headers["content-length"] = str(len(response.body))
    return response


@app.exception_handler(Invalid)
async def on_invalid(_request: Request, error: Invalid) -> JSONResponse:
    """Answer 422."""
    return problem(422, errors=error.args[0])


@app.exception_handler(RequestValidationError)
async def on_invalid_path(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Answer 422 to an id that is none: nothing else is read by FastAPI."""
    return problem(
        422, errors=[{"in": "path", "field": error.errors()[0]["loc"][1], "reason": "not an integer"}]
    )


@app.exception_handler(HTTPException)
async def on_http_exception(_request: Request, error: HTTPException) -> JSONResponse:
    """Answer any other error."""
    return problem(error.status_code)


@app.post("/products", status_code=201)
async def create_product(request: Request) -> dict[str, Any]:
    """Create a product."""
    payload = await read_body(request, PRODUCT)
    product = {"id": len(products) + 1, **payload}
    products[len(products) + 1] = product
    return product


@app.get("/products")
async def list_products(request: Request) -> list[dict[str, Any]]:
    """List the products in a range."""
    prices, errors = read(RANGE, request.query_params, "query")
    if errors:
        raise Invalid(errors)
    least, most = prices["min_price"], prices["max_price"]
    return [product for product in products.values() if least <= Decimal(str(product["price"])) <= most]


@app.get("/products/{product_id}")
async def read_product(product_id: int) -> dict[str, Any]:
    """Read one product."""
    if product_id not in products:
        raise HTTPException(404)
    return products[product_id]


@app.post("/customers", status_code=201)
async def create_customer(request: Request) -> dict[str, Any]:
    """Create a customer."""
    return {**await read_body(request, CUSTOMER), "id": next(customer_ids)}
