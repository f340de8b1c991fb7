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

import ctypes
import gc
import json
import os
import platform
import re
import resource
import select
import selectors
import signal
import socket
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ladder.inside import rehearsal, zygote
else:  # they lie beside this file, in a folder that nothing else is to be imported from
    sys.path.insert(0, str(Path(__file__).parent))
    import rehearsal
    import zygote

    sys.path.pop(0)

MIB = 2**20
WORK = "/work"
"""The one place where a cell can write; it is in memory, and goes with the cell."""
SUBMISSION = "/submission"
COVERED = (WORK, "/tmp", "/dev/shm")  # noqa: S108
"""Where a cell sees something of its own, and not what the sandbox has there."""
TERMINALS = "/dev/pts"
"""Where a cell sees nothing: what the sandbox has there would be shared by all cells."""
WORK_OPTIONS = f"size={64 * MIB},nr_inodes=4096,mode=0755"
MEMORY = 512 * MIB
"""What the processes of a cell may hold together; what they share counts once."""
MOST_PROCESSES = 100
"""How many run in a cell at once; threads do not count: a right app may start one for each of 100 jobs."""
LEAST_FREE = 256 * MIB
"""What the machine must have left: what lies in the kernel's buffers counts for no process."""
WATCH_SECONDS = 0.05
LIMITS = {
    resource.RLIMIT_NPROC: 256,  # processes and threads; a right app may start a thread for each of 100 jobs
    resource.RLIMIT_AS: 4096 * MIB,  # for one process; its threads reserve much that they do not use
    resource.RLIMIT_CPU: 60,  # seconds, for one process
    resource.RLIMIT_FSIZE: 8 * MIB,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_MEMLOCK: 0,
    resource.RLIMIT_MSGQUEUE: 0,
}
OPEN_FILES = 1024
"""How many files an app may have open; our own processes may have more.

Descriptors that wait in a socket (SCM_RIGHTS, unix(7)) are counted for the user, whoever sent them, and whoever may
have fewer open than now wait can send none: so apps are stopped long before we are.
"""
NOBODY = 65534
"""The user that root becomes: the limit on processes does not hold for root."""

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 38
SECCOMP_MODE_FILTER = 2
LAST_CAPABILITY = 63
CAPABILITY_VERSION = 0x20080522  # linux/capability.h: _LINUX_CAPABILITY_VERSION_3
# By machine: the value of AUDIT_ARCH_… (linux/audit.h), and the place of its number in FORBIDDEN.
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
FORBIDDEN = {
    "memfd_create": (319, 279),  # memory that no limit counts
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "sched_setaffinity": (203, 122),  # a cell keeps to the core that it was given
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "pivot_root": (155, 41),
    "open_by_handle_at": (304, 265),
    "add_key": (248, 217),  # keyrings outlive a process
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "inotify_init": (253, 26),  # it would tell what neighbours read
    "inotify_init1": (294, 26),
}
"""System calls that no app of the course needs, with their numbers by machine."""
REFUSED_VALUES = {
    # SIOC…: a socket that the host made answers for the host's network
    "ioctl": ((16, 29), 1, range(0x8900, 0x8A00)),
    # F_SETLEASE…: by which whoever opens a file could be kept waiting
    "fcntl": ((72, 25), 1, range(1024, 1027)),
    # AF_PACKET and all that are newer, such as AF_VSOCK, which reaches the machine that hosts this one
    "socket": ((41, 198), 0, range(17, 0x80000000)),
}
"""System calls that are refused for some values: their numbers by machine, which argument, and the values."""
PARENT = re.compile(r"^PPid:\s*(\d+)$", re.MULTILINE)
OWN_MEMORY = re.compile(r"^Rss(?:Anon|Shmem):\s*(\d+) kB$", re.MULTILINE)
SHARES = re.compile(r"^Pss_(?:Anon|Shmem):\s*(\d+) kB$", re.MULTILINE)
HAS_ROLLUP = Path("/proc/self/smaps_rollup").exists()
libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> None:
    """Call a function of the C library.

    Raises:
        OSError: it failed.
    """
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Mount a file system (mount(2))."""
    words = [None if word is None else word.encode() for word in (source, target, kind, options)]
    call("mount", words[0], words[1], words[2], ctypes.c_ulong(flags), words[3])


def become_nobody() -> None:
    """Where we are root, see all of `/proc` as a cell's own must be allowed to, and give up everything."""
    if os.getuid() != 0:
        return
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)  # or /proc/self would still be root's


