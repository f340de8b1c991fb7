"""What a client submits, and what it gets back."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, EmailStr, Field

from shared.text import NonBlank

CompanySize = Annotated[int, Field(strict=True, gt=0)]
"""A number of people; strict, so that `"50"`, `50.0` and `true` are refused and not converted."""


class LeadCreate(BaseModel):
    """A lead as a client submits it; `EmailStr` trims the address, and changes its domain to lower case."""

    first_name: NonBlank
    last_name: NonBlank
    email: EmailStr
    company_name: NonBlank
    company_size: CompanySize
    role: NonBlank


class LeadStatus(StrEnum):
    """Whether sales should call."""

    QUALIFIED = "Qualified"
    UNQUALIFIED = "Unqualified"


class LeadVerdict(BaseModel):
    """What was decided about a lead, and why."""

    lead_id: UUID = Field(default_factory=uuid4)
    status: LeadStatus
    qualification_notes: list[str] | None
    lead: LeadCreate
