"""What can go wrong with a booking, in the words of the domain; `main.py` gives each error its status."""


class NotFoundError(Exception):
    """What a request is about does not exist."""


class SlotTakenError(Exception):
    """The slot is booked already."""
