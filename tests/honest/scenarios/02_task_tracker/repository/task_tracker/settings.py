"""What the environment decides."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The one setting."""

    database_url: str = "sqlite:///tasks.db"
