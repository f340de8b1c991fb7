"""What people see: the terminal's writer of reports, and the comparison with the reference.

Everything that comes from an app is shown as text: no markup of its own, no control characters.
"""

import difflib
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from ladder.base.text import one_line, visible
from ladder.checking.report import Failure, Outcome, Report, Result, Verdict, facts_of
from ladder.client.exchange import LEARNERS_URL
from ladder.course.catalog import App, Exercise
from ladder.grading.results import LearnerGrade, Status

if TYPE_CHECKING:
    from ladder.authoring.mutants import Mutant
    from ladder.authoring.mutation import Score  # it takes pytest with it
    from ladder.authoring.witness import Difference

MARKS = {
    Outcome.PASSED: ("pass", "green"),
    Outcome.FAILED: ("FAIL", "bold red"),
    Outcome.TIMED_OUT: ("TIMEOUT", "bold red"),
    Outcome.SKIPPED: ("SKIPPED", "bold red"),
    Outcome.NOT_RUN: ("NOT RUN", "bold red"),
    Outcome.ERROR: ("ERROR", "bold red"),
    Outcome.LEFT_OUT: ("left out", "dim"),
}
TO_DO = ("to do", "yellow")
FOLDED = {
    ("pass", "green"): "pass",
    TO_DO: "to do",
    ("FAIL", "bold red"): "fail",
    ("TIMEOUT", "bold red"): "timed out",
    ("SKIPPED", "bold red"): "skipped",
    ("NOT RUN", "bold red"): "not run",
    ("ERROR", "bold red"): "error",
    ("left out", "dim"): "left out",
}
"""What is said of several criteria with one mark."""
SHOWN_BEFORE = 5
"""How many of the requests before the one that failed are shown."""
SCREEN_LINES = 24
"""The least that a terminal shows at once."""
PROMPT_LINES = 1
LEAST_COLUMNS = 40
LEAST_LINES = 8
"""What a failure gets of a terminal that is smaller."""
CAUSE_LINES = 2
"""How many lines say why nothing could be judged; what the app printed follows."""
FEW_LINES = 3
REQUEST_LINES = 7
"""How long a request may be that is not cut, so that it can be copied."""
CUT = Text(" … ", style="dim")
TITLE_COLUMNS = 10
SIDE_BY_SIDE_COLUMNS = 120
LINE_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
"""Green is what is wanted: what was expected, and the reference."""


@dataclass
class Part:
    """One part of a failure: a title, and lines below each other beside it."""

    title: str
    lines: list[Text]
    keeps_end: bool = False  # where it is too long: whether its end tells more than its beginning
    least: int = 1  # the lines of a screen that it is left, as long as others have more
    most: int = SCREEN_LINES  # that it gets at all

    def rows(self, width: int) -> int:
        """Return how many lines of a screen it takes."""
        return sum(rows_of(line, width) for line in self.lines)

    def limit(self, rows: int, width: int) -> None:
        """Cut what can never be shown on so many lines of a screen, which is quicker than line by line."""
        while len(self.lines) > rows:
            self.drop_line()
        most = rows * width
        self.lines = [line if len(line) <= most else Text.assemble(line[:most], CUT) for line in self.lines]

    def shorten(self, width: int) -> None:
        """Take a line of the screen less: from the longest line, if that takes several, else a whole line."""
        place = max(range(len(self.lines)), key=lambda place: rows_of(self.lines[place], width))
        longest = self.lines[place]
        rows = rows_of(longest, width)
        if rows > 1:
            most = (rows - 1) * width - TITLE_COLUMNS - len(CUT)
            self.lines[place] = Text.assemble(longest[:most], CUT)
        else:
            self.drop_line()

    def drop_line(self) -> None:
        """Drop the last line, or the first one, and say so beside what is left."""
        if self.keeps_end:
            begin = "" if self.lines[1].plain.startswith(CUT.plain) else CUT
            self.lines[:2] = [Text.assemble(begin, self.lines[1])]
        else:
            end = "" if self.lines[-2].plain.endswith(CUT.plain) else CUT
            self.lines[-2:] = [Text.assemble(self.lines[-2], end)]


