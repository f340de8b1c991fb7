"""The command `ladder`: what people type."""

import importlib.metadata
import io
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from ladder.base.errors import LadderError
from ladder.commands import author, instructor, learner, terminal
from ladder.commands.coursemap import show_map
from ladder.commands.session import INTERRUPTED, TERMINATED, Course, console, open_course, say

cli = typer.Typer(
    help="Learn FastAPI by climbing: read a ticket, write the app, check it, get a hint, go on.",
    epilog="Name an exercise by its path (scenarios/00_sticky_notes), by scenarios/00, s0, sticky_notes, or by "
    "any unique beginning of these.",
    pretty_exceptions_enable=False,
    no_args_is_help=False,
    rich_markup_mode=None,
)

AGAIN_SECONDS = 0.05
"""How long an interruption waits that could not be raised."""


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


def doctor(context: typer.Context) -> None:
    """Check that this machine has what the ladder needs, and say how to fix what does not work."""
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


COMMANDS: list[Callable[..., None]] = [
    learner.start,
    learner.check,
    learner.watch,
    learner.hint,
    learner.run,
    learner.compare,
    learner.reset,
    learner.undo,
    doctor,
    author.new,
    author.verify,
    author.witness,
    instructor.grade,
]
"""All commands, as `ladder --help` lists them."""
for command in COMMANDS:
    cli.command()(command)


def interrupt(*_: object) -> None:
    """Do what Ctrl-C does; a file that it leaves open is closed by the end of this process, without another word."""
    sys.unraisablehook = interrupt_again
    raise KeyboardInterrupt


def interrupt_again(lost: "sys.UnraisableHookArgs") -> None:
    """Do it again soon where it came while an object was destroyed: Python raises nothing there."""
    if lost.exc_type is KeyboardInterrupt:
        timer = threading.Timer(AGAIN_SECONDS, os.kill, [os.getpid(), signal.SIGINT])
        timer.daemon = True
        timer.start()


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
