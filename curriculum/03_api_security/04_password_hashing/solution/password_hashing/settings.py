"""What the environment decides."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    database_url: str = "sqlite:///shop.db"
    password_min_length: int = 15
    password_require_special: bool = False


settings = Settings()
