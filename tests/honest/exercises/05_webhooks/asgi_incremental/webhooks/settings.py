"""What the environment decides."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings, each read from a variable that begins with `CRM_`."""

    model_config = SettingsConfigDict(env_prefix="CRM_")

    webhook_secret: SecretStr = SecretStr("uniti-ai-is-hiring")

    @property
    def key(self) -> bytes:
        """Give the bytes that webhooks are signed with."""
        return self.webhook_secret.get_secret_value().encode("utf-8")
