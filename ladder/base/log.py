"""What an app printed, cut down to what its author can use."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

FRAME = re.compile(r'^(?P<indent>[\s|+]*)File "(?P<path>.+?)", line \d+')
STACK = re.compile(r"^(Thread|Current thread|Task)\b.*\(most recent call first\):$", re.MULTILINE)
STACK_FRAME = re.compile(r'^  File "(?P<path>.+?)", line (?P<line>\d+) in (?P<function>.+)$', re.MULTILINE)
MOST_STACKS = 5
MOST_FRAMES = 5
"""How many stacks are shown, and how many frames of each, the innermost ones."""
LAST_LINES = 30
SHOWN_BYTES = 20_000
"""How much of a body or of a log a report keeps."""


def trim_log(text: str, folder: Path) -> str:
    """Cut a log down to its last lines, and its tracebacks to the frames in the app's own files.

    Args:
        text: what the app printed.
        folder: the folder that holds the app's package; paths are shown relative to it.

    Returns:
        at most `LAST_LINES` lines.
    """
    return "\n".join(list(trim_lines(text.splitlines(), folder))[-LAST_LINES:]).strip("\n")


def trim_lines(lines: Iterable[str], folder: Path) -> Iterator[str]:
    """Return the lines of a log, as they are printed, without the frames of tracebacks that are not in `folder`."""
    inside: int | None = None  # the indent of the frame of somebody else that is being passed over
    for line in lines:
        frame = FRAME.match(line)
        if frame:
            ours = frame["path"].startswith(f"{folder}/") and "site-packages" not in frame["path"]
            inside = None if ours else len(frame["indent"])
            if ours:
                yield line.replace(f"{folder}/", "")
        elif inside is None or len(line) - len(line.lstrip(" |+")) <= inside:
            inside = None
            yield line


def own_stacks(text: str, folder: Path) -> str:
    """Return the stacks that an app has printed, cut down to the frames in its own files.

    Args:
        text: what `faulthandler` prints, and what `ladder.inside.stacks` prints of tasks.
        folder: the folder that holds the app's package; paths are shown relative to it.

    Returns:
        a line for each stack that has such frames, such as `main.py:12 wait, called in main.py:30 create_note`.
    """
    stacks: dict[str, None] = {}
    for stack in STACK.split(text)[2::2]:
        frames = [
            f"{frame['path'].removeprefix(f'{folder}/').partition('/')[2]}:{frame['line']} {frame['function']}"
            for frame in STACK_FRAME.finditer(stack)
            if frame["path"].startswith(f"{folder}/") and "site-packages" not in frame["path"]
        ]
        if frames:
            stacks[", called in ".join(frames[:MOST_FRAMES])] = None
    return "\n".join(list(stacks)[:MOST_STACKS])
