"""The paths of the products, and the products themselves: finished, but without the envelope."""

from itertools import count
from secrets import compare_digest
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Response, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ..models import ErrorMessage, Product, ProductCreate

router = APIRouter(prefix="/products", tags=["products"])

products: dict[int, Product] = {}
product_ids = count(start=1)
lock = Lock()  # held by each request that changes `products`, from its first look at them to the end

STAFF_TOKEN = b"staff-of-the-shop"  # printed in the ticket; a real one would be a setting

UNAUTHORIZED: dict[int | str, dict[str, Any]] = {status.HTTP_401_UNAUTHORIZED: {"model": ErrorMessage}}
NOT_FOUND: dict[int | str, dict[str, Any]] = {status.HTTP_404_NOT_FOUND: {"model": ErrorMessage}}


def require_staff(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> None:
    """Answer 401 unless the request has the staff's token; without any, `HTTPBearer` has done so already."""
    if not compare_digest(sent.credentials.encode(), STAFF_TOKEN):
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, "The token is wrong.", {"WWW-Authenticate": "Bearer"}
        )


def get_product(product_id: int) -> Product:
    """Return the product with this id, or answer 404."""
    product = products.get(product_id)
    if product is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no product {product_id}.")
    return product


ProductDep = Annotated[Product, Depends(get_product)]


@router.post("", status_code=status.HTTP_201_CREATED)
def create_product(new: ProductCreate, response: Response) -> Product:
    """Create a product; its id is never used again, and `Location` is its path."""
    with lock:
        product = Product(id=next(product_ids), **new.model_dump())
        products[product.id] = product
    response.headers["Location"] = router.url_path_for("read_product", product_id=product.id)
    return product


@router.get("")
def list_products() -> list[Product]:
    """List all products, sorted by id."""
    return list(products.values())


@router.get("/{product_id}", responses=NOT_FOUND)
def read_product(product: ProductDep) -> Product:
    """Read one product."""
    return product


@router.delete(
    "/{product_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(require_staff)],
    responses=UNAUTHORIZED | NOT_FOUND,
)
def delete_product(product_id: int) -> None:
    """Delete one product; of several requests at the same time, one deletes it and the others get 404."""
    with lock:
        get_product(product_id)
        del products[product_id]
