"""The map: what the course holds, what of it a learner has done, and what is next."""

from rich.console import Console
from rich.text import Text

from ladder.course.catalog import Catalog, Exercise
from ladder.course.sections import Section, sections_of
from ladder.course.workspace import Workspace

NAME_WIDTH = 6
TITLE_WIDTH = 36
MOST_NAMED = 6
"""How many exercises a folded section names, of those that were started, or that are to be checked again."""


def next_exercise(catalog: Catalog, workspace: Workspace) -> Exercise | None:
    """Return the first exercise that is not done and needs nothing else that is not, in the course's order."""
    passed = {exercise.path for exercise in catalog if workspace.progress.has_passed(exercise)}
    left = [exercise for exercise in catalog if exercise.path not in passed]
    known = {exercise.path for exercise in catalog}
    ready = [one for one in left if not ({name.rstrip("/") for name in one.manifest.needs} & known) - passed]
    return next(iter(ready or left), None)


def state_of(exercise: Exercise, workspace: Workspace) -> str:
    """Return a learner's state in an exercise as a word: `done`, `started`, or nothing.

    It is `recheck` where the code has passed, and the tests have changed since.
    """
    if workspace.progress.has_passed_other_tests(exercise):
        return "recheck"
    if workspace.progress.has_passed(exercise):
        return "done"
    return "started" if workspace.app(exercise).folder.exists() else ""


def show_map(console: Console, catalog: Catalog, workspace: Workspace, *, everything: bool = False) -> None:
    """Show a line for each section, the exercises of the one that is next, and that one last.

    Args:
        console: where.
        catalog: the course.
        workspace: has the learner's progress.
        everything: whether to show all exercises of all sections.
    """
    following = next_exercise(catalog, workspace)
    states = {exercise.path: state_of(exercise, workspace) for exercise in catalog}
    for section in sections_of(catalog):
        is_open = everything or following in section.exercises
        show_section(console, section, states, following, is_open=is_open, folds=not everything)
    for fault in catalog.faults.values():
        console.print(Text(f"  fault    {fault}", style="bold red"), soft_wrap=True)
    done = sum(state == "done" for state in states.values())
    console.print()
    console.print(f"{done} of {len(states)} done.", highlight=False)
    if following is not None:
        verb = "check" if states[following.path] else "start"
        show_line(
            console,
            Text.assemble(
                ("Next: ", ""),
                (f"ladder {verb} {following.short}", "bold cyan"),
                f"   {following.manifest.title}: {', '.join(following.manifest.teaches)}",
            ),
        )
        console.print(f"Its ticket: {following.path}/README.md", highlight=False, soft_wrap=True)


def show_section(
    console: Console,
    section: Section,
    states: dict[str, str],
    following: Exercise | None,
    *,
    is_open: bool,
    folds: bool,
) -> None:
    """Show a section: its title and progress and, if it is open, a line for each exercise; those done are folded."""
    done = [one for one in section.exercises if states[one.path] == "done"]
    line = Text.assemble(
        (f"{section.title:{TITLE_WIDTH}}", "bold"), f"  {len(done)} of {len(section.exercises)}"
    )
    for state in ("started", "recheck"):
        names = [one.short for one in section.exercises if states[one.path] == state]
        if names and not is_open:
            line.append(f"   {state}: {', '.join(names[:MOST_NAMED])}", style="cyan")
    show_line(console, line)
    if not is_open:
        return
    if folds and done:
        show_line(console, Text(f"  done     {' '.join(one.short for one in done)}", style="green"))
    for exercise in section.exercises:
        state = states[exercise.path]
        if not (folds and state == "done"):
            word, style = ("next", "bold cyan") if exercise is following else (state, "")
            text = f"  {word:8} {exercise.short:{NAME_WIDTH}} {exercise.manifest.title}"
            show_line(console, Text(f"{text}, {exercise.manifest.minutes} min", style=style))


def show_line(console: Console, line: Text) -> None:
    """Show one line; what does not fit is cut."""
    console.print(line, no_wrap=True, overflow="ellipsis")
