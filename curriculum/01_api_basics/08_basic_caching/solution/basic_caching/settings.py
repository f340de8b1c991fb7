"""What the environment decides."""

from pydantic import Field
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    redis_url: str = "redis://localhost:6379/0"
    cache_seconds: float = Field(default=60, gt=0)
    slow_query_seconds: float = Field(default=1, ge=0)


settings = Settings()
