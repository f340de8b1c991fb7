"""The files of an app's working directory."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from ladder.inside.files import drain, open_clogged


class Files(Protocol):
    """The files of an app's working directory, by their names."""

    def names(self) -> list[str]:
        """Return the names of all files in there, sorted, with those of their folders (`uploads/a.png`)."""

    def read(self, name: str) -> bytes:
        """Return a file's content; nothing if there is no such file."""

    def write(self, name: str, content: str | bytes) -> None:
        """Write into a file, as some editors do."""

    def replace(self, name: str, content: str | bytes) -> None:
        """Write a new file and give it the old one's name, as other editors do."""

    def link(self, name: str, target: str) -> None:
        """Make a symbolic link: to `/dev/full`, where the disk is full for whoever writes."""

    def clog(self, name: str) -> None:
        """Make a file that takes some 64 KiB, and then lets whoever writes wait: a FIFO that nobody reads from."""

    def drain(self, name: str) -> bytes:
        """Take what was written into a clogged file until now, so that it takes as much again."""

    def remove(self, name: str) -> None:
        """Remove a file; the empty name stands for all of them."""


class HostFiles:
    """Files that lie on this machine as any others do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clogged: list[int] = []  # descriptors of what nobody reads from

    def names(self) -> list[str]:
        """Return the names of all files in there, sorted."""
        return names_below(self.folder)

    def read(self, name: str) -> bytes:
        """Return a file's content; nothing if there is no such file."""
        file = self.folder / name
        with suppress(FileNotFoundError):  # the app may remove it between two steps of ours
            return file.read_bytes() if file.is_file() else b""
        return b""

    def write(self, name: str, content: str | bytes) -> None:
        """Write into a file."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(to_bytes(content))

    def replace(self, name: str, content: str | bytes) -> None:
        """Write a new file and give it the old one's name."""
        new = self.folder / f"{name}.new"
        new.write_bytes(to_bytes(content))
        new.replace(self.folder / name)

    def link(self, name: str, target: str) -> None:
        """Make a symbolic link."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).symlink_to(target)

    def clog(self, name: str) -> None:
        """Make a FIFO that nobody reads from; it is open for as long as these files are there."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        self.clogged.append(open_clogged(self.folder / name))

    def drain(self, name: str) -> bytes:
        """Take what was written into a clogged file until now."""
        return drain(self.folder / name)

    def remove(self, name: str) -> None:
        """Remove a file; the empty name stands for all of them."""
        if name:
            (self.folder / name).unlink()
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
            while self.clogged:
                os.close(self.clogged.pop())


def names_below(folder: Path) -> list[str]:
    """Return the names of all that is below a folder and is no folder itself, sorted; no link is followed."""
    return sorted(
        (Path(place) / name).relative_to(folder).as_posix()
        for place, _, names in os.walk(folder)
        for name in names
    )


def to_bytes(content: str | bytes) -> bytes:
    """Return a file's content as bytes; text is UTF-8."""
    return content.encode() if isinstance(content, str) else content
