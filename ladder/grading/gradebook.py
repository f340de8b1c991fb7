"""A class's grades for machines: CSV, JSON, JUnit XML, Gradescope's results and a Markdown summary.

Each writer is a function from values to text. A learner chooses names and what an app answers and prints, so
nothing of it reaches a reader unescaped: no formula, no markup, no command.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from ladder.base.junit import Suite, add_fault, write_suites
from ladder.base.text import cut, decimal, fit, one_line, visible
from ladder.checking.report import Failure, Outcome, facts_of
from ladder.course.ticket import Hints
from ladder.grading.results import CriterionGrade, Feedback, Grades, LearnerGrade, Status

SHOWN_CHARACTERS = 4000
"""How much of one answer, log or value is shown."""
SHOWN_EXCHANGES = 5
"""How many of a failure's exchanges are shown, the last ones."""
SHOWN_CASES = 5
"""How many of a criterion's cases are shown."""
SHOWN_NOTES = 50
"""How many of the notes are shown where there is little room."""
CELL_CHARACTERS = 1000
"""How much of a text a table's cell holds: a spreadsheet takes 32,767, and people read less."""
GRADESCOPE_OUTPUTS_BYTES = 200 * 2**10
"""The greatest outputs of all tests; as JSON, they are twice as long at worst."""
SUMMARY_BYTES = 2**20
"""The greatest summary that GitHub takes."""
SUMMARY_ROWS = 500
FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@＝＋－＠])|^(?=[\t\r])")  # noqa: RUF001 - spreadsheets read them so
"""Where a spreadsheet may take text for a formula; where `;` parts cells, one begins after each."""
PUNCTUATION = re.compile(r"[!-+\-/:-@\[-`{-~]")
"""The signs that some reader of Markdown, HTML or a log may take for more than themselves."""
FLAKY = "Flaky: its runs, all with the same values, did not agree, and the worst one counts."
TO_DO = "To do: the app answers 501, as the starter does where the code is still to be written."
MEANINGS = {
    Outcome.PASSED: "It passed.",
    Outcome.FAILED: "Its test failed.",
    Outcome.TIMED_OUT: "Its test was stopped at its limit.",
    Outcome.SKIPPED: "Its test was skipped, and must run.",
    Outcome.NOT_RUN: "Its test was not run.",
    Outcome.ERROR: "Its test ended in an error.",
    Outcome.LEFT_OUT: "It was not asked.",
}
"""What an outcome means, where nothing more is known."""


def sentences(grades: Grades) -> dict[int, str]:
    """Return the ticket's criteria: each number with its sentence."""
    first = grades.learners[0].criteria if grades.learners else []
    return {criterion.number: criterion.sentence for criterion in first}


def has_passed(learner: LearnerGrade, criterion: CriterionGrade) -> bool:
    """Return whether a criterion passed: where there is no grade, none did."""
    return learner.status is Status.GRADED and criterion.outcome is Outcome.PASSED


def has_feedback(learner: LearnerGrade, criterion: CriterionGrade) -> bool:
    """Return whether there is more to tell about a criterion than why it was not run, which is told of all of them."""
    is_told_already = criterion.outcome is Outcome.NOT_RUN and learner.reason is not None
    is_judged = learner.status is Status.GRADED and (criterion.flaky or not is_told_already)
    return is_judged and criterion.outcome is not Outcome.PASSED


def failures_of(criterion: CriterionGrade, feedback: Feedback) -> list[Failure]:
    """Return the failures behind a grade: those of the first run that ended as it did."""
    return next(
        (
            result.failures
            for report in feedback.reports
            for result in report.results
            if result.number == criterion.number and result.outcome is criterion.outcome
        ),
        [],
    )


def is_to_do(criterion: CriterionGrade, feedback: Feedback) -> bool:
    """Return whether a criterion failed only since its code is still to be written; that earns nothing either."""
    failures = failures_of(criterion, feedback)
    return criterion.outcome is Outcome.FAILED and bool(failures) and all(one.is_to_do for one in failures)


def late_sentence(learner: LearnerGrade) -> str | None:
    """Return how late a submission is and what that costs; nothing where it is not late."""
    if learner.late_days == 0:
        return None
    days = f"Handed in {learner.late_days} {'day' if learner.late_days == 1 else 'days'} late"
    if learner.late_percent == 0:
        return f"{days}, which costs nothing."
    percent, cost = decimal(learner.late_percent), decimal(learner.late_cost)
    return f"{days}, which costs {percent} % of the earned points: {cost}."


