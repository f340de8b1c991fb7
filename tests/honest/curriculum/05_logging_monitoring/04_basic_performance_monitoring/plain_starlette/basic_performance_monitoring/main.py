"""The shop: its endpoints, and an ASGI wrapper around all of them."""

import asyncio
import json
import logging
import os
import time
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import numbers

logging.basicConfig()
METHODS = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}


def setting(name: str, default: float) -> float:
    """Read a setting."""
    return float(os.environ.get(name, default))


def answer(content: Any, status: int = 200, **more: Any) -> Response:
    """Answer in JSON."""
    kind = "application/json" if status < 400 else "application/problem+json"
    return Response(json.dumps(content), status, media_type=kind, **more)


def complain(_request: Request, error: Exception) -> Response:
    """Answer an error."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return answer({"type": "about:blank", "title": "Error", "status": status, "detail": "No."}, status)


def whole_number(text: Any) -> int:
    """Read an integer."""
    if not str(text).lstrip("-").isdigit():
        raise HTTPException(422)
    return int(text)


async def product(request: Request) -> Response:
    """Show a product."""
    number = whole_number(request.path_params["product_id"])
    if 1 <= number <= 1000:
        return answer({"id": number, "name": f"Product {number}"})
    raise HTTPException(404)


async def receipt(email: str) -> None:
    """Send a receipt."""
    started = time.monotonic()
    try:
        await asyncio.sleep(setting("RECEIPT_SECONDS", 0.02))
        if email.rpartition(".")[2] == "invalid":
            raise OSError("refused")
    finally:
        seconds = time.monotonic() - started
        numbers.jobs.add(seconds, job="send_receipt")
        if seconds > setting("SLOW_SECONDS", 0.5):
            print(f"slow job job=send_receipt seconds={seconds:.3f}", flush=True)


async def order(request: Request) -> Response:
    """Take an order."""
    new = await request.json()
    if not isinstance(new, dict) or {"product_id", "email"} - new.keys():
        raise HTTPException(422)
    await asyncio.sleep(setting("PAYMENT_SECONDS", 0.02))
    task = BackgroundTask(receipt, new["email"])
    return answer({"id": 1, "product_id": new["product_id"]}, 201, background=task)


async def shipping(request: Request) -> Response:
    """Ask what a parcel costs."""
    country = request.path_params["country"]
    price = {"DE": 4.9, "FR": 6.9, "NZ": 24.9}[country]
    await asyncio.sleep(setting("CARRIER_SECONDS", 0.02))
    return answer({"country": country, "price": price})


def report(request: Request) -> Response:
    """Add up a year."""
    year = whole_number(request.path_params["year"])
    sales = range(int(setting("REPORT_ROWS", 10_000)))
    return answer({"year": year, "total": sum((7 * n + year) % 100 for n in sales) / 100})


def slowest(request: Request) -> Response:
    """List what costs most."""
    by = request.query_params.get("by", "p95")
    if by not in ("p95", "total", "cpu"):
        raise HTTPException(422)
    rows = []
    for labels, found in sorted(numbers.durations.found.items(), key=lambda one: dict(one[0])["method"]):
        row: dict[str, Any] = dict(labels)
        row["requests"] = sum(found)
        row["p95_seconds"] = numbers.durations.p95(labels)
        row["total_seconds"] = numbers.durations.sums[labels]
        row["cpu_seconds"] = numbers.cpu.values[labels]
        rows.append(row)
    rows.sort(key=lambda one: one["route"])
    rows.sort(key=lambda one: one[f"{by}_seconds"], reverse=True)
    return answer(rows)


def metrics(request: Request) -> Response:
    """Export all numbers."""
    if "application/openmetrics-text" in request.headers.get("accept", ""):
        kind = "application/openmetrics-text; version=1.0.0; charset=utf-8"
        return Response(numbers.export(open_metrics=True), headers={"content-type": kind})
    return Response(numbers.export(open_metrics=False), headers={"content-type": "text/plain; version=0.0.4"})


def health(_request: Request) -> Response:
    """Say that all is well."""
    return answer({"status": "ok"})


ROUTES = [
    Route("/products/{product_id}", product, methods=["GET"]),
    Route("/orders", order, methods=["POST"]),
    Route("/shipping/{country}", shipping, methods=["GET"]),
    Route("/reports/{year}", report, methods=["GET"]),
    Route("/admin/slowest", slowest, methods=["GET"]),
]
for one in ROUTES:
    if one.methods is not None:
        one.methods.discard("HEAD")


class Measured:
    """An app whose requests are measured."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Measure one request, up to the last part of its response."""
        if scope["type"] != "http" or scope["path"] in ("/health", "/metrics"):
            return await self.app(scope, receive, send)
        fits = [route.path for route in ROUTES if route.matches(scope)[0] is not Match.NONE]
        labels = {
            "method": scope["method"] if scope["method"] in METHODS else "other",
            "route": next(iter(fits), "unmatched"),
        }
        status, over = 500, False
        begin, cpu = time.monotonic(), time.process_time()

        def end() -> None:
            nonlocal over
            if over:
                return
            over = True
            seconds = time.monotonic() - begin
            numbers.now.add(-1)
            numbers.requests.add(1, **labels, status=str(status))
            numbers.durations.add(seconds, **labels)
            numbers.cpu.add(time.process_time() - cpu, **labels)
            if seconds > setting("SLOW_SECONDS", 0.5):
                what = " ".join(f"{key}={text}" for key, text in labels.items())
                print(f"slow request {what} status={status} seconds={seconds:.3f}", flush=True)

        async def watch(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                end()  # before the client can know
            await send(message)

        numbers.now.add(1)
        try:
            await self.app(scope, receive, watch)
        finally:
            end()


app = Starlette(
    routes=[*ROUTES, Route("/metrics", metrics), Route("/health", health)],
    exception_handlers={HTTPException: complain, Exception: complain},
)
app.add_middleware(Measured)
