"""The two paths of a job: start it, and ask how far it is. Each answers 501 until you write it."""

from fastapi import APIRouter, HTTPException, status

from .models import AcceptedJob, EnrichmentRequest

router = APIRouter(prefix="/enrich", tags=["enrichment"])

NOT_WRITTEN_YET = HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "This body is yours to write.")


@router.post("")
def start_job(wanted: EnrichmentRequest) -> AcceptedJob:
    """Start a job that finds out about a company; the answer does not wait for it."""
    raise NOT_WRITTEN_YET


@router.get("/{job_id}")
def read_job(job_id: str) -> None:
    """Tell how far a job is, and what it has found out once it is complete."""
    raise NOT_WRITTEN_YET
