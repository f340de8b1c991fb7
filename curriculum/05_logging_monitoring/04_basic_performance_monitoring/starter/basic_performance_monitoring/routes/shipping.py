"""The path of the shipping costs."""

from fastapi import APIRouter, status

from shared.problems import problem_responses

from ..client import ask_carrier
from ..models import ShippingCost

router = APIRouter(prefix="/shipping", tags=["shipping"])


@router.get("/{country}", responses=problem_responses(status.HTTP_500_INTERNAL_SERVER_ERROR))
async def read_shipping_cost(country: str) -> ShippingCost:
    """Read what a parcel to a country costs."""
    return ShippingCost(country=country, price=await ask_carrier(country))
