"""What a check found: one value, and the writers that turn it into JSON and JUnit XML.

The terminal's writer is `ladder.terminal`.
"""

import json
from enum import StrEnum
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from pydantic import BaseModel, ConfigDict, Field

from ladder.exchange import Exchange
from ladder.log import SHOWN_BYTES
from ladder.text import cut

NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535, *range(55296, 57344)), "�")
"""The characters that XML 1.0 cannot hold (section 2.2), and what is written for them."""


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
    answer: str = Field(description="the answer's body")
    milliseconds: float

    @classmethod
    def of(cls, exchange: Exchange, base: str) -> "ExchangeRecord":
        """Turn what the client recorded into what a report keeps; `base` is the server for the `curl` line."""
        return cls(
            method=exchange.method,
            target=exchange.target,
            curl=cut(exchange.curl(base), SHOWN_BYTES),
            status=exchange.status,
            answer=exchange.answer[:SHOWN_BYTES].decode("utf-8", errors="backslashreplace"),
            milliseconds=round(exchange.seconds * 1000, 2),
        )


class Failure(Value):
    """Why a criterion did not pass."""

    message: str = Field(description="what went wrong, in one or a few lines")
    case: str | None = Field(
        default=None, description="the row of the ticket's table, where the criterion has one"
    )
    place: str | None = Field(default=None, description="the line of the test, such as test_notes.py:31")
    expected: str | None = Field(default=None, description="what the test compared with")
    actual: str | None = Field(default=None, description="what came instead")
    difference: list[str] = Field(default=[], description="the lines of a unified diff, expected to actual")
    exchanges: list[ExchangeRecord] = Field(
        default=[], description="what was asked and answered, the last one last"
    )
    log: str = Field(default="", description="what the app printed, its tracebacks cut down to its own files")


class Result(Value):
    """One criterion of the ticket, and what became of it."""

    number: int
    sentence: str
    test: str
    outcome: Outcome
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
        """The first criterion that did not pass, in the ticket's order."""
        return next(
            (one for one in self.results if one.outcome is Outcome.FAILED or one.outcome in UNJUDGED), None
        )

    @property
    def results_by_number(self) -> dict[int, Result]:
        """The results, by the numbers of their criteria."""
        return {result.number: result for result in self.results}

    def numbers(self, *outcomes: Outcome) -> set[int]:
        """Give the numbers of the criteria with one of these outcomes."""
        return {result.number for result in self.results if result.outcome in outcomes}


def report_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of what `write_json` writes; it is kept in `ladder/report.schema.json`."""
    verdict = {"enum": [verdict.value for verdict in Verdict], "type": "string"}
    schema = Report.model_json_schema(mode="serialization")
    schema["properties"] = {"verdict": verdict} | schema["properties"]
    schema["required"] = ["verdict", *schema["required"]]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def write_json(report: Report) -> str:
    """Give a report as JSON."""
    value = {"verdict": report.verdict.value} | report.model_dump(mode="json")
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def write_junit(report: Report) -> str:
    """Give a report as JUnit XML, as CI servers read it."""
    counts = {outcome: len(report.numbers(outcome)) for outcome in Outcome}
    suite = ET.Element(
        "testsuite",
        name=report.exercise,
        tests=str(len(report.results)),
        failures=str(counts[Outcome.FAILED]),
        errors=str(len(report.numbers(*UNJUDGED))),
        skipped=str(counts[Outcome.LEFT_OUT]),
        time=f"{report.seconds:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (("app", report.app), ("seed", str(report.seed)), ("verdict", report.verdict.value)):
        ET.SubElement(properties, "property", name=name, value=value)
    for result in report.results:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=report.exercise,
            name=f"{result.number}. {result.sentence}",
            time=f"{result.seconds:.3f}",
        )
        for failure in result.failures:
            tag = "failure" if result.outcome is Outcome.FAILED else "error"
            ET.SubElement(case, tag, message=clean_xml(failure.message)).text = clean_xml(
                failure_text(failure)
            )
        if result.outcome in UNJUDGED and not result.failures:
            ET.SubElement(case, "error", message="The test was not run.")
        if result.outcome is Outcome.LEFT_OUT:
            ET.SubElement(case, "skipped", message="needs a server of its own")
    if report.problem is not None:
        ET.SubElement(suite, "system-err").text = clean_xml(report.problem)
    document = ET.Element("testsuites")
    document.append(suite)
    ET.indent(document)
    return ET.tostring(document, encoding="unicode", xml_declaration=True) + "\n"


def failure_text(failure: Failure) -> str:
    """Give a failure as plain text: the request, what was expected, what came, and what the app printed."""
    lines = [failure.message]
    if failure.exchanges:
        last = failure.exchanges[-1]
        lines += [f"request: {last.curl}", f"answer: {last.status} {last.answer}"]
    if failure.expected is not None:
        lines += [f"expected: {failure.expected}", f"came: {failure.actual}"]
    lines += failure.difference
    if failure.log:
        lines += ["the app printed:", failure.log]
    return "\n".join(lines)


def clean_xml(text: str) -> str:
    """Replace the characters that XML cannot hold."""
    return text.translate(NOT_XML)


def write_file(path: Path, text: str) -> None:
    """Write a report to a file, and make the folders on the way to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
