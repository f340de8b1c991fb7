"""What the environment decides."""

from pydantic import AwareDatetime
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    database_url: str = "sqlite:///tasks.db"
    tracker_now: AwareDatetime | None = None


settings = Settings()
