"""How a class is graded: behind which walls, how many points a criterion gives, and what handing in late costs."""

import math
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

DAY = timedelta(days=1)
MAX_POINTS = 1_000_000
MAX_GRACE_HOURS = 100_000
NUMBER = re.compile(r"[1-9][0-9]{0,5}")


def read_number(key: object) -> object:
    """Return the number of a criterion that a key of TOML names; there is one way to write it."""
    if isinstance(key, str):
        if NUMBER.fullmatch(key) is None:
            raise ValueError(f"{key!r} is not the number of a criterion: write it as 1, 2, 3 …")
        return int(key)
    return key


CriterionNumber = Annotated[int, BeforeValidator(read_number)]
Points = Annotated[float, Field(strict=True, ge=0, le=MAX_POINTS, allow_inf_nan=False)]
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))
]


class Isolation(StrEnum):
    """What stands between a submission and the grader's machine."""

    SANDBOX = "sandbox"
    PROCESS = "process"  # nothing


class Late(BaseModel):
    """What handing in late costs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grace_hours: float = Field(
        default=0, ge=0, le=MAX_GRACE_HOURS, description="hours after the deadline that cost nothing"
    )
    percent_per_day: float = Field(
        default=0, ge=0, le=100, description="percent of the earned points that each day begun costs"
    )
    percent_at_most: float = Field(default=100, ge=0, le=100, description="percent that no delay exceeds")


class Policy(BaseModel):
    """How points are given: the table `[grading]` of an `exercise.toml`, or a file of options of the same form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    points: dict[CriterionNumber, Points] = Field(
        default={}, description="points by the number of the criterion; one each where it is not named"
    )
    deadline: Moment | None = Field(default=None, description="when submissions are due")
    late: Late = Late()
    submitted: dict[str, Moment] = Field(
        default={}, description="when each learner handed in; by default, the time of the file"
    )

    def late_days(self, submitted: datetime | None) -> int:
        """Return the number of days begun after deadline and grace; none where either time is unknown."""
        if self.deadline is None or submitted is None:
            return 0
        late = submitted - self.deadline - timedelta(hours=self.late.grace_hours)
        return max(0, math.ceil(late / DAY))

    def late_percent(self, days: int) -> float:
        """Return the percentage of the earned points that so many days cost."""
        return min(days * self.late.percent_per_day, self.late.percent_at_most)
