"""Submissions: found, and taken in as plain files, or refused with a reason; whatever they hold, nothing leads out."""

import gzip
import io
import os
import shutil
import socket
import stat
import struct
import tarfile
import time
import tracemalloc
import unicodedata
import zipfile
import zlib
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import PurePosixPath

import pytest

from ladder.base.errors import LadderError
from ladder.course.catalog import App
from ladder.grading import intake
from ladder.grading.contents import RefusedError
from ladder.grading.intake import Submission, take_in
from ladder.grading.submissions import Names, find_submissions, to_moment

MEBIBYTE = 2**20
MAIN = b"app = 'mine'\n"
FILES = {"tiny/main.py": MAIN, "tiny/__init__.py": b"", "tiny/routes/notes.py": b"routes = []\n"}
LONG = "tiny/" + "a_rather_long_name_/" * 8 + "notes.py"
"""More than the 100 bytes that a tar's header has for a name."""
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 12, tzinfo=UTC)
WEDNESDAY = datetime(2026, 3, 4, 12, tzinfo=UTC)


def pack_folder(path, files):
    """Write files into a folder."""
    for name, content in files.items():
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return path


def pack_zip(path, files, *, compression=zipfile.ZIP_DEFLATED, folders=(), mode=0):
    """Write files into a zip."""
    path = path.with_name(f"{path.name}.zip")
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name in folders:
            archive.writestr(zipfile.ZipInfo(name), b"")
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = compression
            entry.external_attr = mode << 16
            archive.writestr(entry, content)
    return path


def pack_stored(path, files):
    """Write files into a zip, as they are."""
    return pack_zip(path, files, compression=zipfile.ZIP_STORED)


def pack_tar(path, files, *, form=tarfile.PAX_FORMAT):
    """Write files into a .tar.gz."""
    return pack_members(path, [(make_member(name), content) for name, content in files.items()], form=form)


def pack_gnu_tar(path, files):
    """Write files into a .tar.gz as GNU tar did."""
    return pack_tar(path, files, form=tarfile.GNU_FORMAT)


def pack_dotted_tar(path, files):
    """Write files into a .tar.gz as `tar czf … .` does."""
    folders = {f"./{name.rpartition('/')[0]}": None for name in files}
    members = [(make_member(name, type=tarfile.DIRTYPE), b"") for name in ("./", *folders)]
    members += [(make_member(f"./{name}", mode=0o777), content) for name, content in files.items()]
    return pack_members(path, members)


def pack_zip_with_folders(path, files):
    """Write files into a zip as file managers do, with the folders."""
    folders = {f"{name.rpartition('/')[0]}/": None for name in files}
    return pack_zip(path, files, folders=folders, mode=stat.S_IFREG | 0o755)


def make_member(name, **attributes):
    """Return an entry of a tar."""
    member = tarfile.TarInfo(name)
    for attribute, value in attributes.items():
        setattr(member, attribute, value)
    return member


def pack_members(path, members, *, form=tarfile.PAX_FORMAT):
    """Write entries into a .tar.gz."""
    path = path.with_name(f"{path.name}.tar.gz")
    with tarfile.open(path, "w:gz", format=form, compresslevel=1) as archive:
        for member, content in members:
            if member.isreg():
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def pack_bytes(path, data):
    """Write the bytes of a tar into a .tar.gz."""
    path = path.with_name(f"{path.name}.tar.gz")
    path.write_bytes(gzip.compress(data, compresslevel=1))
    return path


def make_block(name, kind, size):
    """Return one header of a tar, whatever it claims."""
    return make_member(name, type=kind, size=size).tobuf(tarfile.GNU_FORMAT)


def make_extended(kind, content):
    """Return an extended header of a tar with its content."""
    return make_block("extended", kind, len(content)) + content + bytes(-len(content) % 512)


def make_directory(number, digits):
    """Return a zip that is only a directory, of so many entries."""
    fields = (b"PK\1\2", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, digits, 0, 0, 0, 0, 0, 0)
    entry = struct.pack("<4s4B4HL2L5H2L", *fields)
    entries = b"".join(entry + b"%0*d" % (digits, i) for i in range(number))
    return entries + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0, 0, len(entries), 0, 0)


def replace_bytes(path, old, new):
    """Forge an archive: replace some of its bytes, which must be there."""
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))
    return path


def read_files(folder):
    """Return the contents of all files below a folder, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if not path.is_dir()
    }


def set_time(path, moment):
    """Set the time at which something was changed."""
    os.utime(path, (moment.timestamp(), moment.timestamp()), follow_symlinks=False)


def swap_before_open(monkeypatch, name, swap):
    """Do something just before a file or folder of this name is opened."""
    real = os.open

    def open_late(path, flags, mode=0o777, *, dir_fd=None):
        if path == name:
            monkeypatch.setattr(os, "open", real)
            swap()
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", open_late)


@contextmanager
def memory_below(most):
    """Check that no more memory is taken meanwhile."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most


class Desk:
    """Takes submissions in for the small exercise, each into a folder of its own."""

    def __init__(self, exercise, folder):
        self.exercise = exercise
        self.folder = folder
        self.numbers = count(1)
        self.folder.mkdir()

    def take_in(self, path):
        """Take a submission in."""
        target = self.folder / f"target-{next(self.numbers)}"
        target.mkdir()
        return take_in(Submission("ann", path, MONDAY), self.exercise, target)

    def files(self, path):
        """Take a submission in, and give its files."""
        return read_files(self.take_in(path).app.folder)

    def refuse(self, path):
        """Check that what lies at a path is refused and leaves nothing behind, and give the reason."""
        return self.refuse_submission(Submission("ann", path, MONDAY))

    def refuse_submission(self, submission):
        """Check that a submission is refused and leaves nothing behind, and give the reason."""
        target = self.folder / f"target-{next(self.numbers)}"
        target.mkdir()
        with pytest.raises(RefusedError) as caught:
            take_in(submission, self.exercise, target)
        reason = str(caught.value)
        assert not list(target.iterdir())
        assert str(self.folder.parent) not in reason
        assert reason.isprintable()
        return reason


@pytest.fixture
def desk(course, tmp_path):
    """Return what takes submissions in."""
    return Desk(course.exercise, tmp_path / "taken")


@pytest.fixture
def ann(tmp_path):
    """Return the path of a submission; an archive's ending is still to come."""
    (tmp_path / "class").mkdir()
    return tmp_path / "class/ann"


@pytest.fixture
def secret(tmp_path):
    """Return a file of the instructor's."""
    path = tmp_path / "secret/main.py"
    path.parent.mkdir()
    path.write_bytes(b"key = 'secret'\n")
    return path


@pytest.fixture
def narrow_umask():
    """Let new files be for the instructor alone."""
    before = os.umask(0o077)
    yield
    os.umask(before)


PACKS = pytest.mark.parametrize(
    "pack",
    [
        pytest.param(pack_folder, id="folder"),
        pytest.param(pack_zip, id="zip"),
        pytest.param(pack_tar, id="tar"),
    ],
)


# Finding submissions


