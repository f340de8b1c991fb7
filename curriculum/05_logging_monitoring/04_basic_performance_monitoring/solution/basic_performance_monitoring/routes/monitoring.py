"""The paths for those who run the shop."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Header, Response, status
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from shared.problems import problem_responses

from ..metrics import summarize_routes
from ..models import Health, RouteSummary

FORMATS = {name: {"schema": {"type": "string"}} for name in ("text/plain", "application/openmetrics-text")}

router = APIRouter(tags=["monitoring"])


class Cost(StrEnum):
    """What routes are compared by."""

    P95 = "p95"
    TOTAL = "total"
    CPU = "cpu"


@router.get("/metrics", response_class=Response, responses={status.HTTP_200_OK: {"content": FORMATS}})
def read_metrics(accept: Annotated[str, Header()] = "") -> Response:
    """Read all metrics, in the format that the client prefers."""
    encode, content_type = choose_encoder(accept)
    return Response(encode(REGISTRY), media_type=content_type)


@router.get("/admin/slowest", responses=problem_responses(status.HTTP_422_UNPROCESSABLE_CONTENT))
def list_slowest_routes(by: Cost = Cost.P95) -> list[RouteSummary]:
    """List the routes with what they cost, the most expensive first."""
    routes = sorted(summarize_routes(), key=lambda one: (one.route, one.method))
    return sorted(routes, key=lambda one: getattr(one, f"{by}_seconds"), reverse=True)


@router.get("/health")
def read_health() -> Health:
    """See that the app runs; nobody measures this."""
    return Health(status="ok")
