"""Judges mutants: tells which of them an exercise's acceptance tests notice, and which survive."""

import itertools
import math
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from ladder.authoring.mutants import Mutant, find_mutants, meaning_of_edit, sample
from ladder.authoring.parts import check_noted, copied
from ladder.authoring.reach import Reach
from ladder.base.errors import LadderError
from ladder.checking.check import CheckApp, check_each
from ladder.checking.recorder import TEST_LIMIT, Recorder
from ladder.checking.report import Outcome, Verdict
from ladder.course.catalog import Exercise
from ladder.serving.launcher import warm_up

TARGET = 0.98
"""The least share of its mutants that an exercise's tests must notice."""
BATCH = 6
"""How many mutants one process judges with tests that it collects once."""
TRIES = 3
LEAST_LIMIT = 10.0
LIMIT_FACTOR = 5
"""A mutant may take ten seconds more for a test than five times what the reference took: else it hangs."""


class Fate(StrEnum):
    """What became of a mutant."""

    STILLBORN = "stillborn"  # it does not start, so nobody would hand it in
    KILLED = "killed"
    EQUIVALENT = "equivalent"  # it does what the reference does: the exercise's `equivalents.toml` says why
    SURVIVED = "survived"


@dataclass(frozen=True)
class Judged:
    """A mutant, what became of it, and how many seconds that took."""

    mutant: Mutant
    fate: Fate
    seconds: float


@dataclass(frozen=True)
class Score:
    """What became of an exercise's mutants.

    Attributes:
        exercise: its path.
        pool: how many mutants there are; those that were judged may be a part.
        judged: those that were judged, in the order of the text.
        check_seconds: what one `ladder check` of the reference took in the same run.
    """

    exercise: str
    pool: int
    judged: list[Judged]
    check_seconds: float

    @property
    def counts(self) -> dict[Fate, int]:
        """How many mutants had each fate."""
        fates = [one.fate for one in self.judged]
        return {fate: fates.count(fate) for fate in Fate}

    @property
    def share(self) -> float:
        """The share of the mutants that were killed, of those that could be."""
        possible = self.counts[Fate.KILLED] + self.counts[Fate.SURVIVED]
        return self.counts[Fate.KILLED] / possible if possible else 1.0

    @property
    def is_enough(self) -> bool:
        """Whether the tests notice as many as they must."""
        return self.share >= TARGET

    @property
    def survivors(self) -> list[Mutant]:
        """Those that no test notices."""
        return [one.mutant for one in self.judged if one.fate is Fate.SURVIVED]

    @property
    def seconds(self) -> float:
        """What judging one mutant took, in the median."""
        return median(one.seconds for one in self.judged) if self.judged else 0.0


@dataclass
class Choice:
    """Chooses the tests for one mutant after the other: those that can notice it, the likeliest first.

    Args:
        reach: what of the reference each test begins.
        seconds: what each test took on the reference, by its name.

    Attributes:
        tests: those that can notice the mutant at hand; `None` stands for all.
        near: those that begin something in the function where it has its fault.
        killers: those that have killed mutants, the last one last.
    """

    reach: Reach
    seconds: dict[str, float]
    tests: set[str] | None = None
    near: set[str] = field(default_factory=set)
    killers: list[str] = field(default_factory=list)

    def turn_to(self, mutant: Mutant) -> None:
        """Choose for this mutant from now on."""
        self.tests = self.reach.tests_of(mutant.file, mutant.before, mutant.after)
        places = {f"{mutant.file}:{line}" for line in mutant.lines_around}
        self.near = {test for test, begun in self.reach.by_test.items() if begun & places}

    def order(self, items: Sequence[pytest.Item]) -> list[pytest.Item]:
        """Return the tests that are to be run; the rows of a table stay together."""
        names = {item: getattr(item, "originalname", "") for item in items}
        chosen = [item for item in items if self.tests is None or names[item] in self.tests]
        return sorted(chosen, key=lambda item: self.rank(names[item]))

    def rank(self, test: str) -> tuple[int, bool, float, str]:
        """Return what tests are sorted by."""
        last_kill = self.killers.index(test) if test in self.killers else -1
        return -last_kill, test not in self.near, self.seconds.get(test, 0.0), test

    def note_killer(self, test: str) -> None:
        """Note that a test has killed a mutant: the next one, which stands near it, may be for the same."""
        self.killers = [one for one in self.killers if one != test] + [test]

    def limit(self, test: str) -> float:
        """Return the seconds that a mutant may take for a test, or for a row of its table."""
        return min(TEST_LIMIT, LEAST_LIMIT + LIMIT_FACTOR * self.seconds.get(test, 0.0))


class FirstFailure(Recorder):
    """Runs the tests that can notice a mutant until one fails twice: on a busy machine, once may be by chance.

    Args:
        choice: chooses them.
        arguments: those of a recorder.
    """

    def __init__(self, choice: Choice, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.choice = choice

    def run(self, items: Sequence[pytest.Item]) -> None:
        """Run them."""
        chosen = self.choice.order(items)
        for item, following in itertools.zip_longest(chosen, chosen[1:]):
            name = getattr(item, "originalname", "")
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(self.choice.limit(name)))
            if not self.passes(item, following) and self.found.outcome(name) is Outcome.FAILED:
                self.found.take(name)
                self.passes(item, following)
            if self.is_decided:
                break

    def passes(self, item: pytest.Item, following: pytest.Item | None) -> bool:
        """Run one test, and leave nothing of it if it fails."""
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if self.is_decided:
            item.config.hook.pytest_runtest_teardown(item=item, nextitem=None)  # as after the last one
        return not self.is_decided

    @property
    def is_decided(self) -> bool:
        """Whether it is known what becomes of the mutant."""
        return self.found.problem is not None or bool(self.found.failures)


