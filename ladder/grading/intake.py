"""Submissions: found in a folder, and taken in as plain files, or refused with one reason that a learner understands.

All this runs as the instructor, so nothing in a submission is followed, run, imported or believed. It is read into
memory within limits, and written only when everything in it has been looked at.
"""

import hashlib
import io
import itertools
import os
import re
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath

from ladder.base.errors import LadderError
from ladder.course.catalog import App, Exercise

MEBIBYTE = 2**20
MOST_ARCHIVE_BYTES = 20 * MEBIBYTE
MOST_BYTES = 20 * MEBIBYTE
"""The size of all files that are taken."""
MOST_FILE_BYTES = 5 * MEBIBYTE
MOST_STREAM_BYTES = 200 * MEBIBYTE
"""What a .tar.gz may unpack to, with all that is passed over in it."""
MOST_DIRECTORY_BYTES = 4 * MEBIBYTE
"""The size of a zip's directory, of which `zipfile` makes objects that are many times as large."""
MOST_ENTRIES = 20_000
MOST_FILES = 2_000
MOST_DEPTH = 20
MOST_PART_BYTES = 200
MOST_PATH_BYTES = 1_000
MOST_RECORDS = 1_000
"""The records of one extended header of a tar; there are seldom ten."""
CHUNK_BYTES = 2**16
BLOCK_BYTES = tarfile.BLOCKSIZE
ENDING = re.compile(r"\.(zip|tar\.gz|tgz)\Z", re.IGNORECASE)
EXPECTED = "It should hold a folder, a .zip, a .tar.gz or a .tgz for each learner, called after the learner."
PASSED_OVER = {
    *(".git", ".hg", ".venv", "venv", "node_modules", "site-packages", "__pycache__", ".mypy_cache"),
    *(".pytest_cache", ".ruff_cache", ".idea", ".vscode", ".put-aside", ".run", ".DS_Store", "__MACOSX"),
}
"""Names of what is no part of an app."""
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
TAR_TYPES = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.FIFOTYPE: "a FIFO",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.GNUTYPE_SPARSE: "a sparse file",
}
EXTENDED = {
    *(tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
}
"""The types of the headers that speak of the entry after them."""
FORMATS = {
    "zip": re.compile(rb"PK"),
    "gzip": re.compile(rb"\x1f\x8b"),
    "bzip2": re.compile(rb"BZh"),
    "xz": re.compile(rb"\xfd7zXZ"),
    "7z": re.compile(rb"7z\xbc\xaf"),
    "RAR": re.compile(rb"Rar!"),
    "tar": re.compile(rb".{257}ustar", re.DOTALL),
}
"""How archives begin."""
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OverflowError,
    RuntimeError,  # one kind of it is NotImplementedError: a version of the format that it does not know
    ValueError,
)
"""What `zipfile` raises where an archive is not in order."""


class RefusedError(LadderError):
    """A submission cannot be taken in. The message is for the learner, and holds no path of this machine."""


@dataclass(frozen=True)
class Submission:
    """What one learner handed in: a folder, an archive, or something that will be refused."""

    learner: str
    path: Path
    submitted: datetime


@dataclass(frozen=True)
class Intake:
    """A submission that was taken in.

    Attributes:
        app: the app, as plain files.
        digest: SHA-256, in hexadecimal, of the files' paths and contents, however they were packed.
    """

    app: App
    digest: str


def find_submissions(folder: Path) -> tuple[list[Submission], list[str]]:
    """Find what a class handed in.

    A learner's id is the entry's name without the ending of an archive. Of several entries with the same id, the newest
    counts.

    Returns:
        the submissions, sorted by learner, and notes for the instructor on what does not count.

    Raises:
        LadderError: the folder cannot be read, or holds no submission.
    """
    newest: dict[str, Submission] = {}
    notes = []
    try:
        entries = {path: path.lstat() for path in sorted(folder.iterdir()) if not path.name.startswith(".")}
    except OSError as error:
        raise LadderError(f"{folder} cannot be read: {error.strerror}. {EXPECTED}") from error
    for path, info in entries.items():
        learner = ENDING.sub("", path.name)
        if learner == path.name and stat.S_ISREG(info.st_mode):
            notes.append(
                f"{show(path.name)} was passed over: it is neither a folder nor a .zip, .tar.gz or .tgz."
            )
            continue
        new = Submission(learner, path, find_submission_time(path, info))
        old = newest.setdefault(fold(learner), new)
        if old is not new:
            counts = max(old, new, key=lambda one: (one.submitted, one.path.name))
            newest[fold(learner)] = counts
            both = f"{show(old.path.name)} and {show(path.name)}"
            notes.append(f"{both} are of one learner; the newest counts, which is {show(counts.path.name)}.")
    if not newest:
        raise LadderError(f"{folder} holds no submission. {EXPECTED}")
    return sorted(newest.values(), key=lambda submission: submission.learner), notes


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
    """Give the SHA-256, in hexadecimal, of files with their paths."""
    sha = hashlib.sha256()
    for path, content in sorted((str(path), content) for path, content in files.items()):
        sha.update(f"{len(path)}:{path}{len(content)}:".encode() + content)
    return sha.hexdigest()


