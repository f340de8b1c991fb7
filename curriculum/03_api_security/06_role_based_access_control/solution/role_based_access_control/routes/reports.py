"""The paths of the reports, by another team. They say nothing about roles, so nobody may use them; leave them so."""

from fastapi import APIRouter, status

router = APIRouter(prefix="/reports", tags=["reports"])


@router.get("/sales")
def read_sales() -> dict[str, int]:
    """Read how much was sold."""
    return {"sold": 0}


@router.post("/sales", status_code=status.HTTP_202_ACCEPTED)
def send_sales() -> dict[str, int]:
    """Send the report to everybody."""
    return {"sent": 0}


@router.get("/export", include_in_schema=False)
def export() -> list[str]:
    """Read every row of every report; not in `/openapi.json`."""
    return []
