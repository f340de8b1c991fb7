"""What the app's description says of errors."""

from typing import Any
from uuid import UUID

from shared.problems import MEDIA_TYPE, Problem, problem_responses


class ErrorProblem(Problem):
    """An error as problem details."""

    error_id: UUID


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of these statuses: each is an `ErrorProblem` or a page.

    Args:
        statuses: those that an endpoint may have, as for `problem_responses`.
    """
    content = {
        MEDIA_TYPE: {"schema": ErrorProblem.model_json_schema()},
        "text/html": {"schema": {"type": "string"}},
    }
    return {code: {**said, "content": content} for code, said in problem_responses(*statuses).items()}
