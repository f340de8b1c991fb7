"""Sees that an exercise's ticket, hints, discussion and lists of wrong versions are complete and in step."""

import re
from collections.abc import Iterator
from math import ceil

from ladder.authoring.loops import loop_problems
from ladder.authoring.mutants import find_mutants, meaning_of_edit
from ladder.course.catalog import Exercise
from ladder.course.ticket import HINT_STEPS, SECTIONS

UNFINISHED = "TODO:"
"""How a line begins that `ladder new` leaves to the author; the word may be one of the ticket's domain."""
LEAST_MISTAKES = 4
CRITERIA_FOR_A_MISTAKE = 2
QUESTION = "How would"
"""How a demand of a brief begins that asks for an answer in words."""
MOST_WORDS_OF_ANSWER = 150
MOST_WORDS = 600
"""What a ticket may have, but for what is folded away: it is read before an app is begun."""
FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
LEAST_LINE = 12
"""A line of the reference that is shorter, such as `yield` or `)`, may well stand in a hint by chance."""


def verify_documents(exercise: Exercise) -> str | None:
    """Check that ticket, tests, hints and mistakes are complete, and in step with each other."""
    exercise.require_tests_for_criteria()
    problems = [
        *ticket_problems(exercise),
        *discussion_problems(exercise),
        *hint_problems(exercise),
        *mistake_problems(exercise),
        *equivalent_problems(exercise),
        *loop_problems(exercise),
    ]
    return "; ".join(problems) or None


def ticket_problems(exercise: Exercise) -> Iterator[str]:
    """Find what is wrong with the ticket."""
    ticket = exercise.ticket
    if tuple(ticket.sections) != SECTIONS:
        yield f"README.md: its sections are {', '.join(ticket.sections)}, and must be {', '.join(SECTIONS)}"
    readme = (exercise.folder / "README.md").read_text(encoding="utf-8")
    words = len(FOLDED.sub("", readme).split())
    if words > MOST_WORDS:
        yield f"README.md: {words} words, and {MOST_WORDS} at most may stand outside of its folded part (<details>)"
    for number, line in enumerate(readme.splitlines(), start=1):
        if line.startswith(UNFINISHED):
            yield f"README.md:{number}: something is left to do: {line.strip()}"
    empty = [title for title, text in ticket.sections.items() if not text.strip()]
    if empty:
        yield f"README.md: nothing stands under {', '.join(empty)}"
    numbers = {criterion.number for criterion in ticket.criteria}
    proved = {number for requirement in ticket.requirements for number in requirement.criteria}
    if proved - numbers:
        yield f"README.md: the requirements name criteria that do not exist: {sorted(proved - numbers)}"
    if numbers - proved:
        yield f"README.md: no requirement names the criteria {sorted(numbers - proved)}"
    known = {exercise.path, *(name.rstrip("/") for name in exercise.manifest.needs)}
    for needed in sorted(known):
        if not (exercise.folder.parents[exercise.path.count("/")] / needed / "exercise.toml").exists():
            yield f"exercise.toml: needs names {needed}, which is no exercise"


def discussion_problems(exercise: Exercise) -> Iterator[str]:
    """Find the brief's questions that have no answer, or a long one."""
    for requirement in exercise.ticket.requirements:
        if requirement.text.startswith(QUESTION):
            heading = next((one for one in exercise.discussion if one.startswith(requirement.brief)), None)
            if heading is None:
                yield f"discussion.md: answer {requirement.brief} under a heading '## {requirement.brief} …'"
            elif len(exercise.discussion[heading].split()) > MOST_WORDS_OF_ANSWER:
                yield f"discussion.md: {heading!r} has more than {MOST_WORDS_OF_ANSWER} words"


def hint_problems(exercise: Exercise) -> Iterator[str]:
    """Find what is wrong with the hints."""
    steps = exercise.hints.steps
    sentences = [criterion.sentence for criterion in exercise.ticket.criteria]
    if list(steps) != sentences:
        odd = [
            sentence for sentence in [*sentences, *steps] if (sentence in sentences) != (sentence in steps)
        ]
        yield f"hints.md: the headings are not the criteria in their order; see {odd or 'the order'}"
    for sentence, hints in steps.items():
        if len(hints) != HINT_STEPS:
            yield f"hints.md: {sentence!r} has {len(hints)} steps, and needs {HINT_STEPS}"
    text = " ".join(hint for hints in steps.values() for hint in hints)
    for path in sorted(exercise.solution.source.rglob("*.py")):
        for line in map(str.strip, path.read_text(encoding="utf-8").splitlines()):
            if len(line) >= LEAST_LINE and " ".join(line.split()) in text:
                yield f"hints.md: a line of the reference stands there: {line}"


def mistake_problems(exercise: Exercise) -> Iterator[str]:
    """Find what is wrong with the list of mistakes; each one is verified by itself as well."""
    mistakes = exercise.mistakes
    least = max(LEAST_MISTAKES, ceil(len(exercise.ticket.criteria) / CRITERIA_FOR_A_MISTAKE))
    if len(mistakes) < least:
        yield f"mistakes.toml: {len(mistakes)} mistakes, and at least {least} are needed for so many criteria"
    if len({mistake.name for mistake in mistakes}) < len(mistakes):
        yield "mistakes.toml: a name stands there twice"


def equivalent_problems(exercise: Exercise) -> Iterator[str]:
    """Find the mutants that are listed as equivalent, and are none, or none any more."""
    source, entries = exercise.solution.source, exercise.equivalents
    mutants = find_mutants(source, {entry.file for entry in entries})
    meanings = {(mutant.file, mutant.meaning) for mutant in mutants}
    for entry in entries:
        meaning = meaning_of_edit(source / entry.file, entry.text, entry.replacement)
        if (entry.file, meaning) not in meanings:
            yield (
                f"equivalents.toml: {entry.text!r} in {entry.file} makes no mutant; see that it stands there once, and "
                "what ladder verify --mutants shows"
            )
