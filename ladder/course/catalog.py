"""The exercises: found by a glob, described by their own `exercise.toml`, and known by several names.

This is the only module that knows how the folders are laid out.
"""

import ast
import difflib
import hashlib
import os
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ladder.base.errors import AppFaultError, LadderError
from ladder.course.policy import Policy
from ladder.course.ticket import Hints, Ticket, split_sections

TRACKS = ("scenarios", "exercises", "curriculum")
Model = TypeVar("Model", bound=BaseModel)
MOST_NAMED = 5
"""How many exercises an error names."""
MORE_NAMES = "See all names with: ladder --all"
TEST_SUFFIXES = {".py", ".json"}
"""Of the files that tests are made of; what else lies there is left behind by runs."""
FOLDER_NAME = re.compile(r"\d\d_[a-z][a-z0-9_]*")


NOT_CODE = shutil.ignore_patterns("__pycache__", ".*_cache", ".venv", ".idea", ".vscode", ".DS_Store")
"""What Python, its tools and editors leave beside the code. A `.gitignore` or `.env.example` is part of an app."""


def files_of_tests(folder: Path) -> list[Path]:
    """Return the files that tests are made of, data that they read included, in a folder and those in it, sorted."""
    return sorted(path for path in folder.rglob("*") if path.suffix in TEST_SUFFIXES)


class AppNotFoundError(AppFaultError):
    """A folder does not hold the package that the exercise asks for."""


@dataclass(frozen=True)
class App:
    """A package to run: `<folder>/<package>/main.py` defines `app`."""

    folder: Path
    package: str

    @property
    def source(self) -> Path:
        """The package's folder."""
        return self.folder / self.package

    def copy_to(self, folder: Path) -> "App":
        """Copy the package into a folder, without what Python and editors leave beside the code."""
        app = App(folder, self.package)
        shutil.copytree(self.source, app.source, ignore=NOT_CODE)
        return app

    def files(self) -> Iterator[Path]:
        """Return the paths of the package's files, sorted, relative to its folder, without what tools leave there."""
        for place, folders, names in os.walk(self.source):
            folders[:] = sorted(set(folders) - NOT_CODE(place, folders))
            yield from (
                Path(place, name).relative_to(self.source)
                for name in sorted(set(names) - NOT_CODE(place, names))
            )

    def require(self) -> None:
        """Check that the package is there.

        Raises:
            AppNotFoundError: it is not; the message says what the folder holds instead.
        """
        if (self.source / "main.py").is_file():
            return
        if not self.folder.is_dir():
            raise AppNotFoundError(
                f"There is no folder {self.folder}. Pass one that holds {self.package}/main.py."
            )
        others = sorted(path.parent.name for path in self.folder.glob("*/main.py"))
        hint = (
            f"it holds {' and '.join(f'{name}/main.py' for name in others)}: rename the package to {self.package}"
            if others
            else "write the app there, or pass the folder that holds the package with --app"
        )
        raise AppNotFoundError(f"{self.folder} holds no {self.package}/main.py; {hint}.")


class CatalogError(LadderError):
    """An exercise's folder is not in order, or a name fits no exercise or several."""


class Strict(BaseModel):
    """A value read from a file that an author wrote: a key that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class WitnessOptions(Strict):
    """What `ladder witness` does not compare: see `ladder.authoring.witness`."""

    open: list[str] = Field(default=[], description="names of fields whose values the ticket leaves open")
    other_ids: bool = Field(
        default=True, description="whether the ticket says what a path with an id of another type gets"
    )


class Manifest(Strict):
    """What `exercise.toml` says."""

    id: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        description="what progress is noted under, so that it outlives another name or place of the folder",
    )
    title: str = Field(min_length=1)
    minutes: int = Field(gt=0, description="how long a learner may need")
    teaches: list[str] = Field(min_length=1, description="what is new in this exercise")
    needs: list[str] = Field(description="the exercises to do before, by path")
    dependencies: list[str] = Field(
        description="what the app imports beyond fastapi and this project's `shared`"
    )
    services: list[Literal["postgresql", "redis"]] = Field(description="servers that the app needs")
    tools: list[Literal["git", "promtool"]] = Field(
        default=[], description="programs with which the tests judge what is no Python"
    )
    settings: dict[str, str] = Field(
        default={}, description="environment variables that the app reads, and what they do"
    )
    witness: WitnessOptions = WitnessOptions()
    grading: Policy = Field(default=Policy(), description="points, and what handing in late costs")


class Kind(StrEnum):
    """The kinds of wrong versions that tests overlook most (`docs/soundness.md`)."""

    TEXT = "text"  # is not kept as sent
    LIMIT_ADDED = "limit-added"  # that the ticket does not have
    LIMIT_MOVED = "limit-moved"  # that the ticket has
    BLANK = "blank"  # what counts as blank, as a letter, as a name
    EDGE_ID = "edge-id"  # ids at the edges
    AUTHORITY = "authority"  # who decides, the client or the server
    COLUMN = "column"  # the wrong column, or the wrong direction
    OLDEST = "oldest"  # of several, only the newest is right
    RACE = "race"
    PER_PROCESS = "per-process"  # differs with the process, the start or the zone
    CONCURRENCY = "concurrency"  # limits of it
    SHARE = "share"  # shares and independence
    PERFORMANCE = "performance"
    BYTES = "bytes"  # and headers
    MEDIA_TYPE = "media-type"  # media types and details


KindName = Annotated[Kind, Field(strict=False)]  # a TOML file holds strings only


class Edit(Strict):
    """A change of one file of an app."""

    file: str = Field(description="the file, relative to the package")
    text: str = Field(min_length=1, description="what to replace; it must occur exactly once")
    replacement: str

    def apply(self, source: Path) -> str | None:
        """Change the file in a package's folder, and return why that cannot be, or `None`."""
        file = source / self.file
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        if text.count(self.text) != 1:
            return f"its text stands {text.count(self.text)} times in {self.file}, and must stand there once"
        file.write_text(text.replace(self.text, self.replacement), encoding="utf-8")
        return None


