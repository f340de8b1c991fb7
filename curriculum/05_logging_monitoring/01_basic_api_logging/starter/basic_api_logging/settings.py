"""What the environment decides."""

from typing import Literal

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


settings = Settings()
