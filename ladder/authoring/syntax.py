"""A module as its mutants are made from it: its text, its syntax tree, and which of it says anything."""

import ast
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Edit = tuple[int, int, str]
"""The bytes to replace, from and to, and what comes there."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
Placed = ast.expr | ast.stmt | ast.keyword
"""What has a place in the text."""
SHOWN_ONLY = {
    *(
        "title",
        "description",
        "summary",
        "tags",
        "responses",
        "response_description",
        "openapi_tags",
        "version",
    ),
    *("operation_id", "examples", "json_schema_extra", "include_in_schema", "deprecated", "detail", "prefix"),
}
"""Keywords that change OpenAPI's pages or the wording of an error; and `prefix`, without which nothing is found."""
FASTER_ONLY = {
    *("index", "pool_size", "max_overflow", "pool_pre_ping", "pool_recycle", "pool_timeout", "echo", "lazy"),
    *("slots", "maxsize", "daemon", "stacklevel", "sqlite_with_rowid", "cache_ok", "format", "datefmt"),
}
"""Keywords, keys and constants that change how fast an app is, or what its author sees."""
STRUCTURAL = {"table", "mode", "back_populates"}
"""Keywords without which, or with another value, no app starts."""
SILENT_CALLS = {"TypeVar", "NewType", "cast", "getLogger", "refresh", "include_router"}
"""Functions whose calls no request shows, `refresh` since a row's values are read when they are asked for; and one
without which no request is answered."""
SILENT_NAMES = {"__tablename__", "__all__"}
ROUTES = {"get", "post", "put", "patch", "delete", "head", "options", "websocket", "api_route"}
UNCONSTRAINED = {
    **dict.fromkeys(("NonBlank", "EmailStr", "StrictStr"), "str"),
    **dict.fromkeys(("PositiveInt", "NonNegativeInt", "StrictInt"), "int"),
    **dict.fromkeys(("PositiveFloat", "NonNegativeFloat", "FiniteFloat"), "float"),
}
"""The type behind each constrained one; those of the app's own are added."""


