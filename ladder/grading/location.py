"""Finds an exercise's app among the files of a submission."""

import itertools
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from ladder.course.catalog import Exercise
from ladder.grading.contents import RefusedError, show


def find_app(files: dict[PurePosixPath, bytes], exercise: Exercise) -> dict[PurePosixPath, bytes]:
    """Return those files that belong to the app, with their paths from where `sys.path` should point.

    Looked for is `<package>/main.py`, first in a learner's workspace for the exercise, then in the exercise's folder,
    then where it lies least deep. Where there is none, `main.py` at the top makes all of it the package. What the
    course itself brings is not looked at.

    Raises:
        RefusedError: there is no app, or there are several.
    """
    packages = [
        path.parent for path in files if path.name == "main.py" and path.parent.name == exercise.package
    ]
    places = [package.parent for package in packages if not is_of_course(package.parent, exercise)]
    if places:
        first = min(rank(place, exercise) for place in places)
        best = sorted(place for place in places if rank(place, exercise) == first)
        if len(best) > 1:
            names = show_all(place / exercise.package / "main.py" for place in best)
            raise RefusedError(f"It holds {names}: hand in one of them only.")
        place = best[0]
        return {path.relative_to(place): files[path] for path in files if path.is_relative_to(place)}
    if PurePosixPath("main.py") in files:
        return {exercise.package / path: content for path, content in files.items()}
    raise RefusedError(explain_missing_app(sorted(files, key=by_depth), exercise))


def is_of_course(place: PurePosixPath, exercise: Exercise) -> bool:
    """Return whether a place is the exercise's starter or solution, or a solution among the course's tests."""
    if f"/tests/honest/{exercise.path}/" in f"/{place}/":
        return True
    return place.name in {"starter", "solution"} and place.parent.name == exercise.folder.name


def rank(place: PurePosixPath, exercise: Exercise) -> tuple[int, int]:
    """Return what orders the places where a package lies, the likeliest first."""
    inside = f"/{place}/"
    if f"/workspace/{exercise.path}/" in inside:
        return 0, len(place.parts)
    return (1 if inside.endswith(f"/{exercise.path}/") else 2), len(place.parts)


def by_depth(path: PurePosixPath) -> tuple[int, PurePosixPath]:
    """Return what orders paths, the least deep first."""
    return len(path.parts), path


def explain_missing_app(paths: Sequence[PurePosixPath], exercise: Exercise) -> str:
    """Return why there is no app in a submission.

    Args:
        paths: its files, the least deep first.
        exercise: what it should solve.
    """
    missing = f"It holds no {exercise.package}/main.py"
    if not paths:
        return f"{missing}: nothing is in it."
    mains = [path for path in paths if path.name == "main.py"]
    if any(is_of_course(path.parent.parent, exercise) for path in mains):
        return (
            f"{missing} but the course's own. Hand in your own code, which lies in workspace/{exercise.path}."
        )
    if mains:
        return f"{missing}: it holds {show_all(mains)}. Rename the package to {exercise.package}."
    modules = [path for path in paths if path.suffix == ".py"]
    return f"{missing}: it holds {show_all(modules or paths)} and no main.py."


def show_all(paths: Iterable[PurePosixPath]) -> str:
    """Give foreign paths as they may stand in a message: the first three."""
    return " and ".join(show(str(path)) for path in itertools.islice(paths, 3))
