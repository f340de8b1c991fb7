"""Tells which criteria an edit of an app can matter to at all: those whose tests begin what it changes.

Mutation testing calls it coverage for each test: the other tests would send the same and see the same, so they need
not be run on the edited app. For this, a copy of the app notes each statement that its functions begin.
"""

import ast
import copy
import inspect
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType

import pytest

from ladder.checking import kit

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
FIRST_TO_START = {"address", "launch"}
"""The fixtures that start a server."""
NOTING = """
import os as __os__
__begun__ = set()
def __write__(lines):
    with open({notes!r}, "a") as notes:
        notes.writelines(f"{file}:{{line}}\\n" for line in lines)
def __note__(line):
    if line not in __begun__:
        __begun__.add(line)
        __write__([line])
__os__.register_at_fork(after_in_child=lambda: __write__(__begun__))
"""
"""What each module of the copy begins with. A fork has begun what the process has that it comes from."""


@dataclass(frozen=True)
class Reach:
    """The statements that the tests of an exercise begin, each written as `main.py:31`.

    Attributes:
        at_start: what the app's start begins, which every test relies on.
        by_test: what each test begins, by the name of its function.
        readers: the tests that read the app's source.
    """

    at_start: frozenset[str]
    by_test: dict[str, frozenset[str]]
    readers: frozenset[str]

    def tests_of(self, file: str, old: str, new: str) -> set[str] | None:
        """Name the tests that can notice an edit; `None` stands for all.

        Args:
            file: the edited file, relative to the package.
            old: its text before.
            new: its text after.
        """
        line = first_changed(old, new) if file.endswith(".py") else None
        place = f"{Path(file).as_posix()}:{line}"
        if line is None or place in self.at_start:
            return None
        return {test for test, begun in self.by_test.items() if place in begun} | self.readers


@dataclass
class ReachRecorder:
    """A pytest plugin that collects what each test begins, where each criterion has a server of its own.

    Args:
        notes: the file that the app's copy writes to.
    """

    notes: Path
    at_start: frozenset[str] | None = None
    by_test: dict[str, frozenset[str]] = field(default_factory=dict)
    readers: set[str] = field(default_factory=set)
    taken = 0  # lines of the notes

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Iterator[None]:
        """Note what the first server has begun, before anything else is asked of it."""
        result = yield
        if self.at_start is None and fixturedef.argname in FIRST_TO_START:
            self.at_start = self.take()
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Function) -> Iterator[None]:
        """Note what a test has begun; its server has ended with its last row."""
        yield
        name = item.function.__name__
        self.by_test[name] = self.by_test.get(name, frozenset()) | self.take()
        if any(server.source_was_read for server in kit.run_of(item.config).evidence.servers):
            self.readers.add(name)

    def take(self) -> frozenset[str]:
        """Take what has been noted."""
        begun = self.notes.read_text(encoding="utf-8").splitlines()[self.taken :]
        self.taken += len(begun)
        return frozenset(begun)

    def reach(self) -> Reach:
        """Return what was collected."""
        return Reach(self.at_start or frozenset(), self.by_test, frozenset(self.readers))


def add_notes(source: Path, notes: Path) -> None:
    """Let a package's functions note each statement that they begin.

    Args:
        source: the package's folder; its files are rewritten.
        notes: the file that they write to.
    """
    notes.touch()
    for path in sorted(source.rglob("*.py")):
        tree = ast.parse(path.read_bytes())
        for function in outermost_functions(tree):
            note_block(function.body)
        first = next((place for place, node in enumerate(tree.body) if not comes_first(node)), len(tree.body))
        noting = NOTING.format(notes=str(notes), file=path.relative_to(source).as_posix())
        tree.body[first:first] = ast.parse(noting).body
        path.write_text(ast.unparse(tree), encoding="utf-8")


def outermost_functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Find the functions that are in no other."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS):
            yield child
        else:
            yield from outermost_functions(child)


