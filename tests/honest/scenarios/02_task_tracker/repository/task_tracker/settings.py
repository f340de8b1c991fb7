"""What the environment decides."""

from datetime import UTC, datetime

from pydantic import AwareDatetime
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings."""

    database_url: str = "sqlite:///tasks.db"
    tracker_now: AwareDatetime | None = None

    def clock(self) -> datetime:
        """Tell the time."""
        return datetime.now(UTC) if self.tracker_now is None else self.tracker_now.astimezone(UTC)
