"""What the environment decides. Still missing: the settings of the policy."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    database_url: str = "sqlite:///shop.db"


settings = Settings()
