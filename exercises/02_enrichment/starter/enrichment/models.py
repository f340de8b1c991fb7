"""What a client asks for, and what it is told of a job."""

from uuid import UUID

from pydantic import BaseModel


class EnrichmentRequest(BaseModel):
    """The company that a client wants to know more about."""

    company_domain: str


class AcceptedJob(BaseModel):
    """The promise of an answer: ask again with this id."""

    job_id: UUID
