"""The two paths of a job: start it, and ask for it. Each answers 501 until you write it."""

from fastapi import APIRouter, HTTPException, status

from shared.problems import problem_responses

from .models import AcceptedJob, EnrichmentRequest

router = APIRouter(prefix="/enrich", tags=["enrichment"], responses=problem_responses(422))

NOT_WRITTEN_YET = HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "This body is yours to write.")


@router.post("")
def start_job(wanted: EnrichmentRequest) -> AcceptedJob:
    """Start a job that finds out about a company; the response does not wait for it."""
    raise NOT_WRITTEN_YET


@router.get("/{job_id}", responses=problem_responses(404))
def read_job(job_id: str) -> None:
    """Return a job: pending, or complete with what it has found out."""
    raise NOT_WRITTEN_YET
