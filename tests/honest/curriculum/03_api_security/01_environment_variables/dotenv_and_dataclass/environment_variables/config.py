"""Reads and checks the settings; what goes wrong is told by name."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dotenv import dotenv_values

DEVELOPMENT = {
    "SECRET_KEY": "development-only-key",
    "DATABASE_URL": "postgresql://shop:development-only@localhost/shop",
    "PAYMENT_API_KEY": "development-only-payment-key",
}
PLAIN = {"SHOP_NAME": "Corner shop", "PAGE_SIZE": "20", "GUEST_ORDERS": "true"}


class ConfigError(Exception):
    """Some variables are missing or wrong."""


@dataclass(frozen=True)
class Config:
    """What the environment decides."""

    app_env: str
    shop_name: str
    page_size: int
    guest_orders: bool
    given: frozenset[str]
    secret_key: bytes = field(repr=False)
    payment_api_key: bytes = field(repr=False)
    database_url: str = field(repr=False)

    def status(self, name: str) -> str:
        """Return whether a secret has been given."""
        return "set" if name in self.given else "not set"


def is_database(url: str) -> bool:
    """Return whether this is the URL of a PostgreSQL server."""
    try:
        return url.startswith("postgresql://") and bool(urlsplit(url).hostname)
    except ValueError:
        return False


def read_config(environment: Mapping[str, str]) -> Config:
    """Return the settings, or raise `ConfigError`."""
    app_env = environment.get("APP_ENV") or "development"
    if app_env not in {"development", "production"}:
        raise ConfigError("APP_ENV is wrong: choose development or production.")
    places = [dotenv_values(".env"), dotenv_values(f".env.{app_env}"), environment]
    found = {name: value for place in places for name, value in place.items() if value}
    secrets = {name: found.get(name, "") for name in DEVELOPMENT}
    values = PLAIN | found
    wrong = []
    if app_env == "production":
        wrong += [name for name, value in secrets.items() if value in {"", DEVELOPMENT[name]}]
    values |= {name: value or DEVELOPMENT[name] for name, value in secrets.items()}
    if not values["PAGE_SIZE"].isdecimal() or int(values["PAGE_SIZE"]) == 0:
        wrong.append("PAGE_SIZE")
    if values["GUEST_ORDERS"] not in {"true", "false"}:
        wrong.append("GUEST_ORDERS")
    if not is_database(values["DATABASE_URL"]):
        wrong.append("DATABASE_URL")
    if wrong:
        raise ConfigError(f"missing or wrong: {' '.join(wrong)}")
    return Config(
        app_env,
        values["SHOP_NAME"],
        int(values["PAGE_SIZE"]),
        values["GUEST_ORDERS"] == "true",
        frozenset(name for name, value in secrets.items() if value),
        values["SECRET_KEY"].encode(),
        values["PAYMENT_API_KEY"].encode(),
        values["DATABASE_URL"],
    )


def read_environment() -> Config:
    """Return the settings of this process."""
    return read_config(os.environ)
