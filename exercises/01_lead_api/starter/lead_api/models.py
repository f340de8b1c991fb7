"""What a client submits, and what it gets back."""

from enum import StrEnum

from pydantic import BaseModel

from shared.text import NonBlank


class LeadCreate(BaseModel):
    """A lead as a client submits it; five of its six fields are yours to add."""

    first_name: NonBlank


class LeadStatus(StrEnum):
    """Whether sales should call."""

    QUALIFIED = "Qualified"
    UNQUALIFIED = "Unqualified"


class LeadVerdict(BaseModel):
    """What was decided about a lead, and why; three of its four fields are yours to add."""

    lead: LeadCreate
