"""The two paths of a job: start it, and ask for it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, status

from shared.problems import problem_responses

from . import jobs
from .models import AcceptedJob, EnrichmentRequest, Job

router = APIRouter(prefix="/enrich", tags=["enrichment"], responses=problem_responses(422))


async def get_job(job_id: UUID) -> Job:
    """Return the job with this id, or answer 404."""
    jobs.begin_job(job_id)
    job = jobs.jobs.get(job_id)
    if job is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no job {job_id}.")
    return job


JobDep = Annotated[Job, Depends(get_job)]


@router.post("", status_code=status.HTTP_202_ACCEPTED)
async def start_job(wanted: EnrichmentRequest) -> AcceptedJob:  # async, since a task starts on the event loop
    """Start a job that finds out about a company; the response does not wait for it."""
    return AcceptedJob(job_id=jobs.start_job(wanted.company_domain))


@router.get("/{job_id}", responses=problem_responses(404))
def read_job(job: JobDep) -> Job:
    """Return a job: pending, or complete with what it has found out."""
    return job