def show(name: str) -> str:
    """Give a foreign name as it may stand in a message: quoted, escaped, and not too long."""
    shown = ascii(name)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def fold(name: str) -> str:
    """Give what is the same for all spellings of a name that some file system takes for one."""
    return unicodedata.normalize("NFC", name).casefold()


def is_passed_over(parts: Iterable[str]) -> bool:
    """Say whether a path lies in what is no part of an app (`._` begins what macOS adds to archives)."""
    return any(part in PASSED_OVER or part.endswith(".pyc") or part.startswith("._") for part in parts)


def find_submission_time(path: Path, info: os.stat_result) -> datetime:
    """Give the time of a submission: of a folder, that of its newest file; links are not followed."""
    times = []
    if stat.S_ISDIR(info.st_mode):
        with suppress(OSError), opened(path, os.O_DIRECTORY) as folder, closing(walk(folder)) as entries:
            for name, entry, _ in itertools.islice(entries, MOST_ENTRIES):
                if stat.S_ISREG(entry.st_mode) and not is_passed_over([name.rpartition("/")[2]]):
                    times.append(entry.st_mtime)
    return to_moment(max(times, default=info.st_mtime))


def to_moment(seconds: float) -> datetime:
    """Give a file's time in UTC; one that no calendar holds becomes the nearest that it does."""
    latest = datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp()
    return datetime.fromtimestamp(min(max(seconds, 0), latest), UTC)


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
        names = sorted(entry.name for entry in itertools.islice(entries, MOST_ENTRIES + 1))
    for name in names:
        path = above + name
        info = os.stat(name, dir_fd=folder, follow_symlinks=False)
        yield path, info, folder
        if stat.S_ISDIR(info.st_mode) and not is_passed_over([name]) and path.count("/") < MOST_DEPTH:
            with opened(name, os.O_DIRECTORY, folder) as inner:
                yield from walk(inner, f"{path}/")


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

    def look_at(self, name: str) -> PurePosixPath | None:
        """Count an entry, and give its path; none where it is passed over.

        Raises:
            RefusedError: the name is not in order, or there are too many entries.
        """
        self.latest = name
        self.entries += 1
        self.limit_entries(self.entries)
        parts = [part for part in name.split("/") if part not in {"", "."}]
        if not parts or is_passed_over(parts):
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
        """See that there are not too many entries.

        Raises:
            RefusedError: there are.
        """
        if count > MOST_ENTRIES:
            raise RefusedError(
                f"It holds more than {MOST_ENTRIES:,} files and folders. Hand in the app's folder alone."
            )


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
                read_folder(folder, contents)
        elif stat.S_ISREG(mode):
            read_archive(path, contents)
        else:
            raise RefusedError(f"It is {name_mode(mode)}. Hand in a folder or an archive.")
    except OSError as error:
        raise RefusedError(
            f"{show(contents.latest or path.name)} cannot be read: {error.strerror}."
        ) from error
    return contents.files


def name_mode(mode: int) -> str:
    """Give what kind of file has this mode, in words."""
    return MODES.get(stat.S_IFMT(mode), "something that is no file")


def bad_name(name: str, fault: str) -> RefusedError:
    """Give the reason to refuse a name."""
    return RefusedError(f"It holds {show(name)}, a name that {fault}. Rename it, or leave it out.")


def special_file(name: str, kind: str) -> RefusedError:
    """Give the reason to refuse what is neither a plain file nor a folder."""
    return RefusedError(f"It holds {show(name)}, which is {kind}. Hand in plain files and folders only.")


