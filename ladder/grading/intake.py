"""Takes submissions in as plain files, or refuses them with one reason that a learner understands.

All this runs as the instructor, so nothing in a submission is followed, run, imported or believed. It is read into
memory within limits, and written only when everything in it has been looked at.
"""

import hashlib
import itertools
import os
import re
import stat
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath

from ladder.base.errors import LadderError
from ladder.course.catalog import App, Exercise
from ladder.grading.archives import CHUNK_BYTES, FORMATS, MOST_ARCHIVE_BYTES, read_tar, read_zip
from ladder.grading.contents import (
    ENVIRONMENT,
    ENVIRONMENT_PARTS,
    MEBIBYTE,
    MOST_DEPTH,
    MOST_ENTRIES,
    Contents,
    RefusedError,
    is_passed_over,
    name_mode,
    show,
    special_file,
)
from ladder.grading.location import find_app

ENDING = re.compile(r"\.(zip|tar\.gz|tgz)\Z", re.IGNORECASE)
"""Of the archives that are taken."""


@dataclass(frozen=True)
class Submission:
    """What one learner handed in.

    Attributes:
        fault: why it will be refused, if that is known before anything is read.
    """

    learner: str
    path: Path
    submitted: datetime
    fault: str | None = None


@dataclass(frozen=True)
class Intake:
    """A submission that was taken in.

    Attributes:
        app: the app, as plain files.
        digest: SHA-256, in hexadecimal, of the files' paths and contents, however they were packed.
    """

    app: App
    digest: str


def take_in(submission: Submission, exercise: Exercise, target: Path) -> Intake:
    """Take a submission in: its app becomes plain files, 0644, in folders, 0755.

    Args:
        submission: what a learner handed in.
        exercise: what it should solve.
        target: an empty folder; nothing is written to it when the submission is refused.

    Raises:
        RefusedError: the submission is not in order, or holds no app, or several.
        LadderError: the target cannot be written to.
    """
    if submission.fault is not None:
        raise RefusedError(submission.fault)
    files = find_app(read_submission(submission.path), exercise)
    try:
        write_files(files, target)
    except OSError as error:
        raise LadderError(
            f"What {show(submission.path.name)} holds cannot be written to the temporary folder: {error.strerror}. "
            "See that there is room in it, and grade again."
        ) from error
    return Intake(App(target, exercise.package), digest(files))


def write_files(files: dict[PurePosixPath, bytes], target: Path) -> None:
    """Write plain files, 0644, in folders, 0755, whatever the umask says.

    Raises:
        OSError: the target cannot be written to.
    """
    folders = {folder for path in files for folder in path.parents if folder.parts}
    for folder in sorted(folders):
        (target / folder).mkdir()
        (target / folder).chmod(0o755)
    for path, content in files.items():
        (target / path).write_bytes(content)
        (target / path).chmod(0o644)


def digest(files: dict[PurePosixPath, bytes]) -> str:
    """Return the SHA-256, in hexadecimal, of files with their paths."""
    sha = hashlib.sha256()
    for path, content in sorted((str(path), content) for path, content in files.items()):
        sha.update(f"{len(path)}:{path}{len(content)}:".encode() + content)
    return sha.hexdigest()


