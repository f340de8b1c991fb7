"""Runs the apps of strangers: the warm process and all that is forked from it live in bubblewrap.

What bubblewrap (https://github.com/containers/bubblewrap) gives is a machine without anything of ours: the system and
the app's Python read-only, no network, no environment, no home, and of this project nothing but the toolkit that apps
import. `ladder.inside.cell` is its first program; each submission gets a *cell* of its own in there
(`ladder.sandbox.runner`). The host passes in descriptors (a listening socket and a log for each server), and takes
out bytes.

As `ladder.serving.warm`, it is started before the command line imports anything else, so this module imports little.
"""

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import shared
from ladder import inside
from ladder.base import KEEPER
from ladder.base.errors import SandboxError
from ladder.base.folders import make_run_folder
from ladder.base.walls import see_system
from ladder.serving.warm import app_time_zone, has_ended

ENGINE = "/opt/ladder"
CELL = f"{ENGINE}/cell.py"
TOOLKIT = "/opt/toolkit"
SUBMISSION = Path("/submission")
WORK = "/work"
WARM_LIMIT = 30.0
"""Seconds that the sandbox may take to warm up."""
SHOWN_BYTES = 2_000
"""How much is told of what it has printed."""
PREFIXES = "import json, sys; print(json.dumps([sys.prefix, sys.base_prefix, sys.base_exec_prefix]))"
REMEDY = """\
Install bubblewrap (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap), and let users make
namespaces. Where that is forbidden, as on Ubuntu 24.04 and its CI images: sysctl
kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for /usr/bin/bwrap that allows userns; elsewhere:
sysctl user.max_user_namespaces=15000 and, where it exists, kernel.unprivileged_userns_clone=1. A container must allow
it, too. 'ladder doctor' tries each promise.
To grade without any protection, on a machine that has nothing to lose: --isolation process"""


