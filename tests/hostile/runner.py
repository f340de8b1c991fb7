"""Grades a corpus twice at once, and compares what came with what must come."""

import csv
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ladder.base.text import one_line
from tests.hostile.corpus import ALL, Case
from tests.hostile.traps import EXERCISE, ROOT, Traps, plant
from tests.hostile.watch import Machine, adopt_orphans, memory_taken

SEED = 4711
LOOK_SECONDS = 0.5
END_SECONDS = 20
"""How long a grader that is told to end may take for it."""
MOST_MEMORY = 400 << 20
"""Bytes that a grader may take."""
ORDER_TO_CI = re.compile(r"^\s*(?:::|##\[).*", re.MULTILINE)

Grade = dict[str, Any]
"""A learner's part of `results.json`."""


@dataclass
class Run:
    """One run of the grader.

    Attributes:
        out: where it writes.
        printed: what it prints.
        faults: what is wrong with the run as a whole.
        peak: the most memory that it took.
        grades: what each learner got, by the learner's id.
    """

    out: Path
    printed: Path
    faults: list[str] = field(default_factory=list)
    peak: int = 0
    grades: dict[str, Grade] = field(default_factory=dict)

    def read(self) -> None:
        """Read what the grader wrote; what cannot be read is a fault."""
        try:
            learners = json.loads((self.out / "results.json").read_text(encoding="utf-8"))["learners"]
            with (self.out / "grades.csv").open(encoding="utf-8", newline="") as table:
                rows = list(csv.DictReader(table))
        except (OSError, ValueError, KeyError) as error:
            self.faults.append(f"no grades: {error!r}")
            return
        self.grades = {learner["learner"]: learner for learner in learners}
        if len(rows) != len(learners):
            self.faults.append(f"grades.csv has {len(rows)} rows, and results.json {len(learners)} learners")

    def examine(self, traps: Traps) -> None:
        """Check that nothing that was found on the host is in what came, and nothing that gives orders."""
        files = [self.printed, *(path for path in sorted(self.out.rglob("*")) if path.is_file())]
        for file in files:
            self.faults += [f"{file.name} holds {text!r}" for text in traps.exposed(file.read_bytes())]
        for file in (self.printed, self.out / "summary.md"):
            text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
            self.faults += [f"{file.name} gives an order: {found!r}" for found in ORDER_TO_CI.findall(text)]
        if self.peak > MOST_MEMORY:
            self.faults.append("it took too much memory")


def run_corpus(cases: Sequence[Case], grader: Sequence[str], *, minutes: float, keep: bool = False) -> bool:
    """Build a corpus, grade it twice at once, print what came, and say whether all is as it must be.

    Args:
        cases: the corpus.
        grader: the command, up to the options that every grader is given.
        minutes: how long grading may take.
        keep: whether to leave the submissions and the reports.
    """
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    with ExitStack() as stack:
        adopt_orphans(True)
        stack.callback(adopt_orphans, False)
        if keep:
            print(f"Everything stays in {folder}", flush=True)
        else:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        traps = stack.enter_context(plant(folder))
        for case in cases:
            case.build(traps.submissions / case.name, traps)
        before = Machine.look()
        runs = [Run(out, out.with_suffix(".txt")) for out in traps.outs]
        some_refused = any(case.expected.status == "refused" for case in cases)
        run_graders(runs, traps, grader, minutes * 60, status=int(some_refused))
        faults = before.faults_since()
        faults += [f"something arrived at the host's {kind} socket" for kind in traps.arrived()]
        for run in runs:
            run.read()
            run.examine(traps)
        return report(cases, runs, faults)