def plain(text: str, style: str = "") -> Text:
    """Make text that shows what it holds: control characters become escapes, and nothing is taken for markup."""
    return Text(visible(text), style=style)


def rows_of(line: Text, width: int) -> int:
    """Return how many lines of a screen a line of a part takes beside its title."""
    return max(ceil((TITLE_COLUMNS + line.cell_len) / width), 1)


def fit_screen(parts: list[Part], rows: int, width: int) -> None:
    """Shorten parts until they take no more lines of a screen than this: always the one that takes most."""
    for part in parts:
        part.limit(rows, width)
        while part.rows(width) > part.most:
            part.shorten(width)
    while sum(part.rows(width) for part in parts) > rows:
        longest = max(parts, key=lambda part: (part.rows(width) > part.least, part.rows(width)))
        if longest.rows(width) == 1:
            break
        longest.shorten(width)


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


def show_report(
    console: Console, report: Report, exercise: Exercise, *, own: bool = True, everything: bool = False
) -> None:
    """Show a report: the failure to look at first, and how many criteria passed, on one screen.

    Args:
        console: where.
        report: what to show.
        exercise: that was checked.
        own: whether the learner's own code was checked.
        everything: whether to show each criterion, and each failure as a whole, however long that is.
    """
    if report.problem is not None:
        console.print(Text("Nothing could be judged.", style="bold red"))
        show_problem(console, report.problem, everything=everything)
        return
    first = report.first_failure
    end = [] if everything else folded(report, first)
    if first is not None:
        hints = f"ladder hint {exercise.short}" if own else f"{exercise.path}/hints.md"
        more = "" if everything else "  ·  all of it: --all"
        end.append(Text.assemble(("Stuck?".ljust(TITLE_COLUMNS), "dim"), (hints, "cyan"), (more, "dim")))
    end += summary(report).split("\n")
    if everything:
        show_criteria(console, report)
        failed = [result for result in report.results if result.failures and not result.to_do]
        for result in failed or ([first] if first is not None else []):
            console.print()
            show_failure(console, result)
    elif first is not None:
        taken = sum(ceil(max(line.cell_len, 1) / console.width) for line in end)
        show_failure(console, first, max(SCREEN_LINES - PROMPT_LINES - 1 - taken, LEAST_LINES))
    if first is not None or everything:
        console.print()
    for line in end:
        console.print(line, soft_wrap=True)


def show_problem(console: Console, problem: str, *, everything: bool) -> None:
    """Show why nothing could be judged: the cause, which stands first, and the end of what is too long for a screen."""
    lines = list(plain(problem).split("\n"))
    causes = lines[:CAUSE_LINES]
    rest = Part("", lines[CAUSE_LINES:], keeps_end=True)
    if rest.lines and not everything:
        width = max(console.width, LEAST_COLUMNS)
        taken = sum(rows_of(line, width) for line in causes)
        fit_screen([rest], max(SCREEN_LINES - PROMPT_LINES - 1 - taken, LEAST_LINES), width)
    for line in [*causes, *rest.lines]:
        console.print(line, soft_wrap=True)


def show_criteria(console: Console, report: Report) -> None:
    """Show a line for each criterion."""
    table = Table.grid(padding=(0, 1))
    table.add_column(min_width=8)
    table.add_column(justify="right")
    table.add_column()
    for result in report.results:
        word, style = mark(result)
        table.add_row(Text(word, style=style), str(result.number), plain(result.sentence))
    console.print(table)


def mark(result: Result) -> tuple[str, str]:
    """Return the word for what became of a criterion, and its style."""
    return TO_DO if result.to_do else MARKS[result.outcome]


