"""What an exercise needs beyond the base: installed when it is first used, in the pinned versions."""

import importlib
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement

from ladder.base.errors import LadderError
from ladder.course.catalog import Exercise


def missing_dependencies(exercise: Exercise) -> list[str]:
    """Return what an exercise declares, and what the environment of this process does not hold."""
    return [one for one in exercise.manifest.dependencies if not is_installed(Requirement(one))]


def is_installed(requirement: Requirement) -> bool:
    """Return whether a package is installed in the environment of this process, in a version that will do."""
    try:
        installed = distribution(requirement.name).version
    except PackageNotFoundError:
        return False
    return requirement.specifier.contains(installed, prereleases=True)


def install(names: list[str], root: Path) -> None:
    """Install packages into the environment of this process.

    Args:
        names: requirements (PEP 508), such as `psycopg[binary]`.
        root: the course's folder, whose `constraints.txt` pins the versions.

    Raises:
        LadderError: it did not succeed; the message holds what the installer printed.
    """
    pins = root / "constraints.txt"
    words = [*(["-c", str(pins)] if pins.exists() else []), *names]
    uv = shutil.which("uv")
    if uv is None and find_spec("pip") is None:
        raise LadderError(
            f"{', '.join(names)} could not be installed: uv, which made this environment, is not on the PATH.\n"
            f"Put it there, or install them yourself: uv pip install --python {sys.executable} {' '.join(names)}"
        )
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    command = [uv, "pip", "install", "--python", sys.executable] if uv is not None else pip
    ran = subprocess.run([*command, "-q", *words], capture_output=True, text=True, check=False)
    if ran.returncode:
        by_hand = f"{sys.executable} -m pip install {' '.join(names)}"
        raise LadderError(
            f"{', '.join(names)} could not be installed: {(ran.stderr or ran.stdout).strip()}\n"
            f"Check that this machine can reach a package index, or install them yourself: {by_hand}"
        )
    importlib.invalidate_caches()
