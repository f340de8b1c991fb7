"""The shapes of a lead: what a client submits, and what it gets back."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, BeforeValidator, EmailStr, Field

from shared.text import NonBlank

CompanySize = Annotated[int, Field(strict=True, gt=0)]
"""A number of people; strict, so that neither `"50"` nor `50.0` nor `true` is taken for one."""


def require_address_alone(sent: object) -> object:
    """Refuse what `EmailStr` would take an address out of: `Ada <ada@example.com>`."""
    if isinstance(sent, str) and set(sent.strip()) & set(" <>"):
        raise ValueError("an address holds neither spaces nor angle brackets")
    return sent


Email = Annotated[EmailStr, BeforeValidator(require_address_alone)]


class LeadCreate(BaseModel):
    """What a client submits; an `EmailStr` comes out trimmed, and with its domain in lower case."""

    first_name: NonBlank
    last_name: NonBlank
    email: Email
    company_name: NonBlank
    company_size: CompanySize
    role: NonBlank


class LeadStatus(StrEnum):
    """Whether sales should call."""

    QUALIFIED = "Qualified"
    UNQUALIFIED = "Unqualified"


class LeadVerdict(BaseModel):
    """What became of a lead, and why."""

    lead_id: UUID = Field(default_factory=uuid4)
    status: LeadStatus
    qualification_notes: str | None
    lead: LeadCreate
