"""What docs/bench.md promises about speed, measured: `nox -s bench`."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, and what it may be at most."""

    what: str
    measured: float
    limit: float
    unit: str  # "ms", "s", "MiB", or "x" for a ratio

    @property
    def met(self) -> bool:
        """Return whether the target is met."""
        return self.measured <= self.limit

    def as_markdown(self) -> str:
        """Return the line as a row of a Markdown table."""
        measured, limit = (f"{value:.{self.digits}f} {self.unit}" for value in (self.measured, self.limit))
        return f"| {self.what} | {limit} | {measured} | {'yes' if self.met else 'no'} |"

    @property
    def digits(self) -> int:
        """Return the number of decimals that make sense for the unit."""
        return {"ms": 1, "s": 2, "MiB": 0, "x": 2}[self.unit]


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many of 100 values do not exceed."""
    return sorted(values)[len(values) * percent // 100]
