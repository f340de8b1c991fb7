"""Prints the table of the README: `nox -s bench`."""

import itertools

from tests.bench import engine, exercises, grading, skillsync

print("| what | at most | measured | met |")
print("|---|---|---|---|")
for row in itertools.chain(engine.measure(), skillsync.measure(), exercises.measure(), grading.measure()):
    print(row.as_markdown(), flush=True)
