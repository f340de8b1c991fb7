"""Grades a class: each submission is judged by the exercise's own tests, in a sandbox, side by side over the cores.

The first process hands out submissions and writes; each *lane*, a process to a core, takes one submission after the
other in and judges it. What a lane finds is in the journal before anything else is done with it, so that a run which
is ended in whatever way goes on where it was.
"""

import hashlib
import json
import multiprocessing
import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

from ladder import gradebook, pages
from ladder.catalog import App, Exercise
from ladder.check import check
from ladder.errors import LadderError
from ladder.grades import CriterionGrade, Feedback, Grades, LearnerGrade, Status, to_utc
from ladder.intake import RefusedError, Submission, find_submissions, take_in
from ladder.policy import Isolation, Policy
from ladder.report import UNJUDGED, Outcome, Report, Result, Value, write_file
from ladder.sandbox import Sandbox, SandboxError
from ladder.server import Runner, warm_runner
from ladder.services import KINDS, Service, running
from ladder.text import cut
from ladder.workers import begin_work, cores_of_ours

JOURNAL = "journal.jsonl"
KEPT_EXCHANGES = 5
KEPT_CHARACTERS = 4_000
"""How much of a failure is kept: the last exchanges, and the beginning of each text."""
GRACE_SECONDS = 90.0
"""How long after its time a lane may still be busy with the last test, before it counts as broken."""
WORST_FIRST = (Outcome.ERROR, Outcome.FAILED, *UNJUDGED[1:], Outcome.LEFT_OUT, Outcome.PASSED)


@dataclass(frozen=True)
class Plan:
    """How a class is judged: the same for every submission."""

    root: Path
    exercise: Path
    seed: int
    repeat: int = 1
    seconds: float = 120.0
    isolation: Isolation = Isolation.SANDBOX
    python: Path = field(default_factory=lambda: Path(sys.executable))

    def open_exercise(self) -> Exercise:
        """Give the exercise."""
        return Exercise(self.root, self.exercise)

    def key(self) -> str:
        """Give a digest of all that a verdict depends on besides the submission: tests, ticket, and these options."""
        digest = hashlib.sha256(
            json.dumps([self.seed, self.repeat, self.seconds, self.isolation, str(self.python)]).encode()
        )
        engine = Path(__file__).parent
        for folder in (
            self.exercise / "tests",
            self.exercise / "README.md",
            self.exercise / "exercise.toml",
            engine,
        ):
            for path in sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]:
                digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


class Judged(Value):
    """What became of one submission: what a lane gives, and a line of the journal."""

    learner: str
    submission: str
    digest: str | None
    status: Status
    reason: str | None
    reports: list[Report]


