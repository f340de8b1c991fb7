"""The path of the purge."""

from fastapi import APIRouter, Depends

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import Purged
from ..settings import settings
from .staff import require_staff

router = APIRouter(prefix="/maintenance", tags=["maintenance"])


@router.post("/purge", dependencies=[Depends(require_staff)], responses=problem_responses(403))
def purge(session: SessionDep) -> Purged:
    """Remove for good what was deleted more than `RETENTION_DAYS` days ago."""
    return service.purge(session, settings.retention_days)
