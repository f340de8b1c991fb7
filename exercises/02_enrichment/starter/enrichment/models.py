"""What a client sends, and what it gets back about a job."""

from uuid import UUID

from pydantic import BaseModel


class EnrichmentRequest(BaseModel):
    """The company that a client wants to know more about."""

    company_domain: str  # takes any text so far


class AcceptedJob(BaseModel):
    """The promise of a result: ask again with this id."""

    job_id: UUID
