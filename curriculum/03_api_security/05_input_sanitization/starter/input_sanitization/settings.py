"""What the environment decides."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    database_url: str = "sqlite:///blog.db"


settings = Settings()
