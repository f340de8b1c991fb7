"""Lanes: processes that judge submissions side by side, seen from the first one. `ladder.judge` runs in them."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from multiprocessing.connection import Connection
from queue import SimpleQueue

from ladder.errors import LadderError
from ladder.grades import Status
from ladder.intake import Submission
from ladder.journal import Journal
from ladder.plan import Judged, Plan
from ladder.workers import cores_of_ours

CONTEXT = multiprocessing.get_context("spawn")
GRACE_SECONDS = 90.0
"""How long after its time a lane may still be busy with the last test, before it counts as broken."""
FAREWELL_SECONDS = 0.5


def begin(connection: Connection, plan: Plan, known: frozenset[str], core: int) -> None:
    """Be a lane."""
    from ladder.judge import work  # noqa: PLC0415 - the first process needs neither pytest nor httpx

    work(connection, plan, known, core)


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
            LadderError: nobody can be judged here.
        """
        if self.process is None or self.connection is None:
            self.connection, far_end = CONTEXT.Pipe()
            self.process = CONTEXT.Process(
                target=begin, args=(far_end, self.plan, self.known, self.core), daemon=True
            )
            self.process.start()
            far_end.close()
        try:
            self.connection.send(submission)
            if self.connection.poll(self.plan.seconds * self.plan.repeat + GRACE_SECONDS):
                judged: Judged | LadderError = self.connection.recv()
                if isinstance(judged, LadderError):
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
        """End the process at once, and with it all that it has started; two threads may want that at the same time."""
        process, connection = self.process, self.connection
        self.process = self.connection = None
        if process is not None and connection is not None:
            connection.close()
            process.join(FAREWELL_SECONDS)
            process.kill()
            process.join()


def judge_all(
    plan: Plan, submissions: Sequence[Submission], journal: Journal, jobs: int
) -> Iterator[tuple[Submission, int]]:
    """Judge submissions side by side.

    Yields:
        each one, and where its verdict stands in the journal, as they come.

    Raises:
        LadderError: nobody can be judged here.
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
