"""Turns a failed test into what a learner can use: both sides of a comparison, and the request that it is about."""

import ast
import difflib
import itertools
import json
import textwrap
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ladder.base.text import cut
from ladder.client.exchange import Exchange
from ladder.client.strict_json import JsonArray, JsonObject

MOST_LINES = 1_000
"""Of two longer texts no difference is shown: finding it could take minutes."""
LINE_CHARACTERS = 200
"""How much of one line is shown; of two that differ, it is the part around the difference."""
SIDE_CHARACTERS = 2_000
"""How much of a value of several lines is shown."""
SAME_CHARACTERS = 40
"""How much is shown of what is the same before a difference."""
JSON_TYPES = {
    bool: "boolean",
    dict: "object",
    float: "number",
    int: "integer",
    list: "array",
    str: "string",
    type(None): "null",
    JsonArray: "array",
    JsonObject: "object",
}
"""What learners know the types as that tests compare."""
EXPECTATIONS = {
    "!=": "anything but ",
    "<": "less than ",
    "<=": "at most ",
    ">": "more than ",
    ">=": "at least ",
    "in": "one of ",
    "is not": "anything but ",
    "not in": "none of ",
}
"""How an expectation begins, by the sign of its comparison; of what is equal, the value says enough."""
CONTAINS = {"in": "something that contains ", "not in": "nothing that contains "}
"""The same where it is the app that gave what may contain something."""
MOST_STEPS = 8
"""How many statements are followed from a name back to the request behind it."""
BLOCKS = {"body", "orelse", "finalbody", "handlers", "cases"}
"""The fields of a statement that hold other statements."""


class Frame(NamedTuple):
    """Where a function of a test file was when a test failed."""

    file: str
    line: int
    source: str  # of the whole file


class Step(NamedTuple):
    """One statement: the lines of it that are no other statement's, and the names that it reads and binds."""

    first: int
    last: int
    reads: frozenset[str]
    binds: frozenset[str]


def compare(actual: object, expected: object, sign: str = "==") -> dict[str, Any]:
    """Return both sides of a comparison that failed as text and, where they have several lines, the difference.

    Args:
        actual: what stood on its left.
        expected: what stood on its right.
        sign: of the comparison.

    Returns:
        `expected`, `actual` and `difference` of a failure.
    """
    begin = EXPECTATIONS.get(sign, "")
    if sign in CONTAINS and isinstance(expected, JsonArray | JsonObject | str | bytes):
        actual, expected, begin = expected, actual, CONTAINS[sign]
    got, wanted = to_text(actual), to_text(expected)
    got_lines, wanted_lines = got.splitlines(), wanted.splitlines()
    most = max(len(got_lines), len(wanted_lines))
    difference = []
    if sign == "==" and 1 < most <= MOST_LINES:
        difference = shorten_lines(
            list(difflib.unified_diff(got_lines, wanted_lines, "got", "expected", lineterm=""))
        )
    room = LINE_CHARACTERS if most <= 1 else SIDE_CHARACTERS
    got, wanted = cut_around(got, wanted, room)
    return {"expected": begin + wanted, "actual": got, "difference": difference}


def cut_around(one: str, other: str, room: int) -> tuple[str, str]:
    """Cut two texts down to what stands around their first difference, where one has more than `room` characters."""
    if max(len(one), len(other)) <= room:
        return one, other
    pairs = enumerate(zip(one, other, strict=False))
    same = next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))
    start = same - SAME_CHARACTERS
    before = f"… {start:,} characters the same … " if start > SAME_CHARACTERS else ""
    start = start if before else 0
    return before + cut(one[start:], room), before + cut(other[start:], room)


def shorten_lines(difference: Sequence[str]) -> list[str]:
    """Cut the long lines of a unified diff: one that replaces another, around where they begin to differ."""
    runs = [list(run) for _, run in itertools.groupby(difference, key=lambda line: line[:1])]
    for removed, added in itertools.pairwise(runs):
        if removed[0][:1] == "-" and added[0][:1] == "+":
            for number, (old, new) in enumerate(zip(removed, added, strict=False)):
                got, wanted = cut_around(old[1:], new[1:], LINE_CHARACTERS)
                removed[number], added[number] = f"-{got}", f"+{wanted}"
    return [cut(line, 2 * LINE_CHARACTERS) for run in runs for line in run]


def to_text(value: object) -> str:
    """Return a value as JSON where it can be, on several lines where it is an object or an array."""
    if isinstance(value, type) and value in JSON_TYPES:
        return JSON_TYPES[value]
    try:
        text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    except (TypeError, ValueError):
        text = name_types(repr(value))
    return text.encode("utf-8", errors="backslashreplace").decode()  # half a surrogate pair is no text


