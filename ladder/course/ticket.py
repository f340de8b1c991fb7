"""The ticket and the hints of an exercise, read from their Markdown.

A ticket's criteria are numbered sentences, and each has one test, whose name is the sentence: "A deleted note is
not found." is `test_a_deleted_note_is_not_found`.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ladder.base.errors import LadderError

SECTIONS = (
    "Story",
    "Contract",
    "Requirements",
    "Acceptance criteria",
    "Not in this rung",
    "New here",
    "Going further",
)
HINT_STEPS = 3
HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)
NUMBERED = re.compile(r"^(\d+)\. +(.+(?:\n +\S.*)*)", re.MULTILINE)  # an item may go on in indented lines
TABLE_ROW = re.compile(r"^\| *([A-Z]\d[\d.]*) *\| *(.+?) *\| *([\d, ]+?) *\|$", re.MULTILINE)
NUMBERS = re.compile(r"\d+(, *\d+)*")
HTTP_BLOCK = re.compile(r"^```http\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class TicketError(LadderError):
    """A ticket or a hints file is not in the form that all of them share."""


@dataclass(frozen=True)
class Criterion:
    """One numbered sentence of the ticket."""

    number: int
    sentence: str

    @property
    def test_name(self) -> str:
        """The name of the test that proves this criterion."""
        words = self.sentence.lower().replace("'", "").replace("\u2019", "")
        return "test_" + re.sub(r"[^a-z0-9]+", "_", words).strip("_")


@dataclass(frozen=True)
class Requirement:
    """One row of the Requirements: a demand of the brief, and the criteria that prove it."""

    brief: str
    text: str
    criteria: tuple[int, ...]


@dataclass(frozen=True)
class Example:
    """One request of the Contract, and the reply that it promises."""

    method: str
    target: str
    headers: dict[str, str]
    body: str
    status: int
    answer_headers: dict[str, str]  # those that the ticket shows
    answer: Any | None  # JSON; None where the reply has no body


@dataclass(frozen=True)
class Ticket:
    """An exercise's README.md."""

    path: Path
    sections: dict[str, str]
    criteria: tuple[Criterion, ...]
    requirements: tuple[Requirement, ...]
    examples: tuple[Example, ...]

    @classmethod
    def parse(cls, path: Path) -> Self:
        """Read a ticket.

        Raises:
            TicketError: its criteria are not numbered 1, 2, 3 …, or an example is no request and reply.
        """
        sections = split_sections(path.read_text(encoding="utf-8"))
        numbered = NUMBERED.findall(sections.get("Acceptance criteria", ""))
        criteria = tuple(Criterion(int(number), " ".join(text.split())) for number, text in numbered)
        if [criterion.number for criterion in criteria] != list(range(1, len(criteria) + 1)) or not criteria:
            raise TicketError(
                f"{path}: number the sentences under '## Acceptance criteria' 1, 2, 3 and so on."
            )
        rows = TABLE_ROW.findall(sections.get("Requirements", ""))
        for brief, _, numbers in rows:
            if NUMBERS.fullmatch(numbers) is None:
                raise TicketError(
                    f"{path}: the requirement {brief} names criteria like 1, 2 and not like {numbers!r}."
                )
        requirements = tuple(
            Requirement(brief, text, tuple(int(number) for number in numbers.split(",")))
            for brief, text, numbers in rows
        )
        examples = tuple(
            parse_example(path, block) for block in HTTP_BLOCK.findall(sections.get("Contract", ""))
        )
        return cls(path, sections, criteria, requirements, examples)


@dataclass(frozen=True)
class Hints:
    """An exercise's hints.md: for each criterion's sentence, the steps from a nudge to the name of the API."""

    steps: dict[str, tuple[str, ...]]

    @classmethod
    def parse(cls, path: Path) -> Self:
        """Read a hints file: a `##` heading for each sentence, and a numbered list below it."""
        sections = split_sections(path.read_text(encoding="utf-8"))
        return cls(
            {
                sentence: tuple(" ".join(step.split()) for _, step in NUMBERED.findall(text))
                for sentence, text in sections.items()
            }
        )


def split_sections(markdown: str) -> dict[str, str]:
    """Split a text at its `##` headings; what stands before the first one is left out."""
    parts = HEADING.split(markdown)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def parse_example(path: Path, block: str) -> Example:
    """Read an `http` block: a request, a blank line, its body if it has one, a blank line, and the reply likewise."""
    request, separator, reply = block.partition("\nHTTP/1.1 ")
    request_line, *rest = request.strip().splitlines() or [""]
    head, _, body = (
        "\n".join(rest).partition("\n\n") if rest and rest[0] else ("", "", "\n".join(rest).strip())
    )
    method, _, target = request_line.partition(" ")
    status_line, _, answer = reply.partition("\n\n")
    status, *answer_headers = status_line.strip().splitlines() or [""]
    if not separator or not status[:3].isdigit():
        raise TicketError(
            f"{path}: the example {request_line!r} has no reply that begins with HTTP/1.1 and a status."
        )
    try:
        return Example(
            method=method,
            target=target.strip(),
            headers=parse_headers(head.splitlines()),
            body=body.strip(),
            status=int(status[:3]),
            answer_headers=parse_headers(answer_headers),
            answer=json.loads(answer) if answer.strip() else None,
        )
    except ValueError as error:
        raise TicketError(f"{path}: the example {request_line!r} cannot be read: {error}.") from error


def parse_headers(lines: list[str]) -> dict[str, str]:
    """Read `Name: value` lines.

    Raises:
        ValueError: a line has no colon.
    """
    pairs = [line.split(": ", maxsplit=1) for line in lines]
    return {name: value for name, value in pairs}  # noqa: C416 - dict() would take a line without a colon
