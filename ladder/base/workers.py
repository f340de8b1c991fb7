"""Processes that work side by side, one to a core."""

import multiprocessing
import os
import signal
import sys
import threading

MOST_CROWDING = 4.0


def cores_of_ours() -> list[int]:
    """Name the cores that this process may use, in an order that differs from process to process."""
    cores = list(range(os.cpu_count() or 1))
    if hasattr(os, "sched_getaffinity"):
        cores = sorted(os.sched_getaffinity(0))
    first = os.getpid() % len(cores)
    return cores[first:] + cores[:first]


def crowding() -> float:
    """Return how many times as long as on a quiet machine an app may take now, 1 to `MOST_CROWDING`.

    Eight tasks share a core without being late: most of them wait for each other. A limit that grows earlier lets
    apps pass that make others wait.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return min(max(load / len(cores_of_ours()) / 8, 1.0), MOST_CROWDING)


def begin_work(core: int) -> None:
    """Prepare a worker.

    Ctrl-C reaches every process of the terminal, and only the first one acts on it. Each worker and its servers keep
    to a core: they wait for each other most of the time, and waking up another core takes longer than a request.

    Args:
        core: the one that it keeps to.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # where it was forked, that of the first one
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    threading.Thread(target=end_with_parent, daemon=True).start()


def open_many_files() -> None:
    """Let this process have as many files open as it may.

    Linux counts the descriptors that wait in sockets for the user, and lets a process send more only while they are
    fewer than the files that it may open (unix(7), SCM_RIGHTS): those of a submission must not stop the grader.
    """
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - there is none on Windows

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def end_with_parent() -> None:
    """Wait for the end of the process that started this one, and follow it, however it ended."""
    first = multiprocessing.parent_process()
    assert first is not None
    first.join()
    os._exit(1)
