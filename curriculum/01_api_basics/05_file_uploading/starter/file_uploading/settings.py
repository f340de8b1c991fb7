"""What the environment decides."""

from pathlib import Path

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    upload_dir: Path = Path("uploads")


settings = Settings()
