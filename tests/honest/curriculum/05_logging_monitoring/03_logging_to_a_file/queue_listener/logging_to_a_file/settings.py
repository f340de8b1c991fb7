"""What the environment decides."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveInt
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    app_env: Literal["development", "production"] = "development"
    log_dir: Path = Path("logs")
    log_max_bytes: Annotated[int, Field(ge=4096)] = 10_000_000
    log_backups: PositiveInt = 5
    log_rotation: Literal["own", "external"] = "own"
    log_queue_lines: PositiveInt = 10_000


settings = Settings()
