"""What authors of exercises type: new, verify and witness."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ladder.base.errors import LadderError
from ladder.commands import terminal
from ladder.commands.session import Course, console, install_what_is_missing, say
from ladder.course.catalog import App, Catalog, Exercise
from ladder.course.sections import course_problems

if TYPE_CHECKING:
    from ladder.authoring.mutants import Mutant

MOST_MUTANTS = 150
"""Of an exercise's mutants, so many are judged at most, unless somebody asks for others."""
WITNESS_SECONDS = 5.0
"""How long the witness looks at a mutant that no test notices."""


def new(
    context: typer.Context,
    path: Annotated[str, typer.Argument(metavar="PATH", help="such as curriculum/01_api_basics/01_crud_api")],
    title: Annotated[str, typer.Option(metavar="TITLE", help="what people call the exercise")],
) -> None:
    """Write the folder of a new exercise, in which only the story is missing. For authors."""
    from ladder.authoring.scaffold import write_exercise  # noqa: PLC0415

    course: Course = context.obj
    folder = write_exercise(course.root, path, title)
    short = Catalog(course.root).find(path).short
    say(f"{folder} holds a small exercise. Change it into yours, in this order:")
    say("  1. README.md: tell the story (where TODO stands), then the contract and the criteria")
    say(
        "  2. tests/: one test for each criterion; solution/: what passes them; starter/: what a learner begins with"
    )
    say("  3. hints.md and mistakes.toml, for each criterion")
    say(f"See what is missing at any time: ladder verify {short}   (CONTRIBUTING.md says more)")


def verify(
    context: typer.Context,
    exercises: Annotated[
        list[str] | None, typer.Argument(metavar="[EXERCISE]...", help="which ones (all)")
    ] = None,
    quick: Annotated[
        bool,
        typer.Option(
            help="judge each mistake only by the criteria that its entry names, and look again at what is not sound"
        ),
    ] = False,
    mutants: Annotated[
        bool,
        typer.Option(
            "--mutants",
            help="judge mutants instead: the reference with one small fault each, which a test must see",
        ),
    ] = False,
    sample: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="with --mutants: judge so many of each exercise at most (150)"),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="S", help="with --mutants: choose others of many, and other values for the tests (1)"
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="with --mutants: write the scores into docs/soundness.md")
    ] = False,
) -> None:
    """Check that exercises are sound: reference, starter, mistakes, hints, ticket and its examples. For authors and CI.

    With --mutants, see what the tests overlook. Each mutant that no test notices is shown as a diff: write a test, or
    list it in the exercise's equivalents.toml with the reason why nobody can notice it. A score is the share of the
    mutants that were killed, of those that start and are not equivalent.

    Exit status: 0 all sound (with --mutants: each score is 98 % or more), 1 something is not, 2 it could not be judged.
    """
    from ladder.authoring.verify import parts_of, start_workers, verify_all  # noqa: PLC0415

    course: Course = context.obj
    chosen = [course.catalog.find(name) for name in exercises] if exercises else list(course.catalog)
    if not chosen:
        raise LadderError(f"There is no exercise below {course.root}.")
    install_what_is_missing(course, *chosen)
    if mutants:
        seed = 1 if seed is None else seed
        raise typer.Exit(verify_mutants(course, chosen, sample or MOST_MUTANTS, seed, write=write))
    if sample is not None or seed is not None or write:
        raise LadderError("--sample, --seed and --write are about mutants: pass --mutants as well.")
    faults = [] if exercises else list(course_problems(course.catalog))
    for path, fault in faults:
        console.print(Text(f"NOT SOUND  {path}", style="bold red"))
        say(fault)
    findings = []
    with start_workers(chosen) as pool, terminal.make_progress(console) as bar:
        task = bar.add_task("Verifying", total=sum(len(parts_of(exercise)) for exercise in chosen))
        for count, finding in verify_all(pool, course.root, chosen, quick=quick):
            findings.append(finding)
            bar.update(task, completed=len(findings), total=count)
            if finding.problem is not None:
                bar.console.print(Text(f"NOT SOUND  {finding.exercise} · {finding.part}", style="bold red"))
                bar.console.print(terminal.plain(finding.problem), soft_wrap=True)
            if finding.once is not None:
                bar.console.print(
                    Text(f"NOT SOUND ONCE  {finding.exercise} · {finding.part}", style="yellow")
                )
                bar.console.print(terminal.plain(finding.once), soft_wrap=True)
    for exercise in chosen:
        found = [finding for finding in findings if finding.exercise == exercise.path]
        unsound = sum(finding.problem is not None for finding in found)
        word, style = (f"{unsound} not sound", "bold red") if unsound else ("sound", "green")
        mistakes = sum(finding.part.startswith("mistake ") for finding in found)
        seconds = sum(finding.seconds for finding in found)
        text = f"  {exercise.path}: {len(exercise.ticket.criteria)} criteria, {mistakes} mistakes, {seconds:.1f} s"
        console.print(Text.assemble((f"{word:12}", style), text), soft_wrap=True)
        for finding in found:  # once more, where the end of a long log shows it
            for when, problem in (("", finding.problem), (", once, and not again", finding.once)):
                if problem is not None:
                    line = problem.partition("\n")[0]
                    console.print(terminal.plain(f"{'':14}{finding.part}{when}: {line}"), soft_wrap=True)
    raise typer.Exit(1 if faults or any(finding.problem for finding in findings) else 0)


