"""What can go wrong, in the words of the domain; `main.py` gives each error its response.

Still missing: what a weak password is.
"""


class ConflictError(Exception):
    """The user name is taken."""


class LoginError(Exception):
    """The user name and the password do not fit."""
