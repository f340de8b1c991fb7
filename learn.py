# /// script
# requires-python = ">=3.11"
# ///
"""Begin the course: make `.venv` with everything in it, and show the map.

    python3 learn.py        (Windows: py learn.py; where there is no Python: uv run learn.py)

It needs nothing but Python 3.11 or newer, changes nothing outside of this folder, and can be run again at any time.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
WHAT = ["-q", "-c", str(ROOT / "constraints.txt"), "-e", str(ROOT) + "[apps,engine]"]
COMPILED = {**os.environ, "UV_COMPILE_BYTECODE": "1"}  # imports are half of every start
COMPILED.pop("PYTHONDONTWRITEBYTECODE", None)


def main() -> None:
    """Make the environment and show the map; on a failure, say what to do and leave nothing behind."""
    if sys.version_info < (3, 11):  # noqa: UP036 - what runs this may be anything
        sys.exit("The course needs Python 3.11 or newer, and this is %s." % sys.version.split()[0])  # noqa: UP031
    uv = shutil.which("uv")
    is_new = not VENV.exists()
    print("Installing everything into .venv; this takes up to a minute.", flush=True)
    try:
        if uv is not None:
            if not PYTHON.exists():
                run(uv, "venv", "-q", "--clear", "--python", sys.executable, VENV)
            run(uv, "pip", "install", "--python", PYTHON, *WHAT)
        else:
            if not PYTHON.exists():
                make_venv()
            run(PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *WHAT)
        run(PYTHON, "-m", "compileall", "-q", ROOT / "ladder", ROOT / "shared")
    except (subprocess.CalledProcessError, KeyboardInterrupt):
        if is_new:
            shutil.rmtree(VENV, ignore_errors=True)
        sys.exit("The installation did not succeed. See what was printed above, then run this again.")
    run(PYTHON, "-m", "ladder")
    print(
        f"\nActivate it:  {VENV / 'Scripts/activate' if os.name == 'nt' else f'source {VENV}/bin/activate'}"
    )
    print("Then type:    ladder start s0")


def make_venv() -> None:
    """Make an empty `.venv` with pip."""
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        if "ensurepip" in made.stdout + made.stderr:
            sys.exit("This Python comes without venv. On Debian or Ubuntu: sudo apt install python3-venv")
        sys.exit(f"{VENV} could not be made: {(made.stderr or made.stdout).strip()}")


def run(*command: "str | Path") -> None:
    """Run a command that installs or shows something."""
    subprocess.run([str(word) for word in command], check=True, cwd=ROOT, env=COMPILED)


if __name__ == "__main__":
    main()