class Mistake(Edit):
    """One wrong version of the reference: a small edit, and the criteria that must catch it."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    why: str = Field(min_length=1, description="why people do it")
    kind: KindName | None = Field(
        default=None, description="of which kind it is, where it is one that tests overlook"
    )
    caught_by: list[int] = Field(
        min_length=1, description="the numbers of exactly those criteria that must fail"
    )


class Mistakes(Strict):
    """What `mistakes.toml` says."""

    mistake: list[Mistake] = []


class Equivalent(Edit):
    """One mutant of the reference that does what the reference does, so that no test can notice it."""

    why: str = Field(min_length=1, description="why nobody can notice it")


class Equivalents(Strict):
    """What `equivalents.toml` says."""

    equivalent: list[Equivalent] = []


class Exercise:
    """One exercise's folder.

    Args:
        root: the course's folder.
        folder: the exercise's own, somewhere below it.

    Raises:
        CatalogError: the folder's name, or its `exercise.toml`, is not in order.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self.path = folder.relative_to(root).as_posix()
        self.manifest = read_toml(folder / "exercise.toml", Manifest)
        self.track, *names = self.path.split("/")
        for depth, name in enumerate(names, start=1 - len(names)):
            if FOLDER_NAME.fullmatch(name) is None:
                what = folder if depth == 0 else folder.parents[-depth - 1]
                raise CatalogError(
                    f"{what}: an exercise's folder is called like 00_sticky_notes, two digits and a package, "
                    "and a section's likewise."
                )
        self.package = names[-1].split("_", maxsplit=1)[1]

    def __repr__(self) -> str:
        return f"<Exercise {self.path}>"

    @property
    def id(self) -> str:
        """What progress is noted under: its stable id, or else its path."""
        return self.manifest.id or self.path

    @property
    def tests_digest(self) -> str:
        """Twelve hex digits of SHA-256 over its tests: others, if the tests are others."""
        files = files_of_tests(self.tests)
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:12]

    @property
    def short(self) -> str:
        """The shortest name: the track's letter and the numbers, such as `s0` or `c1.3`."""
        numbers = [str(int(part.split("_")[0])) for part in self.path.split("/")[1:]]
        return self.track[0] + ".".join(numbers)

    @property
    def names(self) -> set[str]:
        """Every name that is meant for this exercise alone."""
        parts = self.path.split("/")
        numbers = "/".join([parts[0], *(part.split("_")[0] for part in parts[1:])])
        return {self.path, numbers, self.short, self.folder.name, self.package}

    @property
    def starter(self) -> App:
        """What a learner begins with."""
        return App(self.part("starter"), self.package)

    @property
    def solution(self) -> App:
        """The reference."""
        return App(self.part("solution"), self.package)

    @property
    def tests(self) -> Path:
        """The folder of the acceptance tests."""
        return self.part("tests")

    def test_versions(self) -> dict[Path, int]:
        """Return when each test file was last changed (in nanoseconds), so that whoever has read them knows it."""
        return {path: path.stat().st_mtime_ns for path in files_of_tests(self.tests)}

    @property
    def test_names(self) -> list[str]:
        """The names of the test functions, read from the source."""
        sources = {str(path): path.read_bytes() for path in sorted(self.tests.glob("test_*.py"))}
        try:
            return [name for path, source in sources.items() for name in test_names_in(source, path)]
        except SyntaxError as error:
            raise CatalogError(f"{error.filename}, line {error.lineno}: {error.msg}.") from error

    def require_tests_for_criteria(self) -> None:
        """Check that each sentence of the ticket has its test, and each test its sentence.

        Raises:
            CatalogError: one is missing; the message names it.
        """
        sentences = {criterion.test_name: criterion for criterion in self.ticket.criteria}
        names = self.test_names
        faults = [
            f"criterion {criterion.number} has no test: write {name}"
            for name, criterion in sentences.items()
            if name not in names
        ]
        faults += [f"{name} is not a criterion of the ticket" for name in names if name not in sentences]
        shared = [
            criterion for criterion in self.ticket.criteria if sentences[criterion.test_name] != criterion
        ]
        faults += [
            f"criterion {one.number} shares {one.test_name} with another: word it anew" for one in shared
        ]
        faults += [f"{name} stands there twice" for name in sentences if names.count(name) > 1]
        if faults:
            raise CatalogError(f"{self.path}: {'; '.join(faults)}.")

    @cached_property
    def ticket(self) -> Ticket:
        """The ticket, read from README.md."""
        return Ticket.parse(self.part("README.md"))

    @cached_property
    def hints(self) -> Hints:
        """The hints for each criterion, read from hints.md."""
        return Hints.parse(self.part("hints.md"))

    @cached_property
    def mistakes(self) -> list[Mistake]:
        """The wrong versions of the reference, read from mistakes.toml."""
        return read_toml(self.part("mistakes.toml"), Mistakes).mistake

    @cached_property
    def equivalents(self) -> list[Equivalent]:
        """The mutants that nobody can notice, read from equivalents.toml, if there is one."""
        path = self.folder / "equivalents.toml"
        return read_toml(path, Equivalents).equivalent if path.exists() else []

    @cached_property
    def discussion(self) -> dict[str, str]:
        """The answers to the brief's questions by their headings, read from discussion.md; none without that file."""
        path = self.folder / "discussion.md"
        return split_sections(path.read_text(encoding="utf-8")) if path.is_file() else {}

    def part(self, name: str) -> Path:
        """Return the path of one of the folder's parts.

        Raises:
            CatalogError: it is missing.
        """
        path = self.folder / name
        if not path.exists():
            raise CatalogError(
                f"{self.path} has no {name}. Put it back (git restore {self.path}/{name}), or write it."
            )
        return path


