"""The three rules, each an object that says what it has against a lead."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from .leads import Lead


class Rule(Protocol):
    """Judges one side of a lead."""

    def objection(self, lead: Lead) -> str | None:
        """Say why a lead does not qualify, or nothing."""


@dataclass(frozen=True)
class MinimumSize:
    """The company has more than so many people."""

    more_than: int

    def objection(self, lead: Lead) -> str | None:
        """Name the size if it is too small."""
        if lead.company_size > self.more_than:
            return None
        return f"The company has {lead.company_size} people, and should have more than {self.more_than}."


@dataclass(frozen=True)
class DecisionMaker:
    """The person has one of these roles."""

    roles: tuple[str, ...]

    def objection(self, lead: Lead) -> str | None:
        """Name the role if it is none of these."""
        if lead.role.strip().casefold() in {role.casefold() for role in self.roles}:
            return None
        return f'The role "{lead.role}" is none of {", ".join(self.roles)}.'


@dataclass(frozen=True)
class BusinessAddress:
    """The address is not from one of these providers."""

    free_providers: frozenset[str]

    def objection(self, lead: Lead) -> str | None:
        """Name the domain if it is a free provider's."""
        if lead.domain in self.free_providers:
            return f"Anyone can have an address at {lead.domain}."
        return None


RULES: tuple[Rule, ...] = (
    BusinessAddress(frozenset({"gmail.com", "yahoo.com", "outlook.com"})),
    DecisionMaker(("CEO", "CTO", "Founder", "VP of Engineering")),
    MinimumSize(10),
)


def objections(lead: Lead, rules: Iterable[Rule] = RULES) -> list[str]:
    """Collect what the rules have against a lead."""
    return [objection for rule in rules if (objection := rule.objection(lead))]