def name_types(words: str) -> str:
    """Give pytest's words on an assertion with the types as learners know them."""
    for one, name in JSON_TYPES.items():
        words = words.replace(repr(one), name)
    return words


@lru_cache(maxsize=4)
def parse(source: str) -> tuple[list[ast.FunctionDef], list[ast.stmt]]:
    """Return a test module's functions and its statements in their order, parsed once: failures come many at a time."""
    nodes = list(ast.walk(ast.parse(source)))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    statements = [node for node in nodes if isinstance(node, ast.stmt)]
    return functions, sorted(statements, key=lambda statement: statement.lineno)


def statement_at(source: str, line: int) -> str:
    """Return the text of the innermost statement that stands at a line of a module (counted from 1)."""
    begun = [statement for statement in parse(source)[1] if statement.lineno <= line]
    step = step_of(begun[-1])
    return textwrap.dedent("\n".join(source.splitlines()[step.first - 1 : step.last])).strip()


def step_of(statement: ast.stmt) -> Step:
    """Return what a statement does itself, without the statements that it holds."""
    own = [
        node
        for field, value in ast.iter_fields(statement)
        if field not in BLOCKS
        for part in (value if isinstance(value, list) else [value])
        if isinstance(part, ast.AST)
        for node in ast.walk(part)
    ]
    names = [node for node in own if isinstance(node, ast.Name)]
    body = getattr(statement, "body", None)
    return Step(
        first=statement.lineno,
        last=body[0].lineno - 1 if body else statement.end_lineno or statement.lineno,
        reads=frozenset(name.id for name in names if isinstance(name.ctx, ast.Load)),
        binds=frozenset(name.id for name in names if isinstance(name.ctx, ast.Store)),
    )


def function_at(source: str, line: int) -> ast.FunctionDef | None:
    """Return the innermost function that holds a line of a module."""
    around = [one for one in parse(source)[0] if one.lineno <= line <= (one.end_lineno or 0)]
    return max(around, key=lambda function: function.lineno, default=None)


def find_exchange(exchanges: Sequence[Exchange], frames: Sequence[Frame]) -> Exchange | None:
    """Find the exchange that a failing statement is about: one that it made itself, or whose answer it looked at.

    Args:
        exchanges: all those of a test, in their order.
        frames: where the functions of the test file were, the innermost first: what is said of the first one, whose
            statement failed, is said of those that called it where nothing else is known.
    """
    return next((found for frame in frames if (found := look_back(exchanges, frame)) is not None), None)


def look_back(exchanges: Sequence[Exchange], frame: Frame) -> Exchange | None:
    """Return the last exchange that a statement made; else the last one behind the names that it reads."""
    function = function_at(frame.source, frame.line)
    steps = [
        step_of(node)
        for node in (ast.walk(function) if function is not None else ())
        if isinstance(node, ast.stmt) and node is not function
    ]
    steps.sort(key=lambda step: step.first)

    def behind(step: Step, depth: int) -> int:
        made = [
            number
            for number, exchange in enumerate(exchanges)
            if any(file == frame.file and step.first <= line <= step.last for file, line in exchange.asked_at)
        ]
        if made or depth == 0:
            return max(made, default=-1)
        earlier = [one for one in steps if one.last < step.first]
        bound = (next((one for one in reversed(earlier) if name in one.binds), None) for name in step.reads)
        return max((behind(one, depth - 1) for one in bound if one is not None), default=-1)

    begun = [step for step in steps if step.first <= frame.line]
    found = behind(begun[-1], MOST_STEPS) if begun else -1
    return exchanges[found] if found >= 0 else None


def is_own(exchange: Exchange, test: Frame, name: str) -> bool:
    """Return whether a test is about an exchange: whether its *when* made it, and neither its *given* nor its *then*.

    The *when* is the last statement of the last paragraph but one of the test's function, or of its only one.
    """
    function = function_at(test.source, test.line)
    if function is None or function.name != name:
        return False
    lines = test.source.splitlines()
    paragraphs: list[list[ast.stmt]] = [[]]
    for statement in function.body:
        if paragraphs[-1] and "" in map(
            str.strip, lines[(paragraphs[-1][-1].end_lineno or 0) : statement.lineno - 1]
        ):
            paragraphs.append([])
        paragraphs[-1].append(statement)
    when = paragraphs[max(len(paragraphs) - 2, 0)][-1]
    return any(
        file == test.file and when.lineno <= line <= (when.end_lineno or 0)
        for file, line in exchange.asked_at
    )