def folded(report: Report, shown: Result | None) -> list[Text]:
    """Return a line for each kind of outcome, with the numbers of its criteria but the one that is shown."""
    numbers: dict[tuple[str, str], list[int]] = {}
    for result in report.results:
        if result is not shown:
            numbers.setdefault(mark(result), []).append(result.number)
    more = mark(shown) if shown is not None else None
    return [
        Text(f"{len(some)}{' more' if kind == more else ''} {FOLDED[kind]}: {ranges(some)}", style=kind[1])
        for kind in FOLDED
        if (some := numbers.get(kind))
    ]


def ranges(numbers: list[int]) -> str:
    """Give numbers in their order, such as `1-3, 7`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def summary(report: Report) -> Text:
    """Return the verdict in a line or two."""
    passed, left_out = len(report.numbers(Outcome.PASSED)), len(report.numbers(Outcome.LEFT_OUT))
    asked = len(report.results) - left_out
    style = "bold green" if report.verdict is Verdict.PASSED else "bold red"
    text = Text.assemble((f"{passed} of {asked} criteria pass", style))
    text.append(f" · {report.seconds:.1f} s · --seed {report.seed} replays the values", style="dim")
    if left_out:
        text.append(
            f"\n{left_out} left out: they need a server of their own, which --url cannot give.", style="dim"
        )
    return text


def show_failure(console: Console, result: Result, rows: int | None = None) -> None:
    """Show one criterion that did not pass: the cause first, then the request.

    Args:
        console: where.
        result: the criterion.
        rows: how many lines of the screen that may take; by default, any number.
    """
    failure = result.failures[0] if result.failures else Failure(message="The test was not run.")
    case = f" [{failure.case}]" if failure.case else ""
    word, style = mark(result)
    title = Text.assemble((word, style), plain(f" {result.number}. {result.sentence}{case}", style="bold"))
    parts = parts_of(failure, changes_only=rows is not None)
    if rows is not None:
        width = max(console.width, LEAST_COLUMNS)
        fit_screen(parts, max(rows - ceil(title.cell_len / width), 1), width)
    console.print(title, soft_wrap=True)
    for part in parts:
        for number, line in enumerate(part.lines):
            begin = part.title if number == 0 else ""
            console.print(Text.assemble((begin.ljust(TITLE_COLUMNS), "dim"), line), soft_wrap=True)


def parts_of(failure: Failure, *, changes_only: bool) -> list[Part]:
    """Return the parts of a failure that there are, in the order in which they are read."""
    parts = []

    def add(title: str, text: str, style: str = "", **options: Any) -> None:
        parts.append(Part(title, list(plain(text, style=style).split("\n")), **options))

    if failure.difference:
        lines = around_changes(failure.difference[2:]) if changes_only else failure.difference[2:]
        legend = Text.assemble(("- got", "red"), "  ", ("+ expected", "green"))
        parts.append(
            Part("Differ", [legend, *(plain(line, LINE_COLOURS.get(line[:1], "")) for line in lines)])
        )
    elif failure.expected is not None and failure.actual is not None:
        add("Expected", failure.expected, "green")
        add("Got", failure.actual, "red")
    where = f" ({failure.place})" if failure.place is not None else ""
    add("Reason" if failure.expected is None else "Test", f"{failure.message}{where}")
    if failure.exchanges:
        asked = failure.exchanges[-1]
        add("Request", asked.curl, least=REQUEST_LINES)
        add("Answer", f"{asked.answered} {asked.answer}".strip(), most=FEW_LINES)
    for title, text in facts_of(failure):
        add(title, text, most=2 * FEW_LINES)
    if failure.exchanges[:-1]:
        before = [
            f"{one.method} {one.target} ({one.answered})" for one in failure.exchanges[-SHOWN_BEFORE - 1 : -1]
        ]
        runs = [(line, len(list(run))) for line, run in itertools.groupby(before)]
        asked_before = ", ".join(line if count == 1 else f"{count} x {line}" for line, count in runs)
        add("Before", asked_before, most=FEW_LINES)
    if failure.log:
        add("Printed", failure.log, keeps_end=True)
    return parts


def around_changes(difference: list[str]) -> list[str]:
    """Return the lines of a unified diff that differ, with one line before and after each change."""
    changed = [line[:1] in {"-", "+"} for line in difference]
    return [
        line
        for number, line in enumerate(difference)
        if any(changed[max(number - 1, 0) : number + 2]) and not line.startswith("@@")
    ]


def grade_line(learner: LearnerGrade, done: int, total: int) -> Text:
    """Return in a line what became of one learner's submission."""
    line = plain(f"{done:>{len(str(total))}}/{total}  {one_line(learner.learner)}  ")
    if learner.status is not Status.GRADED:
        line.append(f"{learner.status}: ", style="bold red" if learner.status is Status.ERROR else "yellow")
    passed = sum(criterion.outcome is Outcome.PASSED for criterion in learner.criteria)
    line.append(f"{passed} of {len(learner.criteria)} criteria")
    return line.append_text(plain(f"  {learner.short_reason}" if learner.short_reason else "", style="dim"))


