"""The path of the leads: it translates between HTTP and the service, and decides nothing."""

from fastapi import APIRouter, status

from shared.problems import problem_responses

from . import service
from .models import LeadCreate, LeadVerdict

router = APIRouter(prefix="/leads", tags=["leads"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=problem_responses(422))
def submit_lead(lead: LeadCreate) -> LeadVerdict:
    """Submit a lead and get the verdict on it; a lead that does not qualify is accepted too."""
    return service.judge(lead)