def write_csv(grades: Grades) -> str:
    """Return the grades as CSV (RFC 4180): a row for each learner, a column of points for each criterion.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    numbers = [str(number) for number in sentences(grades)]
    totals = ["earned", "possible", "late_days", "late_cost", "total", "reason"]
    writer.writerow(["learner", "submission", "status", *numbers, *totals])
    for learner in grades.learners:
        writer.writerow(
            [
                cell(learner.learner),
                cell(learner.submission),
                learner.status.value,
                *(decimal(criterion.points) for criterion in learner.criteria),
                decimal(learner.earned),
                decimal(learner.possible),
                learner.late_days,
                decimal(learner.late_cost),
                "" if learner.total is None else decimal(learner.total),
                cell(learner.short_reason),
            ]
        )
    return file.getvalue()


def cell(text: str) -> str:
    """Return a text for a spreadsheet: on one line, and no formula."""
    return one_line(cut(FORMULA.sub(r"\1'", text), CELL_CHARACTERS))


def results_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what `write_results` writes.

    It is kept in `ladder/grading/grades.schema.json`.
    """
    schema = Grades.model_json_schema(mode="serialization")
    learner = schema["$defs"]["LearnerGrade"]
    learner["properties"] |= {
        "earned": {"type": "number", "description": "the points of the criteria that passed"},
        "possible": {"type": "number", "description": "the points of all criteria"},
        "late_cost": {"type": "number", "description": "the points that being late costs"},
        "total": {"type": ["number", "null"], "description": "the points that count; null: this is no grade"},
    }
    learner["required"] += ["earned", "possible", "late_cost", "total"]
    schema["properties"]["pass_rates"] = {
        "type": "object",
        "description": "the share of the learners with a grade who passed each criterion, by its number",
        "propertyNames": {"pattern": "^[0-9]+$"},
        "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
    }
    schema["required"].append("pass_rates")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def write_results(grades: Grades) -> str:
    """Return the grades as JSON, with each learner's totals and the pass rates."""
    value = grades.model_dump(mode="json")
    for learner, entry in zip(grades.learners, value["learners"], strict=True):
        entry |= {name: getattr(learner, name) for name in ("earned", "possible", "late_cost", "total")}
        entry["criteria"] = entry.pop("criteria")  # the long part last
    learners = value.pop("learners")
    return to_json(value | {"pass_rates": grades.pass_rates(), "learners": learners})


