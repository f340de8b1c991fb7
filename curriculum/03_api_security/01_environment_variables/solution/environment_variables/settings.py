"""What the environment decides: read once, at the start, and checked as a whole."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, PositiveInt, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def require_host(url: SecretStr) -> SecretStr:
    """Refuse what is not the URL of a PostgreSQL server."""
    parts = urlsplit(url.get_secret_value())
    if parts.scheme != "postgresql" or not parts.hostname:
        raise ValueError("it must begin with postgresql:// and name a host")
    return url


DatabaseUrl = Annotated[SecretStr, AfterValidator(require_host)]


class Deployment(BaseSettings):
    """Where the app runs. It decides which file is read, so it comes from the environment alone."""

    model_config = SettingsConfigDict(env_ignore_empty=True)

    app_env: Literal["development", "production"] = "development"


class Settings(Deployment):
    """The settings, each read from the variable of its name; the defaults of the secrets are for development."""

    model_config = SettingsConfigDict(extra="ignore")  # a file may hold variables of other programs

    shop_name: str = "Corner shop"
    page_size: PositiveInt = 20
    guest_orders: bool = True
    secret_key: SecretStr = SecretStr("development-only-key")
    database_url: DatabaseUrl = SecretStr("postgresql://shop:development-only@localhost/shop")
    payment_api_key: SecretStr = SecretStr("development-only-payment-key")

    @field_validator("secret_key", "database_url", "payment_api_key")
    @classmethod
    def refuse_default_in_production(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        """Refuse a secret that everybody can read in this file; pydantic-settings validates defaults as well."""
        default = cls.model_fields[str(info.field_name)].default
        if info.data["app_env"] == "production" and secret == default:
            raise ValueError("production needs a secret of its own")
        return secret

    @classmethod
    def load(cls) -> Self:
        """Return the settings of this environment.

        The environment wins over the files, and a later file over an earlier one.

        Raises:
            ValidationError: a variable is missing or wrong; its text holds values, so it belongs in no log.
        """
        app_env = Deployment().app_env
        return cls(app_env=app_env, _env_file=(".env", f".env.{app_env}"))

    @property
    def database_host(self) -> str | None:
        """The host in the URL of the database, which is all of it that a log may show."""
        return urlsplit(self.database_url.get_secret_value()).hostname

    def is_set(self, name: str) -> Literal["set", "not set"]:
        """Return whether somebody has set this setting, or it has its default."""
        return "set" if name in self.model_fields_set else "not set"


def load_or_end() -> Settings:
    """Return the settings, or end the start with the names of all that is missing or wrong, and no value."""
    try:
        return Settings.load()
    except ValidationError as error:
        names = [str(fault["loc"][0]).upper() for fault in error.errors()]
    raise SystemExit(f"These environment variables are missing or wrong: {', '.join(names)}")


settings = load_or_end()
