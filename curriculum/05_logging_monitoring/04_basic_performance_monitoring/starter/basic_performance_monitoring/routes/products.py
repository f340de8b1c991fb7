"""The paths of the products."""

from fastapi import APIRouter, HTTPException, status

from shared.problems import problem_responses

from ..models import Product

PRODUCTS = 1_000

router = APIRouter(prefix="/products", tags=["products"])


@router.get(
    "/{product_id}",
    responses=problem_responses(status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
async def read_product(product_id: int) -> Product:
    """Read a product; their ids are 1 to 1,000."""
    if not 1 <= product_id <= PRODUCTS:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such product.")
    return Product(id=product_id, name=f"Product {product_id}")
