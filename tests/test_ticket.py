"""The ticket and the hints, as they are read from Markdown, and the tests that belong to them."""

import pytest

from ladder.base.errors import LadderError
from ladder.course.catalog import CatalogError
from ladder.course.ticket import Criterion, Hints, Requirement, Ticket, TicketError

TICKET = """\
# Scenario 0 · Tiny

What stands before the first heading is left out.

## Story

A story.

## Contract

{contract}

## Requirements

| Brief | Demand | Criteria |
|---|---|---|
{requirements}

## Acceptance criteria

{criteria}

## Going further

1. This is no criterion.
"""


@pytest.fixture
def parse(tmp_path):
    """Read a ticket with these parts."""

    def parse(contract="", requirements="| S0.1 | Greet | 1 |", criteria="1. It greets."):
        path = tmp_path / "README.md"
        text = TICKET.format(contract=contract, requirements=requirements, criteria=criteria)
        path.write_text(text, encoding="utf-8")
        return Ticket.parse(path)

    return parse


@pytest.fixture
def parse_example(parse):
    """Read the only example of a ticket."""

    def parse_example(block):
        (example,) = parse(contract=f"Words.\n\n```http\n{block}```\n\nMore words.").examples
        return example

    return parse_example


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        pytest.param("A deleted note is not found.", "test_a_deleted_note_is_not_found", id="words"),
        pytest.param("A note's id isn't 0.", "test_a_notes_id_isnt_0", id="apostrophes"),
        pytest.param("A note’s id isn’t 0.", "test_a_notes_id_isnt_0", id="typographic apostrophes"),  # noqa: RUF001
        pytest.param("201, then 404: gone!", "test_201_then_404_gone", id="digits and punctuation"),
        pytest.param(
            "`PATCH /tasks/{id}` – “null” clears.",  # noqa: RUF001
            "test_patch_tasks_id_null_clears",
            id="code and quotes",
        ),
        pytest.param("Fewer than 2.5 s (at 08:00) pass", "test_fewer_than_2_5_s_at_08_00_pass", id="numbers"),
        pytest.param("snake_case  and   blanks", "test_snake_case_and_blanks", id="underscores and blanks"),
    ],
)
def test_a_sentence_makes_the_name_of_its_test(sentence, name):
    assert Criterion(1, sentence).test_name == name


def test_the_criteria_are_the_numbered_sentences_of_their_section_alone(parse):
    ticket = parse(
        criteria="In order:\n\n1. It greets.\n2. It is\n   polite, too.\n3. It stops.\n\nThat is all."
    )

    assert ticket.criteria == (
        Criterion(1, "It greets."),
        Criterion(2, "It is polite, too."),
        Criterion(3, "It stops."),
    )


@pytest.mark.parametrize(
    "criteria",
    [
        pytest.param("It greets.", id="none"),
        pytest.param("2. It greets.", id="from two on"),
        pytest.param("0. It greets.\n1. It stops.", id="from zero on"),
        pytest.param("1. It greets.\n3. It stops.", id="a gap"),
        pytest.param("1. It greets.\n1. It stops.", id="one number twice"),
        pytest.param("2. It greets.\n1. It stops.", id="backwards"),
    ],
)
def test_criteria_that_are_not_numbered_from_one_on_are_an_error_with_the_file(parse, tmp_path, criteria):
    with pytest.raises(TicketError) as caught:
        parse(criteria=criteria)

    assert str(caught.value) == (
        f"{tmp_path}/README.md: number the sentences under '## Acceptance criteria' 1, 2, 3 and so on."
    )


def test_the_sections_keep_their_order_and_their_text(parse):
    ticket = parse()

    assert list(ticket.sections) == [
        "Story",
        "Contract",
        "Requirements",
        "Acceptance criteria",
        "Going further",
    ]
    assert ticket.sections["Story"].strip() == "A story."


def test_a_row_of_the_requirements_names_its_brief_and_its_criteria(parse):
    ticket = parse(
        requirements="| S0.1 | Greet | 1, 2 |\n| S12.3.4 | Stop, | or not |\n| E2.10 | Stop | 12 |"
    )

    assert ticket.requirements == (
        Requirement("S0.1", "Greet", (1, 2)),
        Requirement("E2.10", "Stop", (12,)),
    )


def test_a_row_of_the_requirements_with_an_empty_number_is_an_error_with_the_file(parse, tmp_path):
    with pytest.raises(TicketError, match=f"{tmp_path}/README.md"):
        parse(requirements="| S0.1 | Greet | 1, |")


def test_an_example_may_have_all_parts(parse_example):
    example = parse_example(
        "POST /notes?draft=1 \n"
        "Content-Type: application/json\n"
        "X-Time: 12:30: now\n"
        "\n"
        '{"title": "Milk",\n "lines": []}\n'
        "\n"
        "HTTP/1.1 201 Created\n"
        "Location: /notes/1\n"
        "\n"
        '{"id": 1}\n'
    )

    assert (example.method, example.target) == ("POST", "/notes?draft=1")
    assert example.headers == {"Content-Type": "application/json", "X-Time": "12:30: now"}
    assert example.body == '{"title": "Milk",\n "lines": []}'
    assert example.status == 201
    assert example.answer_headers == {"Location": "/notes/1"}
    assert example.answer == {"id": 1}


