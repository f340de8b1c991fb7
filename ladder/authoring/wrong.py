"""Reads the wrong versions in `tests/wrong`: apps that an edit of the reference cannot give, and attacks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import Field

from ladder.authoring.parts import copied, verify_mistake, verify_wrong
from ladder.course.catalog import App, Edit, Exercise, Kind, KindName, Mistakes, Strict, read_toml

WRONG = Path("tests", "wrong")
"""Where they are, within the course."""
HONEST = Path("tests", "honest")
"""Where right apps of other styles are."""


class WrongApp(Strict):
    """What `wrong.toml` says of the package beside it, or of the app that it edits."""

    why: str = Field(min_length=1, description="why people write it so")
    kind: KindName | None = Field(
        default=None, description="of which kind it is, where it is one that tests overlook"
    )
    attack: bool = Field(default=False, description="whether it was written to get past the tests")
    caught_by: list[int] = Field(
        min_length=1, description="the numbers of exactly those criteria that must fail"
    )
    of: str | None = Field(
        default=None, description="the right app that is edited: `solution`, or its name in tests/honest"
    )
    edit: list[Edit] = Field(default=[], description="the edits, in order")


@dataclass(frozen=True)
class WrongVersion:
    """One wrong version of an exercise, and how to see that its criteria catch it.

    Attributes:
        name: its own, within the exercise.
        kind: of which kind it is.
        is_attack: whether it was written to get past the tests.
        caught_by: the criteria that must fail.
        verify: gives what is wrong with its entry, or `None`.
    """

    name: str
    kind: Kind | None
    is_attack: bool
    caught_by: list[int]
    verify: Callable[[], str | None]


def wrong_versions(root: Path, exercise: Exercise) -> Iterator[WrongVersion]:
    """Find the wrong versions of an exercise: its attacks in their order, then the apps by name.

    Args:
        root: the course's folder.
        exercise: whose.

    Raises:
        CatalogError: one of the files is not in order.
    """
    folder = root / WRONG / exercise.path
    attacks = folder / "attacks.toml"
    for attack in read_toml(attacks, Mistakes).mistake if attacks.exists() else []:
        verify = partial(verify_mistake, exercise, attack, None)
        yield WrongVersion(
            attack.name, attack.kind, is_attack=True, caught_by=attack.caught_by, verify=verify
        )
    for path in sorted(folder.glob("*/wrong.toml")):
        entry = read_toml(path, WrongApp)
        verify = partial(verify_app, root, exercise, path.parent, entry)
        yield WrongVersion(path.parent.name, entry.kind, entry.attack, entry.caught_by, verify)


def verify_app(root: Path, exercise: Exercise, folder: Path, entry: WrongApp) -> str | None:
    """Check that a wrong app is caught by exactly the criteria that its entry names; return what else was seen."""
    if entry.of is None:
        return verify_wrong(exercise, App(folder, exercise.package), entry.caught_by)
    right = exercise.solution.folder if entry.of == "solution" else root / HONEST / exercise.path / entry.of
    with copied(exercise, App(right, exercise.package)) as app:
        problems = (edit.apply(app.source) for edit in entry.edit)
        problem = next((problem for problem in problems if problem is not None), None)
        return problem or verify_wrong(exercise, app, entry.caught_by)
