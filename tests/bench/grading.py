"""How long grading takes, what the sandbox costs, and how much memory a large class needs."""

import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from ladder.base.memory import memory_of
from ladder.base.workers import cores_of_ours
from ladder.course.catalog import Catalog, Exercise
from ladder.course.policy import Isolation
from tests.bench import Row
from tests.bench.engine import LADDER, ROOT

CLASS = 20
DATABASE_CLASS = 4
TURNS = 5
SMALL_CLASS = 50
LARGE_CLASS = 500
MIB = 2**20
SAMPLE_SECONDS = 0.5
SIMPLE_TEST = """
from fastapi.testclient import TestClient

from lead_api.main import app

LEAD = {
    "first_name": "Ada",
    "last_name": "Okafor",
    "email": "ada@example.com",
    "company_name": "Cedar",
    "company_size": 50,
    "role": "CTO",
}


def test_a_lead_is_accepted():
    assert TestClient(app).post("/leads", json=LEAD).status_code == 201
"""


def measure() -> Iterator[Row]:
    """Measure everything about grading; yields each row when it is known."""
    catalog = Catalog(ROOT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hand_in(catalog.find("e1"), CLASS, folder / "class")
        hand_in(catalog.find("e3"), DATABASE_CLASS, folder / "databases")
        # They take turns, so that all meet the same machine; what they cost is compared within each turn.
        simple = []
        times: dict[Isolation, list[float]] = {isolation: [] for isolation in Isolation}
        databases: dict[Isolation, list[float]] = {isolation: [] for isolation in Isolation}
        for turn in range(TURNS):
            simple.append(run_simple_tests(folder / "class"))
            for isolation in Isolation:
                options = ["--isolation", isolation]
                out = folder / f"{isolation}{turn}"
                times[isolation].append(grade(folder / "class", "e1", out, *options))
                databases[isolation].append(grade(folder / "databases", "e3", out / "e3", *options))
        sandboxed, plain = (times[isolation] for isolation in Isolation)
        what = f"grading {CLASS} submissions of exercise 1 in the sandbox, to the same without (median of {TURNS})"
        yield Row(what, median_ratio(sandboxed, plain), 1.12, "x")
        what = f"the same, to one simple test of each with pytest and TestClient (median of {TURNS})"
        yield Row(what, median_ratio(sandboxed, simple), 0.7, "x")
        what = f"grading {DATABASE_CLASS} of exercise 3, a PostgreSQL for each, to the same without a sandbox"
        yield Row(what, median_ratio(*(databases[isolation] for isolation in Isolation)), 1.5, "x")
        hand_in(catalog.find("s0"), LARGE_CLASS, folder / "large")
        hand_in(catalog.find("s0"), SMALL_CLASS, folder / "small")
        samples: list[int] = []
        # Of the small class too, though only for the time that it takes: so both classes bear it.
        small = grade(folder / "small", "s0", folder / "small-out", samples=[])
        large = grade(folder / "large", "s0", folder / "large-out", samples=samples)
        highest = max(samples) / MIB
        yield Row("grading 500 submissions: memory of the grader, at its highest", highest, 200, "MiB")
        ratio = large / LARGE_CLASS / (small / SMALL_CLASS)
        yield Row("the same: seconds for each, to a class of 50", ratio, 1.2, "x")


def hand_in(exercise: Exercise, count: int, folder: Path) -> None:
    """Hand in the reference so many times, each with a file that makes it another submission."""
    for number in range(count):
        target = folder / f"learner{number:03}"
        shutil.copytree(exercise.solution.source, target / exercise.package)
        (target / "name.txt").write_text(str(number), encoding="utf-8")


def run_simple_tests(folder: Path) -> float:
    """Return the seconds of the least that an autograder can do, over all cores: pytest with one test for each."""

    def run_test(submission: Path) -> None:
        (submission / "test_simple.py").write_text(SIMPLE_TEST, encoding="utf-8")
        options = ["-q", "--disable-plugin-autoload", "-p", "no:cacheprovider"]
        words = [sys.executable, "-B", "-m", "pytest", *options, "test_simple.py"]
        subprocess.run(words, cwd=submission, stdout=subprocess.DEVNULL, check=True)
        (submission / "test_simple.py").unlink()

    started = time.perf_counter()
    with ThreadPoolExecutor(len(cores_of_ours())) as pool:
        list(pool.map(run_test, folder.iterdir()))
    return time.perf_counter() - started


def median_ratio(times: Sequence[float], others: Sequence[float]) -> float:
    """Return the median of the ratios of what was measured in the same turn: one noisy turn does not count."""
    return statistics.median(one / other for one, other in zip(times, others, strict=True))


def grade(folder: Path, exercise: str, out: Path, *options: str, samples: list[int] | None = None) -> float:
    """Grade a class with the whole command, and give the seconds.

    Args:
        folder: the submissions.
        exercise: its name.
        out: where the results go.
        options: others of the command's.
        samples: takes the memory of all the grader's processes, in bytes, time and again; that takes time itself.
    """
    started = time.perf_counter()
    words = [*LADDER, "grade", str(folder), "--exercise", exercise, "--out", str(out), *options]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        if samples is not None:
            threading.Thread(target=sample_memory, args=(process, samples), daemon=True).start()
        if process.wait() != 0:
            raise RuntimeError(f"The command failed: {' '.join(words)}")
    return time.perf_counter() - started


def sample_memory(process: "subprocess.Popen[bytes]", samples: list[int]) -> None:
    """Note the memory of the command and its lanes until it ends; what is shared counts once."""
    while process.poll() is None:
        samples.append(sum(map(memory_of, [process.pid, *lanes_of(process.pid)])))
        time.sleep(SAMPLE_SECONDS)


def lanes_of(pid: int) -> list[int]:
    """Return the processes that judge: those that were forked from the command, and so look like it."""
    found = []
    with suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, children.read_text().split()):
                with suppress(OSError):
                    if Path(f"/proc/{child}/cmdline").read_bytes() == command:
                        found.append(child)
    return found
