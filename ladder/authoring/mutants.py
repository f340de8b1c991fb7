"""Makes mutants: an app's modules with one small fault each, as mutation testing does.

A test suite that passes on a mutant says nothing about what was changed. Mutants are edits of the text, so that each
is as readable as the module. What no request can show is left out: docstrings, the wording of errors, annotations
that only mypy reads, what only OpenAPI's pages show, and what makes an app faster and nothing else.
"""

import ast
import difflib
import hashlib
import random
import warnings
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ladder.authoring.operators import OPERATORS
from ladder.authoring.syntax import Function, Module, Package


@dataclass(frozen=True)
class Mutant:
    """One module with one fault.

    Attributes:
        kind: what the operator does that made it.
        file: the module, relative to the package.
        line: where the fault begins.
        before: the module's text without the fault.
        after: the module's text with it.
        meaning: what Python reads in that; its form does not matter.
    """

    kind: str
    file: str
    line: int
    before: str
    after: str
    meaning: str

    @property
    def lines_around(self) -> range:
        """The lines of the innermost function where the fault is, its decorators included; else the line itself."""
        nodes = [node for node in ast.walk(ast.parse(self.before)) if isinstance(node, Function)]
        spans = [
            range(
                min([node.lineno, *(one.lineno for one in node.decorator_list)]), (node.end_lineno or 0) + 1
            )
            for node in nodes
        ]
        around = [span for span in spans if self.line in span]
        return min(around, key=len, default=range(self.line, self.line + 1))

    @property
    def difference(self) -> str:
        """The edit, as a unified diff."""
        texts = self.before.splitlines(), self.after.splitlines()
        return "\n".join(difflib.unified_diff(*texts, self.file, self.file, n=1, lineterm=""))


def meaning_of(text: str) -> str:
    """Return a digest of what Python reads in a module's text: two that differ in form only mean the same.

    Raises:
        SyntaxError: it is not Python.
    """
    tree = ast.parse(text)
    with warnings.catch_warnings(action="ignore"):
        compile(tree, "", "exec")
    return hashlib.sha256(ast.dump(tree).encode(errors="surrogatepass")).hexdigest()


def meaning_of_edit(module: Path, text: str, replacement: str) -> str | None:
    """Return what Python reads in a module after an edit.

    Returns:
        `None` if the text does not stand there exactly once, or gives way to what is no Python.
    """
    before = module.read_text(encoding="utf-8") if module.is_file() else ""
    if before.count(text) == 1:
        with suppress(SyntaxError):
            return meaning_of(before.replace(text, replacement))
    return None


def find_mutants(source: Path, files: Collection[str] | None = None) -> list[Mutant]:
    """Make mutants of a package, in the order of its text.

    Args:
        source: the package's folder.
        files: the modules to change, relative to it; by default, all.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(source.rglob("*.py"))}
    package = Package.of(texts.values())
    mutants: list[Mutant] = []
    for path, text in texts.items():
        file = path.relative_to(source).as_posix()
        if files is None or file in files:
            mutants += sorted(mutants_of(Module(text, package), file), key=lambda one: one.line)
    return mutants


def mutants_of(module: Module, file: str) -> Iterator[Mutant]:
    """Make the mutants of one module, each once; beside brackets an edit may give no Python, and no mutant."""
    known = {meaning_of(module.text)}
    nodes = list(module.walk())
    for kind, types, make in OPERATORS:
        for node in nodes:
            for edit in make(module, node) if isinstance(node, types) else ():
                start, end, text = edit
                after = (module.data[:start] + text.encode() + module.data[end:]).decode()
                with suppress(SyntaxError):
                    meaning = meaning_of(after)
                    if meaning not in known:
                        known.add(meaning)
                        line = module.data[:start].count(b"\n") + 1
                        yield Mutant(kind, file, line, module.text, after, meaning)


def sample(mutants: Sequence[Mutant], size: int, seed: int) -> list[Mutant]:
    """Choose some mutants, so that each kind, and within it each file, is there as evenly as can be.

    Args:
        mutants: all of them.
        size: how many are wanted.
        seed: the same one chooses the same mutants.

    Returns:
        the chosen ones, in the order of `mutants`.
    """
    chance = random.Random(seed)  # noqa: S311 - nobody has to guess it
    turns: dict[tuple[str, str], int] = defaultdict(int)
    kinds: dict[str, list[tuple[int, float, int]]] = defaultdict(list)
    for place in chance.sample(range(len(mutants)), len(mutants)):
        group = (mutants[place].kind, mutants[place].file)
        kinds[group[0]].append((turns[group], chance.random(), place))  # files take turns within a kind
        turns[group] += 1
    queues = [
        (turn, chance.random(), place)  # and so do kinds
        for queue in kinds.values()
        for turn, (_, _, place) in enumerate(sorted(queue))
    ]
    return [mutants[place] for place in sorted(place for _, _, place in sorted(queues)[:size])]