def note_block(block: list[ast.stmt]) -> None:
    """Put a note before each statement of a block, and of those within it."""
    noted: list[ast.stmt] = []
    for statement in block:
        for inner in blocks_of(statement):
            note_block(inner)
        note = [] if is_docstring(statement) else ast.parse(f"__note__({statement.lineno})").body
        noted += [*note, statement]
    block[:] = noted


def blocks_of(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Find the blocks of a statement: its body, what follows `else`, and so on."""
    for _, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield value
        elif isinstance(value, list):
            for child in value:
                if isinstance(child, ast.ExceptHandler | ast.match_case):
                    yield child.body


def is_docstring(statement: ast.stmt) -> bool:
    """Return whether a statement is a bare constant, which no run begins."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def comes_first(statement: ast.stmt) -> bool:
    """Return whether nothing of ours may stand before a statement of a module."""
    return is_docstring(statement) or (
        isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
    )


def first_changed(old: str, new: str) -> int | None:
    """Return the line of the statement that a run must begin before an edit can change what it does.

    Args:
        old: the text of a module.
        new: the same, edited.

    Returns:
        a line of the old text; `None` if the edit changes what an import does.
    """
    try:
        trees = ast.parse(old), ast.parse(new)
        with warnings.catch_warnings(action="ignore"):
            codes = compile(old, "", "exec"), compile(new, "", "exec")
    except SyntaxError:
        return None
    if kinds(codes[0]) != kinds(codes[1]):  # who calls a generator runs nothing of it yet
        return None
    # A name that becomes local changes a function from its beginning.
    return changed_line(*trees, whole_functions=shapes(codes[0]) != shapes(codes[1]))


def kinds(code: CodeType) -> list[object]:
    """Return the kinds of a module's functions that are in no other: whether they are generators, and so on."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return [one.co_flags if one.co_flags & inspect.CO_OPTIMIZED else kinds(one) for one in inner]


def shapes(code: CodeType) -> list[object]:
    """Return the scopes of the names in all functions of a module, and their kinds."""
    inner = [shapes(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    variables = [set(names) for names in (code.co_varnames, code.co_cellvars, code.co_freevars)]
    return [code.co_qualname, code.co_flags, variables, inner]


def changed_line(old: ast.AST, new: ast.AST, *, whole_functions: bool, line: int | None = None) -> int | None:
    """Return the line of the first statement that is changed within a statement.

    Args:
        old: the statement, or module.
        new: the same, edited.
        whole_functions: whether it is the beginning of the outermost function that counts.
        line: of the statement itself, if it is in a function.
    """
    pairs = [pair for pair in zip(blocks_of(old), blocks_of(new), strict=False) if differ(*pair)]
    if heading(old) != heading(new) or len(pairs) != 1:
        return line
    before, after = pairs[0]
    in_function = line is not None or isinstance(old, FUNCTIONS)
    if whole_functions and in_function:
        return next((statement.lineno for statement in before if not is_docstring(statement)), None)
    places = [place for place, pair in enumerate(zip(before, after, strict=False)) if differ(*pair)]
    first = before[min([*places, len(after), len(before) - 1])]
    inner_line = first.lineno if in_function and not is_docstring(first) else None
    if len(before) == len(after) and len(places) == 1:
        return changed_line(first, after[places[0]], whole_functions=whole_functions, line=inner_line)
    return inner_line


def heading(statement: ast.AST) -> str:
    """Return all of a statement but what stands in its blocks."""
    bare = copy.deepcopy(statement)
    for block in blocks_of(bare):
        block[:] = [ast.Pass()]
    docstring = ast.get_docstring(statement, clean=False) if isinstance(statement, FUNCTIONS) else None
    return f"{ast.dump(bare)} {docstring!r}"


def differ(one: ast.AST | list[ast.stmt], other: ast.AST | list[ast.stmt]) -> bool:
    """Return whether two statements, or blocks, are not the same."""
    return dump(one) != dump(other)


def dump(part: ast.AST | list[ast.stmt]) -> list[str]:
    """Return a statement, or a block, as text."""
    return [ast.dump(statement) for statement in (part if isinstance(part, list) else [part])]