@dataclass(frozen=True)
class Package:
    """What must be known of a package beyond the module at hand.

    Attributes:
        functions: the annotations of the arguments of its functions, by their names.
        dependencies: those of them that FastAPI calls, as `Depends(name)` asks for.
        unconstrained: the type behind each constrained one; of its own, those that it uses several times.
    """

    functions: dict[str, list[str]]
    dependencies: set[str]
    unconstrained: dict[str, str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Package":
        """Read it from the texts of its modules."""
        nodes = [node for text in texts for node in ast.walk(ast.parse(text))]
        uses = Counter(
            node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        )
        calls = [node for node in nodes if isinstance(node, ast.Call) and name_of(node) == "Depends"]
        aliases = {
            name_of(node.targets[0]): ast.unparse(elements_of(node.value)[0])
            for node in nodes
            if isinstance(node, ast.Assign)
            and name_of(node.value) == "Annotated"
            and "Depends" not in ast.unparse(node.value)
        }
        return cls(
            {node.name: annotations_of(node) for node in nodes if isinstance(node, Function)},
            {name_of(argument) for call in calls for argument in call.args},
            UNCONSTRAINED | {name: behind for name, behind in aliases.items() if uses[name] > 1},
        )


class Module:
    """One module of a package.

    Args:
        text: its source.
        package: the one that it belongs to.
    """

    def __init__(self, text: str, package: Package) -> None:
        self.text = text
        self.package = package
        self.data = text.encode()
        self.tree = ast.parse(text)
        self.starts = [0, *itertools.accumulate(map(len, self.data.splitlines(keepends=True)))]
        self.parents = {
            child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)
        }

    def span(self, node: Placed) -> tuple[int, int]:
        """Return the bytes that a node takes, from and to."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[node.end_lineno - 1] + node.end_col_offset

    def between(self, start: int, end: int) -> str:
        """Return the text of some bytes."""
        return self.data[start:end].decode()

    def text_of(self, node: ast.expr) -> str:
        """Return the text of an expression, in brackets where it may need them in another place."""
        text = self.between(*self.span(node))
        loose = isinstance(node, ast.BoolOp | ast.Compare | ast.IfExp | ast.Lambda | ast.NamedExpr)
        return f"({text})" if loose or "\n" in text else text

    def replace(self, node: Placed, text: str) -> Edit:
        """Put a text in the place of a node."""
        return (*self.span(node), text)

    def without(self, items: Sequence[ast.expr | ast.keyword], place: int) -> Edit:
        """Leave out one of several items that commas part."""
        start, end = self.span(items[place])
        if place + 1 < len(items):
            end = self.span(items[place + 1])[0]
        elif place:
            start = self.span(items[place - 1])[1]
        return start, end, ""

    def exchange(self, left: ast.expr, right: ast.expr) -> Edit:
        """Let two neighbours change places."""
        (start, end), (next_start, next_end) = self.span(left), self.span(right)
        parts = (next_start, next_end), (end, next_start), (start, end)
        return start, next_end, "".join(self.between(*part) for part in parts)

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Return what a node is in, from the inside out."""
        while (parent := self.parents.get(node)) is not None:
            node = parent
            yield node

    def class_around(self, node: ast.AST) -> ast.ClassDef | None:
        """Return the innermost class that a node is in."""
        return next((one for one in self.above(node) if isinstance(one, ast.ClassDef)), None)

    def function_around(self, node: ast.AST) -> Function | None:
        """Return the innermost function that a node is in."""
        return next((one for one in self.above(node) if isinstance(one, Function)), None)

    def walk(self, node: ast.AST | None = None) -> Iterator[ast.AST]:
        """Return a node (by default, the module) and all below it that says something."""
        node = node or self.tree
        yield node
        for child in ast.iter_child_nodes(node):
            if not self.says_nothing(node, child):
                yield from self.walk(child)

    def says_nothing(self, parent: ast.AST, child: ast.AST) -> bool:
        """Return whether a change of a node, or of anything below it, could be seen by nobody.

        Args:
            parent: what the node is in.
            child: the node.
        """
        match child:
            case ast.Import() | ast.ImportFrom() | ast.Assert() | ast.JoinedStr() | ast.Expr(ast.Constant()):
                silent = True
            case ast.keyword():
                silent = child.arg in SHOWN_ONLY | FASTER_ONLY | STRUCTURAL
            case ast.Expr(ast.Call(ast.Attribute(ast.Call(ast.Name("super")), "__init__"))):
                silent = True
            case ast.Expr(ast.Call() as call) | (ast.Call() as call) if name_of(call) in SILENT_CALLS:
                silent = True
            case ast.Call(ast.Name("Index")):
                silent = all(keyword.arg != "unique" for keyword in child.keywords)
            case ast.Assign():
                silent = name_of(child.targets[0]).lower() in FASTER_ONLY | SILENT_NAMES
                silent |= isinstance(child.value, ast.Dict) and all(map(is_faster_only, child.value.keys))
            case ast.If():
                silent = ast.unparse(child.test).startswith(("__name__ ==", "TYPE_CHECKING"))
            case _ if child is getattr(parent, "annotation", None):
                silent = not self.is_read_by_pydantic(parent)
            case _ if isinstance(parent, ast.Dict) and child in parent.values:
                silent = is_faster_only(parent.keys[parent.values.index(child)])
            case _ if isinstance(parent, ast.Call) and is_route(parent) and self.is_decorator(parent):
                silent = child in parent.args  # the path
            case _:
                silent = child is getattr(parent, "returns", None)
        return silent

    def is_decorator(self, node: ast.Call) -> bool:
        """Return whether a call decorates a function."""
        parent = self.parents[node]
        return isinstance(parent, Function) and node in parent.decorator_list

    def is_column(self, node: ast.AST) -> bool:
        """Return whether something is in the class of a table, which does not validate its arguments."""
        model = self.class_around(node)
        return model is not None and any(keyword.arg == "table" for keyword in model.keywords)

    def is_in_annotation(self, node: ast.AST) -> bool:
        """Return whether something is a part of an annotation."""
        outwards = itertools.pairwise([node, *self.above(node)])
        return any(inner is getattr(outer, "annotation", None) for inner, outer in outwards)

    def is_read_by_pydantic(self, node: ast.AST) -> bool:
        """Return whether the annotation of a variable or an argument is more than a comment."""
        if isinstance(node, ast.AnnAssign):
            parent = self.parents[node]
            return isinstance(parent, ast.ClassDef) and bool(parent.bases)
        function = self.function_around(node)
        return function is not None and (
            function.name in self.package.dependencies or any(map(is_route, function.decorator_list))
        )


def name_of(node: ast.AST) -> str:
    """Return the last name of `app.state.name`, `name(…)` or `name[…]`; nothing where there is none."""
    match node:
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return name_of(inner)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def elements_of(node: ast.AST) -> list[ast.expr]:
    """Return what stands between the brackets of `name[…]`."""
    inner = node.slice if isinstance(node, ast.Subscript) else None
    return inner.elts if isinstance(inner, ast.Tuple) else [inner] if inner is not None else []


def annotations_of(function: Function) -> list[str]:
    """Return the annotations of a function's arguments, but for `self`."""
    arguments = [one for one in function.args.args if one.arg not in {"self", "cls"}]
    return [ast.unparse(one.annotation) if one.annotation is not None else "" for one in arguments]


def is_faster_only(key: ast.expr | None) -> bool:
    """Return whether a key of a dictionary is that of an option which only changes how fast an app is."""
    return isinstance(key, ast.Constant) and key.value in FASTER_ONLY


def is_number(node: ast.expr) -> bool:
    """Return whether this is a number."""
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def is_route(node: ast.AST) -> bool:
    """Return whether this is the call in a decorator such as `@router.get("/notes")`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ROUTES
