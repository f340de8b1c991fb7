"""What grading a class gives: one value, `Grades`, and what it is made from.

Every way out (`ladder.gradebook` for tables and machines, `ladder.pages` for people) is a writer over this value.
Nothing in it depends on how long anything took, so that the same submissions give the same bytes again.
"""

import math
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ladder.report import Outcome, Report, Value

DAY = timedelta(days=1)


class Late(BaseModel):
    """What handing in late costs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grace_hours: float = Field(default=0, ge=0, description="hours after the deadline that cost nothing")
    percent_per_day: float = Field(
        default=0, ge=0, le=100, description="percent of the earned points that each day begun costs"
    )
    percent_at_most: float = Field(default=100, ge=0, le=100, description="percent that no delay exceeds")


class Policy(BaseModel):
    """How points are given: the table `[grading]` of an `exercise.toml`, or a file of options of the same form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    points: dict[int, float] = Field(
        default={}, description="points by the number of the criterion; one each where it is not named"
    )
    deadline: AwareDatetime | None = Field(default=None, description="when submissions are due")
    late: Late = Late()
    submitted: dict[str, AwareDatetime] = Field(
        default={}, description="when each learner handed in; by default, the time of the file"
    )

    def late_days(self, submitted: datetime | None) -> int:
        """Give the number of days begun after deadline and grace; none where either time is unknown."""
        if self.deadline is None or submitted is None:
            return 0
        late = submitted - self.deadline - timedelta(hours=self.late.grace_hours)
        return max(0, math.ceil(late / DAY))

    def late_percent(self, days: int) -> float:
        """Give the percentage of the earned points that so many days cost."""
        return min(days * self.late.percent_per_day, self.late.percent_at_most)


class Status(StrEnum):
    """What became of one submission."""

    GRADED = "graded"
    REFUSED = "refused"  # it was not taken in, or does not hold the app: no criterion could be run, no points
    ERROR = "error"  # the grader is at fault: this is no grade, and says nothing of the submission


class CriterionGrade(Value):
    """One criterion of the ticket, for one learner."""

    number: int
    sentence: str
    outcome: Outcome
    points: float = Field(description="what was earned")
    possible: float
    flaky: bool = Field(default=False, description="several runs disagreed; it counts as its worst one")
    reasons: list[str] = Field(default=[], description="why it did not pass, one for each case")


class LearnerGrade(Value):
    """One learner's grade."""

    learner: str = Field(description="the learner's id: the submission's name without its ending")
    submission: str = Field(description="the name of the folder or archive that was handed in")
    digest: str | None = Field(description="SHA-256 of what was handed in; null if it could not be read")
    status: Status
    reason: str | None = Field(
        default=None, description="why it was refused, does not start, or met an error"
    )
    criteria: list[CriterionGrade] = Field(description="one for each criterion of the ticket, always")
    submitted: datetime | None = Field(default=None, description="when it was handed in, in UTC")
    late_days: int = Field(default=0, description="days begun after the deadline and its grace")
    late_percent: float = Field(default=0, description="percent of the earned points that they cost")

    @property
    def earned(self) -> float:
        """The points of the criteria that passed."""
        return round(sum(criterion.points for criterion in self.criteria), 4)

    @property
    def possible(self) -> float:
        """The points of all criteria."""
        return round(sum(criterion.possible for criterion in self.criteria), 4)

    @property
    def late_cost(self) -> float:
        """The points that being late costs."""
        return round(self.earned * self.late_percent / 100, 4)

    @property
    def total(self) -> float | None:
        """The points that count; none where the grader is at fault."""
        return None if self.status is Status.ERROR else round(self.earned - self.late_cost, 4)


class Grades(Value):
    """A class, graded on one exercise."""

    exercise: str = Field(description="its path, such as exercises/01_lead_api")
    title: str
    seed: int = Field(description="the same for everyone; --seed replays it")
    repeat: int = Field(description="how many times each submission was judged")
    isolation: str = Field(description="sandbox, or process: without protection")
    notes: list[str] = Field(
        description="what the instructor should know, such as a learner's second submission"
    )
    learners: list[LearnerGrade] = Field(description="in the order of their ids")

    def pass_rates(self) -> dict[int, float]:
        """Give the share, from 0 to 1, of the learners with a grade who passed each criterion, by its number."""
        graded = [learner for learner in self.learners if learner.status is not Status.ERROR]
        passed = {criterion.number: 0 for learner in graded for criterion in learner.criteria}
        for learner in graded:
            for criterion in learner.criteria:
                passed[criterion.number] += criterion.outcome is Outcome.PASSED
        return {number: count / len(graded) for number, count in sorted(passed.items())}


class Feedback(Value):
    """What one learner is shown besides the grade: the full reports of the runs, with every exchange."""

    learner: str
    reports: list[Report] = Field(description="one for each run; none where nothing could be run")


def to_utc(moment: datetime) -> datetime:
    """Give an aware time in UTC, in whole seconds."""
    return moment.astimezone(UTC).replace(microsecond=0)
