"""What a client sends, and what it gets back about a job."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

LABEL_END = "([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST_NAME = f"^([A-Za-z0-9]{LABEL_END}[.])+[A-Za-z]{LABEL_END}$"
"""Two labels or more (RFC 1123, section 2.1); the last begins with a letter, so that no IP address is a name."""

CompanyDomain = Annotated[str, StringConstraints(max_length=253, pattern=HOST_NAME, to_lower=True)]
"""A host name, in lower case: letter case does not tell two of them apart."""


class EnrichmentRequest(BaseModel):
    """The company that a client wants to know more about."""

    company_domain: CompanyDomain


class AcceptedJob(BaseModel):
    """The promise of a result: ask again with this id."""

    job_id: UUID


class CompanyData(BaseModel):
    """What a job finds out about a company."""

    company_size: int
    industry: str


class PendingJob(BaseModel):
    """A job under way; it has no `data`, not even an empty one."""

    job_id: UUID
    status: Literal["pending"] = "pending"


class CompleteJob(BaseModel):
    """A job that is done."""

    job_id: UUID
    status: Literal["complete"] = "complete"
    data: CompanyData


Job = Annotated[PendingJob | CompleteJob, Field(discriminator="status")]
"""A job in a response: the status says which of the two it is, also to the API's documentation."""
