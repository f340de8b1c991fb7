"""The path of the leads: it translates between HTTP and the service, and decides nothing."""

from fastapi import APIRouter, HTTPException, status

router = APIRouter(prefix="/leads", tags=["leads"])


@router.post("", status_code=status.HTTP_201_CREATED)
def submit_lead() -> None:
    """Submit a lead, and learn whether it qualifies; one that does not is accepted all the same."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "This body is yours to write.")
