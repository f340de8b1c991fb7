"""The settings of the scheduler."""

from datetime import UTC, date, datetime

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """What the environment decides."""

    database_url: str = ""
    scheduler_today: date | None = None

    @property
    def today(self) -> date:
        """Give the day that is taken for today."""
        return self.scheduler_today or datetime.now(UTC).date()