def damaged(kind: str) -> RefusedError:
    """Give the reason to refuse an archive that cannot be read to its end."""
    return RefusedError(f"It is no {kind} archive that can be read: it is cut off or damaged. Pack it again.")


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
    """See that something is a regular file.

    Raises:
        RefusedError: it is not.
    """
    if not stat.S_ISREG(info.st_mode):
        raise special_file(name, name_mode(info.st_mode))


def read_archive(path: Path, contents: Contents) -> None:
    """Read an archive, which is what its ending says.

    Raises:
        RefusedError: it is not in order.
        OSError: it cannot be read.
    """
    with opened(path) as descriptor:
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


class ZipBytes(io.BytesIO):
    """The bytes of a zip: `zipfile` reads its directory in one go, however large that is."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Give the next bytes.

        Raises:
            RefusedError: they are more than a directory may have.
        """
        data = super().read(size)
        if len(data) > MOST_DIRECTORY_BYTES:
            raise RefusedError("It holds too many files and folders. Hand in the app's folder alone.")
        return data


def read_zip(data: bytes, contents: Contents) -> None:
    """Read a zip.

    Raises:
        RefusedError: it is not in order.
    """
    try:
        with zipfile.ZipFile(ZipBytes(data), metadata_encoding="utf-8") as archive:
            # Where entries share bytes, few of them take very long to unpack.
            if sum(entry.compress_size for entry in archive.infolist()) > len(data):
                raise damaged("zip")
            for entry in archive.infolist():
                read_zip_entry(archive, entry, contents)
    except UnicodeDecodeError as error:
        name = error.object.decode(errors="surrogateescape")
        raise bad_name(name, "is not UTF-8") from error
    except UNREADABLE as error:
        raise damaged("zip") from error


def read_zip_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, contents: Contents) -> None:
    """Read one entry of a zip.

    Raises:
        RefusedError: it is not in order; so may errors of `zipfile` say.
    """
    name = entry.orig_filename  # `filename` ends where a NUL stands in it
    path = contents.look_at(name)
    mode = entry.external_attr >> 16
    if path is None:
        return
    if name.endswith("/") or stat.S_ISDIR(mode):
        contents.add_folder(path)
        return
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise special_file(name, name_mode(mode))
    if entry.flag_bits & 1:
        raise RefusedError(f"{show(name)} is encrypted. Pack it again without a password.")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise RefusedError(
            f"{show(name)} is not packed in the usual way. Pack it again with the method deflate."
        )
    with archive.open(entry) as file:
        contents.add_file(path, iter(partial(file.read, CHUNK_BYTES), b""))


class Inflated:
    """The bytes of a .tar.gz, unpacked no further than they are asked for; what follows the first stream is ignored."""

    def __init__(self, data: bytes) -> None:
        self.packed = io.BytesIO(data)
        self.decompressor = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)  # with gzip's header and checksum
        self.ready = bytearray()
        self.size = 0

    def fill(self) -> bool:
        """Unpack one more piece; say whether there was one.

        Raises:
            RefusedError: it is damaged or cut off, or there is too much.
        """
        if self.decompressor.eof:
            return False
        packed = self.decompressor.unconsumed_tail or self.packed.read(CHUNK_BYTES)
        if not packed:
            raise damaged("tar.gz")
        try:
            piece = self.decompressor.decompress(packed, CHUNK_BYTES)
        except zlib.error as error:
            raise damaged("tar.gz") from error
        self.size += len(piece)
        if self.size > MOST_STREAM_BYTES:
            raise RefusedError(
                f"It unpacks to more than {MOST_STREAM_BYTES // MEBIBYTE} MiB. Hand in the app's folder alone."
            )
        self.ready += piece
        return True

    def read(self, size: int) -> bytes:
        """Give exactly so many bytes.

        Raises:
            RefusedError: there are not so many.
        """
        while len(self.ready) < size:
            if not self.fill():
                raise damaged("tar.gz")
        piece = bytes(self.ready[:size])
        del self.ready[:size]
        return piece

    def read_pieces(self, size: int) -> Iterator[bytes]:
        """Give exactly so many bytes, in pieces.

        Raises:
            RefusedError: there are not so many.
        """
        while size > 0:
            piece = self.read(min(size, CHUNK_BYTES))
            size -= len(piece)
            yield piece

    def skip(self, size: int) -> None:
        """Pass over so many bytes.

        Raises:
            RefusedError: there are not so many.
        """
        for _ in self.read_pieces(size):
            pass

    def finish(self) -> None:
        """Read to the end, where the checksum is.

        Raises:
            RefusedError: it is wrong or missing.
        """
        while self.fill():
            self.ready.clear()


