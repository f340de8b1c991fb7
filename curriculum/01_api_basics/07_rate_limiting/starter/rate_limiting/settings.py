"""What the environment decides."""

from typing import Annotated

from pydantic import BeforeValidator, Field, PositiveInt
from pydantic_settings import BaseSettings, NoDecode


def split_keys(keys: str) -> set[str]:
    """Return the API keys in a text that separates them by commas."""
    return {key for key in keys.split(",") if key}


ApiKeys = Annotated[frozenset[str], NoDecode, BeforeValidator(split_keys), Field(validate_default=False)]


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    redis_url: str = "redis://localhost:6379"
    rate_limit: PositiveInt = 100
    rate_window_seconds: PositiveInt = 3600
    api_keys: ApiKeys = frozenset()


settings = Settings()
