"""What can go wrong in the domain; `problems.py` gives each error its status."""


class NotFoundError(Exception):
    """What a request is about does not exist."""

    def __init__(self, noun: str, row_id: int | None) -> None:
        super().__init__(f"There is no {noun} {row_id}.")