class Judge:
    """Judges submissions, one after the other, in a process of its own.

    Args:
        plan: how.
        known: the digests of submissions whose verdict is known already.
    """

    def __init__(self, plan: Plan, known: frozenset[str]) -> None:
        self.plan = plan
        self.known = known
        self.exercise = plan.open_exercise()
        for kind in KINDS.values():
            os.environ.pop(kind.setting, None)  # no submission gets near a server of the instructor's own
        self.services: list[Service] = [running(name) for name in self.exercise.manifest.services]
        self.sandbox: Sandbox | None = None
        self.sandbox_worked = False

    def judge(self, submission: Submission) -> Judged:
        """Judge one submission; whatever goes wrong is a part of the answer.

        Raises:
            SandboxError: there can be no sandbox here.
        """
        target = self.prepare()
        digest = None
        try:
            taken = take_in(submission, self.exercise, target)
            digest = taken.digest
            if digest in self.known:
                return self.give(submission, digest, Status.GRADED)
            reports = [self.check(taken.app) for _ in range(self.plan.repeat)]
        except RefusedError as error:
            return self.give(submission, digest, Status.REFUSED, str(error))
        except LadderError as error:
            if isinstance(error, SandboxError) and not self.sandbox_worked:
                raise
            return self.give(submission, digest, Status.ERROR, str(error))
        finally:
            shutil.rmtree(target, ignore_errors=True)
        faults = [report.problem for report in reports if report.problem and not report.app_at_fault]
        faults += [
            result.failures[0].message if result.failures else "A test met an error."
            for report in reports
            for result in report.results
            if result.outcome is Outcome.ERROR
        ]
        if faults:
            return self.give(submission, digest, Status.ERROR, faults[0], reports)
        reason = next((report.problem for report in reports if report.problem), None)
        return self.give(submission, digest, Status.GRADED, reason, reports)

    def give(
        self,
        submission: Submission,
        digest: str | None,
        status: Status,
        reason: str | None = None,
        reports: Sequence[Report] = (),
    ) -> Judged:
        """Give a verdict, with no more of the evidence than people read."""
        shown = [shorten(report.model_copy(update={"app": submission.path.name})) for report in reports]
        return Judged(
            learner=submission.learner,
            submission=submission.path.name,
            digest=digest,
            status=status,
            reason=reason,
            reports=shown,
        )

    def prepare(self) -> Path:
        """Give an empty folder for a submission, where the apps will find it."""
        if self.plan.isolation is Isolation.PROCESS:
            folder = self.host_runner().folder / "submission"
        else:
            if self.sandbox is None or self.sandbox.process.poll() is not None:
                self.close()
                manifest = self.exercise.manifest
                sockets = [service.sockets for service in self.services]
                self.sandbox = Sandbox(self.plan.python, manifest.dependencies, sockets)
            folder = self.sandbox.submissions / "app"
        folder.mkdir(mode=0o755)
        return folder

    def host_runner(self) -> Runner:
        """Give what starts apps without protection."""
        return warm_runner(self.plan.python, tuple(self.exercise.manifest.dependencies))

    def check(self, app: App) -> Report:
        """Run all criteria once."""
        if self.sandbox is not None:
            runner: Runner = self.sandbox.open_cell()
            self.sandbox_worked = True
        else:
            runner = self.host_runner()
        try:
            return check(
                self.exercise,
                app,
                python=self.plan.python,
                seed=self.plan.seed,
                place=(runner, self.services),
                seconds=self.plan.seconds,
            )
        finally:
            if self.sandbox is not None:
                runner.close()

    def close(self) -> None:
        """End the sandbox."""
        if self.sandbox is not None:
            self.sandbox.close()
            self.sandbox = None


def shorten(report: Report) -> Report:
    """Give a report that keeps no more of the evidence than people read."""

    def shorten_result(result: Result) -> Result:
        failures = [
            failure.model_copy(
                update={
                    "message": cut(failure.message, KEPT_CHARACTERS),
                    "expected": failure.expected and cut(failure.expected, KEPT_CHARACTERS),
                    "actual": failure.actual and cut(failure.actual, KEPT_CHARACTERS),
                    "difference": [cut(line, KEPT_CHARACTERS) for line in failure.difference[:100]],
                    "log": cut(failure.log, KEPT_CHARACTERS),
                    "exchanges": [
                        one.model_copy(
                            update={
                                "target": cut(one.target, KEPT_CHARACTERS),
                                "curl": cut(one.curl, KEPT_CHARACTERS),
                                "answer": cut(one.answer, KEPT_CHARACTERS),
                            }
                        )
                        for one in failure.exchanges[-KEPT_EXCHANGES:]
                    ],
                }
            )
            for failure in result.failures
        ]
        return result.model_copy(update={"failures": failures})

    return report.model_copy(update={"results": [shorten_result(result) for result in report.results]})


def work(connection: Connection, plan: Plan, known: frozenset[str], core: int) -> None:
    """Be a lane: judge each submission that comes, until none comes any more."""
    begin_work(core)
    judge = Judge(plan, known)
    with suppress(EOFError):
        while True:
            submission: Submission = connection.recv()
            try:
                connection.send(judge.judge(submission))
            except SandboxError as error:
                connection.send(error)
    judge.close()


