"""What can go wrong in the domain; `main.py` gives each error its status."""


class NotFoundError(Exception):
    """A request is about something that does not exist."""


class UnknownIdError(Exception):
    """A payload names something that does not exist."""
