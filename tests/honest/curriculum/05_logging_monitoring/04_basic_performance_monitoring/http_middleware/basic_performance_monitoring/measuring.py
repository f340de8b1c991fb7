"""All that is measured, in a registry of its own."""

import logging
import os
from collections.abc import Awaitable, Callable
from time import CLOCK_PROCESS_CPUTIME_ID, clock_gettime, monotonic

from fastapi import Request, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.routing import Match

LIMIT = float(os.environ.get("SLOW_SECONDS", "0.5"))
BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
KNOWN = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"]

log = logging.getLogger("uvicorn.error")
registry = CollectorRegistry()
requests = Counter("http_requests", "Requests.", ("method", "route", "status"), registry=registry)
seconds = Histogram(
    "http_request_duration_seconds", "Time.", ("method", "route"), buckets=BOUNDS, registry=registry
)
cpu = Counter("http_request_cpu_seconds", "CPU time.", ("method", "route"), registry=registry)
now = Gauge("http_requests_in_progress", "Requests now.", registry=registry)
jobs = Histogram("job_duration_seconds", "Time of jobs.", ("job",), buckets=BOUNDS, registry=registry)


def template(request: Request) -> str:
    """Find the template by asking each route of the app whether it fits."""
    for route in request.app.routes:
        if route.matches(request.scope)[0] != Match.NONE:
            return str(getattr(route, "path", "unmatched"))
    return "unmatched"


async def measure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Measure a request until its response begins, which is all that this shop sends."""
    if request.url.path in ("/metrics", "/health"):
        return await call_next(request)
    labels = {"method": request.method if request.method in KNOWN else "other", "route": template(request)}
    begin, cpu_begin, status = monotonic(), clock_gettime(CLOCK_PROCESS_CPUTIME_ID), 500
    now.inc()
    try:
        response = await call_next(request)
        status = response.status_code
        return response
    finally:
        took = monotonic() - begin
        now.dec()
        requests.labels(status=status, **labels).inc()
        seconds.labels(**labels).observe(took)
        cpu.labels(**labels).inc(clock_gettime(CLOCK_PROCESS_CPUTIME_ID) - cpu_begin)
        if took > LIMIT:
            log.warning("slow request %s", " ".join(f"{k}={v}" for k, v in fields(labels, status, took)))


def fields(labels: dict[str, str], status: int, took: float) -> list[tuple[str, object]]:
    """List what a line of the log says."""
    return [*labels.items(), ("status", status), ("seconds", f"{took:.3f}")]


async def run_measured(job: Callable[[str], Awaitable[None]], argument: str) -> None:
    """Run a job, and measure it under its name."""
    begin = monotonic()
    try:
        await job(argument)
    finally:
        took = monotonic() - begin
        jobs.labels(job.__name__).observe(took)
        if took > LIMIT:
            log.warning("slow job job=%s seconds=%.3f", job.__name__, took)
