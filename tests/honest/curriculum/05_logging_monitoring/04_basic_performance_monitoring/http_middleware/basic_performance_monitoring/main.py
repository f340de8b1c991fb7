"""The shop in one module."""

import asyncio
import os
from typing import Literal

from fastapi import BackgroundTasks, FastAPI, Request, Response
from fastapi.exceptions import HTTPException
from prometheus_client import exposition
from pydantic import BaseModel

from shared.problems import install_problem_handlers

from . import measuring

app = FastAPI(openapi_url=None)
app.middleware("http")(measuring.measure)
install_problem_handlers(app)
orders: list[int] = []


class NewOrder(BaseModel):
    """The payload of an order."""

    product_id: int
    email: str


async def wait(name: str) -> None:
    """Wait as long as a setting says."""
    await asyncio.sleep(float(os.environ.get(name, "0.02")))


async def send_receipt(email: str) -> None:
    """Send a receipt."""
    await wait("RECEIPT_SECONDS")
    assert not email.endswith(".invalid"), email


@app.get("/products/{product_id}")
def product(product_id: int) -> dict[str, int | str]:
    """Show a product."""
    if product_id not in range(1, 1001):
        raise HTTPException(404)
    return {"id": product_id, "name": f"Product {product_id}"}


@app.post("/orders", status_code=201)
async def order(new: NewOrder, tasks: BackgroundTasks) -> dict[str, int]:
    """Take an order."""
    await wait("PAYMENT_SECONDS")
    orders.append(new.product_id)
    tasks.add_task(measuring.run_measured, send_receipt, new.email)
    return {"id": len(orders), "product_id": new.product_id}


@app.get("/shipping/{country}")
async def shipping(country: str) -> dict[str, str | float]:
    """Ask what a parcel costs."""
    price = {"DE": 4.9, "FR": 6.9, "NZ": 24.9}[country]
    await wait("CARRIER_SECONDS")
    return {"country": country, "price": price}


@app.get("/reports/{year}")
def report(year: int) -> dict[str, int | float]:
    """Add up a year."""
    total = 0
    for sale in range(int(os.environ.get("REPORT_ROWS", "10000"))):
        total += (sale * 7 + year) % 100
    return {"year": year, "total": total / 100}


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that all is well."""
    return {"status": "ok"}


@app.get("/metrics")
async def metrics(request: Request) -> Response:
    """Export the metrics."""
    encoder, kind = exposition.choose_encoder(request.headers.get("accept", ""))
    return Response(encoder(measuring.registry), headers={"content-type": kind})


def row(method: str, route: str) -> dict[str, str | float]:
    """Read what a route has cost from the registry."""
    labels = {"method": method, "route": route}

    def read(name: str, **more: str) -> float:
        return measuring.registry.get_sample_value(name, labels | more) or 0.0

    count = read("http_request_duration_seconds_count")
    p95 = 1.0
    for bound in reversed(measuring.BOUNDS):
        if read("http_request_duration_seconds_bucket", le=str(float(bound))) < 0.95 * count:
            break
        p95 = float(bound)
    return {
        **labels,
        "requests": int(count),
        "p95_seconds": p95,
        "total_seconds": round(read("http_request_duration_seconds_sum"), 4),
        "cpu_seconds": round(read("http_request_cpu_seconds_total"), 4),
    }


@app.get("/admin/slowest")
async def slowest(by: Literal["p95", "total", "cpu"] = "p95") -> list[dict[str, str | float]]:
    """List the routes, those that cost most first."""
    samples = [sample for metric in measuring.cpu.collect() for sample in metric.samples]
    known = {(one.labels["method"], one.labels["route"]) for one in samples}
    rows = [row(*one) for one in known]
    return sorted(rows, key=lambda one: (-float(one[f"{by}_seconds"]), one["route"], one["method"]))
