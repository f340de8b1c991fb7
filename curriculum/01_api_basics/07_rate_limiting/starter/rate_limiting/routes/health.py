"""The path that a monitor asks."""

from fastapi import APIRouter

from ..models import Health

router = APIRouter(prefix="/health", tags=["health"])


@router.get("")
def read_health() -> Health:
    """See that the app runs; this is not limited."""
    return Health(status="ok")
