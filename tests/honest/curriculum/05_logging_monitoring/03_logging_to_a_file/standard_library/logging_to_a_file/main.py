"""The shop on plain Starlette."""

import asyncio
import logging
import re
import time
import uuid
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from .logfile import WHO, configure

handler = configure()
log = logging.getLogger("shop")
products = {1: "Mug", 2: "Plate"}
orders = {}


def tell(event, level=logging.INFO, error=None, **fields):
    """Log an event with fields."""
    log.log(level, event, extra={"fields": fields}, exc_info=error)


def product_of(request):
    """Return the id of the product in the path."""
    number = request.path_params["number"]
    if number not in products:
        raise HTTPException(404, "no such product")
    return number


async def read_product(request):
    """Read a product."""
    number = product_of(request)
    return JSONResponse({"id": number, "name": products[number]})


def ask(supplier, number):
    """Ask a supplier."""
    logging.getLogger("suppliers").info("asked %s", supplier)
    return {"supplier": supplier, "cents": 100 * len(products[number]) + len(supplier)}


async def read_offers(request):
    """Ask all suppliers."""
    number = product_of(request)
    asked = [asyncio.to_thread(ask, supplier, number) for supplier in ("north", "south", "west")]
    return JSONResponse(await asyncio.gather(*asked))


async def read_json(request):
    """Return what the body says, if it is a text."""
    try:
        return await request.json()
    except UnicodeDecodeError as error:
        raise HTTPException(400, "no text") from error


async def import_products(request):
    """Import products."""
    names = (await read_json(request))["names"]
    for done, name in enumerate(names, start=1):
        products[max(products) + 1 if done == 1 else len(products) + 1] = name
        tell("product imported", product=name, progress={"imported": done})
        if done % 500 == 0:
            await asyncio.sleep(0)
    return JSONResponse({"imported": len(names)}, 201)


async def place_order(request):
    """Place an order."""
    order = await read_json(request)
    tell("stock checked", product_id=order["product_id"])
    await asyncio.sleep(0.001)
    order = {"product_id": order["product_id"], "quantity": order["quantity"], "id": len(orders) + 1}
    orders[order["id"]] = order
    tell("order placed", order=order)
    return JSONResponse(order, 201, background=BackgroundTask(confirm, order["id"]))


def confirm(order_id):
    """Confirm an order."""
    tell("order confirmed", order_id=order_id)


async def pay(request):
    """Fail to charge an order."""
    if request.path_params["number"] not in orders:
        raise HTTPException(404, "no such order")
    charge(request.path_params["number"])


class PaymentError(Exception):
    """It was not paid."""


def charge(number):
    """Charge an order."""
    try:
        raise TimeoutError("no answer")
    except TimeoutError as error:
        raise PaymentError(f"Order {number} was not paid.") from error


async def say_error(_request, error):
    """Answer an error as problem details."""
    status = getattr(error, "status_code", 500)
    return JSONResponse({"status": status}, status, media_type="application/problem+json")


@asynccontextmanager
async def lifespan(_app):
    """Write while the app runs, and until all is written."""
    handler.thread.start()
    yield
    await asyncio.to_thread(handler.stop)


shop = Starlette(
    routes=[
        Route("/products/import", import_products, methods=["POST"]),
        Route("/products/{number:int}", read_product),
        Route("/products/{number:int}/offers", read_offers),
        Route("/orders", place_order, methods=["POST"]),
        Route("/orders/{number:int}/payment", pay, methods=["POST"]),
    ],
    exception_handlers={HTTPException: say_error, 500: say_error},
    lifespan=lifespan,
)


async def app(scope, receive, send):
    """Log each request around the shop."""
    if scope["type"] != "http":
        return await shop(scope, receive, send)
    headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
    request_id = headers.get("x-request-id", "")
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", request_id):
        request_id = str(uuid.uuid4())
    WHO.set((request_id, headers.get("x-user")))
    began, seen, failure = time.monotonic(), [], None

    async def sending(message):
        if message["type"] == "http.response.start":
            seen.append(message["status"])
            message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
        await send(message)

    try:
        await shop(scope, receive, sending)
    except PaymentError as error:
        failure = error
    status = seen[0] if seen else 500
    level = logging.ERROR if status > 499 else logging.WARNING if status > 399 else logging.INFO
    took = (time.monotonic() - began) * 1000
    tell(
        "request",
        level,
        failure,
        method=scope["method"],
        path=scope["path"],
        status=status,
        duration_ms=round(took, 2),
    )
    return None
