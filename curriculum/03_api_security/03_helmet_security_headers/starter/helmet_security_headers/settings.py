"""What the environment decides. Still missing: values that must not get into a header are accepted as well."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    model_config = SettingsConfigDict(env_ignore_empty=True)

    csp_img_sources: str = ""
    csp_report_only: bool = False
    embed_origin: str | None = None
    force_https: bool = False
    public_host: str = "shop.example"
    trusted_proxies: str = "127.0.0.1"


settings = Settings()
