"""What the environment decides."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    database_url: str = "sqlite:///shop.db"
    admin_username: str = "admin"
    admin_password: str = "for development only"  # noqa: S105 - the ticket prints it


settings = Settings()
