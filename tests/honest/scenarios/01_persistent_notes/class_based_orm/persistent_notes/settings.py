"""What the environment may set."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings of the app."""

    database_url: str = "sqlite:///notes.db"
