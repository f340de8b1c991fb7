"""The command `ladder`: what people type."""

import gc
import importlib.metadata
import io
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from ladder.base.errors import LadderError
from ladder.base.workers import cores_of_ours
from ladder.commands import terminal
from ladder.commands.coursemap import next_exercise, show_map
from ladder.course.catalog import TRACKS, App, AppNotFoundError, Catalog, Exercise, read_toml
from ladder.course.policy import Isolation, Policy
from ladder.course.sections import course_problems
from ladder.course.workspace import Workspace

if TYPE_CHECKING:
    from ladder.checking.report import Report  # imported late when it runs: it takes httpx with it

FAREWELL_SECONDS = 2
"""How long an app that is to end may go on with the requests that are under way."""
MOST_MUTANTS = 150
"""Of an exercise's mutants, so many are judged at most, unless somebody asks for others."""
MOST_PROCESSES = 4
"""How many check an app side by side: each imports it first."""
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it
TERMINATED = 143  # the same for SIGTERM

cli = typer.Typer(
    help="Learn FastAPI by climbing: read a ticket, write the app, check it, get a hint, go on.",
    epilog="An exercise answers to its path (scenarios/00_sticky_notes), to scenarios/00, s0, sticky_notes, "
    "or any unique beginning of these.",
    pretty_exceptions_enable=False,
    no_args_is_help=False,
    rich_markup_mode=None,
)
console = Console(highlight=False)


class Course:
    """The course that the commands are about.

    Args:
        root: its folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.catalog = Catalog(root)
        self.workspace = Workspace(root)


def open_course(root: Path | None) -> Course:
    """Open the course in a folder, by default the one that this command belongs to."""
    folder = (root or Path(__file__).parents[2]).resolve()
    if not any((folder / track).is_dir() for track in TRACKS):
        raise LadderError(
            f"{folder} is no course: it holds none of {', '.join(TRACKS)}. Pass one with --course."
        )
    return Course(folder)


ExerciseName = Annotated[
    str, typer.Argument(metavar="EXERCISE", help="which one; see 'ladder' for the names")
]
LastOrNamed = Annotated[
    str | None, typer.Argument(metavar="[EXERCISE]", help="which one (the one that you started last)")
]
AppFolder = Annotated[
    Path | None,
    typer.Option("--app", metavar="DIR", help="a folder that holds the package, instead of your workspace"),
]
All = Annotated[
    bool, typer.Option("--all", help="show each criterion, and each failure as a whole, however long")
]
PythonPath = Annotated[
    Path | None, typer.Option("--python", metavar="PATH", help="the interpreter that runs the app (this one)")
]


@cli.callback(invoke_without_command=True)
def start_command(
    context: typer.Context,
    course: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            envvar="LADDER_COURSE",
            help="the course's folder (the one that holds this command)",
        ),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="show the version, and end")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="without a command: show every exercise of every section")
    ] = False,
) -> None:
    """Learn FastAPI by climbing: read a ticket, write the app, check it, get a hint, go on.

    Without a command: the map of the course, your progress, and what is next.
    """
    if version:
        say(f"ladder {importlib.metadata.version('fastapi-ladder')}")
        raise typer.Exit
    context.obj = open_course(course)
    if context.invoked_subcommand is None:
        show_map(console, context.obj.catalog, context.obj.workspace, everything=everything)


@cli.command()
def start(context: typer.Context, exercise: ExerciseName) -> None:
    """Copy an exercise's starter into your workspace."""
    course: Course = context.obj
    chosen = course.catalog.find(exercise)
    app = course.workspace.start(chosen)
    console.print(
        terminal.plain(f"{chosen.manifest.title} · about {chosen.manifest.minutes} minutes", style="bold")
    )
    say(f"Ticket     {chosen.folder / 'README.md'}")
    say(f"Your code  {app.source / 'main.py'}")
    say(f"Then       ladder check {chosen.short}   (or leave this running: ladder watch {chosen.short})")


