"""What people see: the terminal's writer of reports, and the comparison with the reference.

Everything that comes from an app is shown as text: no markup of its own, no control characters.
"""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from ladder.catalog import App, Exercise
from ladder.grades import LearnerGrade, Status
from ladder.report import Failure, Outcome, Report, Result, Verdict
from ladder.text import cut, one_line, visible

if TYPE_CHECKING:
    from ladder.mutation import Score  # it takes pytest with it

MARKS = {
    Outcome.PASSED: ("pass", "green"),
    Outcome.FAILED: ("FAIL", "bold red"),
    Outcome.TIMED_OUT: ("TIMEOUT", "bold red"),
    Outcome.SKIPPED: ("SKIPPED", "bold red"),
    Outcome.NOT_RUN: ("NOT RUN", "bold red"),
    Outcome.ERROR: ("ERROR", "bold red"),
    Outcome.LEFT_OUT: ("left out", "dim"),
}
SHOWN_LINES = 25
SHOWN_CHARACTERS = 2_000
SIDE_BY_SIDE_COLUMNS = 120
LINE_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def plain(text: str, style: str = "") -> Text:
    """Make text that shows what it holds: control characters become escapes, and nothing is taken for markup."""
    return Text(visible(text), style=style)


def shorten(text: str) -> str:
    """Cut a long text down to some of its lines, and say so."""
    lines = text.splitlines()
    left = len(lines) - SHOWN_LINES
    return (
        "\n".join([*lines[:SHOWN_LINES], f"… and {left} lines more (ladder check --json shows all)"])
        if left > 0
        else text
    )


def make_progress(console: Console) -> Progress:
    """Make a progress bar; without a terminal it shows nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(
        *columns,
        console=console,
        transient=True,
        redirect_stdout=False,  # what tests print is caught
        redirect_stderr=False,
        disable=not console.is_terminal,
    )


def show_report(console: Console, report: Report, exercise: Exercise, *, own: bool = True) -> None:
    """Show a report: a line for each criterion, and the first one that did not pass as a whole."""
    if report.problem is not None:
        console.print(Text("Nothing could be judged.", style="bold red"))
        console.print(plain(report.problem), soft_wrap=True)
        return
    table = Table.grid(padding=(0, 1))
    table.add_column(min_width=8)
    table.add_column(justify="right")
    table.add_column()
    for result in report.results:
        word, style = MARKS[result.outcome]
        table.add_row(Text(word, style=style), str(result.number), plain(result.sentence))
    console.print(table)
    first = report.first_failure
    if first is not None:
        console.print()
        show_failure(console, first)
        hints = f"ladder hint {exercise.short}" if own else f"{exercise.path}/hints.md"
        show_part(console, "Stuck?", plain(hints, style="cyan"))
    console.print()
    console.print(summary(report), soft_wrap=True)


def summary(report: Report) -> Text:
    """Say the verdict in a line or two."""
    passed, left_out = len(report.numbers(Outcome.PASSED)), len(report.numbers(Outcome.LEFT_OUT))
    asked = len(report.results) - left_out
    style = "bold green" if report.verdict is Verdict.PASSED else "bold red"
    text = Text(f"{passed} of {asked} criteria pass", style=style)
    text.append(f" · {report.seconds:.1f} s · --seed {report.seed} replays the values", style="dim")
    if left_out:
        text.append(
            f"\n{left_out} left out: they need a server of their own, which --url cannot give.", style="dim"
        )
    return text


def show_failure(console: Console, result: Result) -> None:
    """Show one criterion that did not pass: what was asked, what was expected, and what came."""
    failure = result.failures[0] if result.failures else Failure(message="The test was not run.")
    case = f" [{failure.case}]" if failure.case else ""
    console.print(plain(f"{result.number}. {result.sentence}{case}", style="bold"), soft_wrap=True)
    if failure.exchanges:
        *earlier, last = failure.exchanges
        if earlier:
            asked = ", ".join(f"{one.method} {one.target} ({one.status})" for one in earlier[-5:])
            show_part(console, "Before", plain(asked))
        show_part(console, "Request", plain(cut(last.curl, SHOWN_CHARACTERS)))
        answered = "no answer" if last.status is None else f"{last.status} {shorten(last.answer)}".strip()
        show_part(console, "Answer", plain(answered))
    if failure.expected is not None and failure.actual is not None and not failure.difference:
        show_part(console, "Expected", plain(shorten(failure.expected), style="green"))
        show_part(console, "Came", plain(shorten(failure.actual), style="red"))
    if failure.difference:
        lines = [
            plain(line, style=LINE_COLOURS.get(line[:1], "")) for line in failure.difference[2:SHOWN_LINES]
        ]
        show_part(console, "Difference between what was expected (-) and what came (+)", *lines)
    where = f" ({failure.place})" if failure.place else ""
    show_part(console, "Test", plain(f"{failure.message}{where}"))
    if failure.log:
        show_part(console, "Your app printed", plain(shorten(failure.log)))


def show_part(console: Console, title: str, *contents: Text) -> None:
    """Show one part of a failure, indented under its title; lines are never cut, so that they can be copied."""
    console.print(Text(f"  {title}", style="dim"))
    for content in contents:
        for line in content.split("\n"):
            console.print(Text("    ") + line, soft_wrap=True)


def grade_line(learner: LearnerGrade, done: int, total: int) -> Text:
    """Say in a line what became of one learner's submission."""
    line = plain(f"{done:>{len(str(total))}}/{total}  {one_line(learner.learner)}  ")
    if learner.status is not Status.GRADED:
        line.append(f"{learner.status}: ", style="bold red" if learner.status is Status.ERROR else "yellow")
    passed = sum(criterion.outcome is Outcome.PASSED for criterion in learner.criteria)
    line.append(f"{passed} of {len(learner.criteria)} criteria")
    return line.append_text(plain(f"  {learner.short_reason}" if learner.short_reason else "", style="dim"))


