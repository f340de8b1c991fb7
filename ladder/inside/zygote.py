"""One warm process per run, forked once for every server.

It runs in the app's own environment (`python -P zygote.py CONTROL_FD RUN_FOLDER`), so it imports nothing but the
standard library and what an app's environment holds anyway. It never imports the app: only a child does.

The other side is `ladder.serving.warm` and `ladder.serving.runner`. Over the control socket come JSON objects, a line
each. The first names what the apps declare (`preload`). One with `file` reads, writes or removes a file of an app's,
over the one descriptor that comes with it. Each of the others is a job, which comes with three descriptors: the
listening socket, the log, and a *lifeline*. Over its lifeline the parent sends the number of a signal (one byte) to
the child, and reads the child's exit status (decimal text) when it has ended. For a zero it gets the CPU time of the
child, and knows that the signals before it were sent. A lifeline that is closed takes its child with it, and a
control socket that is closed takes everything: a `kill -9` of the tests leaves nothing.

A job for a *template* has a control socket in the place of the listening one. That child imports the app, and then
does for it what this process does for all apps: it forks servers. An app whose import leaves anything behind but
what a fork copies cannot have one; then the child just ends.
"""

import ctypes
import faulthandler
import importlib
import json
import os
import runpy
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import uvicorn

if TYPE_CHECKING or __package__:
    from ladder.inside import files, imports, pauses, preloading, stacks
else:  # they lie beside this file, in a folder that nothing else is to be imported from, and no app is to find them
    sys.path.insert(0, str(Path(__file__).parent))
    import files
    import imports
    import pauses
    import preloading
    import stacks

    sys.path.pop(0)
    for module in (files, imports, pauses, preloading, stacks):
        del sys.modules[module.__name__]

LOG_LEVEL = "UVICORN_LOG_LEVEL"  # uvicorn's own setting; with it, uvicorn logs as it does by default
PEER_HEADER = b"x-ladder-peer"  # by which a test says who asks; no app sees it
PEER_PORT = 50_000
PR_SET_PDEATHSIG = 1  # prctl(2): the signal that a process gets when its parent dies
PR_SET_CHILD_SUBREAPER = 36  # prctl(2): orphans below us become our children, so that none escapes
libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def prctl(option: int, value: int) -> None:
    """Set an attribute of this process, on Linux; other systems lack these two, and lose only a second safety net."""
    if libc is not None:
        libc.prctl(option, value, 0, 0, 0)


