"""The paths of the tasks: they translate between HTTP and the service, and decide nothing."""

from fastapi import APIRouter

router = APIRouter(prefix="/tasks", tags=["tasks"])