def test_folders_and_archives_are_submissions_in_the_order_of_their_learners(tmp_path):
    (tmp_path / "eve").mkdir()
    for name in ("cy.tar.gz", "ann.ZIP", "d.r.tgz", "bob.Tar.Gz"):
        (tmp_path / name).touch()

    submissions, notes = find_submissions(tmp_path)

    assert [(one.learner, one.path) for one in submissions] == [
        ("ann", tmp_path / "ann.ZIP"),
        ("bob", tmp_path / "bob.Tar.Gz"),
        ("cy", tmp_path / "cy.tar.gz"),
        ("d.r", tmp_path / "d.r.tgz"),
        ("eve", tmp_path / "eve"),
    ]
    assert notes == []


def test_what_is_no_submission_is_refused_and_what_systems_leave_is_passed_over(desk, tmp_path):
    folder = tmp_path / "class"
    for name in (".git", "__MACOSX", ".eve", "cy"):
        (folder / name).mkdir(parents=True)
    files = (
        "ann.zip",
        "bob.7z",
        "dan.tar.xz",
        "main.py",
        ".DS_Store",
        "._ann.zip",
        "Thumbs.db",
        "x\n\x1b.txt",
    )
    for name in files:
        (folder / name).touch()

    submissions, notes = find_submissions(folder)

    kind = "It is an archive of another kind. Pack it as a .zip, a .tar.gz or a .tgz."
    file = (
        "It is neither a folder nor a .zip, .tar.gz or .tgz. Hand in the app's folder, or pack it as a .zip."
    )
    assert {one.learner: one.fault for one in submissions} == {
        ".eve": "Its name begins with a dot. Hand it in under the learner's name.",
        "ann": None,
        "bob": kind,
        "cy": None,
        "dan": kind,
        "main.py": file,
        "x\n\x1b.txt": file,
    }
    assert notes == []
    assert desk.refuse_submission(submissions[2]) == kind


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        pytest.param("ann.zip", "ann.tar.gz", id="two endings, and the newer one is the first by name"),
        pytest.param("ann.tar.gz", "ann.zip", id="two endings, and the newer one is the second by name"),
        pytest.param(f"{unicodedata.normalize('NFD', 'zoë')}.zip", "zoë.zip", id="another normal form"),
        pytest.param("ann.7z", "ann.zip", id="one that cannot be taken"),
    ],
)
def test_of_two_submissions_of_one_learner_the_newest_counts(tmp_path, older, newer):
    for name, moment in ((older, MONDAY), (newer, TUESDAY)):
        (tmp_path / name).touch()
        set_time(tmp_path / name, moment)

    submissions, [note] = find_submissions(tmp_path)

    assert [(one.path.name, one.submitted) for one in submissions] == [(newer, TUESDAY)]
    assert ascii(older) in note
    assert note.endswith(f"of one learner; {newer!a} counts.")


def test_what_can_be_taken_in_counts_before_a_newer_one_that_cannot(tmp_path):
    for name, moment in (("ann.zip", MONDAY), ("ann.rar", TUESDAY)):
        (tmp_path / name).touch()
        set_time(tmp_path / name, moment)

    submissions, [note] = find_submissions(tmp_path)

    assert [one.path.name for one in submissions] == ["ann.zip"]
    assert note == "'ann.rar' and 'ann.zip' are of one learner; 'ann.zip' counts."


@pytest.mark.parametrize("names", [("ann.zip", "Ann.zip"), ("STRASSE.zip", "straße.zip")])
def test_learners_whose_ids_differ_in_case_are_two(tmp_path, names):
    for name in names:
        (tmp_path / name).touch()

    submissions, notes = find_submissions(tmp_path)

    assert sorted(one.path.name for one in submissions) == sorted(names)
    assert notes == []


DOWNLOADS = {
    "moodle": [
        ("Ada Lovelace_657737_assignsubmission_file_", "Ada Lovelace_657737"),
        ("Ada Lovelace_657738_assignsubmission_file_lead_api.zip", "Ada Lovelace_657738"),
        ("Jean_Luc O'Neil_9_assignsubmission_onlinetext_", "Jean_Luc O'Neil_9"),
    ],
    "canvas": [
        ("lovelaceada_4711_80815_lead_api.zip", "lovelaceada_4711"),
        ("hoppergrace_LATE_4712_80816_app_2_3.zip", "hoppergrace_4712"),
        ("o-neil_1_2_x.tar.gz", "o-neil_1"),
    ],
    "blackboard": [
        ("Lead_API 1_ada1815_attempt_2031-05-16-19-58-00_lead_api.zip", "ada1815"),
        ("Lead_API 1_q1234567_attempt_2031-05-16-19-58-00.txt", "q1234567"),
    ],
    "brightspace": [("4711-80815 - Ada Lovelace - May 16, 2031 758 PM", "Ada Lovelace_4711")],
    "classroom": [("Ada Lovelace - lead_api.zip", "Ada Lovelace"), ("Bo - my - app.zip", "Bo")],
    r"(?P<learner>[a-z]+\d+)-.*": [("ada1815-final.zip", "ada1815")],
}


@pytest.mark.parametrize(
    ("how", "name", "learner"), [(how, *one) for how, names in DOWNLOADS.items() for one in names]
)
def test_a_learners_id_is_read_from_the_name_that_a_platform_makes(tmp_path, how, name, learner):
    make = (tmp_path / name).touch if "." in name else (tmp_path / name).mkdir
    make()

    submissions, _ = find_submissions(tmp_path, Names(how))

    assert [one.learner for one in submissions] == [learner]


@pytest.mark.parametrize(
    ("how", "earlier", "later"),
    [
        ("canvas", "lovelaceada_4711_80815_lead_api-2.zip", "lovelaceada_4711_80815_lead_api-10.zip"),
        ("canvas", "lovelaceada_4711_80815_lead_api.zip", "lovelaceada_4711_80815_lead_api-1.zip"),
        (
            "blackboard",
            "Lead_ada_attempt_2031-05-16-19-58-00_b.zip",
            "Lead_ada_attempt_2031-05-17-00-00-00_a.zip",
        ),
        (
            "brightspace",
            "1-2 - Ada Lovelace - May 16, 2031 1158 PM.zip",
            "1-2 - Ada Lovelace - May 17, 2031 1200 AM.zip",
        ),
    ],
)
def test_of_several_attempts_the_last_counts_whatever_the_times_of_the_files(tmp_path, how, earlier, later):
    for name, moment in ((later, MONDAY), (earlier, TUESDAY)):
        (tmp_path / name).touch()
        set_time(tmp_path / name, moment)

    submissions, [note] = find_submissions(tmp_path, Names(how))

    assert [one.path.name for one in submissions] == [later]
    assert note.endswith(f"{later!a} counts.")


def test_what_a_platform_marks_as_late_is_a_note(tmp_path):
    (tmp_path / "lovelaceada_LATE_4711_80815_lead_api.zip").touch()

    _, [note] = find_submissions(tmp_path, Names("canvas"))

    assert "is marked as late" in note


def test_a_name_that_the_platform_does_not_make_is_refused(tmp_path):
    (tmp_path / "ada.zip").touch()

    [submission], _ = find_submissions(tmp_path, Names("canvas"))

    assert submission.fault == "Its name is not one that --names canvas expects."


