"""Judges the wrong versions in this folder, and sees that exactly the criteria fail that their entries name.

`python -m tests.wrong [EXERCISE …] [--repeat N] [--only NAME …]` prints a line for each, and exits with status 0 if
all are as named.
"""

import argparse
import sys
import time
from concurrent.futures import as_completed
from pathlib import Path

from ladder.authoring.verify import start_workers
from ladder.authoring.wrong import WrongVersion, wrong_versions
from ladder.base.errors import LadderError
from ladder.course.catalog import Catalog, Exercise

ROOT = Path(__file__).parent.parent.parent


def judge(version: WrongVersion) -> tuple[str | None, float]:
    """Give what is wrong with an entry, or `None`; and how many seconds it took to see it."""
    started = time.monotonic()
    try:
        problem = version.verify()
    except LadderError as error:
        problem = str(error)
    return problem, time.monotonic() - started


def judge_all(wanted: list[tuple[Exercise, WrongVersion]]) -> bool:
    """Judge them side by side, print a line for each, and say whether all are as named."""
    sound = True
    with start_workers([exercise for exercise, _ in wanted]) as pool:
        begun = {pool.submit(judge, version): (exercise, version) for exercise, version in wanted}
        for future in as_completed(begun):
            exercise, version = begun[future]
            problem, seconds = future.result()
            word = "caught" if problem is None else "NOT SO"
            what = f"{'attack' if version.is_attack else 'wrong'} {version.kind or '-'}"
            by = ", ".join(map(str, version.caught_by))
            name = f"{exercise.short} {version.name}"
            print(f"{word}  {name:48} {what:20} by {by}  ({seconds:.1f} s)", flush=True)
            if problem is not None:
                print(f"        {problem}", flush=True)
                sound = False
    return sound


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Judge what the arguments name, and give the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.wrong", description=__doc__)
    parser.add_argument("exercises", nargs="*", metavar="EXERCISE", help="which ones (all)")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="how many times each (1)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="those whose names begin so (all)")
    options = parser.parse_args(arguments)
    beginnings = tuple(options.only or [""])
    catalog = Catalog(root)
    try:
        exercises = [catalog.find(name) for name in options.exercises] or list(catalog)
        wanted = [
            (exercise, one)
            for exercise in exercises
            for one in wrong_versions(root, exercise)
            if one.name.startswith(beginnings)
        ]
    except LadderError as error:
        parser.error(str(error))
    if options.only and not wanted:
        parser.error(
            f"no wrong version of these exercises has a name that begins with {' or '.join(beginnings)}"
        )
    sound = judge_all(wanted * options.repeat)
    print(
        f"{len(wanted)} wrong versions, {options.repeat} times: {'all caught as named' if sound else 'NOT SOUND'}"
    )
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
