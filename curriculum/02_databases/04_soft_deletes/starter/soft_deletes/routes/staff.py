"""Who may see and restore what is deleted."""

from typing import Annotated

from fastapi import Depends, Header

from ..errors import ForbiddenError


def is_staff(x_role: Annotated[str, Header()] = "") -> bool:
    """Return whether the request says that it is by staff; a later section shows how to prove it."""
    return x_role == "staff"


IsStaffDep = Annotated[bool, Depends(is_staff)]


def require_staff(staff: IsStaffDep) -> None:
    """Answer 403 unless staff ask."""
    if not staff:
        raise ForbiddenError("This is for staff only.")