def verify_mutants(course: Course, exercises: list[Exercise], size: int, seed: int, *, write: bool) -> int:
    """Judge mutants, show what became of them, and give the exit status."""
    from ladder.authoring import mutation  # noqa: PLC0415
    from ladder.authoring.soundness import write_document  # noqa: PLC0415
    from ladder.authoring.verify import start_workers  # noqa: PLC0415

    scores: list[mutation.Score] = []
    with start_workers(exercises) as pool, terminal.make_progress(console) as bar:
        task = bar.add_task("Judging mutants")

        def on_progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        for exercise in exercises:
            bar.update(task, description=f"Judging mutants of {exercise.path}")
            if not console.is_terminal:
                say(f"Judging mutants of {exercise.path} …")
            try:
                score = mutation.judge_mutants(pool, course.root, exercise, size, seed, on_progress)
            except LadderError as error:
                bar.console.print(Text(f"NOT JUDGED  {exercise.path}", style="bold red"))
                bar.console.print(terminal.plain(str(error)), soft_wrap=True)
            else:
                scores.append(score)
                terminal.show_score(bar.console, score, partial(ask_witness, exercise, seed))
    if write:
        say(f"Written: {write_document(course.catalog, scores)}")
    if len(scores) < len(exercises):
        return 2
    return 0 if all(score.is_enough for score in scores) else 1


def ask_witness(exercise: Exercise, seed: int, mutant: "Mutant") -> list[str]:
    """Return the lines that show how a mutant which no test notices differs from the reference."""
    from ladder.authoring.parts import copied  # noqa: PLC0415
    from ladder.authoring.witness import find_difference  # noqa: PLC0415

    with copied(exercise, exercise.solution) as app:
        (app.source / mutant.file).write_text(mutant.after, encoding="utf-8")
        found, requests = find_difference(exercise, app, WITNESS_SECONDS, seed)
    if found is None:
        return [f"No request shows it: {requests:,} were answered alike, which proves nothing."]
    return ["These requests show it, the last one:", *terminal.difference_lines(found)]


def witness(
    context: typer.Context,
    exercise: Annotated[
        str, typer.Argument(metavar="EXERCISE", help="which one; see 'ladder' for the names")
    ],
    app: Annotated[
        Path, typer.Option("--app", metavar="DIR", help="the folder that holds the other package")
    ],
    seconds: Annotated[float, typer.Option(min=1, metavar="N", help="how long to look")] = 30,
    seed: Annotated[int, typer.Option(metavar="S", help="make other requests")] = 1,
) -> None:
    """Look for requests that an app and the reference answer differently. For authors: silence proves nothing.

    Random requests go to both; the shortest sequence that tells them apart is shown as curl lines. What the ticket
    leaves open is not compared: bodies of errors, ids, times, and what exercise.toml names in [witness].

    Exit status: 0 no difference was found, 1 one was, 2 it could not be judged.
    """
    from ladder.authoring.witness import find_difference  # noqa: PLC0415

    course: Course = context.obj
    chosen = course.catalog.find(exercise)
    install_what_is_missing(course, chosen)
    found, requests = find_difference(chosen, App(app.resolve(), chosen.package), seconds, seed)
    if found is None:
        say(f"No difference in {requests:,} requests. That proves nothing.")
        return
    for line in terminal.difference_lines(found):
        say(line)
    raise typer.Exit(1)
