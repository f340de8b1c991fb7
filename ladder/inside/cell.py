"""The inside of the sandbox: a warm process in bubblewrap, from which a *cell* is forked for each submission.

It runs as `python -P cell.py CONTROL_FD`, and imports nothing but the standard library, what lies beside it, and what
an app's environment holds. The other side is `ladder.sandbox.bubblewrap`. Bubblewrap has taken away the network, the
host's files, processes and environment; a cell has namespaces of its own once more, so that one submission meets
nothing that another one left, and limits that are set inside them (set outside, one submission's processes would count
for the next). The first process of a cell is a `Zygote` that forks the servers; with it, the kernel ends everything
that the submission has started.

Over the control socket come JSON objects, a line each: first what the apps declare (`preload`), then `cell`, the folder
of a submission, with the `cores` for it and two descriptors: the socket on which that cell's zygote takes its jobs, and
one that is told, in a line, `memory` or `processes` if the cell had to be ended for what it took, or `scarce` if the
machine ran short of memory, which may be anybody's fault; where the order says that nothing else runs (`alone`), it is
the cell's. There may be several cells at the same time.
"""

from __future__ import annotations

import json
import os
import re
import resource
import select
import selectors
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ladder.inside import confinement, preloading, zygote
else:  # they lie beside this file, in a folder that nothing else is to be imported from
    sys.path.insert(0, str(Path(__file__).parent))
    import confinement
    import preloading
    import zygote

    sys.path.pop(0)

MEMORY = 512 * 2**20
"""What the processes of a cell may hold together; what they share counts once."""
MOST_PROCESSES = 100
"""How many run in a cell at once; threads do not count: a right app may start one for each of 100 jobs."""
LEAST_FREE = 256 * 2**20
"""What the machine must have left: what lies in the kernel's buffers counts for no process."""
WATCH_SECONDS = 0.05
PARENT = re.compile(r"^PPid:\s*(\d+)$", re.MULTILINE)
OWN_MEMORY = re.compile(r"^Rss(?:Anon|Shmem):\s*(\d+) kB$", re.MULTILINE)
SHARES = re.compile(r"^Pss_(?:Anon|Shmem):\s*(\d+) kB$", re.MULTILINE)
HAS_ROLLUP = Path("/proc/self/smaps_rollup").exists()


