"""How much memory a process has."""

import re
from contextlib import suppress
from pathlib import Path

PARTS = re.compile(r"^(?:Swap)?Pss:\s*(\d+) kB$", re.MULTILINE)
"""What a process has of its memory: of what several share, each has its part (proc_pid_smaps_rollup(5))."""


def memory_of(pid: int) -> int:
    """Return the bytes of memory of a process, with its part of what it shares; 0 if it has ended, or is not told."""
    with suppress(OSError):
        return sum(map(int, PARTS.findall(Path(f"/proc/{pid}/smaps_rollup").read_text()))) * 1024
    return 0