@contextmanager
def opened(path: Path | str, flags: int = 0, folder: int | None = None) -> Iterator[int]:
    """Open something to read, and give its descriptor; a link is not followed, and a FIFO is not waited for.

    Args:
        path: what to open.
        flags: more flags of `os.open`.
        folder: the descriptor of the folder that the path starts from.

    Raises:
        OSError: it cannot be opened, or is a link.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def walk(folder: int, above: str = "") -> Generator[tuple[str, os.stat_result, int], None, None]:
    """Go through a folder and those in it, as deep as is looked at; links are not followed.

    Args:
        folder: its descriptor.
        above: the path of the folder, with a slash, as it is to stand in the results.

    Returns:
        each entry's path, its own status, and the descriptor of the folder that holds it.

    Raises:
        OSError: a folder cannot be read.
    """
    with os.scandir(folder) as entries:
        names = {entry.name for entry in itertools.islice(entries, MOST_ENTRIES + 1)}
    if ENVIRONMENT in names:
        names -= ENVIRONMENT_PARTS
    for name in sorted(names):
        path = above + name
        info = os.stat(name, dir_fd=folder, follow_symlinks=False)
        yield path, info, folder
        if stat.S_ISDIR(info.st_mode) and not is_passed_over([name]) and path.count("/") < MOST_DEPTH:
            with opened(name, os.O_DIRECTORY, folder) as inner:
                yield from walk(inner, f"{path}/")


def read_submission(path: Path) -> dict[PurePosixPath, bytes]:
    """Read all files of a submission that may be part of an app.

    Raises:
        RefusedError: it is not in order, or cannot be read.
    """
    contents = Contents()
    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            with opened(path, os.O_DIRECTORY) as folder:
                archive = find_lone_archive(folder)
                if archive is None:
                    read_folder(folder, contents)
                else:
                    read_archive(Path(archive), contents, folder)
        elif stat.S_ISREG(mode):
            read_archive(path, contents)
        else:
            raise RefusedError(f"It is {name_mode(mode)}. Hand in a folder or an archive.")
    except OSError as error:
        raise RefusedError(
            f"{show(contents.latest or path.name)} cannot be read: {error.strerror}."
        ) from error
    return contents.files


def find_lone_archive(folder: int) -> str | None:
    """Return the name of the archive that is all that a folder holds, as learning platforms give it, if it is one."""
    with os.scandir(folder) as entries:
        names = [
            entry.name
            for entry in itertools.islice(entries, MOST_ENTRIES)
            if not is_passed_over([entry.name])
        ]
    if len(names) != 1 or ENDING.search(names[0]) is None:
        return None
    return names[0] if stat.S_ISREG(os.stat(names[0], dir_fd=folder, follow_symlinks=False).st_mode) else None


def read_folder(folder: int, contents: Contents) -> None:
    """Read a folder, which may change meanwhile.

    Args:
        folder: its descriptor.
        contents: where the files go.

    Raises:
        RefusedError: it is not in order.
        OSError: something in it cannot be read, or has become something else.
    """
    with closing(walk(folder)) as entries:
        for name, info, parent in entries:
            path = contents.look_at(name)
            if path is None:
                continue
            if stat.S_ISDIR(info.st_mode):
                contents.add_folder(path)
                continue
            require_regular(name, info)
            with opened(path.name, folder=parent) as file:
                require_regular(name, os.fstat(file))
                contents.add_file(path, iter(partial(os.read, file, CHUNK_BYTES), b""))


def require_regular(name: str, info: os.stat_result) -> None:
    """Check that something is a regular file.

    Raises:
        RefusedError: it is not.
    """
    if not stat.S_ISREG(info.st_mode):
        raise special_file(name, name_mode(info.st_mode))


def read_archive(path: Path, contents: Contents, folder: int | None = None) -> None:
    """Read an archive, which is what its ending says.

    Args:
        path: where it is.
        contents: where its files go.
        folder: the descriptor of the folder that the path starts from.

    Raises:
        RefusedError: it is not in order.
        OSError: it cannot be read.
    """
    with opened(path, folder=folder) as descriptor:
        info = os.fstat(descriptor)
        require_regular(path.name, info)
        if info.st_size > MOST_ARCHIVE_BYTES:
            raise RefusedError(
                f"It has more than {MOST_ARCHIVE_BYTES // MEBIBYTE} MiB. Hand in the app's folder alone."
            )
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(info.st_size)
    expected = "zip" if path.suffix.lower() == ".zip" else "gzip"
    found = next((name for name, magic in FORMATS.items() if magic.match(data)), expected)
    if found != expected:
        raise RefusedError(
            f"It is packed as {found}, and its name ends in {path.suffix}. Mend the name, or pack it again."
        )
    if not data:
        return
    if expected == "zip":
        read_zip(data, contents)
    else:
        read_tar(data, contents)
