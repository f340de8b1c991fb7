"""What an app printed, cut down to what its author can use."""

import re
from pathlib import Path

FRAME = re.compile(r'^(?P<indent>[\s|+]*)File "(?P<path>.+?)", line \d+')
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
    kept: list[str] = []
    inside: int | None = None  # the indent of the frame of somebody else that is being passed over
    for line in text.splitlines():
        frame = FRAME.match(line)
        if frame:
            ours = frame["path"].startswith(f"{folder}/") and "site-packages" not in frame["path"]
            inside = None if ours else len(frame["indent"])
            if ours:
                kept.append(line.replace(f"{folder}/", ""))
        elif inside is not None and len(line) - len(line.lstrip(" |+")) > inside:
            continue
        else:
            inside = None
            kept.append(line)
    return "\n".join(kept[-LAST_LINES:]).strip("\n")
