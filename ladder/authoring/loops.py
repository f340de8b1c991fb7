"""Finds loops in acceptance tests that send requests before anything is judged.

The report on such a test cannot show the request that failed. A loop may *prepare*: where each request is followed by
`raise_for_status()` at once, the first one that fails is the one that is shown.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ladder.course.catalog import Exercise

SENDERS = {"delete", "get", "head", "options", "patch", "post", "put", "request", "send"}
"""The methods of a client that send a request."""
CLIENTS = {"client", "fresh_client"}
"""What a client is called: the fixtures, and the attribute of a server."""
OWN_LOOPS = {"at_once", "cpu_seconds", "eventually", "race"}
"""What sends requests again and again itself, and tells which one failed."""
INSTEAD = (
    "this loop sends requests before anything is judged, so that a report cannot show the one that failed. "
    "Write a row for each with pytest.mark.parametrize; to prepare, put .raise_for_status() right behind each request; "
    "to send many at once, take race or at_once, and to wait, eventually"
)
CHECK = "raise_for_status"
MAPS = {"map", "starmap"}
Function = ast.FunctionDef | ast.Lambda


@dataclass
class Requests:
    """What a part of a test file sends.

    Attributes:
        unchecked: whether it sends a request whose answer is not checked at once.
        names: the names that it uses, which may be those of functions that send.
    """

    unchecked: bool
    names: set[str]


def loop_problems(exercise: Exercise) -> Iterator[str]:
    """Say for each such loop in an exercise's tests what to write instead."""
    for path in sorted(exercise.tests.glob("*.py")):
        for line in unjudged_loops(path.read_text(encoding="utf-8")):
            yield f"tests/{path.name}:{line}: {INSTEAD}"


def unjudged_loops(source: str) -> list[int]:
    """Return the lines of a test file where a loop begins that sends requests whose answers are not checked at once."""
    tree = ast.parse(source)
    functions = {name: requests_of(body_of(function)) for name, function in functions_of(tree)}
    unchecked = {name for name, requests in functions.items() if requests.unchecked}
    while more := {name for name, one in functions.items() if one.names & unchecked} - unchecked:
        unchecked |= more
    found = set()
    for node in walk(tree):
        requests = requests_of(repeated_parts(node))
        if isinstance(node, ast.expr | ast.stmt) and (requests.unchecked or requests.names & unchecked):
            found.add(node.lineno)
    return sorted(found)


def repeated_parts(node: ast.AST) -> list[ast.AST]:
    """Return what a loop does again and again; nothing for what is no loop. What it goes over, it takes once."""
    if isinstance(node, ast.For):
        return [*node.body]
    if isinstance(node, ast.While):
        return [node.test, *node.body]
    if isinstance(node, ast.DictComp):
        return [node.key, node.value, *repeated_by(node.generators)]
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return [node.elt, *repeated_by(node.generators)]
    if isinstance(node, ast.Call) and name_of(node.func) in MAPS:
        return [*node.args[:1]]
    return []


def repeated_by(generators: list[ast.comprehension]) -> list[ast.expr]:
    """Return the conditions of a comprehension, and what its inner loops go over."""
    return [part for one in generators for part in one.ifs] + [one.iter for one in generators[1:]]


def body_of(function: Function) -> list[ast.AST]:
    """Return what a function does."""
    return [function.body] if isinstance(function, ast.Lambda) else [*function.body]


def functions_of(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Return the functions of a test file, by their names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))


def requests_of(parts: Sequence[ast.AST]) -> Requests:
    """Return what parts of a test file send themselves."""
    nodes = [node for part in parts for node in walk(part)]
    checked = {
        node.value.func
        for node in nodes
        if isinstance(node, ast.Attribute) and node.attr == CHECK and isinstance(node.value, ast.Call)
    }
    senders = {node for node in nodes if isinstance(node, ast.Attribute) and is_sender(node)}
    return Requests(bool(senders - checked), {node.id for node in nodes if isinstance(node, ast.Name)})


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Return a node and all below it, but for the arguments of what sends again and again itself."""
    yield node
    if isinstance(node, ast.Call) and name_of(node.func) in OWN_LOOPS:
        return
    for child in ast.iter_child_nodes(node):
        yield from walk(child)


def is_sender(node: ast.Attribute) -> bool:
    """Return whether this is a client's method that sends a request."""
    return node.attr in SENDERS and name_of(node.value) in CLIENTS


def name_of(node: ast.expr) -> str:
    """Return the last name of an expression such as `client` or `server.client`."""
    return getattr(node, "attr", getattr(node, "id", ""))