class Catalog:
    """All exercises of a course, in the order in which they are meant to be done.

    Args:
        root: the folder that holds the tracks.

    Attributes:
        exercises: those that are in order.
        faults: what is wrong with the others, by their paths: one that is not in order stops no other.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.exercises: list[Exercise] = []
        self.faults: dict[str, str] = {}
        for manifest in [
            path for track in TRACKS for path in sorted((root / track).glob("**/exercise.toml"))
        ]:
            try:
                self.exercises.append(Exercise(root, manifest.parent))
            except CatalogError as error:
                self.faults[manifest.parent.relative_to(root).as_posix()] = str(error)

    def __iter__(self) -> Iterator[Exercise]:
        return iter(self.exercises)

    def find(self, name: str) -> Exercise:
        """Return the exercise that a user means.

        Args:
            name: one of its names, a beginning of one, or a part of one or of its title, as long as no other fits.

        Raises:
            CatalogError: none has this name, several have, or the one that has it is not in order.
        """
        wanted = name.strip("/").removeprefix("./").lower()
        fits: list[Callable[[Exercise], bool]] = [
            lambda exercise: wanted in exercise.names,
            lambda exercise: any(known.startswith(wanted) for known in exercise.names),
            lambda exercise: any(
                wanted in text for text in (*exercise.names, exercise.manifest.title.lower())
            ),
        ]
        found = next((found for fit in fits if (found := [one for one in self if fit(one)])), [])
        faulty = [fault for path, fault in self.faults.items() if wanted in path]
        if len(found) == 1:
            return found[0]
        if not found and faulty:
            raise CatalogError(faulty[0])
        if not found:
            names = sorted(name for exercise in self for name in exercise.names)
            close = difflib.get_close_matches(wanted, names, n=1)
            meant = f"Did you mean {close[0]}? " if close else ""
            there = (
                f"{meant}{MORE_NAMES}"
                if names
                else f"There is none: no exercise.toml stands below {self.root}."
            )
            raise CatalogError(f"There is no exercise called {name!r}. {there}")
        paths = [one.path for one in found[:MOST_NAMED]]
        left = len(found) - len(paths)
        more = f" and {left} more. {MORE_NAMES}" if left else ". Write a few letters more."
        raise CatalogError(f"{name!r} fits {', '.join(paths)}{more}")

    def containing(self, path: Path) -> Exercise | None:
        """Return the exercise whose folder holds this path, if there is one."""
        return next((exercise for exercise in self if path.is_relative_to(exercise.folder)), None)


@lru_cache
def test_names_in(source: bytes, path: str) -> list[str]:
    """Name the test functions of a module, in their order; one that is known is not parsed again.

    Raises:
        SyntaxError: it is not Python.
    """
    functions = [node for node in ast.parse(source, path).body if isinstance(node, ast.FunctionDef)]
    return [function.name for function in functions if function.name.startswith("test_")]


def read_toml(path: Path, model: type[Model]) -> Model:
    """Read a TOML file as a value of a pydantic model.

    Raises:
        CatalogError: the file is missing, is no TOML, or does not fit; the message names the file and the key.
    """
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path} is not TOML: {error}.") from error
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise CatalogError(f"{path}: {'; '.join(faults)}.") from error