@pytest.mark.parametrize(
    ("how", "files", "learners"),
    [
        (
            "blackboard",
            [
                "Lead_ada_attempt_2031-05-16-19-58-00.txt",
                "Lead_ada_attempt_2031-05-16-19-58-00_lead_api.zip",
                "Lead_bob_attempt_2031-05-16-19-58-00.txt",
            ],
            {"ada": False, "bob": True},
        ),
        (
            "brightspace",
            ["index.html", "1-2 - Ada Lovelace - May 16, 2031 758 PM.zip"],
            {"Ada Lovelace_1": False},
        ),
    ],
)
def test_what_a_platform_puts_beside_a_submission_is_none(tmp_path, how, files, learners):
    for name in files:
        (tmp_path / name).touch()

    submissions, notes = find_submissions(tmp_path, Names(how))

    assert {one.learner: one.fault is not None for one in submissions} == learners
    assert notes == []


@pytest.mark.parametrize(
    ("how", "said"), [("(", "this is no regular expression"), ("[a-z]+", "it has no group \\(\\?P<learner>")]
)
def test_a_way_to_read_names_that_cannot_work_is_a_sentence(how, said):
    with pytest.raises(LadderError, match=f"--names .*{said}.*Pass moodle, canvas, "):
        Names(how)


def test_of_two_submissions_of_the_same_time_the_last_by_name_counts(tmp_path):
    for name in ("ann.zip", "ann.tgz", "ann.tar.gz"):
        (tmp_path / name).touch()
        set_time(tmp_path / name, MONDAY)

    submissions, notes = find_submissions(tmp_path)

    assert [one.path.name for one in submissions] == ["ann.zip"]
    assert len(notes) == 2


def test_a_folder_was_submitted_when_its_newest_file_was_written(ann, secret):
    pack_folder(ann, FILES | {"tiny/__pycache__/main": b"", "tiny/main.pyc": b""})
    (ann / "link").symlink_to(secret)
    for path in ann.rglob("*"):
        set_time(path, WEDNESDAY)
    for name, moment in zip(FILES, (MONDAY, TUESDAY, MONDAY), strict=True):
        set_time(ann / name, moment)

    [submission], _ = find_submissions(ann.parent)

    assert submission.submitted == TUESDAY
    assert submission.submitted.tzinfo is UTC


def test_an_empty_folder_was_submitted_when_it_was_changed(tmp_path):
    (tmp_path / "ann").mkdir()
    set_time(tmp_path / "ann", MONDAY)

    [submission], _ = find_submissions(tmp_path)

    assert submission.submitted == MONDAY


@pytest.mark.parametrize(
    ("seconds", "moment"),
    [
        pytest.param(0.5, datetime(1970, 1, 1, 0, 0, 0, 500_000, UTC), id="a usual one"),
        pytest.param(-(2.0**60), datetime(1970, 1, 1, tzinfo=UTC), id="before all calendars"),
        pytest.param(2.0**60, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), id="after all calendars"),
    ],
)
def test_a_time_that_no_calendar_holds_is_the_nearest_that_it_does(seconds, moment):
    assert to_moment(seconds) == moment


def test_links_and_fifos_are_submissions_that_are_refused(desk, tmp_path, secret):
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "ann").symlink_to(secret.parent)
    (folder / "bob.zip").symlink_to(secret)
    os.mkfifo(folder / "cy.zip")
    os.mkfifo(folder / "dan")

    submissions, _ = find_submissions(folder)

    assert {one.learner: desk.refuse_submission(one) for one in submissions} == {
        "ann": "It is a symbolic link. Hand in a folder or an archive.",
        "bob": "It is a symbolic link. Hand in a folder or an archive.",
        "cy": "It is a FIFO. Hand in a folder or an archive.",
        "dan": "It is a FIFO. Hand in a folder or an archive.",
    }


def test_a_folder_of_300_levels_is_found_and_refused(desk, ann):
    deepest = "d/" * 300 + "x.py"
    pack_folder(ann, FILES | {deepest: b""})
    for name in FILES:
        set_time(ann / name, MONDAY)

    [submission], _ = find_submissions(ann.parent)

    assert submission.submitted == MONDAY
    assert "more than 20 levels deep" in desk.refuse(submission.path)


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        pytest.param(lambda _: None, "cannot be read: No such file or directory", id="missing"),
        pytest.param(lambda path: path.touch(), "cannot be read: Not a directory", id="a file"),
        pytest.param(lambda path: path.mkdir(), "holds no submission", id="empty"),
        pytest.param(
            lambda path: pack_folder(path, {"Thumbs.db": b""}), "holds no submission", id="other files"
        ),
    ],
)
def test_a_folder_without_submissions_is_an_error_that_says_what_it_should_hold(tmp_path, make, fault):
    make(tmp_path / "class")

    with pytest.raises(LadderError) as caught:
        find_submissions(tmp_path / "class")

    assert str(caught.value) == (
        f"{tmp_path / 'class'} {fault}. "
        "It should hold a folder, a .zip, a .tar.gz or a .tgz for each learner, called after the learner."
    )


# Taking in


@pytest.mark.parametrize(
    "pack",
    [pack_folder, pack_zip, pack_stored, pack_zip_with_folders, pack_tar, pack_gnu_tar, pack_dotted_tar],
)
def test_the_same_files_are_the_same_however_they_are_packed(desk, ann, pack):
    files = FILES | {LONG: b"long", "tiny/müsli.txt": b"names", "notes.md": b"beside"}
    first = desk.take_in(pack_folder(ann.with_name("first"), files))

    taken = desk.take_in(pack(ann, dict(reversed(files.items()))))

    assert taken.app.package == "tiny"
    assert read_files(taken.app.folder) == files
    assert taken.digest == first.digest


def test_an_archive_may_be_called_tgz_in_capitals(desk, ann):
    path = pack_tar(ann, FILES)

    assert desk.files(path.rename(ann.with_name("ann.TGZ"))) == FILES


@PACKS
@pytest.mark.usefixtures("narrow_umask")
def test_what_is_taken_is_plain_and_new(desk, ann, pack):
    path = pack(ann, FILES)
    for place in (path, *path.rglob("*")):
        place.chmod(0o7777)
        set_time(place, MONDAY)

    folder = desk.take_in(path).app.folder

    assert {stat.S_IMODE(place.stat().st_mode) for place in folder.rglob("*.py")} == {0o644}
    assert {stat.S_IMODE(place.stat().st_mode) for place in folder.rglob("*") if place.is_dir()} == {0o755}
    assert min(place.stat().st_mtime for place in folder.rglob("*")) > time.time() - 3600


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"tiny/main.py": MAIN + b"#"}, id="another content"),
        pytest.param({"tiny/main.py": MAIN, "tiny/b": b""}, id="one more file"),
        pytest.param({"tiny/main.py": MAIN, "tiny/c": b"x"}, id="another name"),
        pytest.param({"tiny/main.py": b"b1:x", "tiny/a": b""}, id="contents moved"),
    ],
)
def test_other_files_have_another_digest(desk, ann, other):
    taken = desk.take_in(pack_zip(ann, {"tiny/main.py": MAIN, "tiny/b": b"x"}))

    assert desk.take_in(pack_zip(ann.with_name("bob"), other)).digest != taken.digest
    assert len(taken.digest) == 64


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param({"a": b"b", "c": b""}, {"a": b"", "b": b"", "c": b""}, id="a name in a content"),
        pytest.param({"a": b"1:b0:", "c": b""}, {"a": b"", "b": b"", "c": b""}, id="lengths in a content"),
        pytest.param({"ab": b"c"}, {"a": b"bc"}, id="a letter moved"),
        pytest.param({"a1": b"x", "bbbbbbbb": b""}, {"a": b"xbbbbbbbb0:"}, id="a digit in a name"),
    ],
)
def test_the_digest_tells_names_from_contents(one, two):
    digests = {intake.digest({PurePosixPath(name): files[name] for name in files}) for files in (one, two)}

    assert len(digests) == 2


