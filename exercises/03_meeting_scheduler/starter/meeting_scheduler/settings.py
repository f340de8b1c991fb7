"""What the environment decides."""

from datetime import date

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    database_url: str | None = None
    scheduler_today: date | None = None


settings = Settings()
