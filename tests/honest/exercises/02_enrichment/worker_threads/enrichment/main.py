"""Enrichment over HTTP: schemas, settings and routes on top of a service with threads."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Request, status
from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat
from pydantic_settings import BaseSettings

from shared.problems import install_problem_handlers

from .provider import FakeProvider
from .service import JobService

LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
LAST_LABEL = "[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"


class Settings(BaseSettings):
    """What the environment decides."""

    enrichment_seconds: NonNegativeFloat = 15


class EnrichIn(BaseModel):
    """A domain to find out about."""

    company_domain: str = Field(max_length=253, pattern=rf"\A(?:{LABEL}\.)+{LAST_LABEL}\z")


class JobAccepted(BaseModel):
    """The id to ask with."""

    job_id: UUID


class CompanyOut(BaseModel):
    """What was found out."""

    model_config = ConfigDict(from_attributes=True)

    company_size: int
    industry: str


class JobOut(BaseModel):
    """A job; it has data if it is complete."""

    job_id: UUID
    status: Literal["pending", "complete"]
    data: CompanyOut | None = None


def get_service(request: Request) -> JobService:
    """Give the one service of the app."""
    service: JobService = request.app.state.service
    return service


Service = Annotated[JobService, Depends(get_service)]

app = FastAPI(title="Enrichment with threads")
app.state.service = JobService(FakeProvider(Settings().enrichment_seconds))
install_problem_handlers(app)


@app.post("/enrich", status_code=status.HTTP_202_ACCEPTED)
def start_job(wanted: EnrichIn, service: Service) -> JobAccepted:
    """Accept a domain."""
    return JobAccepted(job_id=service.start(wanted.company_domain).job_id)


@app.get("/enrich/{job_id}", response_model_exclude_none=True)
def read_job(job_id: UUID, service: Service) -> JobOut:
    """Report on a job."""
    job = service.find(job_id)
    if job is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no job {job_id}.")
    if job.company is None:
        return JobOut(job_id=job_id, status="pending")
    return JobOut(job_id=job_id, status="complete", data=CompanyOut.model_validate(job.company))