@cli.command()
def check(
    context: typer.Context,
    exercise: LastOrNamed = None,
    app: AppFolder = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="judge a server that is running already")
    ] = None,
    python: PythonPath = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="replay the values of an earlier run")] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write the report as JSON ('-': standard output)")
    ] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="write the report as JUnit XML")] = None,
    everything: All = False,
) -> None:
    """Check your code against the ticket's criteria.

    Exit status: 0 all pass, 1 something fails, 2 it could not be judged.
    """
    from ladder.checking import report as reports  # noqa: PLC0415 - only what checks needs pytest and httpx

    course: Course = context.obj
    chosen = choose(course, exercise)
    if app is not None and url is not None:
        raise LadderError("--app and --url exclude each other: judge a folder, or a server that is running.")
    if url is not None:
        Console(stderr=True).print(
            f"The tests create data in the app at {url}, and leave it there.", highlight=False, soft_wrap=True
        )
    report = judge(
        chosen, None if url else choose_app(course, chosen, app), url=url, python=python, seed=seed
    )
    if junit is not None:
        write(junit, reports.write_junit(report))
    if json is not None and str(json) == "-":
        typer.echo(reports.write_json(report), nl=False)
    else:
        if json is not None:
            write(json, reports.write_json(report))
        own = app is None and url is None
        terminal.show_report(console, report, chosen, own=own, everything=everything)
        if report.verdict is reports.Verdict.PASSED and own:
            celebrate(course, chosen)
    raise typer.Exit(report.verdict.exit_status)


@cli.command()
def watch(
    context: typer.Context,
    exercise: LastOrNamed = None,
    app: AppFolder = None,
    poll: Annotated[bool, typer.Option(help="look at the files instead of waiting for events")] = False,
    everything: All = False,
) -> None:
    """Check your code each time you save a file. Ctrl-C ends it."""
    from ladder.checking.report import Verdict  # noqa: PLC0415
    from ladder.commands import watch as watching  # noqa: PLC0415

    course: Course = context.obj
    chosen = choose(course, exercise)
    watched = choose_app(course, chosen, app)
    watched.require()
    poll = poll or not watching.events_arrive(watched.folder)
    changes = watching.changes(watched.folder, poll=poll)
    while True:
        # What can be done before the file is saved is done by then.
        read = chosen.test_versions()
        report = judge(chosen, watched, on_ready=partial(next, changes))
        if read != chosen.test_versions():  # its author has edited them in the meantime
            report = judge(chosen, watched)
        if console.is_terminal:
            console.clear()
        terminal.show_report(console, report, chosen, own=app is None, everything=everything)
        if report.verdict is Verdict.PASSED and app is None:
            celebrate(course, chosen)
        console.print(Text(f"\nWatching {watched.folder} …  Ctrl-C ends it.", style="dim"), soft_wrap=True)


@cli.command()
def hint(context: typer.Context, exercise: LastOrNamed = None) -> None:
    """Show the next hint for the first criterion that your code does not pass yet."""
    course: Course = context.obj
    chosen = choose(course, exercise)
    report = judge(chosen, choose_app(course, chosen, None))
    if report.problem is not None:
        raise LadderError(report.problem)
    first = report.first_failure
    if first is None:
        say(f"All criteria pass: nothing to hint at. See the reference with: ladder compare {chosen.short}")
        return
    progress = course.workspace.progress
    steps = chosen.hints.steps.get(first.sentence, ())
    shown = min(progress.hints_seen(chosen, first.number) + 1, len(steps))
    progress.note_hint(chosen, first.number, shown)
    console.print(terminal.plain(f"{first.number}. {first.sentence}", style="bold"))
    table = Table.grid(padding=(0, 1))
    for number, step in enumerate(steps[:shown], start=1):
        style = "" if number == shown else "dim"
        table.add_row(Text(f"  {number}.", style=style), terminal.plain(step, style=style))
    console.print(table)
    if shown < len(steps):
        console.print(terminal.plain(f"More: ladder hint {chosen.short}", style="dim"))


