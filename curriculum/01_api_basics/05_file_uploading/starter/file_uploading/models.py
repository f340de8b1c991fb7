"""The shape of an upload: what is stored beside its bytes, and what a client gets back."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

ContentType = Literal["image/png", "image/jpeg", "application/pdf"]


class Upload(BaseModel):
    """What is known about an uploaded file."""

    id: UUID
    name: str
    content_type: ContentType
    size: int
    url: str
