"""What can go wrong, in the words of the domain; `main.py` gives each error its status."""


class NotFoundError(Exception):
    """What a request is about does not exist."""


class NotCoveredError(Exception):
    """A transfer would leave its owner with less than nothing."""


class KeyReusedError(Exception):
    """An idempotency key belongs to another transfer already."""
