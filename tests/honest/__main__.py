"""Grades every reference and every right solution in another style, many times, and prints what was seen.

`python -m tests.honest [--repeat 20] [EXERCISE …]` exits with status 0 if all of them always get full marks.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from ladder.course.catalog import Catalog, Exercise
from ladder.course.policy import Policy
from ladder.grading.grade import grade_class
from ladder.grading.lanes import open_lanes
from ladder.grading.plan import Plan
from ladder.grading.results import LearnerGrade

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NOT_CODE = shutil.ignore_patterns("__pycache__", "tests")
SEED = 1


def hand_in(exercise: Exercise, folder: Path) -> None:
    """Put an exercise's reference and the other right solutions into a folder."""
    shutil.copytree(exercise.solution.folder, folder / "reference", ignore=NOT_CODE)
    for solution in sorted((HERE / exercise.path).iterdir()):
        shutil.copytree(solution, folder / solution.name, ignore=NOT_CODE)


def describe(grade: LearnerGrade) -> str:
    """Say what a solution got, and why it did not get the rest."""
    lost = [
        f"{criterion.number} {criterion.outcome}{' (flaky)' if criterion.flaky else ''}: {' '.join(criterion.reasons)}"
        for criterion in grade.criteria
        if criterion.points < criterion.possible
    ]
    return f"{grade.earned:g} of {grade.possible:g} {grade.reason or ''} {'; '.join(lost)}".strip()


def main() -> int:
    """Grade what the arguments name, and say whether all of it got full marks."""
    parser = argparse.ArgumentParser(prog="python -m tests.honest", description=__doc__)
    parser.add_argument("exercises", nargs="*", metavar="EXERCISE", help="which ones (all)")
    parser.add_argument("--repeat", type=int, default=20, metavar="N", help="how many times each (20)")
    arguments = parser.parse_args()
    catalog = Catalog(ROOT)
    exercises = [catalog.find(name) for name in arguments.exercises] or list(catalog)
    whole = True
    for exercise in exercises:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            hand_in(exercise, folder / "submissions")
            plan = Plan(
                root=ROOT,
                exercise=exercise.folder,
                seed=SEED,
                repeat=arguments.repeat,
                python=Path(sys.executable),
            )
            with open_lanes(plan) as lanes:
                grades = grade_class(plan, Policy(), folder / "submissions", folder / "grades", lanes)
        print(f"{exercise.path}, {arguments.repeat} times, {time.monotonic() - started:.0f} s", flush=True)
        for grade in grades.learners:
            print(f"  {grade.learner:28}{describe(grade)}", flush=True)
            whole = whole and grade.earned == grade.possible > 0
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
