"""Environment variables in a frozen dataclass; a wrong one raises at import."""

import os
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network


def text(name: str, default: str = "") -> str:
    return os.environ.get(name) or default


def checked(pattern: str, value: str) -> str:
    if not re.fullmatch(pattern, value):
        raise ValueError(f"{value!r} is not a value for this setting")
    return value


def networks() -> list[IPv4Network | IPv6Network]:
    return [ip_network(part.strip()) for part in text("TRUSTED_PROXIES", "127.0.0.1").split(",")]


@dataclass(frozen=True)
class Settings:
    images: list[str] = field(
        default_factory=lambda: [checked("[^,;]+", one) for one in text("CSP_IMG_SOURCES").split()]
    )
    report_only: bool = field(default_factory=lambda: checked("[01]", text("CSP_REPORT_ONLY", "0")) == "1")
    embed_origin: str = field(
        default_factory=lambda: checked(r"(https?://[\w.-]+(:\d+)?)?", text("EMBED_ORIGIN")) or "'none'"
    )
    force_https: bool = field(default_factory=lambda: checked("[01]", text("FORCE_HTTPS", "0")) == "1")
    host: str = field(default_factory=lambda: checked(r"[\w.-]+(:\d+)?", text("PUBLIC_HOST", "shop.example")))
    proxies: list[IPv4Network | IPv6Network] = field(default_factory=networks)
