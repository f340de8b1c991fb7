"""What learners type: start, check, watch, hint, run, compare, reset and undo."""

import os
import signal
import socket
import subprocess
import sys
import threading
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
from ladder.commands.coursemap import next_exercise
from ladder.course.catalog import App, Exercise

if TYPE_CHECKING:
    from ladder.checking.report import Report  # imported late when it runs: it takes httpx with it
from ladder.commands.session import (
    INTERRUPTED,
    All,
    AppFolder,
    Course,
    ExerciseName,
    LastOrNamed,
    PythonPath,
    choose,
    choose_app,
    console,
    install_what_is_missing,
    say,
    write,
)

FAREWELL_SECONDS = 2
"""How long an app that is to end may go on with the requests that are under way."""
MOST_PROCESSES = 4
"""How many check an app side by side: each imports it first."""


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
    install_what_is_missing(course, chosen)


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
        raise LadderError("Pass either --app (a folder) or --url (a server that is running), not both.")
    if url is not None:
        Console(stderr=True).print(
            f"The tests create data in the app at {url}, and leave it there.", highlight=False, soft_wrap=True
        )
    if url is None and python is None:
        install_what_is_missing(course, chosen)
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
    install_what_is_missing(course, chosen)
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


def hint(context: typer.Context, exercise: LastOrNamed = None) -> None:
    """Show the next hint for the first criterion that your code does not pass yet."""
    course: Course = context.obj
    chosen = choose(course, exercise)
    install_what_is_missing(course, chosen)
    report = judge(chosen, choose_app(course, chosen, None))
    if report.problem is not None:
        raise LadderError(report.problem)
    first = report.first_failure
    if first is None:
        say(
            f"All criteria pass, so there is no hint to give. See the reference with: ladder compare {chosen.short}"
        )
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
    install_what_is_missing(course, chosen)
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


def reset(context: typer.Context, exercise: ExerciseName) -> None:
    """Start an exercise again from its starter. Your code is put aside, and 'ladder undo' brings it back."""
    course: Course = context.obj
    chosen = course.catalog.find(exercise)
    aside = course.workspace.reset(chosen)
    say(
        f"The starter is back. Your code was put aside in {aside}; to bring it back: ladder undo {chosen.short}"
    )


def undo(context: typer.Context, exercise: ExerciseName) -> None:
    """Bring back the code that was put aside last. A second undo undoes the first."""
    course: Course = context.obj
    chosen = course.catalog.find(exercise)
    aside = course.workspace.undo(chosen)
    say(f"What was put aside last is back. What was there until now was put aside in {aside}.")


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
    from ladder.serving.launcher import warm_up  # noqa: PLC0415

    python = python or Path(sys.executable)
    if url is None:
        warm_up(exercise, python)  # it does while pytest is imported
    from ladder.checking.check import check as run_check  # noqa: PLC0415

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
    """Return the number of processes that check an app side by side: forked ones, each with a core.

    There is one only for a server of the user's: a process that is ended by force would leave a database behind, and
    two would give away the same databases of a Redis.
    """
    from ladder.services.servers import KINDS  # noqa: PLC0415

    alone = any(KINDS[name].setting in os.environ for name in exercise.manifest.services)
    can_fork = sys.platform == "linux" and not alone
    return min(len(cores_of_ours()), MOST_PROCESSES) if can_fork else 1


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
    """Check that a port can be listened on.

    Raises:
        LadderError: it is taken.
    """
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise LadderError(
            f"Port {port} is not available ({os.strerror(error.errno or 0)}). "
            f"Stop what is running there, or choose another: --port {port + 1}"
        ) from error
