"""Reads an app's source, and never runs it: where it declares an endpoint, and what keeps it from starting.

Nothing of it is trusted: what is too large, or is not Python, is passed over.
"""

import ast
import itertools
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard

from ladder.base.text import cut, visible

MOST_FILES = 200
MOST_BYTES = 2**20
"""How much of a package is read."""
MOST_ENDPOINTS = 1_000
MOST_PATHS = 20
"""Under how many paths an endpoint may be: as often as its router is included."""
MOST_DEPTH = 10
"""How deep routers may be included in each other."""
MOST_CHARACTERS = 200
"""How long the names and paths may be."""
METHODS = {"delete", "get", "head", "options", "patch", "post", "put", "trace", "websocket"}
MAKERS = {"APIRouter", "FastAPI"}
Name = tuple[str, str]
"""A variable: its module, with dots, and its name there."""


@dataclass
class Module:
    """One file of an app."""

    name: str  # with dots
    file: str  # relative to the package
    tree: ast.Module
    is_package: bool
    imports: dict[str, Name] = field(default_factory=dict)  # what is imported, by what it is called here

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                package = self.name.split(".")[: None if self.is_package else -1]
                up = package[: len(package) - node.level + 1] if node.level else []
                origin = ".".join([*up, *filter(None, [node.module])])
                self.imports |= {alias.asname or alias.name: (origin, alias.name) for alias in node.names}

    def resolve(self, node: ast.expr) -> Name | None:
        """Return the variable that an expression names, as `name` or as `module.name`."""
        if isinstance(node, ast.Name):
            return self.imports.get(node.id, (self.name, node.id))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self.imports.get(node.value.id)
            return (".".join(module), node.attr) if module is not None else None
        return None


@dataclass(frozen=True)
class Endpoint:
    """A function that answers requests."""

    router: Name
    method: str
    path: str  # below what the router is included with
    place: str  # such as `main.py:38 create_note`


