"""What instructors type: grade."""

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ladder.base.errors import LadderError
from ladder.base.workers import cores_of_ours
from ladder.commands import terminal
from ladder.commands.session import Course, PythonPath, console, install_what_is_missing, say
from ladder.course.catalog import read_toml
from ladder.course.policy import Isolation, Policy


def grade(
    context: typer.Context,
    submissions: Annotated[
        Path,
        typer.Argument(
            metavar="SUBMISSIONS", help="the folder that holds a folder, a .zip or a .tar.gz for each learner"
        ),
    ],
    exercise: Annotated[str, typer.Option(metavar="EXERCISE", help="which one; see 'ladder' for the names")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="where the results go")] = Path("grades"),
    options: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="points, deadline and late policy in TOML (those of the exercise)"),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="how many at the same time (as many as cores)")
    ] = None,
    names: Annotated[
        str | None,
        typer.Option(
            metavar="HOW",
            help="how the names are made: moodle, canvas, blackboard, brightspace, classroom, or a regular "
            "expression with a group (?P<learner>…) (each name is a learner's id)",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="the values for everyone (new, or those of the run in DIR)"),
    ] = None,
    repeat: Annotated[
        int, typer.Option(min=1, metavar="N", help="judge each so many times, to find flaky ones")
    ] = 1,
    time_limit: Annotated[
        float,
        typer.Option(
            min=1, metavar="SECONDS", help="after which no further criterion of a submission is begun"
        ),
    ] = 120,
    isolation: Annotated[
        Isolation,
        typer.Option(help="'process' runs submissions with your rights: only where nothing can be lost"),
    ] = Isolation.SANDBOX,
    python: PythonPath = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="continue the run in DIR that was interrupted")
    ] = False,
) -> None:
    """Grade a class: judge each submission in a sandbox, and write points, feedback and reports.

    What DIR holds of an earlier run with the same seed, tests and options is not judged again unless it has changed.

    Exit status: 0 everyone has a grade, 1 somebody was refused, 2 somebody has no grade through a fault of the grader.
    """
    from ladder.grading import journal as journals  # noqa: PLC0415
    from ladder.grading.lanes import open_lanes  # noqa: PLC0415
    from ladder.grading.plan import Plan  # noqa: PLC0415
    from ladder.grading.results import LearnerGrade, Status  # noqa: PLC0415
    from ladder.grading.submissions import Names  # noqa: PLC0415

    course: Course = context.obj
    chosen = course.catalog.find(exercise)
    how = Names(names)
    if python is None:
        install_what_is_missing(course, chosen)
    journal = out / journals.JOURNAL
    if resume and not journal.exists():
        raise LadderError(f"{out} has no run to continue (there is no {journal}). Leave --resume out.")
    policy = read_toml(options, Policy) if options is not None else chosen.manifest.grading
    plan = Plan(
        root=course.root,
        exercise=chosen.folder,
        seed=journals.choose_seed(journal) if seed is None else seed,
        repeat=repeat,
        seconds=time_limit,
        isolation=isolation,
        python=(python or Path(sys.executable)).absolute(),
    )
    if isolation is Isolation.PROCESS:
        warning = "WITHOUT PROTECTION: submissions can read, change and send whatever you can."
        console.print(Text(warning, style="bold red"), soft_wrap=True)
    handed_in = len(list(submissions.glob("*")))  # none where that cannot be read, which grade_class tells
    lanes_needed = min(jobs or len(cores_of_ours()), max(handed_in, 1))
    with open_lanes(plan, lanes_needed) as lanes, terminal.make_progress(console) as bar:
        from ladder.grading.grade import grade_class  # noqa: PLC0415 - while the lanes import what they need

        task = bar.add_task(f"Grading {chosen.path}", total=None)

        def on_judged(learner: LearnerGrade, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)
            bar.console.print(terminal.grade_line(learner, done, total), soft_wrap=True)

        try:
            grades = grade_class(plan, policy, submissions, out, lanes, on_judged, how)
        except KeyboardInterrupt:
            say(
                f"Interrupted. {journal} keeps what has been judged; to continue, run the same command with --resume"
            )
            raise
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write((out / "summary.md").read_text(encoding="utf-8"))
    for note in grades.notes:
        say(f"Note: {note}")
    counts = Counter(learner.status for learner in grades.learners)
    say(
        ", ".join(f"{counts[status]} {status}" for status in Status)
        + f" · --seed {plan.seed} replays the values"
    )
    say(f"Open {out / 'index.html'}; the table is {out / 'grades.csv'}")
    raise typer.Exit(2 if counts[Status.ERROR] else 1 if counts[Status.REFUSED] else 0)