@PACKS
@pytest.mark.parametrize(
    "name",
    [
        *(
            ".git/config",
            ".hg/store",
            ".venv/lib/x.py",
            "venv/x.py",
            "node_modules/x.js",
            "tiny/__pycache__/x",
        ),
        *(
            ".mypy_cache/x",
            ".pytest_cache/x",
            ".ruff_cache/x",
            ".idea/x",
            ".vscode/x",
            "__MACOSX/tiny/._main.py",
        ),
        *(
            "lib/site-packages/tiny/main.py",
            ".put-aside/tiny/main.py",
            ".run/x",
            ".DS_Store",
            "tiny/main.pyc",
        ),
        *("tiny/._main.py", ".venv/tiny/main.py"),
    ],
)
def test_what_is_no_part_of_an_app_is_passed_over(desk, ann, pack, name):
    assert desk.files(pack(ann, FILES | {name: b"other"})) == FILES


@PACKS
def test_what_is_passed_over_counts_for_nothing(desk, ann, pack):
    other = {f".venv/{number}": b"" for number in range(2_001)} | {".venv/big": bytes(21 * MEBIBYTE)}

    assert desk.files(pack(ann, other | FILES)) == FILES


@PACKS
def test_names_within_what_is_passed_over_are_not_judged(desk, ann, pack):
    other = {".git/" + "x/" * 22: b"", ".git/a\nb": b"", "venv/" + "x" * 210: b""}

    assert desk.files(pack(ann, {f"{name}y": text for name, text in other.items()} | FILES)) == FILES


def test_a_folder_that_is_passed_over_is_not_even_opened(desk, ann, monkeypatch):
    pack_folder(ann, FILES | {".venv/x.py": b""})
    swap_before_open(monkeypatch, ".venv", lambda: pytest.fail("it was opened"))

    assert desk.files(ann) == FILES
    assert len(find_submissions(ann.parent)[0]) == 1


def test_links_are_passed_over_where_they_are_no_part_of_an_app(desk, ann, secret):
    members = [
        (make_member(".venv", type=tarfile.SYMTYPE, linkname=str(secret.parent)), b""),
        (make_member("venv/bin/python", type=tarfile.SYMTYPE, linkname="/usr/bin/python"), b""),
        (make_member("tiny/main.py"), MAIN),
    ]
    (pack_folder(ann, {"tiny/main.py": MAIN}) / ".venv").symlink_to(secret.parent)

    assert desk.files(pack_members(ann, members)) == {"tiny/main.py": MAIN}
    assert desk.files(ann) == {"tiny/main.py": MAIN}


def test_an_archive_within_a_submission_is_just_a_file(desk, ann):
    inner = pack_zip(ann.with_name("inner"), {"tiny/other.py": b""}).read_bytes()
    files = FILES | {"tiny/inner.zip": inner}

    assert desk.files(pack_zip(ann, files)) == files


# Where the app lies


CLONE = {
    "README.md": b"the course",
    "ladder/inside/zygote.py": b"the engine",
    "scenarios/00_tiny/solution/tiny/main.py": b"the reference",
    "scenarios/00_tiny/starter/tiny/main.py": b"the starter",
    "tests/honest/scenarios/00_tiny/one_file/tiny/main.py": b"another solution",
}


@PACKS
@pytest.mark.parametrize(
    ("files", "taken"),
    [
        pytest.param(
            {"main.py": MAIN, "x/y.py": b""}, {"tiny/main.py": MAIN, "tiny/x/y.py": b""}, id="package"
        ),
        pytest.param(FILES, FILES, id="folder around it"),
        pytest.param(FILES | {"a/b.txt": b""}, FILES | {"a/b.txt": b""}, id="things beside it"),
        pytest.param(
            {f"a/b/{name}": text for name, text in FILES.items()} | {"c": b""}, FILES, id="wrapped twice"
        ),
        pytest.param(FILES | {"main.py": b"run"}, FILES | {"main.py": b"run"}, id="main.py beside it"),
        pytest.param(
            {"progress.txt": b"", "scenarios/00_tiny/tiny/main.py": MAIN, "scenarios/01_b/b/main.py": b""},
            {"tiny/main.py": MAIN},
            id="workspace",
        ),
        pytest.param(
            {f"course/{name}": text for name, text in CLONE.items()}
            | {"course/workspace/scenarios/00_tiny/tiny/main.py": MAIN, "course/tiny/main.py": b""},
            {"tiny/main.py": MAIN},
            id="clone",
        ),
        pytest.param(
            {"workspace/scenarios/00_tiny/a/tiny/main.py": MAIN, "scenarios/00_tiny/tiny/main.py": b"no"},
            {"tiny/main.py": MAIN},
            id="somewhere in the workspace",
        ),
        pytest.param(
            {"a/scenarios/00_tiny/tiny/main.py": MAIN, "tiny/main.py": b"no"},
            {"tiny/main.py": MAIN},
            id="exercise's folder before a shallower one",
        ),
        pytest.param(
            {
                "workspace/scenarios/00_tiny/tiny/main.py": MAIN,
                "workspace/scenarios/00_tiny/a/tiny/main.py": b"no",
            },
            {"tiny/main.py": MAIN, "a/tiny/main.py": b"no"},
            id="the shallowest",
        ),
        pytest.param({"solution/tiny/main.py": MAIN}, {"tiny/main.py": MAIN}, id="a folder called solution"),
        pytest.param(
            {"00_tiny/tiny/main.py": MAIN, "00_tiny/solution/tiny/main.py": b"no"},
            {"tiny/main.py": MAIN, "solution/tiny/main.py": b"no"},
            id="the exercise's folder alone",
        ),
    ],
)
def test_the_app_is_found_where_it_lies(desk, ann, pack, files, taken):
    assert desk.files(pack(ann, files)) == taken


def test_the_app_is_taken_into_the_target(course, ann, tmp_path):
    (tmp_path / "target").mkdir()

    taken = take_in(Submission("ann", pack_folder(ann, FILES), MONDAY), course.exercise, tmp_path / "target")

    assert taken.app == App(tmp_path / "target", "tiny")
    taken.app.require()


def test_a_target_that_cannot_be_written_to_is_not_the_learners_fault(course, ann, tmp_path):
    submission = Submission("ann", pack_folder(ann, FILES), MONDAY)

    with pytest.raises(LadderError) as caught:
        take_in(submission, course.exercise, tmp_path / "missing")

    assert not isinstance(caught.value, RefusedError)
    assert "'ann' holds cannot be written to the temporary folder: No such file or directory." in str(
        caught.value
    )


