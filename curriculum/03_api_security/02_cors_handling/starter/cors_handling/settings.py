"""What the environment decides: which origins are trusted.

Still missing: a value that is no origin, such as `*`, should stop the start.
"""

from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import BaseSettings, NoDecode


def split_origins(text: object) -> object:
    """Return the parts of a text that are separated by commas; any other value is left alone."""
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


Origins = Annotated[frozenset[str], NoDecode, BeforeValidator(split_origins)]  # NoDecode: it is no JSON


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    cors_origins: Origins = frozenset({"https://shop.example", "https://till.example"})
    cors_origin_suffix: str = ".shop.example"


settings = Settings()
