"""`python -m tests.wrong`: wrong apps and attacks, each caught by exactly the criteria that its entry names."""

import pytest

from ladder.authoring.wrong import wrong_versions
from ladder.course.catalog import CatalogError, Kind
from tests.wrong.__main__ import main

FOLDER = "tests/wrong/scenarios/00_tiny"
ATTACKS = """\
[[mistake]]
name = "always-the-first"
why = "Nobody asks twice."
kind = "oldest"
file = "main.py"
text = "said[-1]"
replacement = "said[0]"
caught_by = [2]
"""
APP = '''\
"""Always hello."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/greeting")
@app.put("/greeting")
def greet() -> dict[str, str]:
    """Say hello."""
    return {"text": "Hello"}
'''
ENTRY = 'why = "It greets."\nkind = "text"\nattack = true\ncaught_by = [2]\n'


@pytest.fixture
def wrong(course):
    """Put an attack and a wrong app into the course."""
    course.write(f"{FOLDER}/attacks.toml", ATTACKS)
    course.write(f"{FOLDER}/only-hello/wrong.toml", ENTRY)
    course.write(f"{FOLDER}/only-hello/tiny/main.py", APP)
    return course


def test_attacks_come_first_and_then_the_wrong_apps(wrong):
    found = list(wrong_versions(wrong.root, wrong.exercise))

    assert [(one.name, one.kind, one.is_attack, one.caught_by) for one in found] == [
        ("always-the-first", Kind.OLDEST, True, [2]),
        ("only-hello", Kind.TEXT, True, [2]),
    ]


def test_an_exercise_without_a_folder_there_has_none(course):
    assert list(wrong_versions(course.root, course.exercise)) == []


def test_versions_that_are_caught_as_named_give_status_0(wrong, capsys):
    assert main([], wrong.root) == 0

    printed = capsys.readouterr().out
    assert "caught  s0 always-the-first" in printed
    assert "caught  s0 only-hello" in printed
    assert "2 wrong versions, 1 times: all caught as named" in printed


@pytest.mark.parametrize(
    ("file", "said"),
    [
        pytest.param("attacks.toml", "NOT SO  s0 always-the-first", id="an attack"),
        pytest.param("only-hello/wrong.toml", "NOT SO  s0 only-hello", id="a wrong app"),
    ],
)
def test_a_version_that_other_criteria_catch_gives_status_1(wrong, capsys, file, said):
    path = wrong.root / FOLDER / file
    path.write_text(path.read_text().replace("[2]", "[1]"))

    assert main(["s0"], wrong.root) == 1

    printed = capsys.readouterr().out
    assert said in printed
    assert "caught by 2, but its entry names 1 " in printed


def test_those_alone_are_judged_whose_names_begin_as_asked_for(wrong, capsys):
    assert main(["--only", "only"], wrong.root) == 0

    printed = capsys.readouterr().out
    assert "only-hello" in printed
    assert "always-the-first" not in printed
    with pytest.raises(SystemExit):
        main(["--only", "another"], wrong.root)
    assert "begins with another" in capsys.readouterr().err


def test_an_entry_that_is_not_in_order_is_told(wrong):
    (wrong.root / FOLDER / "only-hello/wrong.toml").write_text("why = 1\n")

    with pytest.raises(CatalogError, match=r"wrong\.toml: why: "):
        list(wrong_versions(wrong.root, wrong.exercise))


def test_an_exercise_that_does_not_exist_is_told(course, capsys):
    with pytest.raises(SystemExit):
        main(["s9"], course.root)

    assert "There is no exercise called 's9'" in capsys.readouterr().err


def test_a_wrong_app_may_be_edits_of_a_right_one(wrong, capsys):
    wrong.write(
        "tests/honest/scenarios/00_tiny/plain/tiny/main.py",
        (wrong.folder / "solution/tiny/main.py").read_text(),
    )
    entry = ENTRY + 'of = "plain"\n[[edit]]\nfile = "main.py"\ntext = "said[-1]"\nreplacement = "said[0]"\n'
    wrong.write(f"{FOLDER}/of-plain/wrong.toml", entry)

    assert main([], wrong.root) == 0

    assert "caught  s0 of-plain" in capsys.readouterr().out


def test_an_edit_whose_text_is_not_there_is_told(wrong, capsys):
    entry = ENTRY + 'of = "solution"\n[[edit]]\nfile = "main.py"\ntext = "no such"\nreplacement = ""\n'
    wrong.write(f"{FOLDER}/of-plain/wrong.toml", entry)

    assert main([], wrong.root) == 1

    assert "its text stands 0 times in main.py, and must stand there once" in capsys.readouterr().out
