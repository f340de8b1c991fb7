"""`learn.py`: what it says where it cannot begin, and that it leaves nothing behind there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LEARN = Path(__file__).parent.parent / "learn.py"
RUN = "import runpy, sys; {}; sys.path[0] = {!r}; runpy.run_path('learn.py', run_name='__main__')"


@pytest.fixture
def begin(tmp_path):
    """Run a copy of it, in a process that something is changed in before."""
    shutil.copy(LEARN, tmp_path)

    def begin(change="pass", path=""):
        command = [sys.executable, "-c", RUN.format(change, str(tmp_path))]
        environment = {**os.environ, "PATH": path}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return begin


def write_program(path, *lines):
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


def test_an_older_python_is_told_which_one_is_needed(begin, tmp_path):
    ended = begin("sys.version_info = (3, 10, 4); sys.version = '3.10.4 (main)'")

    assert ended.returncode == 1
    assert ended.stderr == "The course needs Python 3.11 or newer, and this is 3.10.4.\n"
    assert not (tmp_path / ".venv").exists()


def test_a_python_without_venv_is_told_how_to_get_it(begin, tmp_path):
    bare = write_program(
        tmp_path / "bare/python", "mkdir .venv", "echo 'ensurepip is not available' >&2", "exit 1"
    )

    ended = begin(f"sys.executable = {str(bare)!r}")

    assert ended.returncode == 1
    assert ended.stderr == (
        "This Python comes without venv. On Debian or Ubuntu: sudo apt install python3-venv\n"
    )
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("had_one", [True, False])
def test_an_installation_that_fails_removes_only_what_it_has_made(begin, tmp_path, had_one):
    uv = write_program(
        tmp_path / "bin/uv",
        '[ "$1" = venv ] && mkdir -p .venv/bin && exit 0',
        "echo No network. >&2",
        "exit 2",
    )
    if had_one:
        (tmp_path / ".venv").mkdir()

    ended = begin(path=f"{uv.parent}:/bin:/usr/bin")

    assert ended.returncode == 1
    assert ended.stderr == (
        "No network.\nThe installation did not succeed. See what was printed above, then run this again.\n"
    )
    assert (tmp_path / ".venv").exists() is had_one
