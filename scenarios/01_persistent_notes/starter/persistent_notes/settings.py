"""What the environment decides. Nothing is left to do here."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    database_url: str = "sqlite:///notes.db"  # DATABASE_URL; a path after three slashes is relative


settings = Settings()
