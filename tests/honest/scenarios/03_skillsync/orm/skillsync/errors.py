"""What can go wrong in this domain, and the status that it becomes."""


class NotFoundError(Exception):
    """A path names something that does not exist."""


class UnknownReferenceError(Exception):
    """A payload or a query asks for something that cannot be."""


STATUSES: dict[type[Exception], int] = {
    NotFoundError: 404,
    UnknownReferenceError: 422,
}
