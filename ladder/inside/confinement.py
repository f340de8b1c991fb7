"""Closes a cell: namespaces of its own, what it sees and may write, its limits, and the system calls it has."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
import sys
from pathlib import Path

MIB = 2**20
WORK = "/work"
"""The one place where a cell can write; it is in memory, and goes with the cell."""
SUBMISSION = "/submission"
COVERED = (WORK, "/tmp", "/dev/shm")  # noqa: S108
"""Where a cell sees something of its own, and not what the sandbox has there."""
TERMINALS = "/dev/pts"
"""Where a cell sees nothing: what the sandbox has there would be shared by all cells."""
WORK_OPTIONS = f"size={64 * MIB},nr_inodes=4096,mode=0755"
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
