"""The sections of a course: folders of exercises, each with a `README.md` that lists them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ladder.course.catalog import Catalog, Exercise

LINK = re.compile(r"\]\((\d\d_[a-z0-9_]+)/README\.md\)")
"""A link of a section's list, such as `[CRUD API](01_crud_api/README.md)`."""


@dataclass(frozen=True)
class Section:
    """A track, or a section of the curriculum: a folder of exercises.

    Attributes:
        folder: where it is.
        exercises: its exercises, in order.
    """

    folder: Path
    exercises: tuple[Exercise, ...]

    @property
    def text(self) -> str:
        """What its `README.md` says; nothing if there is none."""
        readme = self.folder / "README.md"
        return readme.read_text(encoding="utf-8") if readme.is_file() else ""

    @property
    def title(self) -> str:
        """What its `README.md` is headed, or else its folder's name."""
        name = self.folder.name.lstrip("0123456789_").replace("_", " ").capitalize()
        return self.text.partition("\n")[0].removeprefix("# ").strip() or name


def sections_of(catalog: Catalog) -> Iterator[Section]:
    """Yield the sections of a course, in order."""
    for folder, exercises in groupby(catalog, lambda exercise: exercise.folder.parent):
        yield Section(folder, tuple(exercises))


def course_problems(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a course beyond its single exercises: the path it is about, and a sentence."""
    yield from catalog.faults.items()
    for section in sections_of(catalog):
        path = section.folder.relative_to(catalog.root).as_posix()
        links = LINK.findall(section.text)
        names = [exercise.folder.name for exercise in section.exercises]
        if not section.text.startswith("# "):
            yield (
                path,
                f"{path}/README.md: begin with a title (# …), what the section teaches, and its exercises",
            )
        elif links != names:
            rows = ", ".join(
                f"[{one.manifest.title}]({one.folder.name}/README.md)" for one in section.exercises
            )
            yield path, f"{path}/README.md: link its exercises in their order, once each: {rows}"
    nested = (section for section in sections_of(catalog) if section.folder.parent != catalog.root)
    for track, sections in groupby(nested, lambda section: section.folder.parent):
        listed = {
            section.folder.name: f"[{section.title}]({section.folder.name}/README.md)" for section in sections
        }
        if LINK.findall(Section(track, ()).text) != list(listed):
            rows = ", ".join(listed.values())
            yield track.name, f"{track.name}/README.md: link its sections in their order, once each: {rows}"
    for exercise in catalog:
        same = [other.path for other in catalog if other.id == exercise.id and other is not exercise]
        if same:
            yield exercise.path, f"{exercise.path}/exercise.toml: {same[0]} has the id {exercise.id!r} too"
        if exercise.path in needed_by(catalog, exercise):
            yield (
                exercise.path,
                f"{exercise.path}/exercise.toml: the exercise needs itself, by way of what it needs",
            )


def needed_by(catalog: Catalog, exercise: Exercise) -> set[str]:
    """Return the paths of all exercises that one needs, and that these need in turn."""
    needs = {one.path: {name.rstrip("/") for name in one.manifest.needs} for one in catalog}
    found: set[str] = set()
    left = set(needs[exercise.path])
    while left:
        name = left.pop()
        found.add(name)
        left |= needs.get(name, set()) - found
    return found