class Zygote:
    """Forks a child for each job, passes signals on, reports exits, and ends with the control socket.

    Args:
        control: the socket on which jobs arrive.
        folder: the run's folder, removed at the end, if that is for this process to do.
    """

    def __init__(self, control: socket.socket, folder: Path | None) -> None:
        self.control = control
        self.folder = folder
        self.lifelines: dict[int, socket.socket] = {}  # by the child's process id
        self.declared: list[str] | None = None  # what the apps declare; `None` if nobody has said
        self.twin: tuple[int, socket.socket] | None = None  # its process id, and its control socket
        self.selector = selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ)
        self.wakeup, child_ended = socket.socketpair()
        self.wakeup.setblocking(False)
        child_ended.setblocking(False)
        self.child_ended = child_ended
        self.selector.register(self.wakeup, selectors.EVENT_READ)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests; they end us
        signal.set_wakeup_fd(child_ended.fileno())
        prctl(PR_SET_CHILD_SUBREAPER, 1)

    def supervise(self) -> tuple[dict[str, Any], list[int]] | None:
        """Serve until the control socket closes.

        Returns:
            in a forked child, its job and its descriptors (socket, log); in the zygote, at its end, `None`.
        """
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.wakeup:
                    self.reap()
                elif key.fileobj is self.control:
                    message, fds, _, _ = socket.recv_fds(self.control, 1 << 16, 3)
                    if not message:
                        return None
                    # What has descriptors ends what one call receives; something without them may come before it.
                    for job in map(json.loads, message.splitlines()):
                        if "preload" in job:
                            self.declared = job["preload"]
                            preloading.preload_declared(job["preload"])
                        elif "file" in job:
                            files.serve_file(job, fds[0])
                        elif job["cold"] and self.declared is not None:
                            self.hand_to_twin(job, fds)
                        elif self.fork(fds):
                            return job, fds[:2]
                elif key.data in self.lifelines:
                    self.obey(key.data)

    def fork(self, fds: list[int]) -> bool:
        """Fork one child; says whether this is the child. Where no more processes are allowed, its lifeline closes."""
        try:
            pid = os.fork()
        except OSError:  # the app's processes have reached a limit
            os.write(fds[2], b"limit")
            for fd in fds:
                os.close(fd)
            return False
        if pid == 0:
            os.setpgid(0, 0)  # a group of its own: a signal to it also reaches what it starts
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self.selector.close()
            twins = [] if self.twin is None else [self.twin[1]]
            for ours in (self.control, self.wakeup, self.child_ended, *self.lifelines.values(), *twins):
                ours.close()
            os.close(fds[2])
            return True
        with suppress(OSError):
            os.setpgid(pid, pid)  # both sides do it, so that the group is there whoever runs first
        for fd in fds[:2]:
            os.close(fd)
        self.lifelines[pid] = socket.socket(fileno=fds[2])
        self.selector.register(self.lifelines[pid], selectors.EVENT_READ, data=pid)
        return False

    def hand_to_twin(self, job: dict[str, Any], fds: list[int]) -> None:
        """Let another interpreter do a job: its `hash` has another seed. It is started once, when it is needed."""
        if self.twin is None:
            near, far = socket.socketpair()
            with far:
                command = [sys.executable, "-P", __file__, str(far.fileno()), ""]
                process = subprocess.Popen(command, pass_fds=[far.fileno()], stdin=subprocess.DEVNULL)
            near.sendall(json.dumps({"preload": self.declared}).encode() + b"\n")
            self.twin = process.pid, near
            process.returncode = 0  # `reap` will collect it
        socket.send_fds(self.twin[1], [json.dumps({**job, "cold": False}).encode()], fds)
        for fd in fds:
            os.close(fd)

    def obey(self, pid: int) -> None:
        """Pass a signal on to a child; the end of its lifeline is its end too."""
        try:
            order = self.lifelines[pid].recv(1)
        except ConnectionError:
            order = b""
        if order == b"\0":
            with suppress(OSError):
                self.lifelines[pid].sendall(b"%dns" % cpu_nanoseconds(pid))
            return
        with suppress(ProcessLookupError, PermissionError):
            if order and order[0] in {pauses.RACE_SIGNAL, pauses.CALM_SIGNAL}:
                os.kill(pid, order[0])  # what the child has started does not expect it, and would end
            else:
                os.killpg(pid, order[0] if order else signal.SIGKILL)
        if not order:
            self.selector.unregister(self.lifelines[pid])
            self.lifelines.pop(pid).close()

    def reap(self) -> None:
        """Report every child that has ended, and end what it left running."""
        with suppress(BlockingIOError):
            while self.wakeup.recv(1024):
                pass
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                lifeline = self.lifelines.pop(pid, None)
                if lifeline is not None:
                    self.selector.unregister(lifeline)
                    with suppress(ProcessLookupError, PermissionError):
                        os.killpg(pid, signal.SIGKILL)
                    with suppress(OSError):
                        lifeline.sendall(str(os.waitstatus_to_exitcode(status)).encode())
                    lifeline.close()
        self.end_orphans()

    def end_orphans(self) -> None:
        """Kill the children that we did not fork, and theirs: what a dead child had started, in a session of its own.

        All of them are stopped first: they could start others faster than they are killed.
        """
        stopped: set[int] = set()
        while orphans := self.orphans() - stopped:
            for pid in orphans:
                with suppress(OSError):
                    os.kill(pid, signal.SIGSTOP)
            stopped |= orphans
        for pid in stopped:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    def orphans(self) -> set[int]:
        """Return the processes below us that we did not fork, and that no process started which we did fork."""
        ours = {*self.lifelines, *([] if self.twin is None else [self.twin[0]])}
        found: set[int] = set()
        new = children_of(os.getpid()) - ours
        while new:
            found |= new
            new = set().union(*map(children_of, new)) - found
        return found

    def close(self) -> None:
        """End every child, wait for it, and remove the run's folder."""
        if self.twin is not None:
            self.twin[1].close()
        for pid in self.lifelines:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        self.lifelines.clear()
        children_left = True
        while children_left:
            self.end_orphans()
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                children_left = False
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def children_of(pid: int) -> set[int]:
    """Return the processes that the threads of a process have started; none if it has ended, or on other systems."""
    found: set[int] = set()
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found.update(map(int, listing.read_text().split()))
    return found


def cpu_nanoseconds(pid: int) -> int:
    """Return the CPU time that all threads of a process have used; -1 where the system does not tell.

    The number of a process's clock is made of its id (Linux: `MAKE_PROCESS_CPUCLOCK` in posix-timers.h).
    """
    try:
        return time.clock_gettime_ns((~pid << 3) | 2) if sys.platform == "linux" else -1
    except OSError:
        return -1


