"""Text that others wrote: what is shown of it."""

import pytest

from ladder.base.text import cut, decimal, fit, one_line, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\x1b[2J\x07\x00", r"a\x1b[2J\x07\x00", id="control characters"),
        pytest.param("\x7f\x80\x85\x9b\x9f", r"\x7f\x80\x85\x9b\x9f", id="control characters beyond ASCII"),
        pytest.param("a\r\nb\vc\f", "a\\r\nb\\x0bc\\x0c", id="ends of lines"),
        pytest.param("\u2028\u2029", r"\u2028\u2029", id="separators"),
        pytest.param(
            "\u202a\u202e\u2066\u2069\u200e\u200f\u061c",
            r"\u202a\u202e\u2066\u2069\u200e\u200f\u061c",
            id="directions",
        ),
        pytest.param("a\u200bb\ufeff\u2060", r"a\u200bb\ufeff\u2060", id="without width"),
        pytest.param("\ud800\udfff", r"\ud800\udfff", id="halves of surrogate pairs"),
        pytest.param("\ufffe\uffff\ufff9", r"\ufffe\uffff\ufff9", id="no characters"),
        pytest.param("a\U000e0041", r"a\U000e0041", id="tags"),
    ],
)
def test_what_hides_is_shown_as_an_escape(text, shown):
    assert visible(text) == shown
    assert visible(shown) == shown


@pytest.mark.parametrize(
    "text", ["", "a\tb\nc", "chloé", "שלום", "王芳", "☕ 𝄞", "👩\u200d🔬", r"a\x1b", "<b>&amp;"]
)
def test_ordinary_text_is_shown_as_it_is(text):
    assert visible(text) == text


def test_a_text_on_one_line_has_no_line_breaks_and_tabs():
    assert one_line("a\n\tb\r\n\x1b") == r"a\n\tb\r\n\x1b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("", ""), ("abc", "abc"), ("abcd", "abc… (1 characters more)"), ("x" * 9, "xxx… (6 characters more)")],
    ids=["empty", "as long as can be", "one too long", "longer"],
)
def test_a_long_text_is_cut_and_says_so(text, shown):
    assert cut(text, 3) == shown


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (10.0, "10"),
        (0.5, "0.5"),
        (2 / 3, "0.6667"),
        (0.00001, "0"),
        (1234567.25, "1234567.25"),
    ],
    ids=str,
)
def test_a_number_is_written_without_needless_digits(number, text):
    assert decimal(number) == text


@pytest.mark.parametrize(("most", "limit"), [(100, 16), (32, 16), (31, 8), (15, 4), (2, 1), (1, 0)])
def test_the_greatest_limit_that_fits_is_found_by_halving(most, limit):
    parts = fit(lambda size: ["é" * size], 16, most)

    assert parts == ["é" * limit]


def test_of_what_does_not_fit_no_more_is_made_than_shows_that():
    made = []

    parts = fit(
        lambda limit: (made.append((limit, number)) or "x" * limit for number in range(1000)), 4, 1500
    )

    assert "".join(parts) == "x" * 1000
    assert made[:-1000] == [*((4, number) for number in range(376)), *((2, number) for number in range(751))]
