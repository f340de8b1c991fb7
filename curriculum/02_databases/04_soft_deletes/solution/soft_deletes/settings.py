"""What the environment decides."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    database_url: str | None = None
    retention_days: Annotated[int, Field(ge=0)] = 30


settings = Settings()
