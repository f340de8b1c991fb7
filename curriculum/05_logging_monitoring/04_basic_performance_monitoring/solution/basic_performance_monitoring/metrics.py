"""The shop's metrics, and what they say of its routes."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

from prometheus_client import Counter, Gauge, Histogram

from .models import RouteSummary
from .settings import settings

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
P95 = 0.95

REQUESTS = Counter("http_requests_total", "Requests that are over.", ["method", "route", "status"])
DURATION = Histogram(
    "http_request_duration_seconds", "How long requests took.", ["method", "route"], buckets=BUCKETS
)
CPU = Counter(
    "http_request_cpu_seconds_total", "CPU time of the process during requests.", ["method", "route"]
)
IN_PROGRESS = Gauge("http_requests_in_progress", "Requests that are being handled.")
JOB_DURATION = Histogram("job_duration_seconds", "How long jobs took.", ["job"], buckets=BUCKETS)

logger = logging.getLogger(__name__)


def record_request(method: str, route: str, status: int, seconds: float, cpu_seconds: float) -> None:
    """Record a request that is over, and log it if it was slow."""
    REQUESTS.labels(method, route, str(status)).inc()
    DURATION.labels(method, route).observe(seconds)
    CPU.labels(method, route).inc(cpu_seconds)
    if seconds > settings.slow_seconds:
        logger.warning(
            "slow request method=%s route=%s status=%s seconds=%.3f", method, route, status, seconds
        )


@contextmanager
def measure_job(job: str) -> Iterator[None]:
    """Record how long a job takes, also one that fails, and log it if it was slow."""
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - started
        JOB_DURATION.labels(job).observe(seconds)
        if seconds > settings.slow_seconds:
            logger.warning("slow job job=%s seconds=%.3f", job, seconds)


def summarize_routes() -> list[RouteSummary]:
    """Return what each method and route has cost, in no particular order; only the metrics are kept for it."""
    values: dict[tuple[str, str], dict[str, float]] = {}
    for sample in chain.from_iterable(metric.samples for metric in (*DURATION.collect(), *CPU.collect())):
        of_route = values.setdefault((sample.labels["method"], sample.labels["route"]), {})
        of_route[sample.labels.get("le") or sample.name.removeprefix("http_request_")] = sample.value
    return [
        RouteSummary(
            method=method,
            route=route,
            requests=int(of_route["duration_seconds_count"]),
            p95_seconds=next(
                (bound for bound in BUCKETS if of_route[str(bound)] >= P95 * of_route["+Inf"]), BUCKETS[-1]
            ),
            total_seconds=of_route["duration_seconds_sum"],
            cpu_seconds=of_route["cpu_seconds_total"],
        )
        for (method, route), of_route in values.items()
    ]
