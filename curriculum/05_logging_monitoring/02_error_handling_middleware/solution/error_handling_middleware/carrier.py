"""The carrier who delivers our parcels. This stands in for a client of its API, so that you need no network."""

import asyncio

from .errors import CarrierTimeoutError
from .settings import settings


async def fetch_days(postcode: str) -> int:
    """Ask the carrier how many days a parcel takes.

    Raises:
        CarrierTimeoutError: it does not say so within `CARRIER_LIMIT`.
    """
    try:
        async with asyncio.timeout(settings.carrier_limit):
            await asyncio.sleep(settings.carrier_seconds)
    except TimeoutError as error:
        raise CarrierTimeoutError(f"GET http://carrier.internal/days/{postcode}") from error
    return 2
