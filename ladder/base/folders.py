"""Where the files of a run go."""

import os
import shutil
import stat
import tempfile
from pathlib import Path

SOCKET_PATH_LIMIT = 100
"""A Unix socket's path holds 107 bytes on Linux and 103 on macOS; a few are kept for safety."""
MEMORY_FOLDER = "/dev/shm"  # noqa: S108 - Linux's file system in memory
MEMORY_NEEDED = 2**30
"""Bytes that must be free there; containers often have 64 MiB, which an app might fill."""


def make_run_folder(*, for_others: bool = False) -> Path:
    """Make the folder that `choose_run_folder` gives."""
    folder = choose_run_folder(for_others=for_others)
    folder.mkdir(mode=0o700)
    return folder


def choose_run_folder(*, for_others: bool = False) -> Path:
    """Return the path for a folder: in memory where there is room, since a database waits for its disk at commits.

    Args:
        for_others: whether other users must be able to reach it (look into it they cannot either way).
    """
    places = ["/tmp"]  # noqa: S108 - nobody can guess the name
    if (
        len(tempfile.gettempdir()) < SOCKET_PATH_LIMIT - 45
    ):  # room for ladder-xxxxxxxx/cells/12/sockets/.s.PGSQL.5432
        places.insert(0, tempfile.gettempdir())
    in_memory = "TMPDIR" not in os.environ and os.access(MEMORY_FOLDER, os.W_OK)
    if in_memory and shutil.disk_usage(MEMORY_FOLDER).free >= MEMORY_NEEDED:
        places.insert(0, MEMORY_FOLDER)
    place = (
        next((place for place in places if is_open_to_others(Path(place))), places[-1])
        if for_others
        else places[0]
    )
    return Path(place) / f"ladder-{os.urandom(4).hex()}"


def is_open_to_others(folder: Path) -> bool:
    """Return whether every user can go through a folder."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (folder, *folder.resolve().parents))
