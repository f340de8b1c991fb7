"""The shapes of the shop: what a client gets. The tables are in `tables.py`."""

from sqlmodel import SQLModel


class CategoryPublic(SQLModel):
    """What a client gets of a category."""

    slug: str
    name: str