def serve(job: dict[str, Any], channel: int, log: int) -> None:
    """Become the app's server: what plain `uvicorn --app-dir FOLDER PACKAGE.main:app` would be; or its template.

    Args:
        job: `folder` and `package` of the app, `data` (its working directory), its `environment`, `bytecode` (where
            compiled modules go), `writable` (the folder that holds all that it can change), `cores` (that it keeps
            to, if any), `cold` (whether to start a new interpreter), `races` (whether requests will compete),
            `template`, and `command` (a module of the app's package and its arguments, to run instead of a server).
        channel: descriptor of the listening socket; of a template, of its control socket.
        log: descriptor of the file that takes what the app prints.
    """
    if job["cores"]:
        os.sched_setaffinity(0, job["cores"])
    settle(job["data"], log)
    os.environ.clear()
    os.environ.update(job["environment"])
    if job["cold"]:
        start_again(job, channel)
    time.tzset()
    # Nothing is written into the app's folder, and an edit within the same second is never mistaken for the old file.
    sys.pycache_prefix = job["bytecode"]
    sys.dont_write_bytecode = False
    sys.path.insert(0, job["folder"])
    if job["command"]:
        os.close(channel)
        sys.argv = job["command"]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        return
    import uvicorn  # noqa: PLC0415 - preloaded, and absent where this module is only type-checked

    level = job["environment"].get(LOG_LEVEL)
    own = {"log_config": None} if level is None else {"access_log": True, "log_level": level}

    class Config(uvicorn.Config):
        """One whose app has clients with addresses."""

        def load(self) -> None:
            super().load()
            self.loaded_app = with_peers(self.loaded_app)

    config = Config(f"{job['package']}.main:app", backlog=2048, **{**preloading.QUIET, **own})
    if stacks.STACK_SIGNAL is not None:
        faulthandler.register(stacks.STACK_SIGNAL, file=2)
    if job["template"]:
        job, channel = be_template(config, channel, job["writable"])
    if job["races"]:
        pauses.pause_at_signal(job["folder"])
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=channel)])


def with_peers(app: Any) -> Any:
    """Return an ASGI app whose requests have a client, which a Unix socket has not, and whose tasks can be seen.

    The client is 127.0.0.1, or the one that a test names.
    """

    async def call(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] in {"http", "websocket"}:
            named = [value.decode() for name, value in scope["headers"] if name == PEER_HEADER]
            headers = [header for header in scope["headers"] if header[0] != PEER_HEADER]
            scope = {**scope, "headers": headers, "client": ((named or ["127.0.0.1"])[0], PEER_PORT)}
        else:  # the lifespan: what comes first in the event loop
            stacks.show_tasks_at_signal()
        await app(scope, receive, send)

    return call


def settle(data: str, log: int) -> None:
    """Go to where an app works, and let all that is printed go to its log."""
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(null)
    os.close(log)
    os.makedirs(data, exist_ok=True)  # noqa: PTH103 - in a fresh process, each page that is touched is copied
    os.chdir(data)


def be_template(config: "uvicorn.Config", channel: int, writable: str) -> tuple[dict[str, Any], int]:
    """Import the app, and fork its servers for as long as the other side wants.

    Args:
        config: how it is served; what uvicorn loads for that, it loads here.
        channel: descriptor of the control socket.
        writable: the folder in which the app's import may leave something, but for compiled modules.

    Returns:
        in a forked server, its job and the descriptor of its listening socket; in this process, never.
    """
    tempfile.tempdir = None
    before = imports.traces(writable)
    try:
        imports.finish_import(importlib.import_module(str(config.app).partition(":")[0]).app)
        config.load()
    except BaseException:  # a server will meet it again, and tell about it
        os._exit(1)
    if imports.traces(writable) != before:
        os._exit(0)
    control = socket.socket(fileno=channel)
    control.sendall(b"ready")
    template = Zygote(control, None)
    child = template.supervise()
    if child is None:
        template.close()
        os._exit(0)
    server, (listener, log) = child
    settle(server["data"], log)
    return server, listener


def start_again(job: dict[str, Any], listener: int) -> None:
    """Turn this process into a new interpreter that runs the app's server; it does not return."""
    os.set_inheritable(listener, True)
    command = [sys.executable, "-P", __file__, json.dumps({**job, "cold": False}), str(listener)]
    os.execve(sys.executable, command, dict(os.environ))  # noqa: S606 - the words are ours


def main() -> None:
    """Preload, then serve jobs until the other side is gone; or serve one at once, in a new interpreter."""
    if sys.argv[1].startswith("{"):
        serve(json.loads(sys.argv[1]), int(sys.argv[2]), os.dup(1))
        return
    folder = Path(sys.argv[2]) if sys.argv[2] else None  # a twin has none
    zygote = Zygote(socket.socket(fileno=int(sys.argv[1])), folder)
    preloading.preload()
    child = zygote.supervise()
    if child is None:
        zygote.close()
        return
    job, (listener, log) = child
    serve(job, listener, log)


if __name__ == "__main__":
    main()
