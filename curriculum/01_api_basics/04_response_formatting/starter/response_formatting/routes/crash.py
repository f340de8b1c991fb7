"""A path that fails as a bug would, to see what the client gets then."""

from fastapi import APIRouter

router = APIRouter(prefix="/crash", tags=["crash"])


@router.get("")
def crash() -> None:
    """Raise an exception whose text no client may read."""
    raise RuntimeError("No answer from postgresql://shop:t0p-s3cret@db/shop")