def enter_namespaces() -> None:
    """Get namespaces of every kind; the next child is the first process in its own."""
    user, group = os.getuid(), os.getgid()
    call(
        "unshare",
        CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS,
    )
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def furnish(submission: str) -> None:
    """Return the cell its own processes to see, its submission, one place to write, and no way to get another.

    Where Python itself lies in a place that gets covered, it is put back: an app imports more than is there by now.
    """
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    # In this order, an outer folder comes before what lies within.
    prefixes = sorted({sys.prefix, sys.base_prefix, sys.base_exec_prefix})
    kept = {prefix: os.open(prefix, os.O_PATH) for prefix in prefixes if is_covered(Path(prefix))}
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mount(submission, SUBMISSION, None, MS_BIND)
    mount("tmpfs", WORK, "tmpfs", MS_NOSUID | MS_NODEV, WORK_OPTIONS)
    for name in COVERED[1:]:
        place = WORK + "/" + name.strip("/").replace("/", "-")
        Path(place).mkdir(mode=0o700)
        mount(place, name, None, MS_BIND)
    mount("tmpfs", TERMINALS, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY)
    for prefix, folder in kept.items():
        Path(prefix).mkdir(parents=True, exist_ok=True)
        mount(f"/proc/self/fd/{folder}", prefix, None, MS_BIND | MS_REC)
        os.close(folder)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def is_covered(folder: Path) -> bool:
    """Return whether a folder of the sandbox's cannot be seen in a cell."""
    return any(folder.is_relative_to(place) for place in COVERED)


def give_up_rights() -> None:
    """Set the limits, drop every capability, and forbid what escapes the limits."""
    for limit, most in LIMITS.items():
        resource.setrlimit(limit, (most, most))
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # the kernel knows fewer
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    call("capset", header, bytes(24))
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)  # nothing in the cell may look into its first process
    forbid_system_calls()


def forbid_system_calls() -> None:
    """Let the system calls of `FORBIDDEN` fail with EPERM, by a filter in classic BPF (seccomp(2))."""
    if platform.machine() not in ARCHITECTURES:
        return
    architecture, place = ARCHITECTURES[platform.machine()]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    allow, kill, refuse = 0x7FFF0000, 0x80000000, 0x00050000 | 1  # with EPERM
    numbers = [numbers[place] for numbers in FORBIDDEN.values()]
    values_of_calls = [
        line
        for by_machine, argument, values in REFUSED_VALUES.values()
        for line in (
            (equal, 0, 5, by_machine[place]),
            (load, 0, 0, 16 + 8 * argument),
            (at_least, 0, 2, values.start),
            (at_least, 1, 0, values.stop),
            (give, 0, 0, refuse),
            (load, 0, 0, 0),  # the number again
        )
    ]
    program = [
        (load, 0, 0, 4),  # the architecture
        (equal, 1, 0, architecture),
        (give, 0, 0, kill),
        (load, 0, 0, 0),  # the number of the call
        *values_of_calls,
        (at_least, len(numbers) + 1, 0, 0x40000000),  # the x32 names of the same calls
        *((equal, len(numbers) - index, 0, number) for index, number in enumerate(numbers)),
        (give, 0, 0, allow),
        (give, 0, 0, refuse),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    filter_program = struct.pack("HL", len(program), ctypes.addressof(code))
    call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_program, 0, 0)


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
        enter_namespaces()
        first = os.fork()
        if first == 0:
            fault.close()
            os.sched_setaffinity(0, order["cores"])
            furnish(order["cell"])
            give_up_rights()
    except OSError as error:
        control.sendall(f"{error.filename or ''}: {error.strerror}".encode())
        os._exit(1)
    if first != 0:
        control.close()
        hold(first, fault)
        os._exit(0)
    control.sendall(b"ready")
    supervisor = zygote.Zygote(control, Path(WORK))
    child = supervisor.supervise()
    if child is None:
        os._exit(0)
    call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)  # or an app could not open its own /dev/stdout
    most = min(OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1] // 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    job, (listener, log) = child
    for name in ("cell", "zygote"):
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
                        rehearsal.preload_declared(order["preload"])
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
    gc.disable()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # see OPEN_FILES
    control = socket.socket(fileno=int(sys.argv[1]))
    become_nobody()
    rehearsal.preload()
    started = Keeper(control).keep()
    if started is not None:
        live_in_cell(*started)


if __name__ == "__main__":
    main()
