"""Prints the rows of docs/bench.md: `nox -s bench`, or some parts of it: `nox -s bench -- grading`."""

import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from ladder.base.workers import cores_of_ours
from tests.bench import curriculum, engine, exercises, grading, optimisations, skillsync

PARTS = {
    "engine": engine,
    "skillsync": skillsync,
    "exercises": exercises,
    "curriculum": curriculum,
    "grading": grading,
    "optimisations": optimisations,
}


def seconds_to_import_fastapi() -> float:
    """Return the seconds of a new interpreter that imports FastAPI: they tell how fast a machine is."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import fastapi"], check=True)
    return time.perf_counter() - started


chosen = sys.argv[1:] or list(PARTS)
unknown = [name for name in chosen if name not in PARTS]
if unknown:
    sys.exit(f"There is no part called {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
if "exercises" in chosen and shutil.which("wrk") is None:
    sys.exit(
        "The benchmark of the exercises needs wrk, which makes the load. Install it: apt-get install wrk"
    )
if "grading" in chosen and not Path("/proc/self/smaps_rollup").exists():
    sys.exit(
        "The benchmark of grading needs Linux, whose /proc/PID/smaps_rollup tells how much memory is used."
    )
yardstick = statistics.median(seconds_to_import_fastapi() for _ in range(5))
cores = len(cores_of_ours())
print(f"Python {platform.python_version()}, {cores} cores, `import fastapi` in {yardstick:.2f} s:\n")
print("| what | at most | measured | met |")
print("|---|---|---|---|")
for name in chosen:
    for row in PARTS[name].measure():
        print(row.as_markdown(), flush=True)
