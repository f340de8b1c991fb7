"""What a check found: one value, and the writers that turn it into JSON and JUnit XML.

The terminal's writer is `ladder.commands.terminal`.
"""

import json
import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ladder.base.junit import Suite, add_fault, write_suites
from ladder.base.log import SHOWN_BYTES
from ladder.base.text import cut
from ladder.client.exchange import Exchange

REDIRECTS = range(300, 400)
NOT_IMPLEMENTED = 501
"""What starters answer where the code is still to be written."""
NAMED = re.compile(r"(?<=/)[^/]*\d[^/]*")
"""A part of a path that names one thing, such as an id."""


class Outcome(StrEnum):
    """What became of one criterion."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed out"  # its test was stopped at its limit
    SKIPPED = "skipped"  # its test was skipped, and must run
    NOT_RUN = "not run"  # its test was never begun: the app does not start, or the run ended before
    ERROR = "error"  # a fault of the test, or of what runs it
    LEFT_OUT = "left out"  # it was not asked; one that needs a server of its own is not, where a running one is judged


UNJUDGED = (Outcome.ERROR, Outcome.SKIPPED, Outcome.TIMED_OUT, Outcome.NOT_RUN)
"""The outcomes of a criterion that has no verdict, the worst first; none of them is ever a pass."""


class Verdict(StrEnum):
    """What became of the whole check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not judged"

    @property
    def exit_status(self) -> int:
        """The exit status of a command that gives this verdict."""
        return list(Verdict).index(self)


class Value(BaseModel):
    """A part of a report: plain, immutable data."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ExchangeRecord(Value):
    """One request and its answer, as text."""

    method: str
    target: str = Field(description="the path, with its query")
    curl: str = Field(
        description="the request as a line for a POSIX shell; a very long one is cut, and says so"
    )
    status: int | None = Field(description="null: there was no answer")
    location: str | None = Field(default=None, description="where a redirect (3xx) leads, if it says so")
    answer: str = Field(description="the answer's body")
    milliseconds: float

    @classmethod
    def of(cls, exchange: Exchange, base: str) -> "ExchangeRecord":
        """Turn what the client recorded into what a report keeps; `base` is the server for the `curl` line."""
        location = exchange.answer_headers.get("location") if exchange.status in REDIRECTS else None
        return cls(
            method=exchange.method,
            target=exchange.target,
            curl=cut(exchange.curl(base), SHOWN_BYTES),
            status=exchange.status,
            location=cut(location, SHOWN_BYTES) if location is not None else None,
            answer=exchange.answer[:SHOWN_BYTES].decode("utf-8", errors="backslashreplace"),
            milliseconds=round(exchange.seconds * 1000, 2),
        )

    @property
    def answered(self) -> str:
        """The status, and of a redirect, where it leads."""
        if self.status is None:
            return "no answer"
        if self.status not in REDIRECTS:
            return str(self.status)
        return f"{self.status}, {'without a Location' if self.location is None else f'Location: {self.location}'}"


class Given(Value):
    """What a test gave to the app that it started."""

    settings: dict[str, str] = Field(default={}, description="environment variables")
    files: dict[str, str] = Field(default={}, description="files in the app's working directory, by name")


class Failure(Value):
    """Why a criterion did not pass."""

    message: str = Field(description="what went wrong, in one or a few lines")
    case: str | None = Field(
        default=None, description="the row of the ticket's table, where the criterion has one"
    )
    place: str | None = Field(default=None, description="the line of the test, such as test_notes.py:31")
    expected: str | None = Field(default=None, description="what the test compared with")
    actual: str | None = Field(default=None, description="what the test got instead")
    difference: list[str] = Field(
        default=[], description="the lines of a unified diff: - got, + expected; long lines are cut"
    )
    exchanges: list[ExchangeRecord] = Field(
        default=[], description="what was asked and answered; the last one is the one that failed"
    )
    together: dict[str, int] = Field(
        default={},
        description="where the test sent several such requests at once: the answers' statuses, and how many of each",
    )
    is_own: bool = Field(
        default=False,
        description="whether the criterion is about the request that failed, and not about another",
    )
    endpoint: str | None = Field(
        default=None, description="where the app declares what was asked, such as main.py:38 create_note"
    )
    given: Given | None = Field(default=None, description="what the test gave to the app, if anything")
    hangs: str = Field(default="", description="where an app that did not answer was, in its own files")
    log: str = Field(default="", description="what the app printed, its tracebacks cut down to its own files")

    @property
    def is_to_do(self) -> bool:
        """Whether the request that failed was answered as a starter does where code is still to be written."""
        return bool(self.exchanges) and self.exchanges[-1].status == NOT_IMPLEMENTED


class Result(Value):
    """One criterion of the ticket, and what became of it."""

    number: int
    sentence: str
    test: str
    outcome: Outcome
    to_do: bool = Field(
        default=False,
        description="whether a criterion that failed did so with a 501, as a starter answers; it counts as failed",
    )
    seconds: float = 0.0
    failures: list[Failure] = Field(default=[], description="one for each case that did not pass")


class Report(Value):
    """One check of one app against one exercise."""

    exercise: str
    app: str = Field(description="the folder that was checked, or the URL of a running server")
    seed: int = Field(description="the values of the run come from it; --seed replays them")
    seconds: float
    problem: str | None = Field(default=None, description="why nothing could be judged")
    app_at_fault: bool = Field(
        default=False, description="whether the problem is the app's: it is missing, or does not start"
    )
    results: list[Result]

    @property
    def verdict(self) -> Verdict:
        """Passed only if everything that was asked passed, and something was asked."""
        outcomes = {result.outcome for result in self.results}
        if self.problem is None and Outcome.FAILED in outcomes:
            return Verdict.FAILED
        if self.problem is None and outcomes - {Outcome.LEFT_OUT} == {Outcome.PASSED}:
            return Verdict.PASSED
        return Verdict.NOT_JUDGED

    @property
    def first_failure(self) -> Result | None:
        """The failure to look at first; `None` where all passed."""
        return find_first_failure(self.results)

    @property
    def results_by_number(self) -> dict[int, Result]:
        """The results, by the numbers of their criteria."""
        return {result.number: result for result in self.results}

    def numbers(self, *outcomes: Outcome) -> set[int]:
        """Return the numbers of the criteria with one of these outcomes."""
        return {result.number for result in self.results if result.outcome in outcomes}


def find_first_failure(results: Sequence[Result]) -> Result | None:
    """Find the failure to look at first.

    That is the first criterion, in the ticket's order, that did not pass; what is still to be written (501) comes last.
    But where its failure is in a request that it only uses, it is the criterion that is about that request, if that has
    failed in it, too: who cannot read one note sees "A note can be read by its id", and not the criterion before it
    that reads a note to see whether it was kept.
    """
    missed = [one for one in results if one.outcome is Outcome.FAILED or one.outcome in UNJUDGED]
    missed.sort(key=lambda result: result.to_do)
    failure = missed[0].failures[0] if missed and missed[0].failures else None
    if failure is None or failure.is_own or not failure.exchanges:
        return missed[0] if missed else None
    about = (
        one
        for one in missed
        for other in one.failures
        if other.is_own and asks_the_same(other.exchanges[-1], failure.exchanges[-1])
    )
    return next(about, missed[0])


def asks_the_same(one: ExchangeRecord, other: ExchangeRecord) -> bool:
    """Return whether two requests go to the same place: the same method, and the same path but for ids."""
    paths = [NAMED.sub("{}", exchange.target.partition("?")[0]) for exchange in (one, other)]
    return one.method == other.method and paths[0] == paths[1]


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what `write_json` writes; it is kept in `report.schema.json`."""
    verdict = {"enum": [verdict.value for verdict in Verdict], "type": "string"}
    schema = Report.model_json_schema(mode="serialization")
    schema["properties"] = {"verdict": verdict} | schema["properties"]
    schema["required"] = ["verdict", *schema["required"]]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def write_json(report: Report) -> str:
    """Return a report as JSON."""
    value = {"verdict": report.verdict.value} | report.model_dump(mode="json")
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def write_junit(report: Report) -> str:
    """Return a report as JUnit XML, as CI servers read it."""
    facts = {"app": report.app, "seed": str(report.seed), "verdict": report.verdict.value}
    suite = Suite(report.exercise, facts, report.seconds)
    for result in report.results:
        case = suite.add_case(f"{result.number}. {result.sentence}", result.seconds)
        tag = "failure" if result.outcome is Outcome.FAILED else "error"
        for failure in result.failures:
            kind = {"type": "to do"} if result.to_do else {}
            add_fault(case, tag, failure.message, failure_text(failure), **kind)
        if result.outcome in UNJUDGED and not result.failures:
            add_fault(case, "error", "The test was not run.")
        if result.outcome is Outcome.LEFT_OUT:
            add_fault(case, "skipped", "needs a server of its own")
    if report.problem is not None:
        suite.add_problem(report.problem)
    return write_suites([suite], report.exercise)


