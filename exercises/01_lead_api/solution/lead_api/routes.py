"""The path of the leads: it translates between HTTP and the service, and decides nothing."""

from fastapi import APIRouter, status

from . import service
from .models import LeadCreate, LeadVerdict

router = APIRouter(prefix="/leads", tags=["leads"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def submit_lead(lead: LeadCreate) -> LeadVerdict:
    """Submit a lead, and learn whether it qualifies; one that does not is accepted all the same."""
    # Async, though it awaits nothing: the way to a thread and back takes longer than the rules, which wait for nobody.
    return service.judge(lead)
