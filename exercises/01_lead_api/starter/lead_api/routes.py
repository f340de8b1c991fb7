"""The path of the leads: it translates between HTTP and the service, and decides nothing."""

from fastapi import APIRouter, HTTPException, status

from shared.problems import problem_responses

router = APIRouter(prefix="/leads", tags=["leads"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=problem_responses(422))
def submit_lead() -> None:  # takes a LeadCreate and returns a LeadVerdict, once you have written them
    """Submit a lead and get the verdict on it; a lead that does not qualify is accepted too."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "This body is yours to write.")
