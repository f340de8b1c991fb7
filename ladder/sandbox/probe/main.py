"""Tries, one by one, what the sandbox must prevent. Each answer is what succeeded, and should be empty."""

import ctypes
import fcntl
import os
import resource
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()
MIB = 2**20
CLONE_NEWUSER = 0x10000000
SIOCGIFCONF = 0x8912
AF_VSOCK = 40
OURS = ("/work", "/tmp", "/dev/shm", "/proc")  # noqa: S108 - the cell's own


def number_until(attempt: Callable[[], object], most: int) -> int:
    """Count how often something can be done; it ends with the first failure."""
    done = 0
    with suppress(OSError, RuntimeError, MemoryError):
        while done < most:
            attempt()
            done += 1
    return done


@app.get("/files")
def read_files(file: str, course: str) -> list[str]:
    """Name what can be read of the host's files and of the course, and the folders of others that can be written to."""
    found = [name for name in (file, course, "/etc/shadow", "/sys") if os.access(name, os.R_OK)]
    mounts = Path("/proc/self/mountinfo").read_text()
    found += [name for name in ("ladder", "shared") if f"{Path(course).parent}/{name}" in mounts]
    found += [name for home in ("/home", "/root") for name in list_beside_python(Path(home))]
    folders = [Path("/"), *(folder for depth in ("*", "*/*", "*/*/*") for folder in Path("/").glob(depth))]
    others = (folder for folder in folders if not str(folder).startswith(OURS) and not folder.is_symlink())
    return found + [str(folder) for folder in others if can_write_to(folder)]


def list_beside_python(folder: Path) -> list[str]:
    """Name what a folder holds, but for the way to Python, which may lie in somebody's home."""
    python = [Path(prefix) for prefix in (sys.prefix, sys.base_prefix, sys.base_exec_prefix)]
    found = []
    with suppress(OSError):
        for child in set(folder.iterdir()) - set(python):
            is_on_the_way = any(prefix.is_relative_to(child) for prefix in python)
            found += list_beside_python(child) if is_on_the_way else [str(child)]
    return found


def can_write_to(folder: Path) -> bool:
    """Say whether a file can be made in a folder."""
    with suppress(OSError):
        (folder / "probe").touch(exist_ok=False)
        (folder / "probe").unlink()
        return True
    return False


@app.get("/environment")
def read_environment(token: str) -> list[str]:
    """Name the processes in whose environment a token of the host's can be found."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if token in environment.read_bytes().decode(errors="replace"):
                found.append(str(environment))
    return found


@app.get("/network")
def use_network(port: int, name: str) -> list[str]:
    """Name the host's sockets that can be reached: a TCP port, an abstract Unix socket, and those of its own host."""
    found = []
    with suppress(OSError):
        socket.socket(AF_VSOCK).close()
        found.append("the machine that hosts this one")
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        found.append(f"port {port}")
    with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.connect("\0" + name)
        found.append(f"socket {name}")
    for fd in range(3, 30):  # the host has made the socket that this app listens on
        with suppress(OSError):
            fcntl.ioctl(fd, SIOCGIFCONF, struct.pack("iP", 0, 0))
            found.append(f"the interfaces, by descriptor {fd}")
    return found


@app.get("/rights")
def gain_rights() -> list[str]:
    """Name the rights that the app has, or can get, and should not."""
    libc = ctypes.CDLL(None)
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return [
        *(["is root"] if os.getuid() == 0 else []),
        *(["has capabilities"] if int(status["CapBnd"], 16) | int(status["CapPrm"], 16) else []),
        *(["can make user namespaces"] if libc.unshare(CLONE_NEWUSER) == 0 else []),
        *(["can look into the first process"] if os.access("/proc/1/mem", os.R_OK) else []),
        *(["can keep others waiting for a file"] if can_lease() else []),
        *(["can watch what others read"] if libc.inotify_init1(0) != -1 else []),
        *(["can open terminals"] if list(Path("/dev/pts").iterdir()) else []),
    ]


def can_lease() -> bool:
    """Say whether a lease can be taken on what the app prints to."""
    with suppress(OSError):
        fcntl.fcntl(1, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        return True
    return False


@app.get("/memory-files")
def make_memory_files() -> list[str]:
    """Name the ways to get memory that no limit counts."""
    found = []
    with suppress(OSError):
        os.close(os.memfd_create("probe"))
        found.append("memfd_create")
    if ctypes.CDLL(None).shmget(0, MIB, 0o1600) != -1:
        found.append("shmget")
    if fill(Path("/dev/shm"), 200) > 100 * MIB:  # noqa: S108
        found.append("shared memory")
    return found


def fill(folder: Path, most: int) -> int:
    """Write files of a MiB until that fails, and remove them; give the number of bytes that went in."""

    def pieces() -> Iterator[Path]:
        for number in range(most):
            yield folder / f"piece{number}"

    places = pieces()
    written = number_until(lambda: next(places).write_bytes(bytes(MIB)), most)
    for path in folder.glob("piece*"):
        path.unlink()
    return written * MIB


@app.get("/disk")
def fill_disk() -> list[str]:
    """Name the limits on files that do not hold: all together, one, their number, those that are open."""
    found = []
    here = Path()
    if fill(here, 200) > 100 * MIB:
        found.append("more than 100 MiB")
    with suppress(OSError), (here / "sparse").open("wb") as file:
        file.truncate(64 * MIB)
        found.append("a file of 64 MiB")
    small = (here / f"small{number}" for number in range(10_000))
    if number_until(lambda: next(small).touch(), 9_999) == 9_999:
        found.append("10,000 files")
    for path in here.glob("small*"):
        path.unlink()
    opened: list[int] = []
    if number_until(lambda: opened.append(os.open("/dev/null", os.O_RDONLY)), 5_000) == 5_000:
        found.append("5,000 open files")
    for fd in opened:
        os.close(fd)
    return found


@app.get("/processes")
def start_processes() -> list[str]:
    """Name the limits on processes, threads and CPU that do not hold; what is started here stays."""
    found = []
    sleep = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
    stop = threading.Event()
    if number_until(lambda: threading.Thread(target=stop.wait, daemon=True).start(), 300) == 300:
        found.append("300 threads")
    stop.set()
    if resource.getrlimit(resource.RLIMIT_CPU)[1] == resource.RLIM_INFINITY:
        found.append("any CPU time")
    if found:
        return found  # what follows may end the cell
    if number_until(lambda: subprocess.Popen(sleep, start_new_session=True), 300) == 300:
        found.append("300 processes")
    return found


@app.get("/stay")
def stay(token: str) -> list[str]:
    """Leave a process behind in a session of its own, with a token of the host's in its command line."""
    subprocess.Popen(
        [sys.executable, "-S", "-c", "import time; time.sleep(600)", token], start_new_session=True
    )
    return []


@app.get("/memory")
def take_memory() -> list[str]:
    """Take memory in several processes, until something ends us."""
    take = f"import time; taken = b'x' * {200 * MIB}; time.sleep(20)"
    for child in [subprocess.Popen([sys.executable, "-S", "-c", take]) for _ in range(5)]:
        child.wait()
    return ["a GiB in five processes"]