@cli.command()
def run(
    context: typer.Context,
    exercise: LastOrNamed = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="where to listen on 127.0.0.1")] = 8000,
    app: AppFolder = None,
    solution: Annotated[
        bool, typer.Option("--solution", help="run the reference instead of your code")
    ] = False,
) -> None:
    """Run your app with uvicorn, and again each time you save a file. Ctrl-C ends it."""
    from ladder.inside.zygote import PR_SET_PDEATHSIG, prctl  # noqa: PLC0415
    from ladder.services import servers as services  # noqa: PLC0415

    course: Course = context.obj
    chosen = choose(course, exercise)
    running = chosen.solution if solution else choose_app(course, chosen, app)
    running.require()
    require_free(port)
    data = course.workspace.run_folder(chosen)
    environment = dict(os.environ)
    for needed in chosen.manifest.services:
        setting = services.KINDS[needed].setting
        if setting not in environment:
            environment[setting] = services.running(needed).acquire()
            say(f"Started for it, and ended with it: {setting}={environment[setting]}")
    say(f"{chosen.manifest.title}: http://127.0.0.1:{port}")
    say(f"Try it in a browser: http://127.0.0.1:{port}/docs")
    for name, meaning in chosen.manifest.settings.items():
        say(f"Setting {name}: {meaning}")
    say(f"Its files are in {data}. Ctrl-C ends it.")
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--app-dir",
        str(running.folder),
        f"{running.package}.main:app",
    ]
    options = ["--port", str(port), "--reload", "--reload-dir", str(running.folder)]
    options += ["--timeout-graceful-shutdown", str(FAREWELL_SECONDS)]
    # Whatever ends this command, even SIGKILL, ends uvicorn, where there is a word for that.
    follow = partial(prctl, PR_SET_PDEATHSIG, signal.SIGTERM) if sys.platform == "linux" else None
    options += (
        ["--use-colors"] if console.is_terminal and sys.stderr.isatty() and not console.no_color else []
    )
    source, log = os.pipe()
    with subprocess.Popen(
        [*command, *options],
        cwd=data,
        env=environment,
        preexec_fn=follow,  # noqa: PLW1509 - there is no thread yet
        stderr=log,
    ) as process:
        os.close(log)
        printing = threading.Thread(target=print_trimmed, args=(source, running.folder), daemon=True)
        printing.start()
        try:
            status = process.wait()
        except KeyboardInterrupt:  # uvicorn got it as well, and ends in its own time
            status = process.wait()
        finally:
            process.terminate()  # it has ended, unless this command was told alone to end
            printing.join(FAREWELL_SECONDS)  # what the app has started may print on
    raise typer.Exit(0 if status in {0, -2, INTERRUPTED} else 2)


@cli.command()
def compare(
    context: typer.Context,
    exercise: LastOrNamed = None,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="see the reference although your code does not pass")
    ] = False,
) -> None:
    """Show your code beside the reference, once it passes."""
    course: Course = context.obj
    chosen = choose(course, exercise)
    yours = course.workspace.require(chosen)
    progress = course.workspace.progress
    if give_up and not progress.has_passed(chosen):
        progress.note_giving_up(chosen)
    if not progress.has_passed(chosen) and not progress.has_given_up(chosen):
        raise LadderError(
            f"Your code has not passed yet. Type 'ladder check {chosen.short}', 'ladder hint {chosen.short}', "
            f"or 'ladder compare {chosen.short} --give-up'."
        )
    terminal.show_comparison(console, yours, chosen.solution)
    for question, answer in chosen.discussion.items():
        console.rule(terminal.plain(question), align="left")
        console.print(Markdown(answer))


@cli.command()
def reset(context: typer.Context, exercise: ExerciseName) -> None:
    """Begin an exercise anew. Your code is put aside, and 'ladder undo' brings it back."""
    course: Course = context.obj
    chosen = course.catalog.find(exercise)
    aside = course.workspace.reset(chosen)
    say(
        f"The starter is back. Your code was put aside in {aside}; to bring it back: ladder undo {chosen.short}"
    )


@cli.command()
def undo(context: typer.Context, exercise: ExerciseName) -> None:
    """Bring back the code that was put aside last. A second undo undoes the first."""
    course: Course = context.obj
    chosen = course.catalog.find(exercise)
    aside = course.workspace.undo(chosen)
    say(f"What was put aside last is back. What was there until now was put aside in {aside}.")


@cli.command()
def doctor(context: typer.Context) -> None:
    """Try what the ladder needs of this machine, and say how to mend what does not work."""
    from ladder.commands.doctor import examine  # noqa: PLC0415

    course: Course = context.obj
    has_failed = False
    for diagnosis in examine(course.root):
        word, style = ("ok", "green") if diagnosis.fault is None else ("FAULT", "bold red")
        if diagnosis.fault is not None and not diagnosis.required:
            word, style = "note", "yellow"
        has_failed = has_failed or word == "FAULT"
        console.print(Text.assemble((f"{word:6}", style), terminal.plain(diagnosis.what)))
        if diagnosis.fault is not None:
            console.print(
                terminal.plain(f"       {diagnosis.fault}\n       {diagnosis.remedy}"), soft_wrap=True
            )
    if has_failed:
        raise typer.Exit(2)


