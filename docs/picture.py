"""Writes docs/terminal.svg, the picture of the README: what `ladder check s0` says about an app with a mistake.

`nox -s picture` runs it. The mistake is the first of `scenarios/00_sticky_notes/mistakes.toml`.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ladder.course.catalog import Catalog
from ladder.course.workspace import Workspace

ROOT = Path(__file__).parent.parent
COLUMNS = 80
FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)  # a page on GitHub loads no fonts from elsewhere


def check_a_mistake(course: Path) -> str:
    """Return what the command prints for a learner in this course, with its colours."""
    place = "scenarios/00_sticky_notes"
    shutil.copytree(ROOT / place, course / place)
    exercise = Catalog(course).find("s0")
    app = Workspace(course).start(exercise)
    shutil.rmtree(app.folder)
    exercise.solution.copy_to(app.folder)
    exercise.mistakes[0].apply(app.source)
    shown = subprocess.run(
        [sys.executable, "-m", "ladder", "--course", course, "check", "s0", "--seed", "1"],
        env=os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(COLUMNS)},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return "\n".join(line for line in shown.splitlines() if "Checking" not in line)


with tempfile.TemporaryDirectory() as folder:
    printed = check_a_mistake(Path(folder))
console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
console.print(Text.from_ansi(f"$ ladder check s0\n{printed}".rstrip()))
svg = console.export_svg(title="ladder", unique_id="ladder")
(ROOT / "docs" / "terminal.svg").write_text(FONT_FACE.sub("", svg), encoding="utf-8")
