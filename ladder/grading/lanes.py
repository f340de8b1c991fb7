"""Lanes: processes that judge submissions side by side, seen from the first (`ladder.grading.judge` runs in them)."""

import multiprocessing
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, closing, contextmanager, suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue

from ladder.base.errors import LadderError, ShortMemoryError
from ladder.base.memory import memory_of
from ladder.base.workers import cores_of_ours
from ladder.course.policy import Isolation
from ladder.grading.intake import Submission
from ladder.grading.journal import Journal
from ladder.grading.plan import Judged, Plan
from ladder.grading.results import Status
from ladder.sandbox.bubblewrap import Sandbox, close_early, take_sandbox

GRACE_SECONDS = 90.0
"""How long after its time a lane may still be busy with the last test, before it counts as broken."""
FAREWELL_SECONDS = 0.5
MOST_BYTES = 200 * 2**20
"""The memory with which a lane is still given a submission: what long answers have filled, Python seldom gives back."""


def begin(
    connection: Connection, plan: Plan, core: int, inherited: Sequence[Connection], sandbox: Sandbox | None
) -> None:
    """Be a lane.

    Args:
        connection: to the first process.
        plan: how submissions are judged.
        core: where the lane runs.
        inherited: the first process's own ends, which a forked lane has as well.
        sandbox: where submissions run, if it has inherited that.
    """
    for one in inherited:
        one.close()  # or the lanes would not notice that the first process has closed them
    if sandbox is not None:
        sandbox.let_go()
    from ladder.grading.judge import work  # noqa: PLC0415 - it imports pytest and httpx, so not every process does

    work(connection, plan, core, sandbox)


class Lane:
    """A process that judges, seen from the first one. Should it break or grow, the next submission gets another.

    Args:
        plan: how submissions are judged.
        core: where it runs.
        sandbox: where submissions run; if it cannot be inherited, the lane makes one.
    """

    def __init__(self, plan: Plan, core: int, sandbox: Sandbox | None = None) -> None:
        self.plan = plan
        self.core = core
        self.sandbox = sandbox
        self.known: frozenset[str] | None = None  # until `tell` is called
        self.process: multiprocessing.process.BaseProcess | None = None
        self.connection: Connection | None = None

    def start(self, others: Sequence["Lane"] = (), *, fork: bool = False) -> Connection:
        """Start the process.

        Args:
            others: those that were started before.
            fork: whether to fork it, which is quicker.

        Returns:
            the connection to it: first it takes the digests of the submissions whose verdict is known already, then
            submissions.
        """
        context = multiprocessing.get_context("fork") if fork else multiprocessing.get_context("spawn")
        connection, far_end = context.Pipe()
        ours = [connection, *(lane.connection for lane in others if lane.connection is not None)]
        of_first = (ours, self.sandbox) if fork else ([], None)
        self.process = context.Process(
            target=begin, args=(far_end, self.plan, self.core, *of_first), daemon=True
        )
        self.process.start()
        far_end.close()
        if self.known is not None:
            connection.send(self.known)
        self.connection = connection
        return connection

    def tell(self, known: frozenset[str]) -> None:
        """Tell it the digests of the submissions whose verdict is known already."""
        self.known = known
        if self.connection is not None:
            with suppress(OSError):  # it has broken: the first submission tells
                self.connection.send(known)

    def judge(self, submission: Submission, *, alone: bool = False) -> Judged:
        """Judge one submission; a lane that ends or hangs over it is a fault of the grader.

        Args:
            submission: which one.
            alone: whether no other one is judged meanwhile.

        Raises:
            ShortMemoryError: the machine had no memory left; alone, it may be judged.
            LadderError: nobody can be judged here.
        """
        try:
            connection = self.connection or self.start()
            connection.send((submission, alone))
            if connection.poll(self.plan.seconds * self.plan.repeat + GRACE_SECONDS):
                judged: Judged | LadderError = connection.recv()
                if isinstance(judged, LadderError):
                    raise judged
                if self.process is not None and memory_of(self.process.pid or 0) > MOST_BYTES:
                    self.end()
                return judged
            reason = "The grader did not come to an end with it."
        except (EOFError, OSError):
            reason = "The grader's own process ended while it was busy with it."
        self.end()
        return error_about(
            submission, f"{reason} Grade it again with --resume; if it stays so, tell the authors."
        )

    def dismiss(self) -> None:
        """Let it end when it has nothing to do any more; two threads may want that at the same time."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()

    def end(self) -> None:
        """End the process at once, and with it all that it has started."""
        self.dismiss()
        process, self.process = self.process, None
        if process is not None:
            process.join(FAREWELL_SECONDS)
            process.kill()
            process.join()


def error_about(submission: Submission, reason: str) -> Judged:
    """Return what is no verdict: the grader's own fault."""
    return Judged(
        learner=submission.learner,
        submission=submission.path.name,
        digest=None,
        status=Status.ERROR,
        reason=reason,
        reports=[],
    )


