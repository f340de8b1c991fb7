"""What the environment decides."""

from pathlib import Path

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    experiments_file: Path = Path(__file__).with_name("experiments.json")


settings = Settings()