@PACKS
@pytest.mark.parametrize(
    ("files", "reason"),
    [
        pytest.param({"__pycache__/x": b""}, "nothing is in it.", id="nothing"),
        pytest.param({"app.py": b"", "a.txt": b""}, "it holds 'app.py' and no main.py.", id="another module"),
        pytest.param({"app.js": b""}, "it holds 'app.js' and no main.py.", id="another language"),
        pytest.param(
            {"small/main.py": b"", "tiny.py": b"", "a/b/main.py": b""},
            "it holds 'small/main.py' and 'a/b/main.py'. Rename the package to tiny.",
            id="another package",
        ),
        pytest.param(
            CLONE,
            "but the course's own. Hand in your own code, which lies in workspace/scenarios/00_tiny.",
            id="the course without a workspace",
        ),
    ],
)
def test_without_an_app_the_reason_says_what_was_found(desk, ann, pack, files, reason):
    message = desk.refuse(pack(ann, files))

    assert message.startswith("It holds no tiny/main.py")
    assert message.endswith(reason)


@PACKS
@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"a/tiny/main.py": MAIN, "b/tiny/main.py": MAIN}, id="anywhere"),
        pytest.param(
            {
                "a/workspace/scenarios/00_tiny/tiny/main.py": MAIN,
                "b/workspace/scenarios/00_tiny/tiny/main.py": MAIN,
                "tiny/main.py": MAIN,
            },
            id="in two workspaces",
        ),
    ],
)
def test_two_apps_that_are_equally_likely_are_refused_and_named(desk, ann, pack, files):
    first, second = list(files)[:2]

    assert desk.refuse(pack(ann, files)) == f"It holds {first!r} and {second!r}: hand in one of them only."


# Names

NAMES = {
    "absolute": ("/tmp/tiny.py", "is absolute"),  # noqa: S108
    "up at the beginning": ("../tiny.py", "leads out of the submission"),
    "up in the middle": ("tiny/../../x.py", "leads out of the submission"),
    "up at the end": ("tiny/..", "leads out of the submission"),
    "a drive": ("C:/x.py", "begins with a drive"),
    "a drive's own folder": ("c:x.py", "begins with a drive"),
    "backslash": ("tiny\\x.py", "holds a backslash"),
    "newline": ("tiny/a\nb", "holds a control character"),
    "escape": ("tiny/\x1b[2J", "holds a control character"),
    "delete": ("tiny/\x7f", "holds a control character"),
    "C1": ("tiny/\x9b2J", "holds a control character"),
    "bidi override": ("tiny/\u202eyp.niam", "holds a control character"),
    "bidi isolate": ("tiny/\u2066x", "holds a control character"),
    "line separator": ("tiny/\u2028x", "holds a control character"),
    "NUL": ("tiny/main.py\0.txt", "holds a control character"),
    "not UTF-8": ("tiny/caf\udce9.py", "is not UTF-8"),
}
IN_FOLDERS = set(NAMES) - {
    *("absolute", "up at the beginning", "up in the middle", "up at the end", "a drive", "NUL")
}


IN_ZIPS = set(NAMES) - {"backslash", "not UTF-8"}  # Windows writes both


def pack_name_tar(path, name):
    """Write a name into a .tar.gz, whatever it holds."""
    member = make_member("tiny/x")
    member.pax_headers = {"path": name}
    return pack_members(path, [(make_member("tiny/main.py"), MAIN), (member, b"")])


def pack_name_zip(path, name):
    """Write a name into a zip, whatever it holds."""
    data = name.encode(errors="surrogateescape")
    stand_in = "q" * len(data)
    archive = pack_zip(path, {"tiny/main.py": MAIN, stand_in: b""})
    return replace_bytes(archive, stand_in.encode(), data)


@pytest.mark.parametrize(
    ("pack", "which"),
    [
        *(pytest.param(pack_name_tar, which, id=f"tar, {which}") for which in NAMES),
        *(pytest.param(pack_name_zip, which, id=f"zip, {which}") for which in sorted(IN_ZIPS)),
    ],
)
def test_a_name_that_is_not_in_order_is_refused(desk, ann, pack, which):
    name, fault = NAMES[which]

    reason = desk.refuse(pack(ann, name))

    assert reason == f"It holds {name!a}, a name that {fault}. Rename it, or leave it out."


@pytest.mark.parametrize("path", ["..\\x.py", "\\x.py", "c:\\x.py", "tiny\\..\\..\\x.py"])
def test_a_backslash_leads_no_further_out_of_a_zip_than_a_slash(desk, ann, path):
    reason = desk.refuse(pack_name_zip(ann, path))

    assert f"It holds {path.replace(chr(92), '/')!a}, a name that" in reason


def test_a_zip_of_windows_is_taken_in(desk, ann):
    archive = pack_name_zip(ann, "tiny\\data\\caf\udc82.txt")

    assert desk.files(archive) == {"tiny/main.py": MAIN, "tiny/data/café.txt": b""}


ENVIRONMENT = {
    "work/env x/pyvenv.cfg": b"",
    "work/env x/bin/activate": b"",
    "work/env x/lib/python3.13/site.py": b"",
    "work/env x/Scripts/x.exe": b"",
    "work/env x/.gitignore": b"*",
}


@pytest.mark.parametrize("pack", [pack_folder, pack_zip, pack_tar])
def test_a_virtual_environment_of_any_name_is_no_part_of_a_submission(desk, ann, pack):
    inside = {f"work/{name}": content for name, content in FILES.items()} | {"work/lib/x.py": b""}

    files = desk.files(pack(ann, ENVIRONMENT | inside))

    assert files == FILES | {"env x/.gitignore": b"*", "lib/x.py": b""}


@pytest.mark.parametrize("pack", [pack_folder, pack_zip, pack_tar])
def test_an_app_may_lie_in_its_virtual_environment(desk, ann, pack):
    parts = {name.removeprefix("work/env x/"): content for name, content in ENVIRONMENT.items()}

    assert desk.files(pack(ann, parts | FILES)) == FILES | {".gitignore": b"*"}


def test_links_of_a_virtual_environment_do_not_cost_a_point(desk, ann, secret):
    pack_folder(ann, FILES | {"env/pyvenv.cfg": b"", "env/bin/x": b""})
    (ann / "env/bin/python").symlink_to(secret)
    (ann / "env/lib64").symlink_to("lib")

    assert desk.files(ann) == FILES


@pytest.mark.parametrize("pack", [pack_zip, pack_tar])
def test_an_archive_alone_in_a_folder_is_taken_in(desk, ann, pack):
    ann.mkdir()
    pack(ann / "my app", FILES)
    (ann / ".DS_Store").touch()

    assert desk.files(ann) == FILES


def test_an_archive_beside_other_files_is_a_file(desk, ann):
    pack_folder(ann, FILES)
    archive = pack_zip(ann / "old", {"tiny/main.py": b"old"})

    assert desk.files(ann) == FILES | {"old.zip": archive.read_bytes()}


def test_only_one_level_of_archives_is_taken_in(desk, ann):
    ann.mkdir()
    inner = pack_zip(ann / "inner", FILES)
    pack_zip(ann / "outer", {"inner.zip": inner.read_bytes()})
    inner.unlink()

    assert "It holds no tiny/main.py" in desk.refuse(ann)


def test_a_link_alone_in_a_folder_is_not_followed(desk, ann, secret):
    ann.mkdir()
    (ann / "x.zip").symlink_to(secret)

    assert (
        desk.refuse(ann)
        == "It holds 'x.zip', which is a symbolic link. Hand in plain files and folders only."
    )


