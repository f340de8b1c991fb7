"""Which origins the shop trusts: one rule, for the permissions of CORS as for the refusal of writes."""

import re
from collections.abc import Collection

LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
DOMAIN = rf"{LABEL}(\.{LABEL})*"
ORIGIN = rf"https?://({DOMAIN}|\[[0-9a-f:]+\])(:[0-9]+)?"
"""A scheme, a host and perhaps a port, as browsers write them (the HTML standard's "serialization of an origin")."""


class TrustedOrigins:
    """The origins whose pages may use the shop.

    Args:
        exact: origins, each compared as a whole.
        suffix: such as `.shop.example`: hosts that end with it are trusted by https and the default port, too; empty,
            there are no such hosts.
    """

    def __init__(self, exact: Collection[str], suffix: str) -> None:
        self.exact = frozenset(exact)
        # A whole origin in one pattern: whatever is not named in it, such as a path or a port, is refused.
        self.pattern = rf"https://{DOMAIN}{re.escape(suffix)}" if suffix else None

    def include(self, origin: str) -> bool:
        """Return whether this origin is trusted; `null`, the origin of every sandbox, never is."""
        return origin in self.exact or (
            self.pattern is not None and re.fullmatch(self.pattern, origin) is not None
        )
