"""What the environment decides."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    crm_webhook_secret: Annotated[SecretStr, Field(min_length=1)] = SecretStr("uniti-ai-is-hiring")


settings = Settings()
