"""Tests for the programs that judge what is no Python."""

import pytest

from ladder.base.errors import LadderError
from ladder.course.catalog import Manifest
from ladder.services import tools
from ladder.services.tools import INSTALL, find_tool, require_tools, run_tool


@pytest.fixture
def empty_path(monkeypatch, tmp_path):
    """Let no program be found."""
    monkeypatch.setenv("PATH", str(tmp_path))


def test_each_tool_that_an_exercise_may_name_comes_with_a_way_to_get_it():
    names = Manifest.model_json_schema()["properties"]["tools"]["items"]["enum"]

    assert sorted(INSTALL) == sorted(names)
    assert all(system in words for words in INSTALL.values() for system in ("Debian", "macOS", "Windows"))


def test_a_program_runs_in_a_folder_with_the_files_that_it_gets(tmp_path):
    run_tool("git", ["init", "--quiet"], {".gitignore": b"*.db\n"}, tmp_path)

    ignored = run_tool("git", ["check-ignore", "--no-index", "notes.db"], {}, tmp_path)
    other = run_tool("git", ["check-ignore", "--no-index", "notes.txt"], {}, tmp_path)

    assert ignored == (0, "notes.db\n")
    assert other == (1, "")


def test_no_settings_of_the_users_count(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("HOME", "/nowhere")

    run = run_tool("git", ["config", "--get", "alias.x"], {".gitconfig": "[alias]\n x = status\n"}, tmp_path)

    assert run == (0, "status\n")


def test_rules_are_checked_by_promtool(tmp_path):
    rules = "groups:\n- name: one\n  rules:\n  - alert: Down\n    expr: up =\n"

    run = run_tool("promtool", ["check", "rules", "alerts.yml"], {"alerts.yml": rules}, tmp_path)

    assert run.status == 1
    assert "could not parse expression" in run.output


def test_a_program_that_does_not_end_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(tools, "TOOL_SECONDS", 0.2)

    with pytest.raises(LadderError, match=r"did not end within 0\.2 seconds: git -c"):
        run_tool("git", ["-c", "alias.wait=!sleep 1000", "wait"], {}, tmp_path)


@pytest.mark.usefixtures("empty_path")
def test_a_program_that_is_missing_comes_with_the_way_to_get_it():
    with pytest.raises(
        LadderError, match=r"need the program promtool.*not on the PATH.*apt install prometheus"
    ):
        find_tool("promtool")
    with pytest.raises(LadderError, match="need the program git"):
        require_tools(["git"])
