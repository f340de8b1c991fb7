"""Runs the apps of strangers: the warm process and all that is forked from it live in bubblewrap.

What bubblewrap (https://github.com/containers/bubblewrap) gives is a machine without anything of ours: the system and
the app's Python read-only, no network, no environment, no home, and of this project nothing but the toolkit that apps
import. `ladder.cell` is its first program; each submission gets a *cell* of its own in there. The host passes in
descriptors (a listening socket and a log for each server), and takes out bytes.
"""

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import shared
from ladder.catalog import App
from ladder.client import NoAnswerError
from ladder.errors import AppFaultError, LadderError, SandboxError
from ladder.folders import make_run_folder
from ladder.server import Files, ForkedProcess, Process, Runner, to_bytes
from ladder.warm import APP_TIME_ZONE

ENGINE = "/opt/ladder"
CELL = f"{ENGINE}/cell.py"
TOOLKIT = "/opt/toolkit"
SUBMISSION = "/submission"
WORK = "/work"
WARM_LIMIT = 30.0
"""Seconds that the sandbox may take to warm up."""
CONTENT_SECONDS = 5.0
"""Seconds that a file may take to go in or out."""
END_LIMIT = 5.0
"""Seconds that a cell may take to end."""
PREFIXES = "import json, sys; print(json.dumps([sys.prefix, sys.base_prefix, sys.base_exec_prefix]))"
SYSTEM = ["/bin", "/lib", "/lib32", "/lib64", "/sbin"]
REMEDY = """\
Install bubblewrap (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap), and let users make
namespaces. Where that is forbidden, as on Ubuntu 24.04 and its CI images: sysctl
kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for /usr/bin/bwrap that allows userns; elsewhere:
sysctl user.max_user_namespaces=15000 and, where it exists, kernel.unprivileged_userns_clone=1. A container must allow
it, too. 'ladder doctor' tries each promise.
To grade without any protection, on a machine that has nothing to lose: --isolation process"""


