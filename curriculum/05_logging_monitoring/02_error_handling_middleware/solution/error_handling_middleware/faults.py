"""What each kind of error means: for the client, and for whoever reads the log."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import status
from fastapi.exceptions import RequestValidationError
from psycopg import OperationalError
from starlette.exceptions import HTTPException

from .errors import CarrierTimeoutError, NotFoundError, OutOfStockError, ShopError

STATUSES: Mapping[type[ShopError], int] = {
    NotFoundError: status.HTTP_404_NOT_FOUND,
    OutOfStockError: status.HTTP_409_CONFLICT,
}
"""The status of each rule of the shop."""
LOST = ("08", "57P")
"""How the SQLSTATEs of a lost connection begin; an error of a connection that was never made has none."""


@dataclass(frozen=True)
class Fault:
    """What an error means.

    Attributes:
        status: of the response.
        severity: how much it matters to us, a level of `logging`.
        detail: what the client may know of it.
        headers: of the response.
        members: what a problem has besides.
    """

    status: int
    severity: int
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)


UNEXPECTED = Fault(
    status.HTTP_500_INTERNAL_SERVER_ERROR,
    logging.ERROR,
    "Something went wrong on our side. Nothing is your fault.",
)
TOO_SLOW = Fault(status.HTTP_503_SERVICE_UNAVAILABLE, logging.ERROR, "This took too long. Please try again.")
CARRIER_TOO_SLOW = Fault(
    status.HTTP_504_GATEWAY_TIMEOUT, logging.WARNING, "The carrier does not answer. Please try again later."
)
DATABASE_DOWN = Fault(
    status.HTTP_503_SERVICE_UNAVAILABLE,
    logging.CRITICAL,
    "The shop is closed for a moment. Please try again later.",
    {"Retry-After": "10"},
)


def fault_of(error: Exception) -> Fault:
    """Return what an error means; whatever nobody foresaw is `UNEXPECTED`."""
    match error:
        case ShopError():
            return Fault(STATUSES[type(error)], logging.INFO, str(error))
        case RequestValidationError():
            return Fault(
                status.HTTP_422_UNPROCESSABLE_CONTENT,
                logging.INFO,
                "The request is not valid.",
                members={"errors": places_of(error)},
            )
        case HTTPException():
            return Fault(error.status_code, logging.WARNING, str(error.detail), error.headers or {})
        case CarrierTimeoutError():
            return CARRIER_TOO_SLOW
        case OperationalError() if error.sqlstate is None or error.sqlstate.startswith(LOST):
            return DATABASE_DOWN
        case _:
            return UNEXPECTED


def places_of(error: RequestValidationError) -> list[dict[str, str]]:
    """Return where a request is not valid, and why; not what was sent, which JSON may not be able to hold."""
    return [{"place": ".".join(map(str, one["loc"])), "detail": one["msg"]} for one in error.errors()]