def test_an_example_may_be_a_request_line_and_a_status_line(parse_example):
    example = parse_example("GET /notes\n\nHTTP/1.1 404 Not Found\n")

    assert (example.method, example.target, example.status) == ("GET", "/notes", 404)
    assert (example.headers, example.answer_headers) == ({}, {})
    assert (example.body, example.answer) == ("", None)


def test_an_example_may_have_headers_without_a_body(parse_example):
    example = parse_example("GET /notes\nAuthorization: Bearer me\n\nHTTP/1.1 200 OK\n\n[]\n")

    assert example.headers == {"Authorization": "Bearer me"}
    assert example.body == ""
    assert example.answer == []


def test_an_example_may_have_a_body_without_headers(parse_example):
    example = parse_example("POST /webhooks\n\nanything: at all\n\nHTTP/1.1 400\nX-Reason: none\n")

    assert example.headers == {}
    assert example.body == "anything: at all"
    assert (example.status, example.answer_headers, example.answer) == (400, {"X-Reason": "none"}, None)


def test_the_examples_keep_their_order_and_other_blocks_are_none(parse):
    ticket = parse(
        contract="```http\nGET /a\n\nHTTP/1.1 200 OK\n```\n\n```json\n{}\n```\n\n"
        "```http\nGET /b\n\nHTTP/1.1 200 OK\n```"
    )

    assert [example.target for example in ticket.examples] == ["/a", "/b"]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        pytest.param("GET /notes\n", "'GET /notes' has no reply", id="no reply"),
        pytest.param("GET /notes\n\nHTTP/1.1 OK\n", "'GET /notes' has no reply", id="no status"),
        pytest.param("GET /notes\n\n200 OK\n", "'GET /notes' has no reply", id="no HTTP"),
        pytest.param(
            "GET /notes\nAuthorization\n\nHTTP/1.1 200 OK\n",
            "'GET /notes' cannot be read",
            id="a bare header",
        ),
        pytest.param(
            "GET /notes\n\nHTTP/1.1 200 OK\nnothing\n\n[]\n",
            "'GET /notes' cannot be read",
            id="a bare header in the reply",
        ),
        pytest.param("GET /notes\n\nHTTP/1.1 200 OK\n\n[1,]\n", "'GET /notes' cannot be read", id="no JSON"),
        pytest.param("", "example", id="nothing at all"),
    ],
)
def test_an_example_that_cannot_be_read_is_an_error_with_the_file(parse_example, tmp_path, block, said):
    with pytest.raises(TicketError) as caught:
        parse_example(block)

    assert str(caught.value).startswith(f"{tmp_path}/README.md: ")
    assert said in str(caught.value)


def test_hints_are_the_numbered_steps_below_each_sentence(tmp_path):
    path = tmp_path / "hints.md"
    path.write_text(
        "# Hints\n\n## It greets.\n\n1. Why?\n2. Because\n   it can.\n3. `say`\n\n## It stops.\n\nNo.\n"
    )

    hints = Hints.parse(path)

    assert hints.steps == {"It greets.": ("Why?", "Because it can.", "`say`"), "It stops.": ()}


def test_criteria_and_tests_that_belong_together_are_no_error(course):
    course.exercise.require_tests_for_criteria()

    assert course.exercise.test_names == [
        criterion.test_name for criterion in course.exercise.ticket.criteria
    ]


def test_a_criterion_without_test_is_an_error_with_the_name_to_write(course):
    course.edit("README.md", "old one.\n", "old one.\n3. It isn't rude.\n")

    with pytest.raises(CatalogError) as caught:
        course.exercise.require_tests_for_criteria()

    assert str(caught.value) == "scenarios/00_tiny: criterion 3 has no test: write test_it_isnt_rude."


def test_a_test_without_criterion_is_an_error_with_its_name(course):
    course.write(
        "scenarios/00_tiny/tests/test_more.py", "def test_it_is_polite(client):\n    assert client\n"
    )

    with pytest.raises(CatalogError) as caught:
        course.exercise.require_tests_for_criteria()

    assert str(caught.value) == "scenarios/00_tiny: test_it_is_polite is not a criterion of the ticket."


def test_a_test_that_stands_there_twice_is_an_error_with_its_name(course):
    course.write(
        "scenarios/00_tiny/tests/test_more.py",
        "def test_the_first_greeting_is_hello(client):\n    assert client\n",
    )

    with pytest.raises(CatalogError) as caught:
        course.exercise.require_tests_for_criteria()

    assert str(caught.value) == "scenarios/00_tiny: test_the_first_greeting_is_hello stands there twice."


def test_two_criteria_with_one_test_between_them_are_an_error(course):
    course.edit("README.md", "old one.\n", "old one.\n3. The first greeting is: hello!\n")

    with pytest.raises(LadderError, match="test_the_first_greeting_is_hello"):
        course.exercise.require_tests_for_criteria()


def test_all_that_does_not_belong_together_is_told_at_once(course):
    course.edit("tests/test_tiny.py", "def test_the_first_greeting_is_hello", "def test_it_greets")

    with pytest.raises(CatalogError) as caught:
        course.exercise.require_tests_for_criteria()

    assert str(caught.value) == (
        "scenarios/00_tiny: criterion 1 has no test: write test_the_first_greeting_is_hello; "
        "test_it_greets is not a criterion of the ticket."
    )
