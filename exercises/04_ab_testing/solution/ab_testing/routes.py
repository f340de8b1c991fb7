"""The one path: the variant that a user gets."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, status

from .models import Assignment, AssignmentQuery, ErrorMessage, Experiment

router = APIRouter(tags=["assignments"])


def get_experiments(request: Request) -> dict[str, Experiment]:
    """Return the experiments as their file describes them now."""
    experiments: dict[str, Experiment] = request.app.state.experiments_file.current()
    return experiments


ExperimentsDep = Annotated[dict[str, Experiment], Depends(get_experiments)]


# The experiment is looked up here and not in a dependency: that would answer 404 before FastAPI has checked the user.
@router.get("/assign", responses={status.HTTP_404_NOT_FOUND: {"model": ErrorMessage}})
def assign(query: Annotated[AssignmentQuery, Query()], experiments: ExperimentsDep) -> Assignment:
    """Assign a user to a variant: the same one each time, as long as the experiment does not change."""
    experiment = experiments.get(query.experiment_name)
    if experiment is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no experiment {query.experiment_name!r}.")
    variant = experiment.variant_for(query.experiment_name, query.user_id)
    return Assignment(**query.model_dump(), variant=variant)