class Source:
    """The source of an app's package.

    Args:
        folder: of the package.
    """

    def __init__(self, folder: Path) -> None:
        self.modules = read_modules(folder)
        self.prefixes: dict[Name, str] = {}  # of each router
        self.included: dict[
            Name, list[tuple[Name, str]]
        ] = {}  # what includes a router, and with which prefix
        for module in self.modules:
            for node in ast.walk(module.tree):
                self.note_router(module, node)
        endpoints = (
            endpoint
            for module in self.modules
            for node in ast.walk(module.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for endpoint in self.endpoints_of(module, node)
        )
        self.endpoints = list(itertools.islice(endpoints, MOST_ENDPOINTS))

    def note_router(self, module: Module, node: ast.AST) -> None:
        """Note a router that is made, or included in another one."""
        if (
            isinstance(node, ast.Assign | ast.AnnAssign)
            and is_call(node.value)
            and last_name(node.value) in MAKERS
        ):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    self.prefixes[module.name, target.id] = text_argument(node.value, "prefix")
        elif is_call(node) and isinstance(node.func, ast.Attribute) and node.func.attr == "include_router":
            outer, inner = (
                module.resolve(node.func.value),
                module.resolve(node.args[0]) if node.args else None,
            )
            if outer is not None and inner is not None:
                self.included.setdefault(inner, []).append((outer, text_argument(node, "prefix")))

    def endpoints_of(
        self, module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> Iterator[Endpoint]:
        """Return what the decorators of a function make of it."""
        for decorator in function.decorator_list:
            if is_call(decorator) and isinstance(decorator.func, ast.Attribute):
                router = module.resolve(decorator.func.value)
                path = text_argument(decorator, "path", first=True)
                place = visible(cut(f"{module.file}:{function.lineno} {function.name}", MOST_CHARACTERS))
                for method in methods_of(decorator):
                    if router in self.prefixes:
                        yield Endpoint(router, method, self.prefixes[router] + path, place)

    def find(self, method: str, path: str) -> str | None:
        """Return the place where the app declares what answers a request, such as `main.py:38 create_note`.

        Args:
            method: of the request, or `WEBSOCKET`.
            path: of the request, without its query.

        Returns:
            `None` where it is not found: there are ways to declare a path that this does not know.
        """
        found = [
            (pattern.count("{"), endpoint.place)  # what is declared for this very path comes first
            for endpoint in self.endpoints
            if endpoint.method == method.lower()
            for pattern in itertools.islice(self.paths_of(endpoint.router, endpoint.path), MOST_PATHS)
            if matches(pattern, path)
        ]
        return min(found, default=(0, None), key=lambda one: one[0])[1]

    def paths_of(self, router: Name, path: str, depth: int = 0) -> Iterator[str]:
        """Return the whole paths of what a router has at a path, in all that include it."""
        if depth == MOST_DEPTH or router not in self.included:
            yield path
            return
        for outer, prefix in self.included[router]:
            yield from self.paths_of(outer, self.prefixes.get(outer, "") + prefix + path, depth + 1)

    def sibling_import(self, name: str) -> str | None:
        """Return the import to write for a module of the package that was imported as if it stood outside."""
        for module in self.modules:
            parts = module.name.split(".")
            if len(parts) == 2 and parts[1] == name:
                return f"from .{name} import …"
        return None

    def second_server(self) -> str | None:
        """Return the place of an `uvicorn.run(…)` that runs when its module is imported."""
        for module in self.modules:
            for statement in module.tree.body:
                if isinstance(statement, ast.Expr) and is_call(statement.value):
                    function = statement.value.func
                    name = module.resolve(function)
                    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
                        name = (function.value.id, function.attr)
                    if name == ("uvicorn", "run"):
                        return visible(f"{module.file}:{statement.lineno}")
        return None


def read_modules(folder: Path) -> list[Module]:
    """Read the files of a package, those that can be read."""
    modules = []
    left = MOST_BYTES
    for path in itertools.islice(sorted(folder.rglob("*.py")), MOST_FILES):
        with (
            suppress(OSError, SyntaxError, ValueError, RecursionError, MemoryError),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")  # it is not ours to warn of
            if path.is_symlink() or not path.is_file() or path.stat().st_size > left:
                continue
            text = path.read_bytes()
            left -= len(text)
            relative = path.relative_to(folder.parent).with_suffix("").parts
            is_package = relative[-1] == "__init__"
            name = ".".join(relative[:-1] if is_package else relative)
            modules.append(Module(name, path.relative_to(folder).as_posix(), ast.parse(text), is_package))
    return modules


def is_call(node: ast.AST | None) -> TypeGuard[ast.Call]:
    """Return whether something is called."""
    return isinstance(node, ast.Call)


def last_name(call: ast.Call) -> str:
    """Return the name of what is called, without the module in which it is."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def text_argument(call: ast.Call, name: str, *, first: bool = False) -> str:
    """Return an argument that is a text, by its name or as the first one; empty if there is none."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == name]
    value = next(iter([*(call.args[:1] if first else []), *named]), None)
    text = value.value if isinstance(value, ast.Constant) else None
    return text[:MOST_CHARACTERS] if isinstance(text, str) else ""


def methods_of(decorator: ast.Call) -> list[str]:
    """Return the methods to which a decorator lets a function answer."""
    name = last_name(decorator)
    if name != "api_route":
        return [name] if name in METHODS else []
    named = [keyword.value for keyword in decorator.keywords if keyword.arg == "methods"]
    given = [node.value for value in named for node in ast.walk(value) if isinstance(node, ast.Constant)]
    return [method.lower() for method in given if isinstance(method, str)]


def matches(pattern: str, path: str) -> bool:
    """Return whether a path is one of those that a declared path stands for."""
    declared, asked = pattern.split("/"), path.split("/")
    for number, part in enumerate(declared):
        if part.startswith("{") and part.endswith(":path}"):
            return len(asked) > number
        if number >= len(asked):
            return False
        before, brace, after = part.partition("{")
        if not brace and asked[number] != part:
            return False
        rest = asked[number].removeprefix(before)
        if brace and not (
            asked[number].startswith(before) and rest and rest.endswith(after.rpartition("}")[2])
        ):
            return False
    return len(asked) == len(declared)
