"""Writes `docs/soundness.md`: what is known of how well the tests of each exercise tell right apps from wrong ones.

`python -m ladder.authoring.soundness` writes it anew from the exercises' files. The mutants' scores are kept as they
are there: `ladder verify --mutants --write` judges the mutants, and writes the scores as well.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ladder.authoring.wrong import WrongVersion, wrong_versions
from ladder.course.catalog import Catalog, Exercise, Kind

if TYPE_CHECKING:
    from ladder.authoring.mutation import Score

DOCUMENT = Path("docs", "soundness.md")
"""Where it is, within the course."""
NOT_JUDGED = ["-"] * 7
"""The scores of an exercise whose mutants nobody has judged yet."""
ROW = re.compile(r"\| (?P<path>[\w/]+) \| \d+ \| \d+ \| (?P<scores>.*) \|")
MEANINGS = {
    Kind.TEXT: "text is not kept as sent",
    Kind.LIMIT_ADDED: "a limit that the ticket does not have",
    Kind.LIMIT_MOVED: "a limit that the ticket has, at another place",
    Kind.BLANK: "what counts as blank, as a letter, as a name",
    Kind.EDGE_ID: "ids at the edges",
    Kind.AUTHORITY: "the client decides what the server must, or the other way round",
    Kind.COLUMN: "the wrong column, or the wrong direction",
    Kind.OLDEST: "of several, only the newest is right",
    Kind.RACE: "requests that compete",
    Kind.PER_PROCESS: "differs with the process, the start or the time zone",
    Kind.CONCURRENCY: "limits of concurrency",
    Kind.SHARE: "shares and independence",
    Kind.PERFORMANCE: "slower than the ticket allows",
    Kind.BYTES: "bytes and headers",
    Kind.MEDIA_TYPE: "media types and details",
}
TEXT = """\
# Soundness

How well the tests of each exercise tell right apps from wrong ones. All tables are written by commands:
`nox -s soundness` reads the exercises' files again and keeps the mutants' scores, and `nox -s mutants -- --write`
judges the mutants as well. `nox -s verify` and `nox -s wrong` see that each wrong version is caught by exactly the
criteria that its entry names.

## Mutants

A mutant is the reference with one small fault, such as `<` for `<=`, or a `commit` left out. One that does not start
is stillborn; one that does what the reference does is equivalent, and the exercise's `equivalents.toml` says why. The
score is the share of the others that the tests notice; it must be 98 % at least. Of more than 150 mutants, 150 are
judged: of each kind, and of each file, as many as can be.

{scores}

## Kinds of wrong versions

The kinds that tests overlook most, and the mistakes, wrong apps and attacks that show each of them caught.

{kinds}

## Attacks

Wrong versions that were written to get past the tests, and the criteria that catch each of them.

{attacks}
"""


def write_document(catalog: Catalog, scores: Iterable["Score"] = ()) -> Path:
    """Write the document, with these scores and those that stand there already.

    Returns:
        where it is.
    """
    path = catalog.root / DOCUMENT
    kept = read_scores(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.parent.mkdir(exist_ok=True)
    path.write_text(render(catalog, kept | dict(map(row_of, scores))), encoding="utf-8")
    return path


def read_scores(text: str) -> dict[str, list[str]]:
    """Read from a document the scores of each exercise, by its path."""
    return {
        match["path"]: match["scores"].split(" | ")
        for match in map(ROW.fullmatch, text.splitlines())
        if match
    }


def row_of(score: "Score") -> tuple[str, list[str]]:
    """Return an exercise's path, and its scores as they stand in the document."""
    counts = [str(count) for count in score.counts.values()]
    return score.exercise, [str(score.pool), str(len(score.judged)), *counts, f"{score.share:.1%}"]


def render(catalog: Catalog, scores: dict[str, list[str]]) -> str:
    """Make the text of the document."""
    wrong = {exercise: list(wrong_versions(catalog.root, exercise)) for exercise in catalog}
    heads = (
        "Exercise",
        "Criteria",
        "Mistakes",
        "Mutants",
        "Judged",
        "Stillborn",
        "Killed",
        "Equivalent",
        "Survived",
    )
    first = [
        [
            exercise.path,
            str(len(exercise.ticket.criteria)),
            str(len(exercise.mistakes)),
            *scores.get(exercise.path, NOT_JUDGED),
        ]
        for exercise in catalog
    ]
    kinds = [
        [f"`{kind}`", meaning, "<br>".join(cases_of(kind, wrong)) or "-"]
        for kind, meaning in MEANINGS.items()
    ]
    attacks = [
        [exercise.path, one.name, one.kind or "-", f"caught by {', '.join(map(str, one.caught_by))}"]
        for exercise, versions in wrong.items()
        for one in versions
        if one.is_attack
    ]
    return TEXT.format(
        scores="\n".join(table([*heads, "Score"], first)),
        kinds="\n".join(table(["Kind", "Meaning", "Caught"], kinds)),
        attacks="\n".join(table(["Exercise", "Attack", "Kind", "Verdict"], attacks)),
    )


def cases_of(kind: Kind, wrong: dict[Exercise, list[WrongVersion]]) -> Iterator[str]:
    """Name the wrong versions of a kind, exercise by exercise."""
    for exercise, versions in wrong.items():
        names = [one.name for one in exercise.mistakes if one.kind is kind]
        names += [one.name for one in versions if one.kind is kind]
        if names:
            yield f"{exercise.short}: {', '.join(names)}"


def table(heads: list[str], rows: list[list[str]]) -> Iterator[str]:
    """Return the lines of a Markdown table."""
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    print(write_document(Catalog(Path(__file__).parents[2])))