def show_comparison(console: Console, yours: App, reference: App) -> None:
    """Show the learner's code beside the reference, file by file; on a narrow terminal, as a diff."""
    names = sorted(
        {path.relative_to(app.source) for app in (yours, reference) for path in app.source.rglob("*.py")}
    )
    for name in names:
        left, right = (read_lines(app.source / name) for app in (yours, reference))
        console.rule(plain(f"{name}"), align="left")
        if left == right:
            console.print("the same in both")
        elif console.width >= SIDE_BY_SIDE_COLUMNS and console.is_terminal:
            console.print(side_by_side(left, right))
        else:
            for line in difflib.unified_diff(left, right, "yours", "reference", lineterm=""):
                console.print(plain(line, style=LINE_COLOURS.get(line[:1], "")), soft_wrap=True)


def read_lines(path: Path) -> list[str]:
    """Read a file's lines; one that is missing has none."""
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []


def side_by_side(left: list[str], right: list[str]) -> Table:
    """Put two versions next to each other, what is the same on the same row."""
    table = Table("yours", "reference", expand=True, box=None, header_style="dim")
    for column in table.columns:
        column.ratio = 1
        column.overflow = "fold"
    for tag, left_from, left_to, right_from, right_to in difflib.SequenceMatcher(
        None, left, right
    ).get_opcodes():
        rows = max(left_to - left_from, right_to - right_from)
        for row in range(rows):
            mine = left[left_from + row] if left_from + row < left_to else ""
            theirs = right[right_from + row] if right_from + row < right_to else ""
            same = tag == "equal"
            table.add_row(plain(mine, "" if same else "red"), plain(theirs, "" if same else "green"))
    return table


def show_score(console: Console, score: "Score") -> None:
    """Show what became of an exercise's mutants: the survivors as diffs, and the counts."""
    for mutant in score.survivors:
        console.print(
            Text(f"SURVIVED  {score.exercise} · {mutant.kind} · {mutant.file}:{mutant.line}", "bold red")
        )
        for line in mutant.difference.splitlines()[2:]:
            console.print(plain(f"  {line}", style=LINE_COLOURS.get(line[:1], "")), soft_wrap=True)
    counts = ", ".join(f"{count} {fate}" for fate, count in score.counts.items())
    pool = f" of {score.pool}" if len(score.judged) < score.pool else ""
    console.print(
        Text.assemble(
            (f"{score.share:7.1%}", "green" if score.is_enough else "bold red"),
            f"  {score.exercise}: {len(score.judged)}{pool} mutants: {counts}\n",
            f"{'':9}one took {score.seconds:.2f} s in the median, one ladder check {score.check_seconds:.2f} s",
        ),
        soft_wrap=True,
    )
