"""The paths of the products, and the products themselves. CORS is not their concern."""

from itertools import count
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Response, status

from shared.problems import problem_responses

from .models import Product, ProductCreate

router = APIRouter(tags=["products"], responses=problem_responses(status.HTTP_403_FORBIDDEN))

products: dict[int, Product] = {}
product_ids = count(start=1)
lock = Lock()  # held by each request that changes `products`, from its first look at them to the end


def get_product(product_id: int) -> Product:
    """Return the product with this id, or answer 404."""
    product = products.get(product_id)
    if product is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such product.")
    return product


ProductDep = Annotated[Product, Depends(get_product)]


@router.get("/products", responses=problem_responses(status.HTTP_422_UNPROCESSABLE_CONTENT))
def list_products(response: Response, limit: Annotated[int | None, Query(ge=1)] = None) -> list[Product]:
    """List all products, or so many of them, sorted by id; `X-Total-Count` says how many there are in all."""
    found = list(products.values())
    response.headers["X-Total-Count"] = str(len(found))
    return found[:limit]


@router.post(
    "/products",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def create_product(new: ProductCreate) -> Product:
    """Create a product; its id is never used again."""
    with lock:
        product = Product(id=next(product_ids), **new.model_dump())
        products[product.id] = product
    return product


@router.get(
    "/products/{product_id}",
    responses=problem_responses(status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def read_product(product: ProductDep) -> Product:
    """Read one product."""
    return product


@router.put(
    "/products/{product_id}",
    responses=problem_responses(status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def replace_product(product_id: int, new: ProductCreate) -> Product:
    """Replace one product."""
    with lock:
        product = get_product(product_id).model_copy(update=new.model_dump())
        products[product_id] = product
    return product


@router.delete(
    "/products/{product_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def delete_product(product_id: int) -> None:
    """Delete one product."""
    with lock:
        get_product(product_id)
        del products[product_id]


@router.get("/crash", responses=problem_responses(status.HTTP_500_INTERNAL_SERVER_ERROR))
def crash() -> None:
    """Fail as if the warehouse did not answer."""
    raise ConnectionError("The warehouse does not answer.")