def read_tar(data: bytes, contents: Contents) -> None:
    """Read a .tar.gz.

    Only single headers are left to `tarfile`: a `TarFile` keeps them all, copies what is said for all entries for each
    of them, and looks through extended headers in a time that grows with the square of their size.

    Raises:
        RefusedError: it is not in order.
    """
    stream = Inflated(data)
    extended: dict[bytes, bytes] = {}
    while any(block := stream.read(BLOCK_BYTES)):
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            if header.type not in EXTENDED:
                apply_extended(header, extended)
        except (tarfile.HeaderError, ValueError) as error:
            raise damaged("tar.gz") from error
        if header.size < 0:
            raise damaged("tar.gz")
        padding = -header.size % BLOCK_BYTES
        if header.type in EXTENDED:
            if header.type in extended or header.size > CHUNK_BYTES:
                raise damaged("tar.gz")
            extended[header.type] = stream.read(header.size)
            stream.skip(padding)
            continue
        extended.clear()
        path = contents.look_at(header.name)
        if path is None:
            stream.skip(header.size + padding)
        elif header.isdir():
            contents.add_folder(path)
        elif header.type in {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE}:
            contents.add_file(path, stream.read_pieces(header.size))
            stream.skip(padding)
        else:
            raise special_file(header.name, TAR_TYPES.get(header.type, "something that is no file"))
    stream.finish()


def apply_extended(header: tarfile.TarInfo, extended: dict[bytes, bytes]) -> None:
    """Apply to an entry's header what the extended headers before it say; those for all entries say nothing of use.

    Raises:
        ValueError: they are not in order.
    """
    if tarfile.GNUTYPE_LONGNAME in extended:
        header.name = extended[tarfile.GNUTYPE_LONGNAME].partition(b"\0")[0].decode(errors="surrogateescape")
    for name in (tarfile.SOLARIS_XHDTYPE, tarfile.XHDTYPE):
        for key, value in read_records(extended.get(name, b"")):
            if key == b"path":
                header.name = value.decode(errors="surrogateescape")
            elif key == b"size":
                header.size = int(value)
            elif key.startswith(b"GNU.sparse."):
                header.type = tarfile.GNUTYPE_SPARSE
    if header.type in tarfile.SUPPORTED_TYPES and not header.isreg():
        header.size = 0  # whatever it says, nothing follows


def read_records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    r"""Give the keys and values of an extended header, each `<length> <key>=<value>\n`.

    Raises:
        ValueError: one is not in order, or there are too many.
    """
    start = 0
    for _ in range(MOST_RECORDS):
        if start == len(data):
            return
        head = data.index(b" ", start, start + 8)
        end = start + int(data[start:head])
        if end <= head:
            raise ValueError
        key, _, value = data[head + 1 : end - 1].partition(b"=")
        yield key, value
        start = end
    raise ValueError


def find_app(files: dict[PurePosixPath, bytes], exercise: Exercise) -> dict[PurePosixPath, bytes]:
    """Give those files that belong to the app, with their paths from where `sys.path` should point.

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
    """Say whether a place is that of the exercise's starter or solution, or of a solution among the course's tests."""
    if f"/tests/honest/{exercise.path}/" in f"/{place}/":
        return True
    return place.name in {"starter", "solution"} and place.parent.name == exercise.folder.name


def rank(place: PurePosixPath, exercise: Exercise) -> tuple[int, int]:
    """Give what orders the places where a package lies, the likeliest first."""
    inside = f"/{place}/"
    if f"/workspace/{exercise.path}/" in inside:
        return 0, len(place.parts)
    return (1 if inside.endswith(f"/{exercise.path}/") else 2), len(place.parts)


def by_depth(path: PurePosixPath) -> tuple[int, PurePosixPath]:
    """Give what orders paths, the least deep first."""
    return len(path.parts), path


def explain_missing_app(paths: Sequence[PurePosixPath], exercise: Exercise) -> str:
    """Say why there is no app in a submission.

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