def run_graders(
    runs: Sequence[Run], traps: Traps, grader: Sequence[str], seconds: float, status: int
) -> None:
    """Let all graders run at once, show what they print, and note the memory that they take.

    Args:
        runs: of the graders.
        traps: where they find the submissions.
        grader: the command.
        seconds: that they may take.
        status: with which they must end.
    """
    exercise = ["--exercise", EXERCISE, "--jobs", "1", "--seed", str(SEED)]
    environment = os.environ | {"HOME": str(traps.home), "HOSTILE_CANARY": traps.canary}
    deadline = time.monotonic() + seconds
    with ExitStack() as stack:
        processes = []
        for run in runs:
            output = stack.enter_context(run.printed.open("wb"))
            command = [*grader, str(traps.submissions), *exercise, "--out", str(run.out)]
            processes.append(
                subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            )
        shown = [stack.enter_context(run.printed.open(encoding="utf-8", errors="replace")) for run in runs]
        running = True
        while running and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
            running = any(process.poll() is None for process in processes)
            for number, (run, process, lines) in enumerate(zip(runs, processes, shown, strict=True), start=1):
                run.peak = max(run.peak, memory_taken(process.pid))
                for line in lines:
                    print(f"{number}│ {one_line(line.rstrip())}", flush=True)
        for run, process in zip(runs, processes, strict=True):
            end(process)
            if process.returncode != status:
                run.faults.append(
                    f"it ended with status {process.returncode}, and not {status}; it had {seconds:g} seconds"
                )


def end(process: "subprocess.Popen[bytes]") -> None:
    """Check that a grader has ended: ask it, and then do not ask any more."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                os.killpg(process.pid, number)
                process.wait(END_SECONDS)


def judge(case: Case, grade: Grade | None) -> list[str]:
    """Return what is wrong with the grade of one submission; none at all is wrong too."""
    if grade is None:
        return ["no grade"]
    expected = case.expected
    passed = passed_in(grade)
    too_many = passed - expected.passed
    too_few = expected.passed - passed
    reasons = [grade["reason"] or "", *itertools.chain(*(one["reasons"] for one in grade["criteria"]))]
    faults = []
    if grade["status"] != expected.status:
        faults.append(f"{grade['status']}, and should be {expected.status}: {grade['reason']}")
    if too_many:
        faults.append(f"passes {sorted(too_many)}, and should not")
    if too_few:
        faults.append(f"should pass {sorted(too_few)}: {reasons[:5]}")
    if not faults and not any(re.search(expected.reason, reason) for reason in reasons):
        faults.append(f"no reason says {expected.reason!r}: {reasons[:5]}")
    if grade["earned"] != len(passed):
        faults.append(f"passes {len(passed)}, and earned {grade['earned']}")
    return faults


def passed_in(grade: Grade) -> frozenset[int]:
    """Return the numbers of the criteria that passed."""
    return frozenset(one["number"] for one in grade["criteria"] if one["outcome"] == "passed")


def report(cases: Sequence[Case], runs: Sequence[Run], faults: Sequence[str]) -> bool:
    """Print a line for each submission, and all faults; say whether there are none."""
    print(f"\n{'submission':32} {'must pass':24} {'passed, in each run':48}")
    good = not faults
    for case in cases:
        grades = [run.grades.get(case.learner) for run in runs]
        wrong = [fault for grade in grades for fault in judge(case, grade)]
        must = f"{case.expected.status} {describe(case.expected.passed)}"
        seen = ", ".join(f"{one['status']} {describe(passed_in(one))}" if one else "none" for one in grades)
        print(f"{one_line(case.name):32.32} {must:24} {seen:48} {'WRONG' if wrong else 'ok'}")
        for fault in dict.fromkeys(wrong):
            print(f"    {one_line(fault)[:1000]}")
        good = good and not wrong
    for number, run in enumerate(runs, start=1):
        print(f"run {number}: at most {run.peak >> 20} MiB; {len(run.grades)} grades")
        for fault in run.faults:
            print(f"    WRONG: {one_line(fault)[:1000]}")
        good = good and not run.faults
    for fault in faults:
        print(f"WRONG: {one_line(fault)[:1000]}")
    print("All is as it must be." if good else "Not all is as it must be.", flush=True)
    return good


def describe(numbers: frozenset[int]) -> str:
    """Return a set of criteria in few letters."""
    if not numbers:
        return "none"
    missing = ",".join(map(str, sorted(ALL - numbers)))
    if len(numbers) > len(ALL) / 2:
        return f"all but {missing}" if missing else "all"
    return ",".join(map(str, sorted(numbers)))
