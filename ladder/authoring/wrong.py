"""Reads the wrong versions in `tests/wrong`: apps that an edit of the reference cannot give, and attacks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import Field

from ladder.authoring.verify import verify_mistake, verify_wrong
from ladder.course.catalog import App, Exercise, Kind, KindName, Mistakes, Strict, read_toml

WRONG = Path("tests", "wrong")
"""Where they are, within the course."""


class WrongApp(Strict):
    """What `wrong.toml` says of the package beside it."""

    why: str = Field(min_length=1, description="why people write it so")
    kind: KindName | None = Field(
        default=None, description="of which kind it is, where it is one that tests overlook"
    )
    attack: bool = Field(default=False, description="whether it was written to get past the tests")
    caught_by: list[int] = Field(
        min_length=1, description="the numbers of exactly those criteria that must fail"
    )


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
        verify = partial(verify_wrong, exercise, App(path.parent, exercise.package), entry.caught_by)
        yield WrongVersion(path.parent.name, entry.kind, entry.attack, entry.caught_by, verify)
