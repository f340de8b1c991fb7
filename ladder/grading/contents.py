"""What a submission holds: files with harmless names, within limits."""

import re
import stat
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from ladder.base.errors import LadderError

MEBIBYTE = 2**20
MOST_BYTES = 20 * MEBIBYTE
"""The size of all files that are taken."""
MOST_FILE_BYTES = 5 * MEBIBYTE
MOST_ENTRIES = 20_000
MOST_FILES = 2_000
MOST_DEPTH = 20
MOST_PART_BYTES = 200
MOST_PATH_BYTES = 1_000
PASSED_OVER = {
    *(".git", ".hg", ".venv", "venv", "node_modules", "site-packages", "__pycache__", ".mypy_cache"),
    *(".pytest_cache", ".ruff_cache", ".idea", ".vscode", ".put-aside", ".run", ".DS_Store", "__MACOSX"),
}
"""Names of what is no part of an app."""
ENVIRONMENT = "pyvenv.cfg"
"""What every virtual environment holds (PEP 405)."""
ENVIRONMENT_PARTS = {
    *(ENVIRONMENT, "bin", "include", "lib", "lib64", "share"),
    *("Include", "Lib", "Scripts"),
}
"""What lies beside it, whatever the environment is called."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What moves the cursor, ends a line, or turns the direction of writing."""
NOT_UTF8 = re.compile(r"[\ud800-\udfff]")
DRIVE = re.compile(r"[A-Za-z]:")
MODES = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class RefusedError(LadderError):
    """A submission cannot be taken in. The message is for the learner, and holds no path of this machine."""


def show(name: str) -> str:
    """Return a foreign name as it may stand in a message: quoted, escaped, and not too long."""
    shown = ascii(name)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def fold(name: str) -> str:
    """Return what is the same for all spellings of a name that some file system takes for one."""
    return unicodedata.normalize("NFC", name).casefold()


def parts_of(name: str) -> list[str]:
    """Return the parts of a path, without those that say nothing."""
    return [part for part in name.split("/") if part not in {"", "."}]


def is_passed_over(parts: Iterable[str]) -> bool:
    """Return whether a path lies in what is no part of an app (`._` begins what macOS adds to archives)."""
    return any(part in PASSED_OVER or part.endswith(".pyc") or part.startswith("._") for part in parts)


class Contents:
    """What was read of a submission so far: every reader shows it all entries, and it sees to the limits.

    Attributes:
        files: the contents, by path.
        latest: the name that was looked at last.
    """

    def __init__(self) -> None:
        self.files: dict[PurePosixPath, bytes] = {}
        self.latest = ""
        self.entries = 0
        self.size = 0
        self.names: dict[str, tuple[str, bool]] = {}
        self.environments: set[tuple[str, ...]] = set()

    def note_environments(self, names: Iterable[str]) -> None:
        """Note which folders of an archive are virtual environments, before its entries are looked at."""
        for name in names:
            *folder, last = parts_of(name) or [""]
            if last == ENVIRONMENT:
                self.environments.add(tuple(folder))

    def is_in_environment(self, parts: Sequence[str]) -> bool:
        """Return whether a path is part of a virtual environment."""
        return any(
            part in ENVIRONMENT_PARTS and tuple(parts[:place]) in self.environments
            for place, part in enumerate(parts)
        )

    def look_at(self, name: str) -> PurePosixPath | None:
        """Count an entry, and give its path; none where it is passed over.

        Raises:
            RefusedError: the name is not in order, or there are too many entries.
        """
        self.latest = name
        self.entries += 1
        self.limit_entries(self.entries)
        parts = parts_of(name)
        if not parts or is_passed_over(parts) or self.is_in_environment(parts):
            return None
        sizes = [len(part.encode(errors="surrogatepass")) for part in parts]
        faults = {
            "is not UTF-8": NOT_UTF8.search(name),
            "holds a control character": CONTROL.search(name),
            "holds a backslash": "\\" in name,
            "is absolute": name.startswith("/"),
            "begins with a drive": DRIVE.match(parts[0]),
            "leads out of the submission": ".." in parts,
            f"lies more than {MOST_DEPTH} levels deep": len(parts) > MOST_DEPTH,
            f"has a part of more than {MOST_PART_BYTES} bytes": max(sizes) > MOST_PART_BYTES,
            f"has more than {MOST_PATH_BYTES:,} bytes": sum(sizes) + len(sizes) - 1 > MOST_PATH_BYTES,
        }
        for fault, found in faults.items():
            if found:
                raise bad_name(name, fault)
        return PurePosixPath(*parts)

    def add_folder(self, path: PurePosixPath) -> None:
        """Note a folder.

        Raises:
            RefusedError: there is a file of this name.
        """
        self.claim(path, is_file=False)

    def add_file(self, path: PurePosixPath, pieces: Iterable[bytes]) -> None:
        """Keep a file's content, which comes in pieces.

        Raises:
            RefusedError: the name is there already, or there is too much.
        """
        self.claim(path, is_file=True)
        if len(self.files) == MOST_FILES:
            raise RefusedError(f"It holds more than {MOST_FILES:,} files. Hand in the app's folder alone.")
        content = bytearray()
        for piece in pieces:
            content += piece
            self.size += len(piece)
            if len(content) > MOST_FILE_BYTES:
                raise RefusedError(
                    f"{show(str(path))} has more than {MOST_FILE_BYTES // MEBIBYTE} MiB. Leave it out."
                )
            if self.size > MOST_BYTES:
                raise RefusedError(
                    f"Its files have more than {MOST_BYTES // MEBIBYTE} MiB together. Hand in the app's folder alone."
                )
        self.files[path] = bytes(content)

    def claim(self, path: PurePosixPath, *, is_file: bool) -> None:
        """Note a name, and those of the folders on the way to it.

        Raises:
            RefusedError: one is there already, as a file, as something else, or in another spelling.
        """
        for place in (*reversed(path.parents[:-1]), path):
            new = (str(place), is_file and place == path)
            key = fold(new[0])
            old = self.names.get(key)
            if old is None:
                self.names[key] = new
                self.limit_entries(len(self.names))
            elif old[0] != new[0]:
                raise RefusedError(
                    f"It holds {show(old[0])} and {show(new[0])}, which many systems take for one. Rename one of them."
                )
            elif old[1] != new[1]:
                raise RefusedError(f"It holds {show(old[0])} as a file and as a folder. Rename one of them.")
            elif new[1]:
                raise RefusedError(f"It holds {show(old[0])} twice. Pack it again.")

    def limit_entries(self, count: int) -> None:
        """Check that there are not too many entries.

        Raises:
            RefusedError: there are.
        """
        if count > MOST_ENTRIES:
            raise RefusedError(
                f"It holds more than {MOST_ENTRIES:,} files and folders. Hand in the app's folder alone."
            )


def name_mode(mode: int) -> str:
    """Return what kind of file has this mode, in words."""
    return MODES.get(stat.S_IFMT(mode), "something that is no file")


def bad_name(name: str, fault: str) -> RefusedError:
    """Return the reason to refuse a name."""
    return RefusedError(f"It holds {show(name)}, a name that {fault}. Rename it, or leave it out.")


def special_file(name: str, kind: str) -> RefusedError:
    """Return the reason to refuse what is neither a plain file nor a folder."""
    return RefusedError(f"It holds {show(name)}, which is {kind}. Hand in plain files and folders only.")


def damaged(kind: str) -> RefusedError:
    """Return the reason to refuse an archive that cannot be read to its end."""
    return RefusedError(f"It is no {kind} archive that can be read: it is cut off or damaged. Pack it again.")