class Lane:
    """A process that judges, seen from the first one. Should it break, the next submission gets another.

    Args:
        plan: how submissions are judged.
        known: the digests of those whose verdict is known already.
        core: where it runs.
    """

    def __init__(self, plan: Plan, known: frozenset[str], core: int) -> None:
        self.plan = plan
        self.known = known
        self.core = core
        self.process: multiprocessing.process.BaseProcess | None = None
        self.connection: Connection | None = None

    def judge(self, submission: Submission) -> Judged:
        """Judge one submission; a lane that ends or hangs over it is a fault of the grader.

        Raises:
            SandboxError: there can be no sandbox here.
        """
        if self.process is None or self.connection is None:
            context = multiprocessing.get_context("spawn")
            self.connection, far_end = context.Pipe()
            self.process = context.Process(
                target=work, args=(far_end, self.plan, self.known, self.core), daemon=True
            )
            self.process.start()
            far_end.close()
        try:
            self.connection.send(submission)
            if self.connection.poll(self.plan.seconds * self.plan.repeat + GRACE_SECONDS):
                judged: Judged | SandboxError = self.connection.recv()
                if isinstance(judged, SandboxError):
                    raise judged
                return judged
            reason = "The grader did not come to an end with it."
        except (EOFError, OSError):
            reason = "The grader's own process ended while it was busy with it."
        self.end()
        return Judged(
            learner=submission.learner,
            submission=submission.path.name,
            digest=None,
            status=Status.ERROR,
            reason=f"{reason} Grade it again with --resume; if it stays so, tell the authors.",
            reports=[],
        )

    def end(self) -> None:
        """End the process at once, and with it all that it has started."""
        if self.process is not None and self.connection is not None:
            self.connection.close()
            self.process.join(0.5)
            self.process.kill()
            self.process.join()
        self.process = self.connection = None


class Journal:
    """The verdicts of a run, a line each, on disk before anything else is done with them.

    Args:
        path: the file.
        plan: how the class is judged; what was judged otherwise does not count.

    Attributes:
        known: where the verdict on each content stands, by its digest.
    """

    def __init__(self, path: Path, plan: Plan) -> None:
        self.path = path
        self.key = plan.key()
        self.seed = plan.seed
        self.known: dict[str, int] = {}
        self.end = 0
        path.touch()
        with path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break  # the run was ended while it wrote this
                self.note(line)
                self.end += len(line)
        os.truncate(path, self.end)

    def note(self, line: bytes) -> None:
        """Note a verdict that was found in the same way; what is none, or an error, is passed over."""
        with suppress(ValueError, KeyError, TypeError):
            entry = json.loads(line)
            judged = Judged.model_validate(entry["judged"])
            if entry["key"] == self.key and judged.status is Status.GRADED and judged.digest is not None:
                self.known[judged.digest] = self.end

    def add(self, judged: Judged) -> int:
        """Write a verdict, and give its place."""
        entry = {"key": self.key, "seed": self.seed, "judged": judged.model_dump(mode="json")}
        line = json.dumps(entry).encode() + b"\n"
        with self.path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        place, self.end = self.end, self.end + len(line)
        return place

    def read(self, place: int) -> Judged:
        """Give the verdict that stands at a place."""
        with self.path.open("rb") as file:
            file.seek(place)
            return Judged.model_validate(json.loads(file.readline())["judged"])


def choose_seed(journal: Path) -> int:
    """Give the seed of the last run that a journal tells of, or a new one."""
    seed = random.SystemRandom().randrange(10**6)
    with suppress(OSError), journal.open("rb") as file:
        for line in file:
            with suppress(ValueError, KeyError, TypeError):
                seed = int(json.loads(line)["seed"])
    return seed


def judge_all(
    plan: Plan, submissions: Sequence[Submission], journal: Journal, jobs: int
) -> Iterator[tuple[Submission, int]]:
    """Judge submissions side by side.

    Yields:
        each one, and where its verdict stands in the journal, as they come.

    Raises:
        SandboxError: there can be no sandbox here.
    """
    cores = cores_of_ours()
    known = frozenset(journal.known)
    lanes = [Lane(plan, known, cores[number % len(cores)]) for number in range(jobs)]
    free: SimpleQueue[Lane] = SimpleQueue()
    for lane in lanes:
        free.put(lane)

    def judge(submission: Submission) -> Judged:
        lane = free.get()
        try:
            return lane.judge(submission)
        finally:
            free.put(lane)

    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(judge, submission): submission for submission in submissions}
        try:
            for future in as_completed(futures):
                judged = future.result()
                is_known = judged.status is Status.GRADED and not judged.reports
                place = journal.known[judged.digest or ""] if is_known else journal.add(judged)
                yield futures[future], place
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for lane in lanes:
                lane.end()


