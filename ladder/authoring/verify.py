"""Sees that exercises are sound: what authors and CI run."""

import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ladder.authoring.parts import MISTAKE, verify_part, verify_reference
from ladder.authoring.reach import Reach
from ladder.base.errors import LadderError
from ladder.base.workers import begin_work, cores_of_ours
from ladder.course.catalog import Exercise
from ladder.services import servers as services
from ladder.serving.runner import warm_runner

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

WORKERS_PER_CORE = 3
"""Some apps and mistakes wait for seconds, and nobody else would use the core meanwhile."""
REFERENCE = "reference"
"""The part that comes first: it tells the mistakes which tests can notice them."""


@dataclass(frozen=True)
class Finding:
    """What was found about one part of an exercise.

    Attributes:
        exercise: its path.
        part: the part's name.
        problem: what is wrong with it, or `None`.
        seconds: that it took.
        reach: of the reference: which lines each of the tests runs.
        once: a problem that was there the first time, and not the second.
    """

    exercise: str
    part: str
    problem: str | None
    seconds: float
    reach: Reach | None = None
    once: str | None = None


@dataclass(frozen=True)
class Job:
    """One part of one exercise, to be verified in a process of its own."""

    root: Path
    folder: Path
    part: str
    reach: Reach | None = None
    quick: bool = False

    def run(self) -> Finding:
        """Verify the part; whatever goes wrong is a finding.

        In a hurry, a thousand parts run beside each other on a machine that has other work, too: there it goes wrong
        only if it does so twice, and what happened once is told.
        """
        first = self.look()
        if first.problem is None or not self.quick:
            return first
        second = self.look()
        return second if second.problem is not None else replace(second, once=first.problem)

    def look(self) -> Finding:
        """Verify the part once."""
        started = time.perf_counter()
        exercise = Exercise(self.root, self.folder)
        problem, reach = None, None
        try:
            if self.part == REFERENCE:
                problem, reach = verify_reference(exercise)
            else:
                problem = verify_part(exercise, self.part, self.reach, quick=self.quick)
        except LadderError as error:
            problem = str(error)
        return Finding(exercise.path, self.part, problem, time.perf_counter() - started, reach)


def parts_of(exercise: Exercise) -> list[str]:
    """Name the parts of an exercise that are verified one by one; what takes longest comes first.

    Of the mistakes, those are the last ones, which lose what comes at once or wait where nothing should.
    """
    try:
        mistakes = [f"{MISTAKE}{mistake.name}" for mistake in reversed(exercise.mistakes)]
    except LadderError:
        mistakes = []  # the part `documents` reports it
    return [REFERENCE, "reference on one server", *mistakes, "starter", "contract", "documents"]


@contextmanager
def start_workers(exercises: list[Exercise]) -> Iterator[ProcessPoolExecutor]:
    """Start the processes that verify, before this one has threads.

    On Linux they are forked, and share one warm process, and a PostgreSQL if one is needed; elsewhere, each starts its
    own. Whatever ends this process early ends them too.
    """
    forked = sys.platform == "linux"
    context = multiprocessing.get_context("fork" if forked else "spawn")
    cores = cores_of_ours()
    dependencies = sorted({name for exercise in exercises for name in exercise.manifest.dependencies})
    shared = []
    if forked:
        warm_runner(Path(sys.executable), dependencies)
        needed = {name for exercise in exercises for name in exercise.manifest.services}
        with suppress(LadderError):  # whoever needs it will meet it again, and tell about it
            shared = [services.running(name) for name in needed & services.SHARED]
    prepared = (context.Value("i", 0), cores, dependencies, shared)
    with ProcessPoolExecutor(len(cores) * WORKERS_PER_CORE, context, prepare_worker, prepared) as pool:
        try:
            pool.submit(int).result()  # the first work starts them
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in multiprocessing.active_children():  # or what they have begun would be waited for
                worker.terminate()
            raise


def prepare_worker(
    begun: "Synchronized[int]", cores: list[int], dependencies: list[str], shared: list[services.Service]
) -> None:
    """Prepare a worker: it keeps to the core whose turn it is, and so do its servers.

    Args:
        begun: the number of workers that have begun.
        cores: what they share.
        dependencies: what all exercises together declare.
        shared: the services that all workers use.
    """
    with begun.get_lock():
        core = cores[begun.value % len(cores)]
        begun.value += 1
    begin_work(core)
    runner = warm_runner(Path(sys.executable), dependencies)
    runner.begin_anew()
    runner.cores = [core]
    for service in shared:
        service.begin_anew()


def verify_all(
    pool: ProcessPoolExecutor, root: Path, exercises: list[Exercise], *, quick: bool = False
) -> Iterator[tuple[int, Finding]]:
    """Verify exercises side by side.

    Args:
        pool: what `start_workers` has given for these exercises.
        root: the course's folder.
        exercises: which ones.
        quick: whether mistakes are judged only by the criteria that their entries name.

    Yields:
        the number of all parts, and one finding after the other, as they come.
    """
    jobs = [
        Job(root, exercise.folder, part, quick=quick) for exercise in exercises for part in parts_of(exercise)
    ]
    seconds: dict[Path, float] = {}  # that the longest part of an exercise has taken
    ready = [job for job in jobs if not job.part.startswith(MISTAKE)]
    workers = len(cores_of_ours()) * WORKERS_PER_CORE
    begun: set[Future[Finding]] = set()
    while begun or ready:
        while ready and len(begun) < workers:
            # Next is the exercise that has most left, so that all end together, and apps that wait do so beside
            # others that work.
            left = Counter(job.folder for job in ready)
            job = max(
                ready,
                key=lambda job: (job.part == REFERENCE, seconds.get(job.folder, 0.0) * left[job.folder]),
            )
            ready.remove(job)
            begun.add(pool.submit(job.run))
        done, begun = wait(begun, return_when=FIRST_COMPLETED)
        for finding in [future.result() for future in done]:
            folder = root / finding.exercise
            seconds[folder] = max(seconds.get(folder, 0.0), finding.seconds)
            if finding.part == REFERENCE:
                mistakes = [job for job in jobs if job.folder == folder and job.part.startswith(MISTAKE)]
                ready += [replace(job, reach=finding.reach) for job in mistakes]
            yield len(jobs), finding