@pytest.mark.parametrize("which", sorted(IN_FOLDERS))
def test_a_name_in_a_folder_that_is_not_in_order_is_refused(desk, ann, which):
    name, fault = NAMES[which]

    reason = desk.refuse(pack_folder(ann, FILES | {name: b""}))

    assert reason == f"It holds {name!a}, a name that {fault}. Rename it, or leave it out."


def test_a_long_name_is_shown_cut(desk, ann):
    reason = desk.refuse(pack_zip(ann, {"\x1b" * 150: b""}))

    assert r"\x1b\x1b..., a name that holds a control character" in reason
    assert len(reason) < 200


def test_a_zip_that_does_not_say_so_may_have_names_in_utf_8(desk, ann):
    path = pack_name_zip(ann, "tiny/müsli.txt")

    assert set(desk.files(path)) == {"tiny/main.py", "tiny/müsli.txt"}


SAME = pytest.mark.parametrize(
    ("first", "second", "fault"),
    [
        pytest.param("tiny/a.py", "tiny/A.py", "which many systems take for one", id="case"),
        pytest.param("tiny/é.py", "tiny/e\u0301.py", "which many systems take for one", id="normal form"),
        pytest.param("a/x.py", "A/y.py", "which many systems take for one", id="folders"),
    ],
)


@PACKS
@SAME
def test_names_that_are_one_on_other_systems_are_refused(desk, ann, pack, first, second, fault):
    assert fault in desk.refuse(pack(ann, FILES | {first: b"1", second: b"2"}))


@pytest.mark.parametrize(
    ("first", "second", "fault"),
    [
        pytest.param("tiny/a.py", "tiny/a.py", "'tiny/a.py' twice", id="twice"),
        pytest.param("tiny/a.py", "./tiny//a.py", "'tiny/a.py' twice", id="twice with dots"),
        pytest.param(
            "tiny/a", "tiny/a/b.py", "'tiny/a' as a file and as a folder", id="a file, then a folder"
        ),
        pytest.param(
            "tiny/a/b.py", "tiny/a", "'tiny/a' as a file and as a folder", id="a folder, then a file"
        ),
    ],
)
def test_an_archive_that_holds_a_name_twice_is_refused(desk, ann, first, second, fault):
    members = [(make_member(name), MAIN) for name in ("tiny/main.py", first, second)]
    stand_in = "q" * len(second)
    archive = pack_zip(ann, {"tiny/main.py": MAIN, first: b"1", stand_in: b"2"})

    assert fault in desk.refuse(pack_members(ann, members))
    assert fault in desk.refuse(replace_bytes(archive, stand_in.encode(), second.encode()))


# What is no plain file


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        pytest.param(tarfile.SYMTYPE, "a symbolic link", id="symbolic link"),
        pytest.param(tarfile.LNKTYPE, "a hard link", id="hard link"),
        pytest.param(tarfile.FIFOTYPE, "a FIFO", id="FIFO"),
        pytest.param(tarfile.CHRTYPE, "a device", id="character device"),
        pytest.param(tarfile.BLKTYPE, "a device", id="block device"),
        pytest.param(tarfile.GNUTYPE_SPARSE, "a sparse file", id="sparse file"),
        pytest.param(b"Z", "something that is no file", id="unknown"),
    ],
)
def test_what_is_no_plain_file_in_a_tar_is_refused(desk, ann, secret, kind, what):
    special = make_member("tiny/main.py", type=kind, linkname=str(secret))

    reason = desk.refuse(pack_members(ann, [(special, b"")]))

    assert reason == f"It holds 'tiny/main.py', which is {what}. Hand in plain files and folders only."


def test_a_link_and_a_file_through_it_are_refused_in_a_tar(desk, ann, secret):
    members = [
        (make_member("tiny", type=tarfile.SYMTYPE, linkname=str(secret.parent)), b""),
        (make_member("tiny/main.py"), MAIN),
    ]

    assert "'tiny', which is a symbolic link" in desk.refuse(pack_members(ann, members))
    assert secret.read_bytes() != MAIN


def test_a_sparse_file_that_only_an_extended_header_tells_of_is_refused(desk, ann):
    sparse = make_member("tiny/main.py")
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9" * 15}

    assert "which is a sparse file" in desk.refuse(pack_members(ann, [(sparse, MAIN)]))


@pytest.mark.parametrize(
    ("mode", "what"),
    [
        pytest.param(stat.S_IFLNK, "a symbolic link", id="symbolic link"),
        pytest.param(stat.S_IFIFO, "a FIFO", id="FIFO"),
        pytest.param(stat.S_IFSOCK, "a socket", id="socket"),
        pytest.param(stat.S_IFCHR, "a device", id="character device"),
        pytest.param(stat.S_IFBLK, "a device", id="block device"),
    ],
)
def test_what_is_no_plain_file_in_a_zip_is_refused(desk, ann, secret, mode, what):
    path = pack_zip(ann, {"tiny/main.py": str(secret).encode()}, mode=mode | 0o777)

    reason = desk.refuse(path)

    assert reason == f"It holds 'tiny/main.py', which is {what}. Hand in plain files and folders only."


def make_socket(path):
    """Make a Unix socket, which stays when nobody listens."""
    with socket.socket(socket.AF_UNIX) as unix, pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)  # a socket's path is short
        unix.bind(path.name)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        pytest.param(lambda path, secret: path.symlink_to(secret), "a symbolic link", id="link"),
        pytest.param(lambda path, _: path.symlink_to("gone"), "a symbolic link", id="link to nothing"),
        pytest.param(
            lambda path, secret: path.symlink_to(secret.parent), "a symbolic link", id="link to a folder"
        ),
        pytest.param(lambda path, _: path.symlink_to("."), "a symbolic link", id="link in a circle"),
        pytest.param(lambda path, _: os.mkfifo(path), "a FIFO", id="FIFO"),
        pytest.param(lambda path, _: make_socket(path), "a socket", id="socket"),
    ],
)
@pytest.mark.parametrize("name", ["main.py", "other"])
def test_what_is_no_plain_file_in_a_folder_is_refused(desk, ann, secret, name, make, what):
    pack_folder(ann, {"tiny/__init__.py": b""})
    make(ann / "tiny" / name, secret)

    reason = desk.refuse(ann)

    assert reason == f"It holds 'tiny/{name}', which is {what}. Hand in plain files and folders only."


# Folders that change while they are read


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        pytest.param(lambda path, _: os.mkfifo(path), "which is a FIFO", id="FIFO"),
        pytest.param(lambda path, secret: path.symlink_to(secret), "cannot be read", id="link"),
        pytest.param(lambda _path, _secret: None, "cannot be read: No such file", id="nothing"),
    ],
)
def test_a_file_that_becomes_something_else_is_refused(desk, ann, secret, monkeypatch, make, fault):
    main = pack_folder(ann, FILES) / "tiny/main.py"

    def swap():
        main.unlink()
        make(main, secret)

    swap_before_open(monkeypatch, "main.py", swap)

    reason = desk.refuse(ann)

    assert "'tiny/main.py'" in reason
    assert fault in reason


def test_a_folder_that_becomes_a_link_is_refused(desk, ann, secret, monkeypatch):
    pack_folder(ann, FILES)

    def swap():
        shutil.rmtree(ann / "tiny")
        (ann / "tiny").symlink_to(secret.parent)

    swap_before_open(monkeypatch, "tiny", swap)

    assert "'tiny' cannot be read" in desk.refuse(ann)


