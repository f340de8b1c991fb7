"""How long the engine takes: a fresh server, a check, a watch, and a track in nox."""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ladder.course.catalog import Catalog, Exercise
from ladder.services.postgresql import Postgresql, query
from ladder.serving.launcher import Launcher
from ladder.serving.runner import Runner
from tests.bench import Row

ROOT = Path(__file__).parent.parent.parent
LADDER = [sys.executable, "-m", "ladder"]
FRESH_SERVERS = 40
COLD_SERVERS = 7
RUNS = 5


def measure() -> Iterator[Row]:
    """Measure everything about the engine; yields each row when it is known."""
    exercise = Catalog(ROOT).find("s0")
    yield from measure_fresh_servers(exercise)
    yield measure_check(exercise)
    yield from measure_watch(exercise)
    yield measure_fresh_databases()
    yield measure_nox()


def measure_fresh_servers(exercise: Exercise) -> Iterator[Row]:
    """Start servers one after the other, and wait for the first answer of each; fork and plain uvicorn take turns."""
    runners = {fork: Runner(Path(sys.executable), fork=fork) for fork in (True, False)}
    launchers = {fork: Launcher(runner, exercise.solution) for fork, runner in runners.items()}
    for launcher in launchers.values():
        launcher.require_start()
    fresh, cold = [], []
    for number in range(FRESH_SERVERS):
        fresh.append(seconds_to_first_answer(launchers[True]))
        if number % (FRESH_SERVERS // COLD_SERVERS) == 0:
            cold.append(seconds_to_first_answer(launchers[False]))
    for fork, runner in runners.items():
        launchers[fork].close()
        runner.close()
    yield Row("a fresh server, to its first answer (median of 40)", statistics.median(fresh) * 1000, 30, "ms")
    ratio = statistics.median(fresh) / statistics.median(cold)
    yield Row("the same, against a cold uvicorn in the same run", ratio, 0.1, "x")


def seconds_to_first_answer(launcher: Launcher) -> float:
    """Start one server, and measure from the request for it to its first answer."""
    started = time.perf_counter()
    server = launcher.launch()
    server.client.get("/notes").raise_for_status()
    seconds = time.perf_counter() - started
    server.close()
    return seconds


def measure_check(exercise: Exercise) -> Row:
    """Run the whole command `ladder check` on the reference, again and again."""
    command = [*LADDER, "check", exercise.path, "--app", str(exercise.solution.folder)]
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - started)
    return Row(
        "ladder check of scenario 0, cold, whole command (median of 5)", statistics.median(seconds), 1.5, "s"
    )


def measure_watch(exercise: Exercise) -> Iterator[Row]:
    """Save a file again and again under `ladder watch`: once right, once wrong."""
    with tempfile.TemporaryDirectory() as name:
        app = shutil.copytree(exercise.solution.folder, Path(name) / "app")
        main = app / exercise.package / "main.py"
        right = main.read_text(encoding="utf-8")
        wrong = right.replace("status_code=status.HTTP_201_CREATED", "")
        with watching(exercise, app) as output:
            wait_for_verdict(output)
            for what, text in (("a right", right), ("a wrong", wrong)):
                seconds = []
                for number in range(RUNS):
                    time.sleep(0.2)  # an editor is never saved twice at once; the watcher has settled by then
                    started = time.perf_counter()
                    main.write_text(f"{text}\n# saved for the {number}. time\n", encoding="utf-8")
                    wait_for_verdict(output)
                    seconds.append(time.perf_counter() - started)
                yield Row(
                    f"ladder watch, from {what} save to the verdict (median of 5)",
                    statistics.median(seconds),
                    0.5,
                    "s",
                )


@contextmanager
def watching(exercise: Exercise, app: Path) -> Iterator[IO[str]]:
    """Run `ladder watch`, and give its output."""
    command = [*LADDER, "watch", exercise.path, "--app", str(app)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.terminate()


def wait_for_verdict(output: IO[str]) -> None:
    """Read until the verdict is there."""
    for line in output:
        if "criteria pass" in line:
            return


def measure_fresh_databases() -> Row:
    """Make PostgreSQL databases one after the other, and connect to each."""
    service = Postgresql()
    service.release(service.acquire())
    seconds = []
    for _ in range(FRESH_SERVERS):
        started = time.perf_counter()
        url = service.acquire()
        query(url, "SELECT 1")
        seconds.append(time.perf_counter() - started)
        service.release(url)
    service.close()
    return Row("a fresh PostgreSQL database (median of 40)", statistics.median(seconds) * 1000, 60, "ms")


def measure_nox() -> Row:
    """Check the exercises' references in environments of their own, which are there already."""
    nox = shutil.which("nox")
    if nox is None:
        sys.exit("The benchmark also runs nox, which is not in PATH. Install it: python -m pip install nox")
    command = [nox, "-f", str(ROOT / "noxfile.py"), "-t", "exercises"]
    seconds_of(command)
    return Row("nox -t exercises, from warm caches", seconds_of(command), 60, "s")


def seconds_of(command: list[str], **options: Any) -> float:
    """Run a command that must succeed, with options of `subprocess.run`, and give the seconds that it took."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    return time.perf_counter() - started
