"""Calls of other companies' services. They only wait here; real ones would be slow now and then, too."""

import asyncio

from .settings import settings

PRICES = {"DE": 4.9, "FR": 6.9, "NZ": 24.9}


async def ask_carrier(country: str) -> float:
    """Return what the carrier charges for a parcel to a country.

    Raises:
        KeyError: the carrier does not serve this country. Nobody has thought of that yet.
    """
    price = PRICES[country]
    await asyncio.sleep(settings.carrier_seconds)
    return price


async def take_payment() -> None:
    """Wait until the payment provider has taken the money."""
    await asyncio.sleep(settings.payment_seconds)
