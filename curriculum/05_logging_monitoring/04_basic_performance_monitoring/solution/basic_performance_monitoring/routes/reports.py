"""The path of the reports."""

from fastapi import APIRouter, status

from shared.problems import problem_responses

from ..models import Report
from ..settings import settings

router = APIRouter(prefix="/reports", tags=["reports"])


@router.get("/{year}", responses=problem_responses(status.HTTP_422_UNPROCESSABLE_CONTENT))
def read_report(year: int) -> Report:
    """Add up the sales of a year: much work for the processor."""
    return Report(year=year, total=sum((sale * 7 + year) % 100 for sale in range(settings.report_rows)) / 100)
