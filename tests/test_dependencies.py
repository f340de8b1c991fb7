"""What an exercise needs beyond the base is there before its app is started, or one sentence says why not."""

import sys
from types import SimpleNamespace

import pytest

from ladder.base.errors import LadderError
from ladder.course import dependencies
from ladder.course.dependencies import install, missing_dependencies

UNKNOWN = "no-such-package-of-anybody"


@pytest.fixture
def needy(course):
    """Let the exercise declare a package that is installed, one that is too old, and one that nobody has."""
    declared = f'["pytest", "pytest[dev]>=1", "pytest>=1000", "{UNKNOWN}"]'
    course.edit("exercise.toml", "dependencies = []", f"dependencies = {declared}")
    return course


@pytest.fixture
def commands(monkeypatch):
    """Note the commands that install something, instead of running them."""
    noted = []

    def run(command, **_):
        noted.append(command)
        return SimpleNamespace(returncode=UNKNOWN in command, stdout="", stderr="No index can be reached.\n")

    monkeypatch.setattr(dependencies.subprocess, "run", run)
    return noted


def test_what_is_not_installed_or_too_old_is_missing(needy):
    assert missing_dependencies(needy.exercise) == ["pytest>=1000", UNKNOWN]


@pytest.mark.parametrize(
    ("uv", "installer"),
    [
        pytest.param(None, [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"], id="pip"),
        pytest.param("/bin/uv", ["/bin/uv", "pip", "install", "--python", sys.executable], id="uv"),
    ],
)
@pytest.mark.parametrize("pinned", [True, False], ids=["pinned", "not pinned"])
def test_packages_are_installed_in_the_pinned_versions(course, commands, monkeypatch, uv, installer, pinned):
    monkeypatch.setattr(dependencies.shutil, "which", lambda _: uv)
    monkeypatch.setattr(dependencies, "find_spec", lambda _: "pip is there")
    pins = ["-c", str(course.write("constraints.txt", ""))] if pinned else []

    install(["one", "two[extra]"], course.root)

    assert commands == [[*installer, "-q", *pins, "one", "two[extra]"]]


def test_without_an_installer_it_is_told_which_one_is_missing(course, commands, monkeypatch):
    monkeypatch.setattr(dependencies.shutil, "which", lambda _: None)
    monkeypatch.setattr(dependencies, "find_spec", lambda _: None)

    with pytest.raises(
        LadderError, match=r"could not be installed: uv, .+, is not on the PATH\.\n"
    ) as caught:
        install([UNKNOWN], course.root)

    assert commands == []
    assert str(caught.value).endswith(f"uv pip install --python {sys.executable} {UNKNOWN}")


def test_an_installation_that_does_not_succeed_is_told(course, commands, monkeypatch):
    monkeypatch.setattr(dependencies, "find_spec", lambda _: "pip is there")

    with pytest.raises(
        LadderError, match=f"{UNKNOWN} could not be installed: No index can be reached."
    ) as caught:
        install([UNKNOWN], course.root)

    assert len(commands) == 1
    assert str(caught.value).endswith(f"install them yourself: {sys.executable} -m pip install {UNKNOWN}")
