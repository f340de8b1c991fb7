"""Grades a class: each submission is judged by the exercise's own tests, in a sandbox, side by side over the cores.

The first process hands out submissions and writes; each *lane* (`ladder.grading.lanes`), a process to a core, takes
one submission after the other in and judges it (`ladder.grading.judge`). What a lane finds is in the journal before
anything else is done with it, so that a run which is ended in whatever way goes on where it was.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ladder.base.errors import LadderError
from ladder.checking.report import UNJUDGED, Outcome, Report, write_file
from ladder.course.catalog import Exercise
from ladder.course.policy import Policy
from ladder.grading import gradebook, pages
from ladder.grading.intake import Submission
from ladder.grading.journal import JOURNAL, Journal
from ladder.grading.lanes import Lane, judge_all
from ladder.grading.plan import Judged, Plan
from ladder.grading.results import CriterionGrade, Feedback, Grades, LearnerGrade, to_utc
from ladder.grading.submissions import Names, find_submissions
from ladder.services.servers import KINDS
from ladder.services.tools import require_tools

SEEN_BY_ALL = ("/usr", sys.prefix, sys.base_prefix)
"""The folders of the machine that a submission in the sandbox can read."""
LEAST_ROOM = 2**20
"""Bytes that must be free where the results go."""
WORST_FIRST = (Outcome.ERROR, Outcome.FAILED, *UNJUDGED[1:], Outcome.LEFT_OUT, Outcome.PASSED)


def grade_of(exercise: Exercise, policy: Policy, submission: Submission, judged: Judged) -> LearnerGrade:
    """Turn a verdict into a grade. The criteria come from the ticket: what no run speaks of was not run."""
    submitted = to_utc(policy.submitted.get(submission.learner, submission.submitted))
    days = policy.late_days(submitted)
    criteria = []
    for criterion in exercise.ticket.criteria:
        of_runs = [report.results_by_number.get(criterion.number) for report in judged.reports]
        outcomes = {Outcome.NOT_RUN if result is None else result.outcome for result in of_runs}
        outcome = next((one for one in WORST_FIRST if one in outcomes), Outcome.NOT_RUN)
        possible = policy.points.get(criterion.number, 1.0)
        worst = next((result for result in of_runs if result is not None and result.outcome is outcome), None)
        criteria.append(
            CriterionGrade(
                number=criterion.number,
                sentence=criterion.sentence,
                outcome=outcome,
                points=possible if outcome is Outcome.PASSED else 0.0,
                possible=possible,
                flaky=len(outcomes) > 1,
                reasons=[failure.message for failure in worst.failures] if worst is not None else [],
            )
        )
    return LearnerGrade(
        learner=submission.learner,
        submission=submission.path.name,
        digest=judged.digest,
        status=judged.status,
        reason=judged.reason,
        criteria=criteria,
        submitted=submitted,
        late_days=days,
        late_percent=policy.late_percent(days),
    )


def grade_class(
    plan: Plan,
    policy: Policy,
    folder: Path,
    out: Path,
    lanes: Sequence[Lane],
    on_judged: Callable[[LearnerGrade, int, int], None] = lambda _grade, _done, _all: None,
    names: Names | None = None,
) -> Grades:
    """Grade every submission in a folder, and write all results.

    Args:
        plan: how submissions are judged.
        policy: how points are given.
        folder: of the submissions.
        out: where the results go; a journal that lies there is used.
        lanes: those that judge, started with this plan.
        on_judged: is called with each grade, the number of those until now, and of all.
        names: reads the names of the submissions; by default, each is a learner's id.

    Raises:
        LadderError: nothing can be graded; the message says why.
    """
    exercise = plan.open_exercise()
    exercise.require_tests_for_criteria()
    require_tools(exercise.manifest.tools)
    require_no_shared_server(exercise)
    unknown = policy.points.keys() - {criterion.number for criterion in exercise.ticket.criteria}
    if unknown:
        raise LadderError(f"The points name criteria that {exercise.path} does not have: {sorted(unknown)}.")
    require_hidden(folder, out)
    require_apart(folder, out)
    if (folder / exercise.package / "main.py").is_file():
        raise LadderError(
            f"{folder} is one submission: it holds {exercise.package}/main.py. Name the folder that holds all of them."
        )
    submissions, notes = find_submissions(folder, names)
    strangers = policy.submitted.keys() - {submission.learner for submission in submissions}
    notes += [
        f"The options say when {name} handed in, and there is no submission of that name."
        for name in sorted(strangers)
    ]
    require_room(out)
    journal = Journal(out / JOURNAL, plan)
    places: dict[str, int] = {}
    grades: dict[str, LearnerGrade] = {}
    for submission, place in judge_all(lanes, submissions, journal):
        learner = submission.learner
        places[learner] = place
        grades[learner] = grade_of(exercise, policy, submission, journal.read(place))
        on_judged(grades[learner], len(grades), len(submissions))
    result = Grades(
        exercise=exercise.path,
        title=exercise.manifest.title,
        seed=plan.seed,
        repeat=plan.repeat,
        isolation=plan.isolation,
        notes=notes,
        learners=[grades[submission.learner] for submission in submissions],
    )
    write_results_of(result, exercise, out, lambda learner: journal.read(places[learner]).reports)
    return result


def require_no_shared_server(exercise: Exercise) -> None:
    """Check that the environment names no server that all submissions would share.

    Raises:
        LadderError: it does.
    """
    for kind in (KINDS[name] for name in exercise.manifest.services):
        if os.environ.get(kind.setting):
            raise LadderError(
                f"Nobody was judged: {kind.setting} in your environment names a server that all submissions would "
                "share, and what one leaves there could cost the next one its points. Unset it (unset "
                f"{kind.setting}), and each submission of {exercise.path} gets a server of its own."
            )


def require_hidden(*folders: Path) -> None:
    """Check that folders do not lie where every submission can read.

    Raises:
        LadderError: one does.
    """
    for folder in folders:
        seen = next((path for path in SEEN_BY_ALL if folder.resolve().is_relative_to(path)), None)
        if seen is not None:
            raise LadderError(
                f"{folder} lies below {seen}, which submissions can read, so they could read each other. Move it."
            )


def require_apart(folder: Path, out: Path) -> None:
    """Check that results can be written, and are not taken for submissions the next time.

    Raises:
        LadderError: they cannot, or would be.
    """
    where = out.resolve()
    if where.is_relative_to(folder.resolve()):
        raise LadderError(
            f"{out} lies in the folder of the submissions, {folder}, and would be taken for one of them. "
            "Pass another folder with --out."
        )
    there = next(path for path in (where, *where.parents) if path.exists())
    if not there.is_dir():
        raise LadderError(
            f"{there} is no folder, so nothing can be written there. Pass another one with --out."
        )


def require_room(out: Path) -> None:
    """Make the folder of the results, and check that files can be written there, before anything is judged.

    Raises:
        LadderError: they cannot.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=out) as file:
            file.write(bytes(LEAST_ROOM))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LadderError(
            f"Results cannot be written in {out}: {error.strerror}. Pass another folder with --out, or make room."
        ) from error


def write_results_of(
    grades: Grades, exercise: Exercise, out: Path, reports_of: Callable[[str], list[Report]]
) -> None:
    """Write every file of the results.

    Args:
        grades: what to write.
        exercise: the exercise, for its hints.
        out: the folder to write to.
        reports_of: gives the reports on a learner's submission, one learner at a time.
    """
    for name, text in {
        "grades.csv": gradebook.write_csv(grades),
        "results.json": gradebook.write_results(grades),
        "junit.xml": gradebook.write_junit(grades),
        "summary.md": gradebook.write_summary(grades),
        "index.html": pages.write_overview(grades),
    }.items():
        write_file(out / name, text)
    folders = pages.slugs(grades)
    for learner in grades.learners:
        feedback = Feedback(learner=learner.learner, reports=reports_of(learner.learner))
        folder = out / "learners" / folders[learner.learner]
        write_file(folder / "index.html", pages.write_learner_page(grades, learner, feedback, exercise.hints))
        write_file(folder / "gradescope.json", gradebook.write_gradescope(learner, feedback, exercise.hints))
