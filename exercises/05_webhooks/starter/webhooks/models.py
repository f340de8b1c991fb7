"""The shapes of the responses."""

from typing import Literal

from pydantic import BaseModel


class Receipt(BaseModel):
    """The response to a webhook that was received."""

    status: Literal["received"]


class ErrorMessage(BaseModel):
    """Why a webhook was refused."""

    detail: str
