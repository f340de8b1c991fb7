"""What can go wrong in the shop. The text of a `ShopError` is for the client."""


class ShopError(Exception):
    """A request breaks a rule of the shop."""


class NotFoundError(ShopError):
    """What a request asks for is not there."""


class OutOfStockError(ShopError):
    """Somebody orders more than there is."""


class CarrierTimeoutError(TimeoutError):
    """The carrier does not answer in time."""
