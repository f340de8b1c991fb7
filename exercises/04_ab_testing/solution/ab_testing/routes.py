"""The one path: who gets which variant."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, status
from pydantic import BaseModel

from shared.text import NonBlank

from .experiments import Experiments

router = APIRouter(tags=["assignments"])


class Assignment(BaseModel):
    """Which variant of an experiment a user gets."""

    user_id: str
    experiment_name: str
    variant: str


# These two do not await, and are no plain functions all the same: a look at a small file takes less time than the
# way to a thread and back, and on the event loop no two requests take a new version of it at the same moment.


async def get_experiments(request: Request) -> Experiments:
    """Give the experiments as their file describes them now."""
    experiments: Experiments = request.app.state.experiments_file.current()
    return experiments


ExperimentsDep = Annotated[Experiments, Depends(get_experiments)]


@router.get("/assign")
async def assign(experiment_name: NonBlank, user_id: NonBlank, experiments: ExperimentsDep) -> Assignment:
    """Assign a user to a variant: the same one each time, as long as the experiment is not changed."""
    experiment = experiments.get(experiment_name)
    if experiment is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no experiment {experiment_name!r}.")
    variant = experiment.variant_for(experiment_name, user_id)
    return Assignment(user_id=user_id, experiment_name=experiment_name, variant=variant)
