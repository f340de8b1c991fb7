"""Fill an empty database with 10,000 customers, 10,000 products and 100,000 orders: python -m basic_indexing.load."""

from pathlib import Path

from .database import open_database


def load() -> None:
    """Run the statements of `load.sql`, all or none."""
    with open_database() as engine, engine.begin() as connection:
        connection.exec_driver_sql(Path(__file__).with_name("load.sql").read_text(encoding="utf-8"))


if __name__ == "__main__":
    load()
