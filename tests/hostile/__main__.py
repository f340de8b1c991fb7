"""Grades the whole corpus, or some groups of it: `python -m tests.hostile --only packs`.

Exit status: 0 if every submission got what it must, in two runs at once, and nothing leaked and nothing stayed.
"""

import argparse
import sys

from tests.hostile.corpus import CASES, NEIGHBOURS
from tests.hostile.runner import run_corpus

GRADER = [sys.executable, "-m", "ladder", "grade"]


def main() -> int:
    """Run the command."""
    groups = list(dict.fromkeys(case.group for case in CASES))
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument(
        "--only",
        metavar="NAME",
        nargs="+",
        default=groups,
        help=f"groups ({', '.join(groups)}), or other beginnings of names",
    )
    parser.add_argument("--minutes", type=float, default=20, help="how long grading may take (20)")
    parser.add_argument(
        "--keep", action="store_true", help="leave the submissions and the reports, and say where"
    )
    options = parser.parse_args()
    chosen = [case for case in CASES if case.name.startswith(tuple(options.only))]
    if not chosen:
        parser.error(f"no submission is called {' or '.join(options.only)}…")
    cases = [*NEIGHBOURS, *chosen]
    return 0 if run_corpus(cases, GRADER, minutes=options.minutes, keep=options.keep) else 1


if __name__ == "__main__":
    sys.exit(main())
