"""What can go wrong with a booking, in the words of the domain; `main.py` gives each error its status."""


class SlotNotFoundError(Exception):
    """There is no slot with this id."""

    def __init__(self, slot_id: int) -> None:
        super().__init__(f"There is no slot {slot_id}.")


class SlotTakenError(Exception):
    """Somebody was quicker."""

    def __init__(self, slot_id: int) -> None:
        super().__init__(f"Slot {slot_id} is booked already.")