class Sandbox:
    """A warm process in bubblewrap; it serves the process that makes it, and all that are forked from that.

    Args:
        python: the interpreter of the apps' environment.
        services: folders of the sockets of servers that the apps need; each is found at another path in there.

    Attributes:
        submissions: the folder for submissions: there, apps can be seen.

    Raises:
        SandboxError: there is no bubblewrap.
    """

    def __init__(self, python: Path, services: Sequence[Path] = ()) -> None:
        program = shutil.which("bwrap")
        if program is None or sys.platform != "linux":
            raise SandboxError(
                f"The sandbox needs bubblewrap (bwrap), on Linux, and there is none.\n{REMEDY}"
            )
        self.readable = {folder: folder for folder in prefixes(python)}
        self.services = {str(folder): f"/services/{number}" for number, folder in enumerate(services)}
        self.python = python
        self.owner = os.getpid()
        self.folder = make_run_folder()
        self.submissions = self.folder / "submissions"
        self.submissions.mkdir(mode=0o755)
        self.printed = tempfile.TemporaryFile()  # noqa: SIM115 - all who are forked can read it
        self.control, far_end = socket.socketpair()
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
                [sys.executable, "-P", KEEPER, json.dumps(plan)],
                pass_fds=[control],
                env={},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,  # all of them hold it, and none of them prints anything
                stderr=self.printed,
                start_new_session=True,
            )

    def options(self) -> list[str]:
        """Return the options of bubblewrap."""
        seen = {
            **self.readable,
            **self.services,
            # Copies: an app sees where a folder that is shown to it lies on the host (proc_pid_mountinfo(5)).
            str(copied(inside.FOLDER, self.folder / "engine")): ENGINE,
            str(copied(Path(shared.__file__).parent, self.folder / "toolkit")): f"{TOOLKIT}/shared",
            str(self.submissions): str(SUBMISSION),
        }
        folders = [Path(there).parent for there in seen.values()] + [Path(WORK), Path("/tmp"), Path("/etc")]  # noqa: S108
        parents = sorted({parent for folder in folders for parent in (folder, *folder.parents)} - {Path("/")})
        spaces = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
        if os.geteuid() != 0:  # root keeps its rights until the process in there gives them up
            spaces.append("--unshare-user")
        return [
            *("--die-with-parent", "--new-session", "--clearenv", *spaces),
            *see_system(),
            *(word for folder in parents for word in ("--perms", "0755", "--dir", str(folder))),
            *(word for host, there in seen.items() for word in ("--ro-bind", host, there)),
            *("--proc", "/proc", "--dev", "/dev", "--chdir", "/"),
            *("--remount-ro", "/dev", "--remount-ro", "/"),
            *(word for name, value in self.environment().items() for word in ("--setenv", name, value)),
        ]

    def environment(self) -> dict[str, str]:
        """Return all the environment that there is in the sandbox."""
        path = f"{self.python.parent}:/usr/bin:/bin"
        ours = {"PATH": path, "PYTHONPATH": TOOLKIT, "PYTHONUNBUFFERED": "1"}
        return {**ours, "MALLOC_ARENA_MAX": "2", "LANG": "C.UTF-8", "TZ": app_time_zone()}

    def translate(self, setting: str) -> str:
        """Return a setting as an app in there gets it: with the paths by which it finds the services."""
        for host, there in self.services.items():
            setting = setting.replace(host, there)
        return setting

    def preload(self, dependencies: Sequence[str]) -> None:
        """Let it import what apps declare, before the first cell is opened."""
        with suppress(OSError):  # whoever asks for a cell is told that it has ended
            self.control.sendall(json.dumps({"preload": list(dependencies)}).encode() + b"\n")

    def last_words(self) -> str:
        """Return what the processes of the sandbox have printed."""
        size = os.fstat(self.printed.fileno()).st_size
        return os.pread(self.printed.fileno(), SHOWN_BYTES, max(size - SHOWN_BYTES, 0)).decode(
            errors="replace"
        )

    def has_ended(self) -> bool:
        """Return whether it can open no cell any more."""
        return self.control.fileno() < 0 or has_ended(self.control)

    def let_go(self) -> None:
        """Keep nothing in a forked process that would hold up its end."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def close(self) -> None:
        """Leave it; in the process that has made it, end everything in it, and remove its folder."""
        self.control.close()
        if os.getpid() == self.owner:
            with suppress(ValueError):  # it was closed before
                self.process.communicate()  # which closes the keeper's lifeline, and waits for the last process
            self.printed.close()
            shutil.rmtree(self.folder, ignore_errors=True)


started_early: list[Sandbox] = []


def start_early() -> None:
    """Start a sandbox for this interpreter, for whoever will take it; at the end of this process, it ends too."""
    with suppress(SandboxError):  # whoever needs one is told
        sandbox = Sandbox(Path(sys.executable))
        started_early.append(sandbox)
        atexit.register(sandbox.close)


def close_early() -> None:
    """End what was started early and nobody takes."""
    while started_early:
        started_early.pop().close()


def take_sandbox(python: Path) -> Sandbox:
    """Return a sandbox for an interpreter: the one that was started early, if it fits.

    Raises:
        SandboxError: there is no bubblewrap.
    """
    for sandbox in started_early:
        if sandbox.python == python:
            started_early.remove(sandbox)
            return sandbox
    return Sandbox(python)


def copied(folder: Path, to: Path) -> Path:
    """Copy a folder to where its path tells nothing, and give that."""
    return shutil.copytree(folder, to)


@cache
def prefixes(python: Path) -> list[str]:
    """Return the folders in which an interpreter finds its library and its packages.

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
    project = Path(__file__).parents[2]
    folders = [folder for folder in dict.fromkeys(found) if not folder.startswith("/usr")]
    if any(project.is_relative_to(folder) for folder in [*folders, "/usr"]):
        raise SandboxError(
            f"Apps would see this project, tests and references included: it lies below /usr, or in the environment "
            f"of {python}. Move the project, or pass --python with an interpreter whose environment lies elsewhere."
        )
    return folders
