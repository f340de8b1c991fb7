"""What the environment decides. Most of it ends up in headers, so it is checked at the start."""

from ipaddress import ip_network
from typing import Annotated

from pydantic import BeforeValidator, Field, IPvAnyNetwork
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

HOST = r"[a-z0-9.-]+(:[0-9]+)?"
Host = Annotated[str, Field(pattern=f"^{HOST}$")]
Origin = Annotated[str, Field(pattern=f"^https?://{HOST}$")]
ImageSource = Annotated[str, Field(pattern=r"^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+$")]
"""Visible ASCII but `,` and `;`, which would end the directive and begin another (CSP Level 3, section 2.3)."""


def split_at_commas(text: str) -> list[str]:
    """Return the parts of a list, without the spaces around them."""
    return [part.strip() for part in text.split(",")]


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    model_config = SettingsConfigDict(env_ignore_empty=True, validate_default=False)

    csp_img_sources: Annotated[tuple[ImageSource, ...], NoDecode, BeforeValidator(str.split)] = ()
    csp_report_only: bool = False
    embed_origin: Origin | None = None
    force_https: bool = False
    public_host: Host = "shop.example"
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(split_at_commas)] = (
        ip_network("127.0.0.1"),
    )


settings = Settings()
