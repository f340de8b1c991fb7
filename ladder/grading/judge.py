"""Judges submissions, one after the other, in a process of its own: a *lane* (see `ladder.grading.lanes`)."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Timer

from ladder.base.errors import AppFaultError, LadderError, ShortMemoryError
from ladder.base.text import cut
from ladder.base.workers import begin_work, open_many_files
from ladder.checking.check import CheckApp, check, check_each
from ladder.checking.recorder import Place
from ladder.checking.report import Outcome, Report, Result
from ladder.course.catalog import App
from ladder.course.policy import Isolation
from ladder.grading.contents import RefusedError
from ladder.grading.intake import Submission, take_in
from ladder.grading.plan import Judged, Plan
from ladder.grading.results import Status
from ladder.sandbox.bubblewrap import Sandbox
from ladder.sandbox.runner import open_cell
from ladder.services.limit import limited
from ladder.services.servers import KINDS, STOCKS, Service, running
from ladder.serving.launcher import Launcher
from ladder.serving.runner import Runner, warm_runner, warm_runners

WATCHDOG_SECONDS = 40.0
"""How long after its time a submission is ended, whatever it keeps the last test waiting with."""
KEPT_EXCHANGES = 5
KEPT_CHARACTERS = 4_000
"""How much of a failure is kept: the last exchanges, and the beginning of each text."""


class Judge:
    """Judges submissions, one after the other, in a process of its own.

    Args:
        plan: how.
        sandbox: where, if there is one that others use as well; should it end, the judge makes one of its own.

    Attributes:
        known: the digests of submissions whose verdict is known already.
    """

    def __init__(self, plan: Plan, sandbox: Sandbox | None = None) -> None:
        self.plan = plan
        self.known: frozenset[str] = frozenset()
        self.exercise = plan.open_exercise()
        for kind in KINDS.values():
            os.environ.pop(kind.setting, None)  # no submission gets near a server of the instructor's own
        needed = self.exercise.manifest.services
        is_sandboxed = plan.isolation is Isolation.SANDBOX
        self.services: list[Service] = [] if is_sandboxed else [running(name) for name in needed]
        self.stocks = [STOCKS[name]() for name in needed] if is_sandboxed else []
        for stock in self.stocks:
            stock.keep()
        self.sandbox = sandbox
        self.place_is_good = False  # where apps run, a right one does
        self.alone = False
        self.check_app: CheckApp = self.check_alone

    def judge(self, submission: Submission, *, alone: bool = False) -> Judged:
        """Judge one submission; whatever goes wrong is a part of the answer.

        Args:
            submission: which one.
            alone: whether no other one is judged meanwhile.

        Raises:
            ShortMemoryError: the machine had no memory left.
            LadderError: nobody can be judged here.
        """
        self.alone = alone
        judged = self.judge_once(submission)
        if judged.status is Status.ERROR and self.sandbox is not None and self.sandbox.has_ended():
            # In another one: it may not have been this submission's fault.
            judged = self.judge_once(submission)
        return judged

    def judge_once(self, submission: Submission) -> Judged:
        """Do the same, whatever becomes of the sandbox meanwhile."""
        target = self.prepare()
        digest = None
        try:
            if not self.place_is_good:
                self.try_reference(target)
            taken = take_in(submission, self.exercise, target)
            digest = taken.digest
            if digest in self.known:
                return self.give(submission, digest, Status.GRADED)
            reports = [self.check(taken.app) for _ in range(self.plan.repeat)]
        except RefusedError as error:
            return self.give(submission, digest, Status.REFUSED, str(error))
        except LadderError as error:
            if not self.place_is_good or isinstance(error, ShortMemoryError):
                raise
            return self.give(submission, digest, Status.ERROR, str(error))
        finally:
            shutil.rmtree(target, ignore_errors=True)
        faults = [report.problem for report in reports if report.problem and not report.app_at_fault]
        faults += [
            result.failures[0].message if result.failures else "A test ended in an error."
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
        """Return a verdict, with no more of the evidence than people read."""
        shown = [shorten(report.model_copy(update={"app": submission.path.name})) for report in reports]
        return Judged(
            learner=submission.learner,
            submission=submission.path.name,
            digest=digest,
            status=status,
            reason=reason and cut(reason, KEPT_CHARACTERS),
            reports=shown,
        )

    def prepare(self) -> Path:
        """Return an empty folder for a submission, where the apps will find it."""
        if self.plan.isolation is Isolation.PROCESS:
            runner = self.host_runner()
            folder = runner.folder / f"{runner.prefix}submission"
        else:
            if self.sandbox is None or self.sandbox.has_ended():
                self.close_sandbox()
                self.sandbox = Sandbox(self.plan.python, [stock.cells for stock in self.stocks])
                self.sandbox.preload(self.exercise.manifest.dependencies)
            folder = self.sandbox.submissions / str(os.getpid())
        folder.mkdir(mode=0o755)
        return folder

    def host_runner(self) -> Runner:
        """Return what starts apps without protection."""
        return warm_runner(self.plan.python, self.exercise.manifest.dependencies)

    def try_reference(self, target: Path) -> None:
        """Check that the reference starts where the submissions will: whatever keeps it from that is not their fault.

        Args:
            target: where it may lie meanwhile.

        Raises:
            LadderError: it does not start; nobody can be judged.
        """
        app = self.exercise.solution.copy_to(target)
        try:
            with (
                self.open_place(target) as (runner, services),
                closing(Launcher(runner, app, services)) as launcher,
            ):
                launcher.require_start()
        except AppFaultError as error:
            needed = " ".join(["fastapi", *self.exercise.manifest.dependencies])
            raise LadderError(
                f"Nobody was judged, since not even the reference of {self.exercise.path} starts here.\n{error}\n"
                f"See that {self.plan.python} has this project and {needed}, or pass another with --python."
            ) from error
        shutil.rmtree(app.source)
        self.place_is_good = True

    @contextmanager
    def open_place(self, folder: Path) -> Iterator[Place]:
        """Return what starts the apps of one submission, and the servers that they need, which nobody else gets.

        Args:
            folder: where the submission lies.

        Raises:
            SandboxError: there can be no sandbox here.
        """
        if self.sandbox is None:
            yield self.host_runner(), self.services
            return
        with ExitStack() as opened:
            services = [opened.enter_context(closing(stock.open())) for stock in self.stocks]
            runner = opened.enter_context(closing(open_cell(self.sandbox, folder, alone=self.alone)))
            limit = Timer(self.plan.seconds + WATCHDOG_SECONDS, runner.end, ["its time was over"])
            limit.daemon = True
            limit.start()
            opened.callback(limit.cancel)
            programs = [service.program for service in services if service.program is not None]
            opened.enter_context(limited(programs, runner.end))
            yield runner, services
            runner.cell.why_ended()
            if runner.cell.was_short:
                raise ShortMemoryError

    def check(self, app: App) -> Report:
        """Run all criteria once."""
        with self.open_place(app.folder) as place:
            return self.check_app(app, place, self.plan.seconds)

    def check_alone(self, app: App, place: Place, seconds: float) -> Report:
        """Judge an app by tests that are collected for it."""
        python, seed = self.plan.python, self.plan.seed
        return check(self.exercise, app, python=python, seed=seed, place=place, seconds=seconds)

    def close_sandbox(self) -> None:
        """End the sandbox."""
        if self.sandbox is not None:
            self.sandbox.close()
            self.sandbox = None

    def close(self) -> None:
        """End all that was started here: a forked process ends without the handlers of `atexit`."""
        self.close_sandbox()
        for stock in self.stocks:
            stock.place.close()
        for service in self.services:
            service.close()
        for place, runner in list(warm_runners.items()):
            if not runner.is_inherited:
                runner.close()
                del warm_runners[place]  # or it would be given to who asks for one next


def shorten(report: Report) -> Report:
    """Return a report that keeps no more of the evidence than people read."""

    def shorten_result(result: Result) -> Result:
        failures = [
            failure.model_copy(
                update={
                    "message": cut(failure.message, KEPT_CHARACTERS),
                    "expected": failure.expected and cut(failure.expected, KEPT_CHARACTERS),
                    "actual": failure.actual and cut(failure.actual, KEPT_CHARACTERS),
                    "difference": [cut(line, KEPT_CHARACTERS) for line in failure.difference[:100]],
                    "log": cut(failure.log, KEPT_CHARACTERS),
                    "hangs": cut(failure.hangs, KEPT_CHARACTERS),
                    "exchanges": [
                        one.model_copy(
                            update={
                                "target": cut(one.target, KEPT_CHARACTERS),
                                "curl": cut(one.curl, KEPT_CHARACTERS),
                                "answer": cut(one.answer, KEPT_CHARACTERS),
                                "location": one.location and cut(one.location, KEPT_CHARACTERS),
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


def work(connection: Connection, plan: Plan, core: int, sandbox: Sandbox | None) -> None:
    """Be a lane: judge each submission that comes, until none comes any more."""
    begin_work(core)
    open_many_files()
    for runner in warm_runners.values():
        runner.begin_anew()
        runner.cores = [core]
    judge = Judge(plan, sandbox)

    def serve(check_app: CheckApp) -> None:
        judge.check_app = check_app
        with suppress(EOFError, ConnectionError):  # the first process has no more, or wants no more
            while True:
                submission, alone = connection.recv()
                try:
                    connection.send(judge.judge(submission, alone=alone))
                except LadderError as error:
                    connection.send(error)
                except (EOFError, ConnectionError):
                    raise
                except BaseException as error:
                    reason = f"The grader failed over it: {type(error).__name__}: {error}. Tell the authors."
                    connection.send(judge.give(submission, None, Status.ERROR, reason))

    with closing(judge):
        with suppress(EOFError, ConnectionError):  # as in `serve`, which then ends at once
            judge.known = connection.recv()
        check_each(judge.exercise, plan.python, plan.seed, serve)
        # Where the tests could not be collected, each report tells why; else nothing more comes.
        serve(judge.check_alone)
