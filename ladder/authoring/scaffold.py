"""Writes the folder of a new exercise: a small one that is sound, but for the story that nobody has told yet."""

from pathlib import Path
from string import Template

from ladder.base.errors import LadderError
from ladder.course.catalog import FOLDER_NAME, TRACKS

TEMPLATES = Path(__file__).with_name("skeleton")
FILES = {
    "README.md": "README.md",
    "exercise.toml": "exercise.toml",
    "hints.md": "hints.md",
    "mistakes.toml": "mistakes.toml",
    "starter.py.txt": "starter/{package}/main.py",
    "solution.py.txt": "solution/{package}/main.py",
    "tests.py.txt": "tests/test_{package}.py",
}
"""Where each template goes."""


def write_exercise(root: Path, path: str, title: str) -> Path:
    """Write a new exercise and return its folder.

    Args:
        root: the course's folder.
        path: where it is to be, such as `curriculum/01_api_basics/01_crud_api`.
        title: what people call it.

    Raises:
        LadderError: the path is none of an exercise, or something is there already.
    """
    track, *names = path.strip("/").split("/")
    if track not in TRACKS or not 1 <= len(names) <= 2 or not all(map(FOLDER_NAME.fullmatch, names)):
        raise LadderError(
            f"{path!r} is not the path of an exercise. Write one like scenarios/00_sticky_notes, or "
            "curriculum/01_api_basics/01_crud_api: a track, for the curriculum a section, two digits and a package."
        )
    if '"' in title or "\\" in title or not title.isprintable() or not title.strip():
        raise LadderError("A title is one line of text without quotation marks and backslashes.")
    folder = root.joinpath(track, *names)
    if folder.exists():
        raise LadderError(f"{folder} exists already. Name another, or remove it.")
    package = names[-1].split("_", maxsplit=1)[1]
    for template, name in FILES.items():
        text = (TEMPLATES / template).read_text(encoding="utf-8")
        file = folder / name.format(package=package)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            Template(text).substitute(title=title, id=package.replace("_", "-")), encoding="utf-8"
        )
    for version in ("starter", "solution"):
        (folder / version / package / "__init__.py").write_text(f'"""{title}."""\n', encoding="utf-8")
    return folder