def test_a_submission_that_becomes_a_link_is_refused(desk, ann, secret, monkeypatch):
    pack_folder(ann, FILES)

    def swap():
        ann.rename(ann.with_name("gone"))
        ann.symlink_to(secret.parent)

    swap_before_open(monkeypatch, ann, swap)

    assert "'ann' cannot be read" in desk.refuse(ann)


def test_a_folder_that_becomes_a_link_while_it_is_read_leads_nowhere(desk, ann, secret, monkeypatch):
    pack_folder(ann, {"tiny/main.py": MAIN})

    def swap():
        (ann / "tiny").rename(ann.with_name("gone"))
        (ann / "tiny").symlink_to(secret.parent)

    swap_before_open(monkeypatch, "main.py", swap)

    assert desk.files(ann) == {"tiny/main.py": MAIN}


# Limits


DEEPEST = "a/" * 19 + "x"
LONGEST = "/".join(["b" * 200] * 4 + ["c" * 196])
AT_THE_LIMIT = {
    **{f"{number}.bin": bytes(5 * MEBIBYTE) for number in range(3)},
    "3.bin": bytes(5 * MEBIBYTE - len(MAIN)),
    "tiny/main.py": MAIN,
    DEEPEST: b"",
    LONGEST: b"",
    **{f"many/{number}": b"" for number in range(2_000 - 7)},
}


@PACKS
def test_what_is_at_the_limits_is_taken(desk, ann, pack):
    assert desk.files(pack(ann, AT_THE_LIMIT)) == AT_THE_LIMIT


@PACKS
@pytest.mark.parametrize(
    ("more", "fault"),
    [
        pytest.param({"tiny/big": bytes(5 * MEBIBYTE + 1)}, "'tiny/big' has more than 5 MiB", id="file"),
        pytest.param(
            {f"{number}.bin": bytes(5 * MEBIBYTE) for number in range(4)},
            "files have more than 20 MiB together",
            id="all files",
        ),
        pytest.param(
            {f"many/{i}": b"" for i in range(2_000)}, "more than 2,000 files.", id="number of files"
        ),
        pytest.param({f"a/{DEEPEST}": b""}, "lies more than 20 levels deep", id="depth"),
        pytest.param({"b" * 201: b""}, "has a part of more than 200 bytes", id="part"),
        pytest.param({"é" * 101: b""}, "has a part of more than 200 bytes", id="part in bytes"),
        pytest.param({f"{LONGEST}c": b""}, "has more than 1,000 bytes", id="path"),
        pytest.param(
            {f"{i}.pyc": b"" for i in range(20_000)}, "more than 20,000 files and folders", id="entries"
        ),
    ],
)
def test_what_is_beyond_a_limit_is_refused(desk, ann, pack, more, fault):
    assert fault in desk.refuse(pack(ann, {"tiny/main.py": MAIN} | more))


def test_folders_that_are_only_on_the_way_to_files_count_too(desk, ann):
    members = [(make_member(f"{number}/" + "x/" * 18, type=tarfile.DIRTYPE), b"") for number in range(1_100)]

    assert "more than 20,000 files and folders" in desk.refuse(pack_members(ann, members))


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_an_archive_of_more_than_20_mebibytes_is_refused(desk, ann, ending):
    path = ann.with_name(f"ann{ending}")
    with path.open("wb") as file:
        file.truncate(20 * MEBIBYTE + 1)

    assert "It has more than 20 MiB." in desk.refuse(path)


# Bombs


def test_a_zip_that_unpacks_to_more_than_it_says_is_refused(desk, ann):
    path = pack_zip(ann, {"tiny/main.py": bytes(100 * MEBIBYTE)})
    replace_bytes(path, struct.pack("<L", 100 * MEBIBYTE), struct.pack("<L", 10))

    with memory_below(64 * MEBIBYTE):
        reason = desk.refuse(path)

    assert "cut off or damaged" in reason


def test_a_zip_whose_first_bytes_alone_have_the_right_checksum_is_taken_so_far(desk, ann):
    path = pack_zip(ann, {"tiny/main.py": bytes(100 * MEBIBYTE)})
    replace_bytes(path, struct.pack("<L", 100 * MEBIBYTE), struct.pack("<L", 10))
    replace_bytes(
        path, struct.pack("<L", zlib.crc32(bytes(100 * MEBIBYTE))), struct.pack("<L", zlib.crc32(bytes(10)))
    )

    with memory_below(64 * MEBIBYTE):
        files = desk.files(path)

    assert files == {"tiny/main.py": bytes(10)}


@pytest.mark.parametrize("pack", [pack_zip, pack_tar])
def test_a_bomb_is_refused_as_soon_as_it_is_too_large(desk, ann, pack):
    path = pack(ann, {f"tiny/{number}.py": bytes(5 * MEBIBYTE) for number in range(16)})

    with memory_below(64 * MEBIBYTE):
        reason = desk.refuse(path)

    assert "more than 20 MiB together" in reason


def test_entries_of_a_zip_that_share_their_bytes_are_refused(desk, ann):
    path = pack_zip(ann, {"tiny/main.py": bytes(10_000)})
    packed = zipfile.ZipFile(path).infolist()[0].compress_size
    replace_bytes(path, struct.pack("<LL", packed, 10_000), struct.pack("<LL", 10_000, 10_000))

    assert "cut off or damaged" in desk.refuse(path)


def test_what_is_passed_over_in_a_tar_is_not_unpacked_without_end(desk, ann):
    path = pack_tar(ann, FILES | {".venv/big": bytes(201 * MEBIBYTE)})

    with memory_below(64 * MEBIBYTE):
        reason = desk.refuse(path)

    assert "It unpacks to more than 200 MiB." in reason


def test_what_follows_a_tar_is_not_unpacked_without_end(desk, ann):
    path = pack_bytes(ann, make_block("tiny/main.py", tarfile.REGTYPE, 0) + bytes(201 * MEBIBYTE))

    with memory_below(64 * MEBIBYTE):
        reason = desk.refuse(path)

    assert "It unpacks to more than 200 MiB." in reason


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_an_extended_header_of_100_mebibytes_is_refused(desk, ann, kind):
    path = pack_bytes(ann, make_block("extended", kind, 100 * MEBIBYTE) + bytes(100 * MEBIBYTE))

    with memory_below(8 * MEBIBYTE):
        reason = desk.refuse(path)

    assert "cut off or damaged" in reason


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(make_extended(tarfile.XHDTYPE, b"9" * 60_000), id="digits"),
        pytest.param(
            make_extended(tarfile.XHDTYPE, b"9999999 path=x\n"), id="a record longer than the header"
        ),
        pytest.param(make_extended(tarfile.XHDTYPE, b"0 path=x\n"), id="a record of no length"),
        pytest.param(make_extended(tarfile.XHDTYPE, b"-10 24 path=x\n"), id="a record of negative length"),
        pytest.param(make_extended(tarfile.XHDTYPE, b"11 size=-1\n"), id="a negative size"),
        pytest.param(make_extended(tarfile.XHDTYPE, b"11 size=x1\n"), id="a size that is no number"),
        pytest.param(make_extended(tarfile.XHDTYPE, b"4 =\n" * 1_001), id="very many records"),
        pytest.param(
            make_extended(tarfile.XGLTYPE, b"6 a=1\n") * 5_000, id="very many headers for all entries"
        ),
        pytest.param(make_extended(tarfile.GNUTYPE_LONGNAME, b"x") * 5_000, id="very many long names"),
        pytest.param(make_block("x", tarfile.REGTYPE, -1), id="a negative size in the header"),
        pytest.param(b"x" * 512, id="no header"),
    ],
)
def test_headers_that_are_not_in_order_are_refused_at_once(desk, ann, headers):
    path = pack_bytes(ann, headers + make_block("tiny/main.py", tarfile.REGTYPE, 0) + bytes(1024))

    begin = time.monotonic()
    reason = desk.refuse(path)

    assert "cut off or damaged" in reason
    assert time.monotonic() - begin < 2