def show_comparison(console: Console, yours: App, reference: App) -> None:
    """Show the learner's code beside the reference: what differs in files of one name, then all that it has alone.

    On a narrow terminal, what differs is shown as a diff.
    """
    mine, theirs = (
        {path: read_lines(app.source / path) for path in app.files()} for app in (yours, reference)
    )
    same = [str(name) for name in theirs if mine.get(name) == theirs[name]]
    for name, lines in theirs.items():
        if name in mine and mine[name] != lines:
            console.rule(plain(f"{name}"), align="left")
            show_difference(console, mine[name], lines)
    for name, lines in theirs.items():
        if name not in mine and lines:
            console.rule(plain(f"{name} (only the reference has it)"), align="left")
            for line in lines:
                console.print(plain(line), soft_wrap=True)
    alone = [str(name) for name in mine if name not in theirs]
    for what, names in (("The same in both", same), ("Only you have", alone)):
        if names:
            console.print(plain(f"{what}: {', '.join(names)}"), soft_wrap=True)


def show_difference(console: Console, left: list[str], right: list[str]) -> None:
    """Show two versions of a file next to each other, or as a diff where that does not fit."""
    if console.width >= SIDE_BY_SIDE_COLUMNS and console.is_terminal:
        console.print(side_by_side(left, right))
        return
    for line in difflib.unified_diff(left, right, "yours", "reference", lineterm=""):
        console.print(plain(line, style=LINE_COLOURS.get(line[:1], "")), soft_wrap=True)


def read_lines(path: Path) -> list[str]:
    """Return a file's lines."""
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


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


def difference_lines(found: "Difference") -> list[str]:
    """Return the requests that tell an app from the reference as curl lines, and both answers to the last one."""
    curls = [exchange.curl(LEARNERS_URL) for exchange in found.exchanges]
    return [*curls, f"Reference: {found.reference}", f"This app:  {found.other}"]


def show_score(console: Console, score: "Score", ask_witness: Callable[["Mutant"], list[str]]) -> None:
    """Show what became of an exercise's mutants.

    Args:
        console: where.
        score: the counts, and the survivors, which are shown as diffs.
        ask_witness: gives lines about a survivor.
    """
    for mutant in score.survivors:
        console.print(
            Text(f"SURVIVED  {score.exercise} · {mutant.kind} · {mutant.file}:{mutant.line}", "bold red")
        )
        for line in mutant.difference.splitlines()[2:]:
            console.print(plain(f"  {line}", style=LINE_COLOURS.get(line[:1], "")), soft_wrap=True)
        for line in ask_witness(mutant):
            console.print(plain(f"  {line}"), soft_wrap=True)
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
