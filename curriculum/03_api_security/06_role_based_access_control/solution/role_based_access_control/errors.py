"""What can go wrong, in the words of the domain; `main.py` gives each error its status."""


class NotFoundError(Exception):
    """What a request is about does not exist."""


class ConflictError(Exception):
    """A change contradicts what the database holds already."""


class LoginError(Exception):
    """The user name and the password do not fit."""


class NoTokenError(Exception):
    """A guest asked for what guests may not have."""


class WrongTokenError(Exception):
    """The `Authorization` header holds no valid token."""


class ForbiddenError(Exception):
    """The caller is known, and may not do this."""


class HiddenError(Exception):
    """What a request is about exists, but the caller may not know that."""