def grade_of(exercise: Exercise, policy: Policy, submission: Submission, judged: Judged) -> LearnerGrade:
    """Turn a verdict into a grade. The criteria come from the ticket: what no run speaks of was not run."""
    submitted = to_utc(policy.submitted.get(submission.learner, submission.submitted))
    days = policy.late_days(submitted)
    criteria = []
    for criterion in exercise.ticket.criteria:
        of_runs = [report.results_by_number.get(criterion.number) for report in judged.reports]
        outcomes = {Outcome.NOT_RUN if result is None else result.outcome for result in of_runs}
        outcome = next((one for one in WORST_FIRST if one in outcomes), Outcome.NOT_RUN)
        possible = policy.points.get(criterion.number, 1.0)
        worst = next((result for result in of_runs if result is not None and result.outcome is outcome), None)
        criteria.append(
            CriterionGrade(
                number=criterion.number,
                sentence=criterion.sentence,
                outcome=outcome,
                points=possible if outcome is Outcome.PASSED else 0.0,
                possible=possible,
                flaky=len(outcomes) > 1,
                reasons=[failure.message for failure in worst.failures] if worst is not None else [],
            )
        )
    return LearnerGrade(
        learner=submission.learner,
        submission=submission.path.name,
        digest=judged.digest,
        status=judged.status,
        reason=judged.reason,
        criteria=criteria,
        submitted=submitted,
        late_days=days,
        late_percent=policy.late_percent(days),
    )


def grade_class(
    plan: Plan,
    policy: Policy,
    folder: Path,
    out: Path,
    jobs: int | None = None,
    on_judged: Callable[[LearnerGrade, int, int], None] = lambda _grade, _done, _all: None,
) -> Grades:
    """Grade every submission in a folder, and write all results.

    Args:
        plan: how submissions are judged.
        policy: how points are given.
        folder: of the submissions.
        out: where the results go; a journal that lies there is used.
        jobs: how many submissions are judged at the same time; by default, as many as there are cores.
        on_judged: is called with each grade, the number of those until now, and of all.

    Raises:
        LadderError: nothing can be graded; the message says why.
    """
    exercise = plan.open_exercise()
    exercise.require_tests_for_criteria()
    unknown = policy.points.keys() - {criterion.number for criterion in exercise.ticket.criteria}
    if unknown:
        raise LadderError(f"The points name criteria that {exercise.path} does not have: {sorted(unknown)}.")
    submissions, notes = find_submissions(folder)
    strangers = policy.submitted.keys() - {submission.learner for submission in submissions}
    notes += [
        f"The options say when {name} handed in, and there is no submission of that name."
        for name in sorted(strangers)
    ]
    out.mkdir(parents=True, exist_ok=True)
    journal = Journal(out / JOURNAL, plan)
    places: dict[str, int] = {}
    grades: dict[str, LearnerGrade] = {}
    for submission, place in judge_all(plan, submissions, journal, jobs or len(cores_of_ours())):
        learner = submission.learner
        places[learner] = place
        grades[learner] = grade_of(exercise, policy, submission, journal.read(place))
        on_judged(grades[learner], len(grades), len(submissions))
    result = Grades(
        exercise=exercise.path,
        title=exercise.manifest.title,
        seed=plan.seed,
        repeat=plan.repeat,
        isolation=plan.isolation,
        notes=notes,
        learners=[grades[submission.learner] for submission in submissions],
    )
    write_results_of(result, exercise, out, lambda learner: journal.read(places[learner]).reports)
    return result


def write_results_of(
    grades: Grades, exercise: Exercise, out: Path, reports_of: Callable[[str], list[Report]]
) -> None:
    """Write every file of the results.

    Args:
        grades: what to write.
        exercise: the exercise, for its hints.
        out: the folder to write to.
        reports_of: gives the reports on a learner's submission, one learner at a time.
    """
    for name, text in {
        "grades.csv": gradebook.write_csv(grades),
        "results.json": gradebook.write_results(grades),
        "junit.xml": gradebook.write_junit(grades),
        "summary.md": gradebook.write_summary(grades),
        "index.html": pages.write_overview(grades),
    }.items():
        write_file(out / name, text)
    folders = pages.slugs(grades)
    for learner in grades.learners:
        feedback = Feedback(learner=learner.learner, reports=reports_of(learner.learner))
        folder = out / "learners" / folders[learner.learner]
        write_file(folder / "index.html", pages.write_learner_page(grades, learner, feedback, exercise.hints))
        write_file(folder / "gradescope.json", gradebook.write_gradescope(learner, feedback, exercise.hints))
