"""What the shop sells."""

from threading import RLock
from typing import Any


class Catalogue:
    """All products, by their ids; who asks gets copies."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._products: dict[int, dict[str, Any]] = {}
        self._last = 0

    def __contains__(self, number: int) -> bool:
        """Tell whether there is a product with this id."""
        with self._lock:
            return number in self._products

    def __getitem__(self, number: int) -> dict[str, Any]:
        """Give one product."""
        with self._lock:
            return dict(self._products[number])

    def all(self) -> list[dict[str, Any]]:
        """Give all products."""
        with self._lock:
            return [dict(self._products[number]) for number in sorted(self._products)]

    def add(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Take a product in."""
        with self._lock:
            self._last += 1
            self._products[self._last] = {"id": self._last, **fields}
            return self[self._last]

    def update(self, number: int, fields: dict[str, Any]) -> dict[str, Any]:
        """Change some fields of a product, or all."""
        with self._lock:
            self._products[number].update(fields)
            return self[number]

    def remove(self, number: int) -> None:
        """Drop a product."""
        with self._lock:
            del self._products[number]
