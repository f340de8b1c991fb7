"""The path of the report."""

from fastapi import APIRouter

from .. import service
from ..database import SessionDep
from ..models import Report

router = APIRouter(prefix="/report", tags=["report"])


@router.get("")
def read_report(session: SessionDep) -> Report:
    """Compare each balance with the sum of its bookings, all at one moment."""
    return service.report(session)
