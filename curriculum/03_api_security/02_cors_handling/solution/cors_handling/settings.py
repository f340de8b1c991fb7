"""What the environment decides: which origins are trusted."""

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode

from .origins import DOMAIN, ORIGIN


def split_origins(text: object) -> object:
    """Return the parts of a text that are separated by commas; any other value is left alone."""
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


Origin = Annotated[str, Field(pattern=f"^{ORIGIN}$")]
Origins = Annotated[frozenset[Origin], NoDecode, BeforeValidator(split_origins)]  # NoDecode: it is no JSON
Suffix = Annotated[str, Field(pattern=rf"^(\.{DOMAIN})?$")]  # without the dot, evilshop.example fits, too


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    cors_origins: Origins = frozenset({"https://shop.example", "https://till.example"})
    cors_origin_suffix: Suffix = ".shop.example"


settings = Settings()
