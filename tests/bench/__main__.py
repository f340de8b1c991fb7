"""Prints the table of the README: `nox -s bench`, or some parts of it: `nox -s bench -- grading`."""

import sys

from tests.bench import engine, exercises, grading, skillsync

PARTS = {"engine": engine, "skillsync": skillsync, "exercises": exercises, "grading": grading}

chosen = sys.argv[1:] or list(PARTS)
unknown = [name for name in chosen if name not in PARTS]
if unknown:
    sys.exit(f"There is no part called {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
print("| what | at most | measured | met |")
print("|---|---|---|---|")
for name in chosen:
    for row in PARTS[name].measure():
        print(row.as_markdown(), flush=True)