def test_a_folders_size_in_a_tar_says_nothing(desk, ann):
    folder = make_block("tiny/", tarfile.DIRTYPE, 512)
    link = make_block("venv", tarfile.SYMTYPE, 512)

    path = pack_bytes(ann, folder + link + make_block("tiny/main.py", tarfile.REGTYPE, 0) + bytes(1024))

    assert desk.files(path) == {"tiny/main.py": b""}


def test_the_header_for_all_entries_that_git_writes_is_passed_over(desk, ann):
    member = make_member("tiny/main.py", size=len(MAIN)).tobuf() + MAIN + bytes(512 - len(MAIN))
    head = make_extended(tarfile.XGLTYPE, b"52 comment=0123456789012345678901234567890123456789\n")

    assert desk.files(pack_bytes(ann, head + member + bytes(1024))) == {"tiny/main.py": MAIN}


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        pytest.param(100_000, 6, id="100,000 names"),
        pytest.param(91_000, 0, id="as many as fit below the limit"),
        pytest.param(400_000, 6, id="as many as fit into 20 MiB"),
    ],
)
def test_a_zip_with_very_many_entries_is_refused_cheaply(desk, ann, number, digits):
    path = ann.with_name("ann.zip")
    path.write_bytes(make_directory(number, digits))

    begin = time.monotonic()
    reason = desk.refuse(path)
    seconds = time.monotonic() - begin
    with memory_below(64 * MEBIBYTE):
        desk.refuse(path)

    assert "many files and folders" in reason or "more than 20,000 files and folders" in reason
    assert seconds < 5


# Archives that are not in order


NOISE = {"tiny/main.py": MAIN, "tiny/noise": b"".join(sha256(bytes([i])).digest() for i in range(250)) * 2}
"""What cannot be compressed, so that each cut goes through it."""


@pytest.mark.parametrize("pack", [pack_zip, pack_stored, pack_tar])
@pytest.mark.parametrize("left", [2, 9, 15, 500, 0.3, 0.9, -30, -9, -4, -1])
def test_an_archive_that_is_cut_off_is_refused(desk, ann, pack, left):
    path = pack(ann, NOISE)
    data = path.read_bytes()
    path.write_bytes(data[: int(left * len(data))] if isinstance(left, float) else data[:left])

    assert "it is cut off or damaged. Pack it again." in desk.refuse(path)


@pytest.mark.parametrize("left", [100, 512, 600, 1024, 1500, -1024])
def test_a_tar_that_is_cut_off_within_a_whole_gzip_is_refused(desk, ann, left):
    path = pack_tar(ann, NOISE)
    data = gzip.decompress(path.read_bytes()).rstrip(b"\0") + bytes(1024)
    path.write_bytes(gzip.compress(data[:left]))

    assert "cut off or damaged" in desk.refuse(path)


def test_a_wrong_checksum_is_refused(desk, ann):
    stored = pack_stored(ann, FILES)
    packed = pack_tar(ann, FILES)
    packed.write_bytes(packed.read_bytes()[:-8] + b"wrong...")

    assert "cut off or damaged" in desk.refuse(replace_bytes(stored, b"mine", b"your"))
    assert "cut off or damaged" in desk.refuse(packed)


@pytest.mark.parametrize("pack", [pack_zip, pack_tar])
@pytest.mark.parametrize("garbage", [b"\0" * 600, b"garbage", b"\x1f\x8b"])
def test_garbage_after_an_archive_does_no_harm(desk, ann, pack, garbage):
    path = pack(ann, FILES)
    path.write_bytes(path.read_bytes() + garbage)

    assert desk.files(path) == FILES


@pytest.mark.parametrize("name", ["ann.zip", "ann.tar.gz", "ann"])
def test_an_empty_submission_is_refused(desk, ann, name):
    path = ann.with_name(name)
    path.touch()

    assert desk.refuse(path) == "It holds no tiny/main.py: nothing is in it."


@pytest.mark.parametrize("pack", [pack_zip, pack_tar])
def test_an_archive_of_nothing_is_refused(desk, ann, pack):
    assert desk.refuse(pack(ann, {})) == "It holds no tiny/main.py: nothing is in it."


def test_an_encrypted_entry_is_refused(desk, ann):
    path = pack_stored(ann, FILES)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)

    assert desk.refuse(path) == "'tiny/main.py' is encrypted. Pack it again without a password."


def test_an_archive_in_a_newer_version_of_the_format_is_refused(desk, ann):
    path = pack_stored(ann, FILES)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 6] = 99
    path.write_bytes(data)

    reason = desk.refuse(path)

    assert reason == "It is no zip archive that can be read: it is cut off or damaged. Pack it again."


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_compression_is_refused(desk, ann, compression):
    reason = desk.refuse(pack_zip(ann, FILES, compression=compression))

    assert reason == "'tiny/main.py' is not packed in the usual way. Pack it again with the method deflate."


@pytest.mark.parametrize(
    ("start", "name", "found"),
    [
        pytest.param(b"PK\3\4", "ann.tar.gz", "packed as zip, and its name ends in .gz", id="zip as .tar.gz"),
        pytest.param(b"PK\3\4", "ann.tgz", "packed as zip, and its name ends in .tgz", id="zip as .tgz"),
        pytest.param(
            b"\x1f\x8b\x08", "ann.zip", "packed as gzip, and its name ends in .zip", id=".tar.gz as zip"
        ),
        pytest.param(b"Rar!\x1a", "ann.zip", "packed as RAR, and its name ends in .zip", id="RAR as zip"),
        pytest.param(
            b"7z\xbc\xaf\x27\x1c", "ann.zip", "packed as 7z, and its name ends in .zip", id="7z as zip"
        ),
        pytest.param(b"BZh9", "ann.tgz", "packed as bzip2, and its name ends in .tgz", id="bzip2 as .tgz"),
        pytest.param(b"\xfd7zXZ\0", "ann.tgz", "packed as xz, and its name ends in .tgz", id="xz as .tgz"),
        pytest.param(
            make_block("x", tarfile.REGTYPE, 0),
            "ann.tgz",
            "packed as tar, and its name ends in .tgz",
            id="tar as .tgz",
        ),
    ],
)
def test_an_archive_with_another_ending_is_refused(desk, ann, start, name, found):
    path = ann.with_name(name)
    path.write_bytes(start + bytes(1024))

    assert desk.refuse(path) == f"It is {found}. Mend the name, or pack it again."


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_what_is_no_archive_at_all_is_refused(desk, ann, ending):
    path = ann.with_name(f"ann{ending}")
    path.write_bytes(MAIN * 100)

    assert "cut off or damaged" in desk.refuse(path)
