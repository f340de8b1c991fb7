"""What can go wrong in the domain; `main` gives each its status."""


class NotFoundError(Exception):
    """What a request is about does not exist."""


class AlreadyEnrolledError(Exception):
    """A user enrols in a path a second time."""


class UnknownIdError(Exception):
    """A payload names something that does not exist."""
