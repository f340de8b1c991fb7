"""The unit tests of the pure functions: every edge of every share, which no number of users would be sure to meet."""

from fractions import Fraction
from math import nextafter

import pytest
from ab_testing.service import bounds_of, number_of, place_of

LAST = nextafter(1.0, 0.0)  # the highest number below 1


def below(number):
    return nextafter(number, -1.0)


def above(number):
    return nextafter(number, 2.0)


def place(weights, number):
    return place_of(number, bounds_of(weights))


@pytest.mark.parametrize(
    ("weights", "number", "expected"),
    [
        pytest.param([50, 50], 0.0, 0, id="the lowest number"),
        pytest.param([50, 50], below(0.5), 0, id="just below the middle"),
        pytest.param([50, 50], 0.5, 1, id="the middle"),
        pytest.param([50, 50], above(0.5), 1, id="just above the middle"),
        pytest.param([50, 50], LAST, 1, id="the highest number"),
        pytest.param([60, 20, 20], below(0.6), 0, id="just below the first bound"),
        pytest.param([60, 20, 20], above(0.6), 1, id="just above the first bound"),
        pytest.param([60, 20, 20], below(0.8), 1, id="just below the second bound"),
        pytest.param([60, 20, 20], above(0.8), 2, id="just above the second bound"),
        pytest.param([60, 20, 20], LAST, 2, id="the highest number, three variants"),
        pytest.param([7], 0.0, 0, id="one variant, lowest"),
        pytest.param([7], LAST, 0, id="one variant, highest"),
        pytest.param([1, 3], below(0.25), 0, id="sum 4, below"),
        pytest.param([1, 3], 0.25, 1, id="sum 4, at"),
        pytest.param([300, 100], below(0.75), 0, id="sum 400, below"),
        pytest.param([300, 100], 0.75, 1, id="sum 400, at"),
        pytest.param([0.125, 0.375], below(0.25), 0, id="fractions, below"),
        pytest.param([0.125, 0.375], 0.25, 1, id="fractions, at"),
        pytest.param([0.1] * 10, LAST, 9, id="ten tenths, whose sum is a little less than 1"),
        pytest.param([1e308] * 4, below(0.5), 1, id="huge, below"),
        pytest.param([1e308] * 4, 0.5, 2, id="huge, at"),
        pytest.param([5e-324] * 4, below(0.5), 1, id="tiny, below"),
        pytest.param([5e-324] * 4, 0.5, 2, id="tiny, at"),
        pytest.param([1e308, 5e-324], LAST, 0, id="huge and tiny"),
    ],
)
def test_a_number_falls_into_the_share_that_holds_it(weights, number, expected):
    assert place(weights, number) == expected


@pytest.mark.parametrize("number", [0.0, above(0.0), below(0.5), 0.5, above(0.5), LAST], ids=str)
@pytest.mark.parametrize(
    ("weights", "zeros"),
    [
        pytest.param([0, 1], {0}, id="first"),
        pytest.param([0, 0, 1], {0, 1}, id="the first two"),
        pytest.param([1, 0, 1], {1}, id="middle"),
        pytest.param([1, 0, 0, 1], {1, 2}, id="the middle two"),
        pytest.param([1, 0], {1}, id="last"),
        pytest.param([1, 0, 0], {1, 2}, id="the last two"),
        pytest.param([0, 1, 0, 1, 0], {0, 2, 4}, id="everywhere"),
        pytest.param([-0.0, 1], {0}, id="the other zero"),
    ],
)
def test_a_share_of_no_width_holds_no_number(weights, zeros, number):
    assert place(weights, number) in set(range(len(weights))) - zeros


@pytest.mark.parametrize(
    "weights", [[60, 20, 20], [0.1] * 10, [1, 3], [1e308] * 3, [5e-324] * 3, [0, 2, 0]], ids=str
)
def test_bounds_rise_to_exactly_1_in_steps_as_wide_as_the_weights(weights):
    bounds = bounds_of(weights)

    total = sum(map(Fraction, weights))
    exact = [float(sum(map(Fraction, weights[: place + 1])) / total) for place in range(len(weights))]
    assert bounds == pytest.approx(exact, abs=1e-15)
    assert bounds[-1] == 1.0


def test_a_number_is_always_the_same():
    numbers = [number_of("new-signup-flow", "user-1"), number_of("prix-été ☕", "\ud800\0")]

    assert numbers == [0.6930521824544882, 0.17359173521300253]


def test_numbers_fill_their_range_evenly_and_never_reach_1():
    numbers = sorted(number_of("new-signup-flow", f"user-{one}") for one in range(10_000))

    assert numbers[0] >= 0.0
    assert numbers[-1] < 1.0
    assert numbers == pytest.approx([one / 10_000 for one in range(10_000)], abs=0.03)


def test_names_that_read_the_same_in_a_row_have_numbers_of_their_own():
    pairs = [
        ("a", "bc"),
        ("ab", "c"),
        ("abc", ""),
        ('a", "b', "c"),
        ("a", 'b", "c'),
        ("a:b", "c"),
        ("a", "b:c"),
    ]

    assert len({number_of(*pair) for pair in pairs}) == len(pairs)
