"""What can go wrong, in the words of the domain; `main.py` gives each error its response."""

from collections.abc import Sequence


class ConflictError(Exception):
    """The user name is taken."""


class LoginError(Exception):
    """The user name and the password do not fit."""


class WeakPasswordError(Exception):
    """A new password breaks the policy.

    Attributes:
        broken: the names of all rules that it breaks.
    """

    def __init__(self, broken: Sequence[str]) -> None:
        super().__init__("The password breaks the policy.")
        self.broken = broken
