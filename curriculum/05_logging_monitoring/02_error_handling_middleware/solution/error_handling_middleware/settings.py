"""What the environment decides."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings

Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    database_url: str | None = None
    request_seconds: Seconds = 10
    carrier_limit: Seconds = 2
    carrier_seconds: float = 0
    staff_token: str = "open sesame"  # noqa: S105 - the ticket prints it


settings = Settings()