@cli.command()
def new(
    context: typer.Context,
    path: Annotated[str, typer.Argument(metavar="PATH", help="such as curriculum/01_api_basics/01_crud_api")],
    title: Annotated[str, typer.Option(metavar="TITLE", help="what people call the exercise")],
) -> None:
    """Write the folder of a new exercise, which is sound but for one TODO. For authors."""
    from ladder.authoring.scaffold import write_exercise  # noqa: PLC0415

    course: Course = context.obj
    folder = write_exercise(course.root, path, title)
    short = Catalog(course.root).find(path).short
    say(f"{folder} holds a small exercise. Change it into yours, in this order:")
    say("  1. README.md: tell the story (its TODO), then the contract and the criteria")
    say(
        "  2. tests/: one test for each criterion; solution/: what passes them; starter/: what a learner begins with"
    )
    say("  3. hints.md and mistakes.toml, for each criterion")
    say(f"See what is missing at any time: ladder verify {short}   (CONTRIBUTING.md says more)")


@cli.command()
def verify(
    context: typer.Context,
    exercises: Annotated[
        list[str] | None, typer.Argument(metavar="[EXERCISE]...", help="which ones (all)")
    ] = None,
    quick: Annotated[
        bool, typer.Option(help="judge each mistake only by the criteria that its entry names")
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
    """See that exercises are sound: reference, starter, mistakes, hints, ticket and its examples. For authors and CI.

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
    for exercise in chosen:
        found = [finding for finding in findings if finding.exercise == exercise.path]
        unsound = sum(finding.problem is not None for finding in found)
        word, style = (f"{unsound} not sound", "bold red") if unsound else ("sound", "green")
        mistakes = sum(finding.part.startswith("mistake ") for finding in found)
        seconds = sum(finding.seconds for finding in found)
        text = f"  {exercise.path}: {len(exercise.ticket.criteria)} criteria, {mistakes} mistakes, {seconds:.1f} s"
        console.print(Text.assemble((f"{word:12}", style), text), soft_wrap=True)
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
                terminal.show_score(bar.console, score)
    if write:
        say(f"Written: {write_document(course.catalog, scores)}")
    if len(scores) < len(exercises):
        return 2
    return 0 if all(score.is_enough for score in scores) else 1


@cli.command()
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
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="the values for everyone (new, or those of the run in DIR)"),
    ] = None,
    repeat: Annotated[
        int, typer.Option(min=1, metavar="N", help="judge each this often, to find what is flaky")
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
        bool, typer.Option("--resume", help="go on with the run in DIR that was interrupted")
    ] = False,
) -> None:
    """Grade a class: judge each submission in a sandbox, and write points, feedback and reports.

    What DIR holds of an earlier run with the same seed, tests and options is not judged again unless it has changed.

    Exit status: 0 everyone has a grade, 2 somebody has none through a fault of the grader.
    """
    from ladder.grading import journal as journals  # noqa: PLC0415
    from ladder.grading.lanes import open_lanes  # noqa: PLC0415
    from ladder.grading.plan import Plan  # noqa: PLC0415
    from ladder.grading.results import LearnerGrade, Status  # noqa: PLC0415

    course: Course = context.obj
    chosen = course.catalog.find(exercise)
    journal = out / journals.JOURNAL
    if resume and not journal.exists():
        raise LadderError(f"{out} holds no run to go on with (there is no {journal}). Leave --resume out.")
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
            grades = grade_class(plan, policy, submissions, out, lanes, on_judged)
        except KeyboardInterrupt:
            say(
                f"Interrupted. What was judged is kept in {journal}; go on with the same command and --resume"
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
    raise typer.Exit(2 if counts[Status.ERROR] else 0)


def judge(
    exercise: Exercise,
    app: App | None,
    *,
    url: str | None = None,
    python: Path | None = None,
    seed: int | None = None,
    on_ready: Callable[[], object] = lambda: None,
) -> "Report":
    """Check an app, with a progress bar; `on_ready` is called before it begins to move."""
    is_first = "ladder.checking.check" not in sys.modules
    gc.disable()  # as in ladder.__main__
    from ladder.serving.server import warm_up  # noqa: PLC0415

    python = python or Path(sys.executable)
    if url is None:
        warm_up(exercise, python)  # it does while pytest is imported
    from ladder.checking.check import check as run_check  # noqa: PLC0415

    if is_first:
        gc.freeze()
    gc.enable()
    bar = terminal.make_progress(console)
    task = bar.add_task(f"Checking {exercise.path}", total=len(exercise.ticket.criteria))

    def on_progress(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)

    def begin() -> None:
        on_ready()
        bar.start()

    try:
        return run_check(
            exercise,
            app,
            url=url,
            python=python,
            seed=seed,
            processes=choose_processes(exercise) if url is None else 1,
            on_ready=begin,
            on_progress=on_progress,
        )
    finally:
        bar.stop()


def choose_processes(exercise: Exercise) -> int:
    """Give the number of processes that check an app side by side: forked ones, each with a core.

    There is one only for a Redis, whose databases are counted by whoever gives them away, and for a server of the
    user's, on which a process that is ended by force would leave a database behind.
    """
    from ladder.services.servers import KINDS  # noqa: PLC0415

    services = exercise.manifest.services
    alone = "redis" in services or any(KINDS[name].setting in os.environ for name in services)
    can_fork = sys.platform == "linux" and not alone
    return min(len(cores_of_ours()), MOST_PROCESSES) if can_fork else 1


def choose(course: Course, name: str | None) -> Exercise:
    """Return the exercise with this name, or else the one that was started last.

    Raises:
        LadderError: there is no such exercise, or none was started.
    """
    if name is not None:
        return course.catalog.find(name)
    last = course.workspace.last_started(course.catalog)
    if last is None:
        raise LadderError("You have not started an exercise yet. See the map with: ladder")
    return last


def choose_app(course: Course, exercise: Exercise, folder: Path | None) -> App:
    """Give the app in a folder that the user named, or else the learner's own."""
    if folder is not None:
        return App(folder.resolve(), exercise.package)
    own = course.workspace.require(exercise)
    try:
        own.require()
    except AppNotFoundError as error:
        anew = f"ladder reset {exercise.short}"
        raise LadderError(
            f"{error} The starter comes back with: {anew}   (what is there is put aside)"
        ) from error
    return own


def celebrate(course: Course, exercise: Exercise) -> None:
    """Note a pass, and say what is next."""
    course.workspace.progress.note_pass(exercise)
    say(f"Done. See how the reference does it: ladder compare {exercise.short}")
    following = next_exercise(course.catalog, course.workspace)
    if following is not None:
        say(f"Next: ladder start {following.short}   ({following.manifest.title})")


def print_trimmed(source: int, folder: Path) -> None:
    """Print what an app prints, its tracebacks without the frames of others.

    Args:
        source: a descriptor from which that is read, to its end.
        folder: the folder that holds the app's package.
    """
    from ladder.base.log import trim_lines  # noqa: PLC0415

    with open(source, encoding="utf-8", errors="replace") as printed:
        for line in trim_lines((line.rstrip("\n") for line in printed), folder):
            print(line, file=sys.stderr, flush=True)


def require_free(port: int) -> None:
    """See that a port can be listened on.

    Raises:
        LadderError: it is taken.
    """
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise LadderError(
            f"Port {port} cannot be listened on ({error.strerror}). "
            f"Stop what is running there, or pass another: --port {port + 1}"
        ) from error


def write(path: Path, text: str) -> None:
    """Write a report, or say why it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LadderError(f"{path} cannot be written: {error.strerror}. Name another file.") from error


def say(text: str) -> None:
    """Print a line as it is, however long."""
    console.print(terminal.plain(text), soft_wrap=True)


def interrupt(*_: object) -> None:
    """Do what Ctrl-C does; a file that it leaves open is closed by the end of this process, without another word."""
    sys.unraisablehook = lambda _: None
    raise KeyboardInterrupt


def main() -> None:
    """Run the command; an error that the user can mend is one sentence and status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, io.TextIOWrapper
        ):  # what a terminal cannot show becomes an escape, and no error
            stream.reconfigure(errors="backslashreplace")
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell may want it to be ignored
        signal.signal(signal.SIGINT, interrupt)
    console.file = sys.stdout  # or progress would go where the output of tests is caught
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # so that what it has started ends too
    try:
        cli()
    except OSError as error:  # such as a folder in which nothing can be written
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(
            f"ladder: {where}{error.strerror or error}. See who may write there, and whether the disk is full."
        )
    except LadderError as error:
        Console(stderr=True, highlight=False).print(terminal.plain(f"ladder: {error}"), soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