@contextmanager
def open_lanes(plan: Plan, jobs: int | None = None) -> Iterator[list[Lane]]:
    """Start lanes, forked where that can be done: not from a process that has threads or, half-way, runs pytest.

    Those that are forked share a sandbox or, without one, a warm process, which imports what apps need once. For an
    exercise with services, each lane has a sandbox: its submissions see the servers of their lane.

    Args:
        plan: how submissions are judged.
        jobs: how many; by default, as many as there are cores.

    Raises:
        SandboxError: there is no bubblewrap.
    """
    cores = cores_of_ours()
    manifest = plan.open_exercise().manifest
    with ExitStack() as stack:
        sandbox = None
        is_alone = threading.active_count() == 1 and "pytest" not in sys.modules
        fork = sys.platform == "linux" and is_alone
        if fork:
            if plan.isolation is Isolation.SANDBOX and not manifest.services:
                sandbox = stack.enter_context(closing(take_sandbox(plan.python)))
                sandbox.preload(manifest.dependencies)
            from ladder.grading import judge  # noqa: F401, PLC0415 - lanes find them imported
            from ladder.serving.runner import warm_runner  # noqa: PLC0415 - lanes find them imported

            if plan.isolation is Isolation.PROCESS:
                warm_runner(plan.python, manifest.dependencies)
        close_early()
        lanes: list[Lane] = []
        for number in range(jobs or len(cores)):
            lane = Lane(plan, cores[number % len(cores)], sandbox)
            stack.callback(lane.end)
            lane.start(lanes, fork=fork)
            lanes.append(lane)
        yield lanes


def judge_all(
    lanes: Sequence[Lane], submissions: Sequence[Submission], journal: Journal
) -> Iterator[tuple[Submission, int]]:
    """Judge submissions side by side.

    Yields:
        each one, and where its verdict stands in the journal, as they come.

    Raises:
        LadderError: nobody can be judged here.
    """
    free: SimpleQueue[Lane] = SimpleQueue()
    for lane in lanes:
        lane.tell(frozenset(journal.known))
        free.put(lane)

    def judge(submission: Submission) -> Judged:
        lane = free.get()
        try:
            return lane.judge(submission)
        finally:
            free.put(lane)

    def note(judged: Judged) -> int:
        is_known = judged.status is Status.GRADED and not judged.reports
        return journal.known[judged.digest or ""] if is_known else journal.add(judged)

    short: list[Submission] = []
    with ThreadPoolExecutor(len(lanes)) as pool:
        futures = {pool.submit(judge, submission): submission for submission in submissions}
        try:
            for future in as_completed(futures):
                submission = futures.pop(future)  # or its reports would be kept until the end
                try:
                    yield submission, note(future.result())
                except ShortMemoryError:
                    short.append(submission)
            for submission in short:  # each alone, so that none suffers from another
                try:
                    judged = lanes[0].judge(submission, alone=True)
                except ShortMemoryError as error:
                    judged = error_about(submission, str(error))
                yield submission, note(judged)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for lane in lanes:
                lane.end()
            raise
        for lane in lanes:
            lane.dismiss()