@dataclass(frozen=True)
class Batch:
    """Some mutants, to be judged one after the other in a process that others work beside."""

    root: Path
    folder: Path
    mutants: list[Mutant]
    choice: Choice
    seed: int

    def run(self) -> list[Judged]:
        """Judge them.

        Raises:
            LadderError: nothing can be judged here.
        """
        exercise = Exercise(self.root, self.folder)
        judged: list[Judged] = []
        problems = [
            f"The tests of {exercise.path} could not be collected. See: ladder verify {exercise.short}"
        ]

        def work(check_app: CheckApp) -> None:
            try:
                judged.extend(judge(exercise, mutant, self.choice, check_app) for mutant in self.mutants)
            except LadderError as error:
                problems.append(str(error))
            except Exception:  # pytest would keep it
                problems.append(traceback.format_exc())

        check_each(exercise, Path(sys.executable), self.seed, work, partial(FirstFailure, self.choice))
        if len(judged) < len(self.mutants):
            raise LadderError(problems[-1])
        return judged


def judge(exercise: Exercise, mutant: Mutant, choice: Choice, check_app: CheckApp) -> Judged:
    """Judge one mutant.

    Raises:
        LadderError: nothing can be judged here.
    """
    started = time.perf_counter()
    with copied(exercise, exercise.solution) as app:
        (app.source / mutant.file).write_text(mutant.after, encoding="utf-8")
        choice.turn_to(mutant)
        for _ in range(TRIES):  # a test's time limit may run out where pytest is no longer in the test
            report = check_app(app, warm_up(exercise), math.inf)
            if report.problem is None or report.app_at_fault:
                break
    fate = Fate.SURVIVED
    if report.problem is not None:
        if not report.app_at_fault:
            raise LadderError(f"{exercise.path}: {mutant.file}, line {mutant.line}: {report.problem}")
        fate = Fate.STILLBORN
    failed = [result.test for result in report.results if result.failures]
    if failed and fate is not Fate.STILLBORN:
        fate = Fate.KILLED
        choice.note_killer(failed[0])
    return Judged(mutant, fate, time.perf_counter() - started)


def measure(root: Path, folder: Path) -> Choice:
    """Note what of the reference each test begins, and what it takes; a busy machine gets more than one try.

    Raises:
        LadderError: the reference does not pass.
    """
    exercise = Exercise(root, folder)
    for _ in range(TRIES):
        report, reach = check_noted(exercise)
        if report.verdict is Verdict.PASSED:
            return Choice(reach, {result.test: result.seconds for result in report.results})
    failed = ", ".join(str(number) for number in report.numbers(Outcome.FAILED))
    raise LadderError(
        f"The reference of {exercise.path} does not pass: {report.problem or f'failed: {failed}'}. "
        f"See: ladder verify {exercise.short}"
    )


def time_check(root: Path, exercise: Exercise) -> float:
    """Return the seconds that `ladder check` takes for the reference."""
    words = ["--course", str(root), "check", exercise.path, "--app", str(exercise.solution.folder)]
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "ladder", *words], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return time.perf_counter() - started


def judge_mutants(
    pool: ProcessPoolExecutor,
    root: Path,
    exercise: Exercise,
    size: int,
    seed: int,
    on_progress: Callable[[int, int], None],
) -> Score:
    """Judge the mutants of an exercise's reference, side by side.

    Args:
        pool: what `ladder.authoring.verify.start_workers` has given for this exercise.
        root: the course's folder.
        exercise: which one.
        size: the most that are judged; of more, so many are chosen.
        seed: the same one chooses the same mutants, and the same values for the tests.
        on_progress: is called with the number of mutants judged so far, and of all that will be.

    Raises:
        LadderError: nothing can be judged here.
    """
    mutants = find_mutants(exercise.solution.source)
    chosen = sample(mutants, size, seed)
    on_progress(0, len(chosen))
    check_seconds = time_check(root, exercise)
    choice = pool.submit(measure, root, exercise.folder).result()
    batches = [chosen[place : place + BATCH] for place in range(0, len(chosen), BATCH)]
    futures = [pool.submit(Batch(root, exercise.folder, batch, choice, seed).run) for batch in batches]
    done = 0
    try:
        for future in as_completed(futures):
            done += len(future.result())
            on_progress(done, len(chosen))
    finally:
        for future in futures:
            future.cancel()  # where one has failed, what nobody has begun would let the next exercise wait
    source = exercise.solution.source
    equivalent = {
        (entry.file, meaning_of_edit(source / entry.file, entry.text, entry.replacement))
        for entry in exercise.equivalents
    }
    judged = [
        Judged(one.mutant, Fate.EQUIVALENT, one.seconds)
        if one.fate is Fate.SURVIVED and (one.mutant.file, one.mutant.meaning) in equivalent
        else one
        for future in futures
        for one in future.result()
    ]
    return Score(exercise.path, len(mutants), judged, check_seconds)
