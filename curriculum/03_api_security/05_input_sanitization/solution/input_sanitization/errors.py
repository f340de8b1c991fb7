"""What can go wrong, in the words of the domain; `main.py` gives each error its status."""


class NotFoundError(Exception):
    """What a request is about does not exist."""


class ConflictError(Exception):
    """A change contradicts what the database holds already."""