class Sandbox:
    """A warm process in bubblewrap.

    Args:
        python: the interpreter of the apps' environment.
        dependencies: what the apps declare.
        services: folders of the sockets of servers that the apps need; each is found at another path in there.

    Raises:
        SandboxError: there is no bubblewrap.
    """

    def __init__(self, python: Path, dependencies: Sequence[str] = (), services: Sequence[Path] = ()) -> None:
        program = shutil.which("bwrap")
        if program is None or sys.platform != "linux":
            raise SandboxError(
                f"The sandbox needs bubblewrap (bwrap), on Linux, and there is none.\n{REMEDY}"
            )
        self.readable = {folder: folder for folder in prefixes(python)}
        self.services = {str(folder): f"/services/{number}" for number, folder in enumerate(services)}
        self.python = python
        self.folder = make_run_folder()
        self.numbers = itertools.count()
        self.submissions = self.folder / "submissions"
        self.submissions.mkdir(mode=0o755)
        self.control, far_end = socket.socketpair()
        self.fault: str | None = None
        with far_end:
            control = far_end.fileno()
            plan = {
                "prepare": None,
                "command": [program, *self.options(), str(python), "-P", CELL, str(control)],
                "stop": int(signal.SIGKILL),
                "account": None,
                "remove": str(self.folder),
                "descriptors": [control],
            }
            self.process = subprocess.Popen(
                [sys.executable, "-P", Path(__file__).with_name("keeper.py"), json.dumps(plan)],
                pass_fds=[control],
                env={},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        with suppress(OSError):  # whoever asks for a cell is told
            self.control.sendall(json.dumps({"preload": list(dependencies)}).encode() + b"\n")

    def options(self) -> list[str]:
        """Give the options of bubblewrap."""
        engine = Path(__file__).parent
        seen = {
            **self.readable,
            **self.services,
            str(engine / "cell.py"): CELL,
            str(engine / "zygote.py"): f"{ENGINE}/zygote.py",
            str(Path(shared.__file__).parent): f"{TOOLKIT}/shared",
            str(self.submissions): SUBMISSION,
        }
        folders = [Path(inside).parent for inside in seen.values()] + [Path(WORK), Path("/tmp"), Path("/etc")]  # noqa: S108
        parents = sorted({parent for folder in folders for parent in (folder, *folder.parents)} - {Path("/")})
        spaces = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
        if os.geteuid() != 0:  # root keeps its rights until the process in there gives them up
            spaces.append("--unshare-user")
        return [
            *("--die-with-parent", "--new-session", "--clearenv", *spaces),
            *("--ro-bind", "/usr", "/usr", *system_links()),
            *("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"),
            *(word for folder in parents for word in ("--perms", "0755", "--dir", str(folder))),
            *(word for host, inside in seen.items() for word in ("--ro-bind", host, inside)),
            *("--proc", "/proc", "--dev", "/dev", "--chdir", "/"),
            *("--remount-ro", "/dev", "--remount-ro", "/"),
            *(word for name, value in self.environment().items() for word in ("--setenv", name, value)),
        ]

    def environment(self) -> dict[str, str]:
        """Give all the environment that there is in the sandbox."""
        path = f"{self.python.parent}:/usr/bin:/bin"
        ours = {"PATH": path, "PYTHONPATH": TOOLKIT, "PYTHONUNBUFFERED": "1"}
        return {**ours, "MALLOC_ARENA_MAX": "2", "LANG": "C.UTF-8", "TZ": APP_TIME_ZONE}

    def translate(self, setting: str) -> str:
        """Give a setting as an app in there gets it: with the paths by which it finds the services."""
        for host, inside in self.services.items():
            setting = setting.replace(host, inside)
        return setting

    def open_cell(self) -> "CellRunner":
        """Give a cell for one submission; the one before must be closed.

        Raises:
            SandboxError: there can be none; the message holds the reason.
        """
        self.fault = None
        control, far_end = socket.socketpair()
        with far_end, suppress(OSError):
            socket.send_fds(self.control, [b'{"cell": true}\n'], [far_end.fileno()])
        control.settimeout(WARM_LIMIT)
        try:
            said = control.recv(1000).decode(errors="replace")
        except OSError as error:
            said = str(error)
        if said != "ready":
            control.close()
            reason = said or self.last_words()
            raise SandboxError(f"The sandbox cannot be made: {reason.strip() or 'no reason given'}\n{REMEDY}")
        return CellRunner(self, Cell(self, control))

    def last_words(self) -> str:
        """Give what the processes of the sandbox printed before they ended."""
        return self.process.communicate()[1].decode(errors="replace")[-2000:]

    def why_ended(self) -> str | None:
        """Say why the present cell was ended, if that was for a fault of the app's."""
        self.control.setblocking(False)
        with suppress(OSError):
            if b"memory" in self.control.recv(1 << 16):
                self.fault = "it took too much memory"
        self.control.setblocking(True)
        return self.fault

    def close(self) -> None:
        """End everything in the sandbox, and remove its folder."""
        self.control.close()
        with suppress(ValueError):  # it was closed before
            self.process.communicate()  # which closes the keeper's lifeline
        shutil.rmtree(self.folder, ignore_errors=True)


class Cell:
    """The processes and files of one submission.

    Args:
        sandbox: where it is.
        control: the socket to its first process.
    """

    def __init__(self, sandbox: Sandbox, control: socket.socket) -> None:
        self.control = control
        self.process = sandbox.process
        self.folder = sandbox.folder / str(next(sandbox.numbers))
        self.folder.mkdir()

    def close(self) -> None:
        """End everything in it; where that does not work, the whole sandbox."""
        self.control.settimeout(END_LIMIT)
        try:
            self.control.shutdown(socket.SHUT_WR)
            while self.control.recv(1 << 16):
                pass
        except TimeoutError:
            self.process.send_signal(signal.SIGKILL)
        except OSError:  # it has ended already
            pass
        self.control.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class CellRunner(Runner):
    """Starts the servers of one submission, in its cell.

    Args:
        sandbox: where the cell is.
        cell: the cell.
    """

    def __init__(self, sandbox: Sandbox, cell: Cell) -> None:
        super().__init__(sandbox.python, warm=cell)
        self.sandbox = sandbox

    def inside(self, path: Path) -> str:
        """Give the path by which an app finds a file of this run's."""
        if path.is_relative_to(self.sandbox.submissions):
            return f"{SUBMISSION}/{path.relative_to(self.sandbox.submissions)}"
        return f"{WORK}/{path.relative_to(self.folder)}"

    def files_in(self, folder: Path) -> Files:
        """Give the files of an app's folder."""
        assert self.warm is not None
        return CellFiles(self.warm.control, self.inside(folder))

    def start_by_hand(self, app: App) -> str:
        """Give the command with which its author starts an app."""
        return f"python -m uvicorn {app.package}.main:app"

    def environment(self, folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
        """Give all the environment that an app gets."""
        settings = {name: self.sandbox.translate(value) for name, value in settings.items()}
        return {**self.sandbox.environment(), "HOME": self.inside(folder / "data"), **settings}

    def explain_end(self, process: Process) -> str | None:
        """Say why a process was ended by its surroundings, if it was."""
        if isinstance(process, ForkedProcess) and process.wait(0.2) is not None and process.refused:
            return "The app could not be started: what it left running had reached the limit on processes."
        fault = self.sandbox.why_ended()
        return fault and f"The app was ended, since {fault}."

    def warm_error(self) -> LadderError:
        """Give the error of a cell that has ended: the sandbox's, or the app's own fault."""
        if self.sandbox.process.poll() is not None:
            return SandboxError(f"The sandbox has ended: {self.sandbox.last_words()}")
        fault = self.sandbox.why_ended() or "it did what no app needs to do"
        return AppFaultError(f"The app's cell was ended, since {fault}. What came after was not run.")

    def end(self, fault: str) -> None:
        """End the cell, for a fault of the app's; another thread may be at work with it."""
        self.sandbox.fault = fault
        assert self.warm is not None
        with suppress(OSError):
            self.warm.control.shutdown(socket.SHUT_RDWR)

    def require_alive(self) -> None:
        """See that servers can still be started.

        Raises:
            LadderError: the cell has ended.
        """
        if self.sandbox.process.poll() is not None or self.sandbox.why_ended():
            raise self.warm_error()


class CellFiles:
    """Files in the working directory of an app in a cell: whoever asks for one touches nothing but bytes.

    Args:
        control: the socket to the cell's first process.
        folder: the directory's path in the cell.
    """

    def __init__(self, control: socket.socket, folder: str) -> None:
        self.control = control
        self.folder = folder

    def ask(self, what: str, name: str, content: bytes = b"") -> bytes:
        """Have something done with a file, and give what comes back."""
        near, far = socket.socketpair()
        near.settimeout(CONTENT_SECONDS)
        order = {"file": what, "path": f"{self.folder}/{name}".rstrip("/")}
        answer = bytearray()
        with near, suppress(OSError):
            with far:
                socket.send_fds(self.control, [json.dumps(order).encode() + b"\n"], [far.fileno()])
            with suppress(BrokenPipeError):  # it may be done already
                near.sendall(content)
                near.shutdown(socket.SHUT_WR)
            while part := near.recv(1 << 16):
                answer += part
        return bytes(answer)

    def read(self, name: str) -> bytes:
        """Give a file's content; nothing if there is no such file."""
        return self.ask("read", name)

    def write(self, name: str, content: str | bytes) -> None:
        """Write into a file."""
        self.change("write", name, content)

    def replace(self, name: str, content: str | bytes) -> None:
        """Write a new file and give it the old one's name."""
        self.change("replace", name, content)

    def change(self, what: str, name: str, content: str | bytes) -> None:
        """Write a file in one way or the other.

        Raises:
            NoAnswerError: it cannot be written.
        """
        if self.ask(what, name, to_bytes(content)) != b"done":
            raise NoAnswerError(
                f"The file {name} could not be written into the app's folder: see what it did there."
            )

    def remove(self, name: str) -> None:
        """Remove a file; the empty name stands for all of them."""
        self.ask("remove", name)


@cache
def prefixes(python: Path) -> list[str]:
    """Give the folders in which an interpreter finds its library and its packages.

    Raises:
        SandboxError: it cannot be run.
    """
    found = [sys.prefix, sys.base_prefix, sys.base_exec_prefix]
    if python != Path(sys.executable):
        try:
            ran = subprocess.run([python, "-I", "-c", PREFIXES], capture_output=True, check=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SandboxError(
                f"{python} cannot be run: {error}. Pass --python with the path of an interpreter."
            ) from error
        found = json.loads(ran.stdout)
    project = Path(__file__).parent.parent
    folders = [folder for folder in dict.fromkeys(found) if not folder.startswith("/usr")]
    if any(project.is_relative_to(folder) for folder in [*folders, "/usr"]):
        raise SandboxError(
            f"Apps would see this project, tests and references included: it lies below /usr, or in the environment "
            f"of {python}. Move the project, or pass --python with an interpreter whose environment lies elsewhere."
        )
    return folders


def system_links() -> list[str]:
    """Give the words that make /bin, /lib and their like what they are here: links into /usr, or folders."""
    words: list[str] = []
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            words += ["--ro-bind", name, name]
    return words