def to_json(value: object) -> str:
    r"""Give JSON that every reader takes: half a surrogate pair, which is no text, becomes the text `\ud800`."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    return re.sub(r"[\ud800-\udfff]", lambda match: "\\" + ascii(match[0])[1:-1], text)


def write_junit(grades: Grades) -> str:
    """Return the grades as JUnit XML: a suite for each learner, in which only what passed is no failure or error."""
    suites = []
    for learner in grades.learners:
        total = "none" if learner.total is None else decimal(learner.total)
        facts = {"submission": learner.submission, "status": learner.status, "total": total}
        facts |= {"possible": decimal(learner.possible), "seed": str(grades.seed)}
        suites.append(suite := Suite(learner.learner, facts))
        for criterion in learner.criteria:
            case = suite.add_case(f"{criterion.number}. {criterion.sentence}")
            if not has_passed(learner, criterion):
                tag, text = junit_fault(learner, criterion)
                text = cut(text, SHOWN_CHARACTERS)
                add_fault(case, tag, text.partition("\n")[0], text)
    return write_suites(suites, grades.exercise)


def junit_fault(learner: LearnerGrade, criterion: CriterionGrade) -> tuple[str, str]:
    """Return the name of the element that tells why a criterion did not pass, and its text."""
    if learner.status is Status.REFUSED:
        return "failure", learner.reason or "The submission was refused."
    if learner.status is Status.ERROR:
        return "error", learner.reason or "The grader failed."
    reasons = criterion.reasons or [MEANINGS[criterion.outcome]]
    text = "\n".join([*reasons, *([FLAKY] if criterion.flaky else [])])
    return "failure" if criterion.outcome is Outcome.FAILED else "error", text


def write_gradescope(learner: LearnerGrade, feedback: Feedback, hints: Hints) -> str:
    """Give Gradescope's `results.json` for one submission, of 500 KiB at most: what is longer is cut, and says so.

    Where the grader is at fault there is no score, which Gradescope then shows as a run that failed.
    """
    facts = [learner.reason, late_sentence(learner)]
    output = visible("\n".join(cut(fact, SHOWN_CHARACTERS) for fact in facts if fact is not None))
    if learner.total is None:
        return to_json(
            {"output": f"There is no grade: the grader failed.\n{output}", "output_format": "text"}
        )

    def render(limit: int) -> Iterator[str]:
        for criterion in learner.criteria:
            if has_feedback(learner, criterion):
                yield visible(feedback_text(criterion, feedback, hints, limit))
            else:
                yield "" if has_passed(learner, criterion) else MEANINGS[criterion.outcome]

    tests = [
        {
            "name": visible(cut(criterion.sentence, CELL_CHARACTERS)),
            "number": str(criterion.number),
            "score": criterion.points,
            "max_score": criterion.possible,
            "status": "passed" if has_passed(learner, criterion) else "failed",
            "output": text,
            "output_format": "text",
            "visibility": "visible",
        }
        for criterion, text in zip(
            learner.criteria, fit(render, SHOWN_CHARACTERS, GRADESCOPE_OUTPUTS_BYTES), strict=True
        )
    ]
    return to_json({"score": learner.total, "output": output, "output_format": "text", "tests": tests})


def feedback_text(criterion: CriterionGrade, feedback: Feedback, hints: Hints, limit: int) -> str:
    """Return in plain text why a criterion did not pass, each part of it cut to `limit` characters."""
    reasons = criterion.reasons or [MEANINGS[criterion.outcome]]
    cases = [explain_failure(failure, limit) for failure in failures_of(criterion, feedback)]
    cases = cases or [cut(reason, limit) for reason in reasons]
    notes = [*([FLAKY] if criterion.flaky else []), *([TO_DO] if is_to_do(criterion, feedback) else [])]
    parts = [*notes, *cases[:SHOWN_CASES]]
    if len(cases) > SHOWN_CASES:
        parts.append(f"… and {len(cases) - SHOWN_CASES} cases more")
    steps = hints.steps.get(criterion.sentence, ())
    parts += [f"Hint {number}: {cut(step, limit)}" for number, step in enumerate(steps, start=1)]
    return "\n\n".join(parts)


def explain_failure(failure: Failure, limit: int) -> str:
    """Return in plain text why one case did not pass: what is shortest and tells most comes first."""
    lines = [cut(failure.message, limit)]
    if failure.case is not None:
        lines.insert(0, f"Case: {cut(failure.case, limit)}")
    if failure.difference:
        lines += ["Difference (- got, + expected):", cut("\n".join(failure.difference), limit)]
    elif failure.expected is not None:
        lines += [f"Expected: {cut(failure.expected, limit)}", f"Got: {cut(failure.actual or '', limit)}"]
    if len(failure.exchanges) > SHOWN_EXCHANGES:
        lines.append(f"The last {SHOWN_EXCHANGES} of {len(failure.exchanges)} requests:")
    for exchange in failure.exchanges[-SHOWN_EXCHANGES:]:
        answer = f"{cut(exchange.answered, limit)} {cut(exchange.answer, limit)}".rstrip()
        lines += [f"Request: {cut(exchange.curl, limit)}", f"Answer: {answer}"]
    lines += [f"{title}: {cut(text, limit)}" for title, text in facts_of(failure)]
    if failure.log:
        lines += ["The app printed:", cut(failure.log, limit)]
    return "\n".join(lines)


def write_summary(grades: Grades) -> str:
    """Return the grades as Markdown for GitHub's step summary.

    The tables are HTML, in which GitHub looks for no Markdown, and names stand in `<code>`, in which it looks for no
    mentions and links. Of more than 500 learners, the first ones are shown.
    """
    return "".join(fit(lambda rows: [summary(grades, rows)], SUMMARY_ROWS, SUMMARY_BYTES))


def summary(grades: Grades, most_rows: int) -> str:
    """Return the summary with so many learners at most."""
    counts = ", ".join(
        f"{sum(learner.status is status for learner in grades.learners)} {status}" for status in Status
    )
    lines = [f"## {escape(grades.title)}", "", f"{escape(grades.exercise)}, seed {grades.seed}: {counts}", ""]
    if grades.isolation == "process":
        lines += ["**Without protection:** the submissions ran with the rights of whoever graded them.", ""]
    rates = grades.pass_rates()
    lines += ["### Criteria", "", "<table>", row("th", "#", "Criterion", "Pass rate")]
    lines += [
        row(
            "td", str(number), escape(sentence), f"{rates[number]:.0%}" if number in rates else "no grade yet"
        )
        for number, sentence in sentences(grades).items()
    ]
    lines += ["</table>", "", "### Learners", "", "<table>"]
    lines += [row("th", "Learner", "Status", "Total", "Possible", "Late days", "Reason")]
    lines += [
        row(
            "td",
            foreign(learner.learner),
            learner.status,
            "none" if learner.total is None else decimal(learner.total),
            decimal(learner.possible),
            str(learner.late_days),
            foreign(learner.short_reason),
        )
        for learner in grades.learners[:most_rows]
    ]
    lines += ["</table>", ""]
    if len(grades.learners) > most_rows:
        lines += [f"And {len(grades.learners) - most_rows} learners more, who are in the other reports.", ""]
    if grades.notes:
        lines += ["### Notes", "", "<ul>"]
        lines += [f"<li>{foreign(note)}</li>" for note in grades.notes[:SHOWN_NOTES]]
        lines += ["</ul>", ""]
    if len(grades.notes) > SHOWN_NOTES:
        lines += [f"And {len(grades.notes) - SHOWN_NOTES} notes more.", ""]
    return "\n".join(lines)


def row(tag: str, *cells: str) -> str:
    """Return a table's row in HTML, from cells that are HTML already."""
    return "<tr>" + "".join(f"<{tag}>{content}</{tag}>" for content in cells) + "</tr>"


def foreign(text: str) -> str:
    """Return a foreign text as HTML in which neither Markdown nor GitHub finds anything."""
    return f"<code>{escape(cut(text, 200))}</code>" if text else ""


def escape(text: str) -> str:
    """Return a text on one line with character references for its signs: it is no markup, and begins no command."""
    return PUNCTUATION.sub(lambda match: f"&#{ord(match[0])};", one_line(text))
