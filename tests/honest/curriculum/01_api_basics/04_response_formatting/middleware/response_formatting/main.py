"""The API of the products: the endpoints know no envelope; a middleware puts it around their JSON, and OpenAPI's."""

import json
import logging
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.middleware.base import BaseHTTPMiddleware

from .products import Catalogue, NewProduct, Product

CODES = {401: "unauthorized", 404: "not_found", 405: "method_not_allowed", 422: "validation_error"}
FREE = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}

app = FastAPI(title="Shop")
catalogue = Catalogue()


async def wrap(request: Request, call_next: Any) -> Response:
    """Put what an endpoint or a handler answers in an envelope."""
    try:
        response = await call_next(request)
    except Exception:
        logging.getLogger("uvicorn.error").exception("%s %s failed", request.method, request.url.path)
        info = {"code": "internal_error", "message": "It is not your fault."}
        return JSONResponse({"status": "error", "error": info}, 500)
    is_free = request.url.path in FREE and response.status_code < 400
    if is_free or response.headers.get("Content-Type", "").partition(";")[0] != "application/json":
        return response
    body = json.loads(b"".join([chunk async for chunk in response.body_iterator]))
    whole: dict[str, Any] = {"status": "success", "data": body}
    if response.status_code >= 400:
        message = body["detail"] if isinstance(body["detail"], str) else "Some fields are wrong."
        whole = {"status": "error", "error": {"code": CODES[response.status_code], "message": message}}
        if response.status_code == 422:
            whole["error"]["fields"] = body["detail"]
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return JSONResponse(whole, response.status_code, headers)


app.add_middleware(BaseHTTPMiddleware, dispatch=wrap)


@app.exception_handler(RequestValidationError)
async def answer_invalid(_request: Request, error: RequestValidationError) -> Response:
    """Say which fields are wrong, as the middleware wants it."""
    fields = [
        {
            "in": fault["loc"][0],
            "field": fault["loc"][1] if fault["loc"][1:] and fault["type"] != "json_invalid" else None,
            "reason": fault["msg"],
        }
        for fault in error.errors()
    ]
    return JSONResponse({"detail": fields}, 422)


@app.post("/products", status_code=201)
async def create(new: NewProduct, request: Request, response: Response) -> Product:
    """Create a product."""
    product = catalogue.add(new)
    response.headers["Location"] = str(request.url_for("read", product_id=product.id))
    return product


@app.get("/products")
async def list_all() -> list[Product]:
    """List all products."""
    return catalogue.all()


def known(product_id: int) -> Product:
    """Find a product, or answer 404."""
    product = catalogue.find(product_id)
    if product is None:
        raise HTTPException(404, "There is no such product.")
    return product


@app.get("/products/{product_id}", responses={404: {}})
async def read(product_id: int) -> Product:
    """Read one product."""
    return known(product_id)


@app.delete("/products/{product_id}", responses={401: {}, 404: {}})
async def delete(product_id: int, request: Request) -> Annotated[None, "nothing"]:
    """Delete one product."""
    if request.headers.get("Authorization", "").split(" ") != ["Bearer", "staff-of-the-shop"]:
        raise HTTPException(401, "For the staff only.", {"WWW-Authenticate": "Bearer"})
    known(product_id)
    catalogue.remove(product_id)


@app.get("/crash", responses={500: {}})
async def crash() -> Any:
    """Fail."""
    raise RuntimeError("No answer from postgresql://shop:t0p-s3cret@db/shop")


def describe_bare() -> dict[str, Any]:
    """Describe the API as FastAPI sees it."""
    app.openapi_schema = None
    return FastAPI.openapi(app)


def describe() -> dict[str, Any]:
    """Put the envelope around what FastAPI says of each response."""
    document = json.loads(json.dumps(describe_bare()))
    schemas = document["components"]["schemas"]
    schemas = {name: schema for name, schema in schemas.items() if "ValidationError" not in name}
    text = {"type": "string"}
    entry = {"type": "object", "properties": {"in": text, "field": {}, "reason": text}}
    schemas["Problem"] = {
        "type": "object",
        "required": ["code", "message"],
        "properties": {"code": text, "message": text, "fields": {"type": "array", "items": entry}},
    }
    document["components"]["schemas"] = schemas
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                name = "data" if status < "400" else "error"
                schema = {"$ref": "#/components/schemas/Problem"}
                if name == "data":
                    schema = response["content"]["application/json"]["schema"] or {"type": "null"}
                whole = {"type": "object", "properties": {"status": text, name: schema}}
                whole["required"] = list(whole["properties"])
                response["content"] = {"application/json": {"schema": whole}}
    return document


app.openapi = describe  # type: ignore[method-assign]