def live_in_cell(order: dict[str, Any], control: socket.socket, fault: socket.socket) -> None:
    """Be the process that holds a cell: fork its first process, watch that it does not become too many, end with it.

    Args:
        order: as it came over the keeper's control socket.
        control: that of the cell.
        fault: where it is told why the cell was ended.
    """
    zygote.prctl(zygote.PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.set_wakeup_fd(-1)
    try:
        confinement.enter_namespaces()
        first = os.fork()
        if first == 0:
            fault.close()
            os.sched_setaffinity(0, order["cores"])
            confinement.furnish(order["cell"])
            confinement.give_up_rights()
    except OSError as error:
        control.sendall(f"{error.filename or ''}: {error.strerror}".encode())
        os._exit(1)
    if first != 0:
        control.close()
        hold(first, fault)
        os._exit(0)
    control.sendall(b"ready")
    supervisor = zygote.Zygote(control, Path(confinement.WORK))
    child = supervisor.supervise()
    if child is None:
        os._exit(0)
    confinement.call(
        "prctl", confinement.PR_SET_DUMPABLE, 1, 0, 0, 0
    )  # or an app could not open its own /dev/stdout
    most = min(confinement.OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1] // 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    job, (listener, log) = child
    for name in ("cell", "confinement", "preloading", "zygote"):
        sys.modules.pop(name, None)
    zygote.serve(job, listener, log)


def hold(first: int, fault: socket.socket) -> None:
    """Wait until a cell's first process ends; end it, and so the cell, when there are too many processes.

    They are counted here, in the cell's own `/proc`, since what they all do leaves little time: to read what each of
    them is takes the keeper a hundred times as long.
    """
    ended = os.pidfd_open(first)
    while not select.select([ended], [], [], WATCH_SECONDS)[0]:
        is_furnished = not Path("/proc/self").exists()  # in the cell's own, there is no process outside of it
        if is_furnished and sum(map(str.isdigit, os.listdir("/proc"))) > MOST_PROCESSES:  # noqa: PTH208
            with suppress(OSError):  # before anybody can ask why
                fault.sendall(b"processes\n")
            signal.pidfd_send_signal(ended, signal.SIGKILL)
            break
    os.waitpid(first, 0)


class Keeper:
    """Forks the cells, watches their memory, and ends with the control socket.

    Args:
        control: the socket to the other side.
    """

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        # By the process that holds a cell: where it is told why the cell was ended.
        self.faults: dict[int, socket.socket] = {}
        self.alone = False  # whether nothing but the last cell runs
        self.ours = own_memory(status_of(os.getpid()))
        self.selector = selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ)

    def keep(self) -> tuple[dict[str, Any], socket.socket, socket.socket] | None:
        """Serve until the control socket closes.

        Returns:
            in the process of a new cell, its order, its control socket, and where to tell why it was ended; in this
            process, at its end, `None`.
        """
        while True:
            if self.selector.select(WATCH_SECONDS if self.faults else None):
                message, fds, _, _ = socket.recv_fds(self.control, 1 << 16, 2)
                if not message:
                    return None
                # What has descriptors ends what one call receives; something without them may come before it.
                for order in map(json.loads, message.splitlines()):
                    if "preload" in order:
                        preloading.preload_declared(order["preload"])
                        self.ours = own_memory(status_of(os.getpid()))
                    elif self.fork(fds[1]):
                        return order, socket.socket(fileno=fds[0]), socket.socket(fileno=fds[1])
                    else:
                        self.alone = order["alone"]
                        os.close(fds[0])
            self.watch()

    def fork(self, fault: int) -> bool:
        """Fork the holder of a cell; says whether this is it."""
        pid = os.fork()
        if pid == 0:
            self.selector.close()
            for ours in (self.control, *self.faults.values()):
                ours.close()
        else:
            self.faults[pid] = socket.socket(fileno=fault)
        return pid == 0

    def reap(self) -> None:
        """Forget the cells whose holder has ended."""
        while self.faults and (ended := os.waitpid(-1, os.WNOHANG)[0]):
            self.faults.pop(ended).close()

    def watch(self) -> None:
        """End each cell that takes too much memory."""
        self.reap()
        if not self.faults:
            return
        # Twenty times a second, hence no Path.
        everybody = {int(name): status_of(int(name)) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208
        parents = {
            pid: int(found[1]) for pid, status in everybody.items() if (found := PARENT.search(status))
        }
        is_scarce = free_memory() < LEAST_FREE
        for holder, fault in self.faults.items():
            cell = [pid for pid in parents if is_below(pid, holder, parents)]
            of_app = [pid for pid in cell if holder not in (pid, parents[pid])]
            takes_too_much = self.memory_of({pid: everybody[pid] for pid in of_app}) > MEMORY
            if takes_too_much or is_scarce:
                with suppress(OSError):  # before anybody can ask why
                    fault.sendall(b"memory\n" if takes_too_much or self.alone else b"scarce\n")
                for pid in cell:
                    with suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, signal.SIGKILL)

    def memory_of(self, processes: Mapping[int, str]) -> int:
        """Return the bytes of memory that processes hold together, as far as that is needed to compare it with MEMORY.

        What they share counts once, where the kernel tells it (proc_pid_smaps_rollup(5)). Elsewhere, what each may
        share with this process is forgiven, but no more than MEMORY in all.

        Args:
            processes: by their ids, what `status_of` gives.
        """
        own = {pid: own_memory(status) for pid, status in processes.items()}
        if sum(own.values()) <= MEMORY:  # which costs less to learn, and cannot be less
            return sum(own.values())
        if not HAS_ROLLUP:
            return sum(own.values()) - min(sum(min(size, self.ours) for size in own.values()), MEMORY)
        return sum(proportional_memory(pid, size) for pid, size in own.items())


def is_below(pid: int, holder: int, parents: Mapping[int, int]) -> bool:
    """Return whether a process belongs to a cell: where a parent ends, the cell's first process takes its place."""
    for _ in (
        parents
    ):  # never more steps: parents that end while one looks, and numbers that come again, can form rings
        if pid == holder:
            return True
        pid = parents.get(pid, 0)
    return False


def own_memory(status: str) -> int:
    """Return the bytes of memory of a process in which no file lies, from what `status_of` gives."""
    return sum(int(size) for size in OWN_MEMORY.findall(status)) * 1024


def proportional_memory(pid: int, most: int) -> int:
    """Return what a process has of that memory, with an equal share of what it shares with others.

    Args:
        pid: its id.
        most: all that it has, shared or not; this is what a process has that lets nobody look into it.
    """
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return most
    return sum(int(size) for size in SHARES.findall(rollup)) * 1024


def status_of(pid: int) -> str:
    """Return what the kernel tells about a process (proc_pid_status(5)); nothing if it has ended."""
    try:
        return Path(f"/proc/{pid}/status").read_text(errors="replace")
    except OSError:
        return ""


def free_memory() -> int:
    """Return the bytes of memory that the machine has left."""
    line = next(line for line in Path("/proc/meminfo").read_text().splitlines() if "MemAvailable" in line)
    return int(line.split()[1]) * 1024


def main() -> None:
    """Warm up, then keep cells until the other side is gone."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # see `confinement.OPEN_FILES`
    control = socket.socket(fileno=int(sys.argv[1]))
    confinement.become_nobody()
    preloading.preload()
    started = Keeper(control).keep()
    if started is not None:
        live_in_cell(*started)


if __name__ == "__main__":
    main()
