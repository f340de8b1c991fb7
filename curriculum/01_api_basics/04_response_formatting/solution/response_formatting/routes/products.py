"""The paths of the products, and the products themselves."""

from itertools import count
from secrets import compare_digest
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Response, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ..errors import error_responses
from ..models import Product, ProductCreate, Success

router = APIRouter(prefix="/products", tags=["products"])

products: dict[int, Product] = {}
product_ids = count(start=1)
lock = Lock()  # held by each request that changes `products`, from its first look at them to the end

STAFF_TOKEN = b"staff-of-the-shop"  # printed in the ticket; a real one would be a setting


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


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=error_responses(status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def create_product(new: ProductCreate, response: Response) -> Success[Product]:
    """Create a product; its id is never used again, and `Location` is its path."""
    with lock:
        product = Product(id=next(product_ids), **new.model_dump())
        products[product.id] = product
    response.headers["Location"] = router.url_path_for("read_product", product_id=product.id)
    return Success(data=product)


@router.get("")
def list_products() -> Success[list[Product]]:
    """List all products, sorted by id."""
    return Success(data=list(products.values()))


@router.get(
    "/{product_id}",
    responses=error_responses(status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def read_product(product: ProductDep) -> Success[Product]:
    """Read one product."""
    return Success(data=product)


@router.delete(
    "/{product_id}",
    dependencies=[Depends(require_staff)],
    responses=error_responses(
        status.HTTP_401_UNAUTHORIZED, status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT
    ),
)
def delete_product(product_id: int) -> Success[None]:
    """Delete one product; of several requests at the same time, one deletes it and the others get 404."""
    with lock:
        get_product(product_id)
        del products[product_id]
    return Success(data=None)
