"""Reads zips and tars of strangers: nothing is extracted, followed or trusted."""

import io
import itertools
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial

from ladder.grading.contents import (
    MEBIBYTE,
    MOST_ENTRIES,
    Contents,
    RefusedError,
    damaged,
    name_mode,
    show,
    special_file,
)

MOST_ARCHIVE_BYTES = 20 * MEBIBYTE
MOST_STREAM_BYTES = 200 * MEBIBYTE
"""What a .tar.gz may unpack to, with all that is passed over in it."""
MOST_DIRECTORY_BYTES = 4 * MEBIBYTE
"""The size of a zip's directory, of which `zipfile` makes objects that are many times as large."""
MOST_RECORDS = 1_000
"""The records of one extended header of a tar; there are seldom ten."""
CHUNK_BYTES = 2**16
BLOCK_BYTES = tarfile.BLOCKSIZE
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
    RuntimeError,  # and its subclass NotImplementedError, for a version of the format that zipfile does not know
    ValueError,
)
"""What `zipfile` raises where an archive is not in order."""


class ZipBytes(io.BytesIO):
    """The bytes of a zip: `zipfile` reads its directory in one go, however large that is."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes.

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
        with open_zip(data) as archive:
            # Where entries share bytes, few of them take very long to unpack.
            if sum(entry.compress_size for entry in archive.infolist()) > len(data):
                raise damaged("zip")
            contents.note_environments(name_in_zip(entry) for entry in archive.infolist())
            for entry in archive.infolist():
                read_zip_entry(archive, entry, contents)
    except UNREADABLE as error:
        raise damaged("zip") from error


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Open a zip: names without a mark are UTF-8, as macOS and Linux write them, or else code page 437.

    Raises:
        RefusedError: its directory is too large; so may errors of `zipfile` say.
    """
    try:
        return zipfile.ZipFile(ZipBytes(data), metadata_encoding="utf-8")
    except UnicodeDecodeError:
        return zipfile.ZipFile(ZipBytes(data))


def name_in_zip(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry, whole (`filename` ends at a NUL), with a slash for each backslash of Windows."""
    return entry.orig_filename.replace("\\", "/")


def read_zip_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, contents: Contents) -> None:
    """Read one entry of a zip.

    Raises:
        RefusedError: it is not in order; so may errors of `zipfile` say.
    """
    name = name_in_zip(entry)
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
        self.size = 0  # of what was unpacked
        self.taken = 0  # bytes, by whoever reads

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
        """Return exactly so many bytes.

        Raises:
            RefusedError: there are not so many.
        """
        while len(self.ready) < size:
            if not self.fill():
                raise damaged("tar.gz")
        piece = bytes(self.ready[:size])
        del self.ready[:size]
        self.taken += size
        return piece

    def read_pieces(self, size: int) -> Iterator[bytes]:
        """Return exactly so many bytes, in pieces.

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

    Raises:
        RefusedError: it is not in order.
    """
    headers = itertools.islice(walk_tar(Inflated(data)), MOST_ENTRIES)
    contents.note_environments(header.name for header in headers)
    stream = Inflated(data)
    for header in walk_tar(stream):
        path = contents.look_at(header.name)
        if path is None:
            continue
        if header.isdir():
            contents.add_folder(path)
        elif header.type in {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE}:
            contents.add_file(path, stream.read_pieces(header.size))
        else:
            raise special_file(header.name, TAR_TYPES.get(header.type, "something that is no file"))
    stream.finish()


def walk_tar(stream: Inflated) -> Iterator[tarfile.TarInfo]:
    """Return the entries of a tar; what is not read of one is passed over when the next is asked for.

    Only single headers are left to `tarfile`: a `TarFile` keeps them all, copies what is said for all entries for each
    of them, and looks through extended headers in a time that grows with the square of their size.

    Raises:
        RefusedError: it is not in order.
    """
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
        end = stream.taken + header.size + -header.size % BLOCK_BYTES
        if header.type in EXTENDED:
            if header.type in extended or header.size > CHUNK_BYTES:
                raise damaged("tar.gz")
            extended[header.type] = stream.read(header.size)
        else:
            extended.clear()
            yield header
        stream.skip(end - stream.taken)


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
    r"""Return the keys and values of an extended header, each `<length> <key>=<value>\n`.

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
