"""The path of the report."""

from fastapi import APIRouter

from .. import service
from ..database import SessionDep
from ..models import Report

router = APIRouter(prefix="/report", tags=["report"])


@router.get("")
def read_report(session: SessionDep) -> Report:
    """Count customers and orders, and sum up what each customer has bought."""
    return service.report(session)
