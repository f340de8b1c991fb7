"""What a lead is, and what is answered about it."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from shared.text import NonBlank


def must_be_an_address(text: str) -> str:
    """Check an address without changing it."""
    try:
        validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    return text


@checked_dataclass
class Lead:
    """A lead, as it was submitted."""

    first_name: NonBlank
    last_name: NonBlank
    email: Annotated[str, AfterValidator(must_be_an_address)]
    company_name: NonBlank
    company_size: Annotated[int, Field(strict=True, ge=1)]
    role: NonBlank

    @property
    def domain(self) -> str:
        """What stands after the `@`, in lower case."""
        return self.email.strip().rsplit("@", 1)[-1].lower()


@dataclass
class Verdict:
    """What became of a lead."""

    lead_id: UUID
    status: str
    qualification_notes: list[str] | None
    lead: Lead
