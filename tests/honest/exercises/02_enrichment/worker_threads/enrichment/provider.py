"""The provider of company data, which blocks whoever asks it."""

import random
import time
from dataclasses import dataclass

INDUSTRIES = ("Education", "Energy", "Health care", "Insurance", "Manufacturing", "Media", "Tourism")


@dataclass(frozen=True)
class Company:
    """What the provider knows of a company."""

    company_size: int
    industry: str


class FakeProvider:
    """A provider that takes its time and makes its answers up."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def look_up(self, domain: str) -> Company:
        """Find out about the company of a domain; the same domain always gives the same company."""
        time.sleep(self.seconds)
        rng = random.Random(domain.lower())  # noqa: S311 - nobody must be unable to guess it
        return Company(rng.randint(1, 250_000), rng.choice(INDUSTRIES))
