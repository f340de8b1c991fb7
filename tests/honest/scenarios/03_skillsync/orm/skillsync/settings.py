"""What the environment decides."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings of the app."""

    database_url: str = "sqlite:///skillsync.db"