def failure_text(failure: Failure) -> str:
    """Return a failure as plain text: what was expected, what the test got, the request, and what the app printed."""
    lines = [failure.message]
    if failure.difference:
        lines += ["difference (- got, + expected):", *failure.difference]
    elif failure.expected is not None:
        lines += [f"expected: {failure.expected}", f"got: {failure.actual}"]
    if failure.exchanges:
        asked = failure.exchanges[-1]
        lines += [f"request: {asked.curl}", f"answer: {asked.answered} {asked.answer}".rstrip()]
    lines += [f"{title.lower()}: {text}" for title, text in facts_of(failure)]
    if failure.log:
        lines += ["the app printed:", failure.log]
    return "\n".join(lines)


def facts_of(failure: Failure) -> list[tuple[str, str]]:
    """Return what else is known of a failure, each with a title, besides what the app printed."""
    facts = []
    if failure.together:
        counts = ", ".join(f"{number} x {status}" for status, number in failure.together.items())
        facts.append(("Answers", f"{counts} (to {sum(failure.together.values())} such requests)"))
    if failure.endpoint is not None:
        facts.append(("Your code", failure.endpoint))
    if failure.given is not None:
        settings = [f"{name}={value}" for name, value in failure.given.settings.items()]
        files = [f"{name}: {text}" for name, text in failure.given.files.items()]
        facts.append(("App given", "\n".join([*settings, *files])))
    if failure.hangs:
        facts.append(("Hangs in", failure.hangs))
    return facts


def write_file(path: Path, text: str) -> None:
    """Write a report to a file, and make the folders on the way to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
