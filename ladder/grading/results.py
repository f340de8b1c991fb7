"""What grading a class gives: one value, `Grades`, and what it is made from.

Every way out (`ladder.grading.gradebook` for tables and machines, `ladder.grading.pages` for people) is a writer over
this value. Nothing in it depends on how long anything took, so that the same submissions give the same bytes again.
"""

from datetime import UTC, datetime
from enum import StrEnum

from pydantic import Field

from ladder.checking.report import Outcome, Report, Value


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
        default=None, description="why it was refused, does not start, or could not be graded"
    )
    criteria: list[CriterionGrade] = Field(description="one for each criterion of the ticket, always")
    submitted: datetime | None = Field(default=None, description="when it was handed in, in UTC")
    late_days: int = Field(default=0, description="days begun after the deadline and its grace")
    late_percent: float = Field(default=0, description="percent of the earned points that they cost")

    @property
    def short_reason(self) -> str:
        """The first line of the reason, for a table: what the app printed follows it; empty if there is none."""
        return (self.reason or "").partition("\n")[0]

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
        """Return the share, from 0 to 1, of the learners with a grade who passed each criterion, by its number."""
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
    """Return an aware time in UTC, in whole seconds."""
    return moment.astimezone(UTC).replace(microsecond=0)
