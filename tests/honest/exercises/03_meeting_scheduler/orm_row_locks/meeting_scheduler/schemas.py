"""What goes in and out over HTTP."""

from datetime import UTC, datetime
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict


def is_address(value: str) -> str:
    """Refuse what is no address, and keep what is one as it was written."""
    try:
        validate_email(value, check_deliverability=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    return value


def in_utc(value: datetime) -> datetime:
    """Say of a time from the database that it is in UTC."""
    return value.replace(tzinfo=UTC)


UtcTime = Annotated[datetime, BeforeValidator(in_utc)]


class BookingIn(BaseModel):
    """A wish to book."""

    model_config = ConfigDict(strict=True)

    slot_id: int
    email: Annotated[str, AfterValidator(is_address)]


class SlotOut(BaseModel):
    """A slot without its owner."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    start_time: UtcTime
    end_time: UtcTime


class BookingOut(BaseModel):
    """A wish that came true."""

    confirmation: str
    email: str
    slot: SlotOut
