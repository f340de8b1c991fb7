"""What the commands share: the console, the course, and the arguments that several take."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ladder.base.errors import LadderError
from ladder.commands import terminal
from ladder.course.catalog import TRACKS, App, AppNotFoundError, Catalog, Exercise
from ladder.course.dependencies import install, missing_dependencies
from ladder.course.workspace import Workspace

INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it
TERMINATED = 143  # the same for SIGTERM
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
            f"{folder} is not a course: it has no folder {', '.join(TRACKS)}. Pass one with --course."
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
    """Return the app in a folder that the user named, or else the learner's own."""
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


def install_what_is_missing(course: Course, *exercises: Exercise) -> None:
    """Install what exercises need beyond the base, and say so in a line."""
    missing = sorted({name for exercise in exercises for name in missing_dependencies(exercise)})
    if missing:
        Console(stderr=True, highlight=False).print(f"Installing {', '.join(missing)} …", soft_wrap=True)
        install(missing, course.root)
