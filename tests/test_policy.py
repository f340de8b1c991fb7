"""Options of a class: what cannot be meant is one sentence, before anything is judged."""

import pytest

from ladder.course.catalog import CatalogError, read_toml
from ladder.course.policy import Policy


@pytest.fixture
def read(tmp_path):
    """Read options from TOML."""

    def read(text):
        path = tmp_path / "options.toml"
        path.write_text(text)
        return read_toml(path, Policy)

    return read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[late]\ngrace_hours = inf", "grace_hours", id="endless grace"),
        pytest.param("[late]\ngrace_hours = nan", "grace_hours", id="grace that is no number"),
        pytest.param("[late]\ngrace_hours = 1e300", "grace_hours", id="more grace than a calendar has"),
        pytest.param("[late]\npercent_per_day = nan", "percent_per_day", id="a price that is no number"),
        pytest.param("[points]\n1 = inf", "points.1", id="infinite points"),
        pytest.param("[points]\n1 = 1e308", "points.1", id="points whose sum is infinite"),
        pytest.param('[points]\n1 = "5"', "points.1", id="points as a string"),
        pytest.param("[points]\n1 = true", "points.1", id="points as a boolean"),
        pytest.param(
            "[points]\n1 = 2\n01 = 3", "'01' is not the number of a criterion", id="two ways to write one"
        ),
        pytest.param("[points]\n-1 = 2", "'-1' is not the number of a criterion", id="a negative number"),
        pytest.param('[points]\n"1.0" = 2', "'1.0' is not the number of a criterion", id="a fraction"),
        pytest.param(
            '[points]\n"१" = 2', "'१' is not the number of a criterion", id="a digit that is not ASCII"
        ),
        pytest.param("deadline = 0001-01-01T00:00:00+14:00", "deadline", id="before the calendar"),
        pytest.param("deadline = 9999-12-31T23:59:59-12:00", "deadline", id="after the calendar"),
        pytest.param(
            "[submitted]\nada = 9999-12-31T23:59:59-12:00", "submitted.ada", id="handed in after it"
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(read, text, said):
    with pytest.raises(CatalogError) as caught:
        read(text)

    assert said in str(caught.value)


def test_what_can_be_meant_is_taken(read):
    policy = read(
        "deadline = 2031-05-16T20:00:00Z\n[points]\n1 = 2\n12 = 0.5\n[late]\ngrace_hours = 100000\npercent_per_day = 50"
    )

    assert policy.points == {1: 2.0, 12: 0.5}
    assert policy.late.grace_hours == 100_000
