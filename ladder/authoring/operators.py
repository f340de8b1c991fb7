"""The operators of mutation: each looks at the nodes of some types, and yields edits that make one fault each."""

import ast
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ladder.authoring.syntax import SILENT_NAMES, Edit, Function, Module, elements_of, is_number, name_of


def both_ways(*pairs: tuple[str, str]) -> dict[str, str]:
    """Return a table that replaces each of two by the other."""
    return {one: other for pair in pairs for one, other in (pair, pair[::-1])}


Operator = Callable[[Module, Any], Iterator[Edit]]
SIGN = re.compile(r"not\s+in|is\s+not|\b(?:in|is|and|or)\b|[=!<>]=|<<|>>|//|[-+*/%&|<>]")
"""The operators of Python, as they stand between two operands."""
OPPOSITES = both_ways(("==", "!="), ("is", "is not"), ("in", "not in"), ("<", ">="), (">", "<="))
NEIGHBOURS = both_ways(("<", "<="), (">", ">="))
ARITHMETIC = both_ways(("+", "-"), ("*", "/"), ("<<", ">>")) | {"//": "*", "%": "*", "&": "|"}
CONNECTIVES = both_ways(("and", "or"))
TWINS = both_ways(
    ("any", "all"), ("min", "max"), ("asc", "desc"), ("floor", "ceil"), ("bisect_left", "bisect_right")
)
QUERY_LINKS = {
    *(
        "where",
        "filter",
        "filter_by",
        "join",
        "outerjoin",
        "distinct",
        "with_for_update",
        "group_by",
        "having",
    ),
    *("order_by", "limit", "offset", "returning", "on_conflict_do_nothing", "on_conflict_do_update"),
    *("select_from", "execution_options"),
}
TEXT_LINKS = {"strip", "lstrip", "rstrip", "lower", "upper", "casefold", "removeprefix", "removesuffix"}
GATHERING = {"where", "and_", "or_", "coalesce", "order_by", "values", "UniqueConstraint", "group_by"}
"""Functions that take as many arguments as there are."""
ORDERED = {"coalesce", "order_by", "between", "range"}
"""Functions whose arguments mean something else when they change places; the package's own are added."""
CONSTRAINING = {
    "Field",
    "Query",
    "Path",
    "Body",
    "Header",
    "Cookie",
    "Form",
    "StringConstraints",
    "ConfigDict",
}
REFERRING = {
    *("foreign_key", "ForeignKey", "UniqueConstraint", "Index", "column", "table", "discriminator", "extra"),
    *("debug", "warning", "error", "exception", "critical"),
}
"""What takes the names of tables, columns, fields and options; and wordings of trouble for the log."""
VALIDATORS = {"model_validator", "field_validator", "field_serializer", "model_serializer"}
SAVING = {"commit", "flush", "rollback"}
OPERATORS: list[tuple[str, tuple[type[ast.AST], ...], Operator]] = []
"""All of them: the kind of the mutants, the nodes that are looked at, and what makes edits of one."""


def operator(kind: str, *types: type[ast.AST]) -> Callable[[Operator], Operator]:
    """Add an operator."""

    def add(make: Operator) -> Operator:
        OPERATORS.append((kind, types, make))
        return make

    return add


def replace_signs(module: Module, operands: Sequence[ast.expr], others: Mapping[str, str]) -> Iterator[Edit]:
    """Replace each sign between two operands by another, where the table has one."""
    for left, right in itertools.pairwise(operands):
        start, end = module.span(left)[1], module.span(right)[0]
        between = module.between(start, end)
        sign = SIGN.search(between)
        other = others.get(" ".join(sign[0].split())) if sign is not None else None
        if sign is not None and other is not None:
            yield start, end, between[: sign.start()] + other + between[sign.end() :]


@operator("comparison", ast.Compare)
def turn_comparisons(module: Module, node: ast.Compare) -> Iterator[Edit]:
    """Let each comparison say the opposite."""
    yield from replace_signs(module, [node.left, *node.comparators], OPPOSITES)


@operator("boundary", ast.Compare)
def move_boundaries(module: Module, node: ast.Compare) -> Iterator[Edit]:
    """Let each comparison count the limit itself in, or out."""
    yield from replace_signs(module, [node.left, *node.comparators], NEIGHBOURS)


@operator("arithmetic", ast.BinOp)
def replace_arithmetic(module: Module, node: ast.BinOp) -> Iterator[Edit]:
    """Calculate otherwise, but not with texts."""
    texts = (ast.JoinedStr, ast.Constant) if isinstance(node.op, ast.Add | ast.Mod) else ()
    if not any(isinstance(side, texts) and not is_number(side) for side in (node.left, node.right)):
        yield from replace_signs(module, [node.left, node.right], ARITHMETIC)


@operator("arithmetic", ast.UnaryOp)
def drop_minus(module: Module, node: ast.UnaryOp) -> Iterator[Edit]:
    """Leave out a minus."""
    if isinstance(node.op, ast.USub):
        yield module.replace(node, module.text_of(node.operand))


@operator("boolean", ast.BoolOp)
def change_connectives(module: Module, node: ast.BoolOp) -> Iterator[Edit]:
    """Replace `and` by `or`, and the other way round; and leave out each operand."""
    yield from replace_signs(module, node.values, CONNECTIVES)
    word = " and " if isinstance(node.op, ast.And) else " or "
    for left_out in node.values:
        yield module.replace(
            node, word.join(module.text_of(one) for one in node.values if one is not left_out)
        )


@operator("boolean", ast.UnaryOp)
def drop_not(module: Module, node: ast.UnaryOp) -> Iterator[Edit]:
    """Leave out a `not`."""
    if isinstance(node.op, ast.Not):
        yield module.replace(node, module.text_of(node.operand))


@operator("boolean", ast.If, ast.IfExp, ast.While)
def decide_beforehand(module: Module, node: ast.If | ast.IfExp | ast.While) -> Iterator[Edit]:
    """Let a condition always hold, or never."""
    if not any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(node.test)):
        for always in ("False",) if isinstance(node, ast.While) else ("True", "False"):
            yield module.replace(node.test, always)


@operator("boolean", ast.comprehension)
def drop_filters(module: Module, node: ast.comprehension) -> Iterator[Edit]:
    """Let a comprehension leave nothing out."""
    for test in node.ifs:
        if not any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(test)):
            yield module.replace(test, "True")


@operator("constant", ast.Constant)
def change_constants(module: Module, node: ast.Constant) -> Iterator[Edit]:
    """Move a number to both sides, turn a truth value, and lengthen a text that is no error message."""
    is_power = isinstance(getattr(module.parents[node], "op", None), ast.Pow)
    match node.value:
        case bool(value):
            yield module.replace(node, str(not value))
        case int(value) if not is_power:
            yield module.replace(node, str(value + 1))
            yield module.replace(node, str(value - 1) if value else "(-1)")
        case float(value) if not is_power:
            yield module.replace(node, str(value * 2 if value else 1.0))
            yield module.replace(node, str(value / 2))
        case str(value) if not is_wording(module, node):
            yield module.replace(node, repr(f"{value}x"))


@operator("status", ast.Attribute)
def change_statuses(module: Module, node: ast.Attribute) -> Iterator[Edit]:
    """Answer another status of the same hundred."""
    names = {
        "2": ("HTTP_202_ACCEPTED", "HTTP_201_CREATED"),
        "4": ("HTTP_400_BAD_REQUEST", "HTTP_403_FORBIDDEN"),
    }
    for number, (other, instead) in names.items():
        if node.attr.startswith(f"HTTP_{number}"):
            new = other if node.attr != other else instead
            yield module.replace(node, f"{module.text_of(node.value)}.{new}")


@operator("statement", ast.Expr, ast.Assign, ast.AugAssign, ast.Delete, ast.Raise, ast.For, ast.AsyncFor)
def drop_statements(module: Module, node: ast.stmt) -> Iterator[Edit]:
    """Leave out a statement, where that is more than a name that nobody knows, and no condition does the same."""
    parent = module.parents[node]
    alone = isinstance(parent, ast.If) and parent.body == [node] and not parent.orelse
    value = getattr(node, "value", None)
    is_saving = isinstance(node, ast.Expr) and bool(saving_calls(node))
    if (
        not alone
        and not is_saving
        and not isinstance(value, ast.Yield | ast.YieldFrom)
        and can_go(module, node)
    ):
        yield module.replace(node, "pass")


@operator("commit", ast.Expr)
def drop_saving(module: Module, node: ast.Expr) -> Iterator[Edit]:
    """Leave out a commit, and what goes with it."""
    if saving_calls(node):
        yield module.replace(node, "pass")


@operator("field", ast.AnnAssign)
def drop_fields(module: Module, node: ast.AnnAssign) -> Iterator[Edit]:
    """Leave out a field of a model; and let one that may be absent be required, which makes no odds in a table."""
    if module.is_read_by_pydantic(node):
        yield module.replace(node, "pass")
        if node.value is not None and not module.is_column(node):
            yield module.span(node.annotation)[1], module.span(node)[1], ""


@operator("decorator", ast.FunctionDef, ast.AsyncFunctionDef)
def drop_validators(module: Module, node: Function) -> Iterator[Edit]:
    """Let no one call a validator."""
    for decorator in node.decorator_list:
        if name_of(decorator) in VALIDATORS:
            yield module.span(decorator)[0] - 1, module.span(decorator)[1], ""


@operator("context", ast.With, ast.AsyncWith)
def drop_contexts(module: Module, node: ast.With | ast.AsyncWith) -> Iterator[Edit]:
    """Do without a lock, or whatever a block is in that gives it no name."""
    if all(item.optional_vars is None for item in node.items):
        yield module.span(node)[0], module.span(node.items[-1].context_expr)[1], "if True"


@operator("handler", ast.ExceptHandler)
def drop_handlers(module: Module, node: ast.ExceptHandler) -> Iterator[Edit]:
    """Let an `except` catch nothing."""
    if node.type is not None:
        yield module.replace(node.type, "()")


@operator("await", ast.Await)
def drop_await(module: Module, node: ast.Await) -> Iterator[Edit]:
    """Leave out an `await`."""
    yield module.replace(node, module.text_of(node.value))


@operator("return", ast.Return)
def change_returns(module: Module, node: ast.Return) -> Iterator[Edit]:
    """Return nothing, the opposite, or an empty list."""
    function = module.function_around(node)
    if node.value is None or function is None or getattr(node.value, "value", 0) is None:
        return
    promised = ast.unparse(function.returns) if function.returns is not None else ""
    yield module.replace(node.value, "None")
    if promised == "bool":
        yield module.replace(node.value, f"not {module.text_of(node.value)}")
    if promised.startswith(("list", "Sequence", "tuple")):
        yield module.replace(node.value, "[]")


@operator("element", ast.Set, ast.List, ast.Tuple)
def drop_elements(module: Module, node: ast.Set | ast.List | ast.Tuple) -> Iterator[Edit]:
    """Leave out each of several elements, also of `Literal`, but not those of a row that is unpacked."""
    parent = module.parents[node]
    in_type = isinstance(parent, ast.Subscript) and name_of(parent) != "Literal"
    is_row = isinstance(node, ast.Tuple) and isinstance(parent, ast.List | ast.Set | ast.Tuple)
    is_value = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
    if len(node.elts) == 1 or in_type or is_row or not is_value:
        return
    for place, element in enumerate(node.elts):
        if module.says_nothing(node, element):
            continue
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and not isinstance(parent, ast.Subscript):
            rest = next(one for one in node.elts if one is not element)
            yield module.replace(node, f"({module.text_of(rest)},)")
        else:
            yield module.without(node.elts, place)


@operator("element", ast.Dict)
def drop_pairs(module: Module, node: ast.Dict) -> Iterator[Edit]:
    """Leave out each pair, and each dictionary that is unpacked."""
    for place, dropped in enumerate(node.values):
        if module.says_nothing(node, dropped):
            continue
        pairs = [
            f"{module.text_of(key)}: {module.text_of(value)}" if key else f"**{module.text_of(value)}"
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        yield module.replace(node, f"{{{', '.join(pairs[:place] + pairs[place + 1 :])}}}")


@operator("constraint", ast.Subscript)
def drop_constraints(module: Module, node: ast.Subscript) -> Iterator[Edit]:
    """Leave out each thing that `Annotated` adds to a type, but for dependencies."""
    elements = elements_of(node) if name_of(node) == "Annotated" else []
    for place, element in enumerate(elements):
        if place and name_of(element) != "Depends":
            text = ", ".join(module.text_of(one) for one in elements if one is not element)
            yield module.replace(node, text if len(elements) == 2 else f"Annotated[{text}]")


@operator("depends", ast.Subscript)
def drop_dependencies(module: Module, node: ast.Subscript) -> Iterator[Edit]:
    """Ask the client for what a dependency gives."""
    elements = elements_of(node) if name_of(node) == "Annotated" else []
    if any(name_of(element) == "Depends" for element in elements):
        yield module.replace(node, module.text_of(elements[0]))


@operator("constraint", ast.Name)
def loosen_types(module: Module, node: ast.Name) -> Iterator[Edit]:
    """Take the type behind a constrained one."""
    is_given = any(name_of(one) == "Depends" for one in elements_of(module.parents[node]))
    if node.id in module.package.unconstrained and isinstance(node.ctx, ast.Load) and not is_given:
        yield module.replace(node, module.package.unconstrained[node.id])


@operator("optional", ast.BinOp)
def drop_alternatives(module: Module, node: ast.BinOp) -> Iterator[Edit]:
    """Let a field not be null, or not be absent; no key is null, and no environment variable."""
    is_type = isinstance(node.op, ast.BitOr) and ast.unparse(node.right) in {"None", "MISSING"}
    around = next((one for one in module.above(node) if isinstance(one, ast.stmt)), None)
    model = module.class_around(node)
    is_setting = model is not None and "BaseSettings" in map(name_of, model.bases)
    if is_type and not is_setting and around is not None and "primary_key" not in ast.unparse(around):
        yield module.replace(node, module.text_of(node.left))


@operator("keyword", ast.Call)
def drop_keywords(module: Module, node: ast.Call) -> Iterator[Edit]:
    """Leave out each keyword of a call that limits nothing and decorates nothing."""
    if name_of(node) not in CONSTRAINING and not module.is_decorator(node):
        yield from without_keywords(module, node)


@operator("constraint", ast.Call)
def drop_limits(module: Module, node: ast.Call) -> Iterator[Edit]:
    """Leave out each keyword of a call that limits."""
    if name_of(node) in CONSTRAINING:
        yield from without_keywords(module, node)


@operator("decorator", ast.Call)
def drop_options(module: Module, node: ast.Call) -> Iterator[Edit]:
    """Leave out each keyword of a decorator."""
    if module.is_decorator(node):
        yield from without_keywords(module, node)


@operator("argument", ast.Call)
def drop_arguments(module: Module, node: ast.Call) -> Iterator[Edit]:
    """Leave out each of several conditions, values or columns."""
    if name_of(node) in GATHERING and len(node.args) > 1:
        for place in range(len(node.args)):
            yield module.without([*node.args, *node.keywords], place)


@operator("query", ast.Call)
def drop_query_links(module: Module, node: ast.Call) -> Iterator[Edit]:
    """Leave out `.where(…)`, `.order_by(…)` and their kin."""
    if (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in QUERY_LINKS
        and not isinstance(node.func.value, ast.Constant | ast.JoinedStr)  # a text also has a `join`
    ):
        yield module.span(node.func.value)[1], module.span(node)[1], ""


@operator("text", ast.Call)
def drop_text_links(module: Module, node: ast.Call) -> Iterator[Edit]:
    """Leave out `.strip()` and its kin."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in TEXT_LINKS:
        yield module.span(node.func.value)[1], module.span(node)[1], ""


@operator("order", ast.Call)
def exchange_arguments(module: Module, node: ast.Call) -> Iterator[Edit]:
    """Let neighbouring arguments of one type change places."""
    types = module.package.functions.get(name_of(node), [""] * len(node.args))
    alike = [one == other for one, other in itertools.pairwise(types)]
    if name_of(node) in ORDERED | module.package.functions.keys():
        for (left, right), fit in zip(itertools.pairwise(node.args), alike, strict=False):
            if fit and not isinstance(left, ast.Starred) and not isinstance(right, ast.Starred):
                yield module.exchange(left, right)


@operator("order", ast.Call)
def turn_directions(module: Module, node: ast.Call) -> Iterator[Edit]:
    """Turn the direction of a key that says nothing of it."""
    for key in node.args if name_of(node) == "order_by" else []:
        if name_of(key) not in {"asc", "desc"} and not isinstance(key, ast.Constant | ast.Starred):
            yield module.replace(key, f"{module.text_of(key)}.desc()")


@operator("order", ast.Name, ast.Attribute)
def take_twins(module: Module, node: ast.Name | ast.Attribute) -> Iterator[Edit]:
    """Take the other one of `min` and `max`, `any` and `all`, and so on; `.all()` of rows has no other."""
    name = name_of(node)
    if (
        name in TWINS
        and isinstance(node.ctx, ast.Load)
        and not (isinstance(node, ast.Attribute) and name == "all")
    ):
        end = module.span(node)[1]
        yield end - len(name), end, TWINS[name]


def is_wording(module: Module, node: ast.Constant) -> bool:
    """Return whether a text is an error message, a forward reference, the name of a column, or a dictionary key."""
    parent = module.parents[node]
    return (
        any(isinstance(one, ast.Raise) for one in module.above(node))
        or (module.is_in_annotation(node) and "Literal" not in map(name_of, module.above(node)))
        or (parent.arg if isinstance(parent, ast.keyword) else name_of(parent)) in REFERRING
        or (isinstance(parent, ast.Dict) and node in parent.keys)  # which is left out with its value
    )


def saving_calls(node: ast.Expr) -> set[str]:
    """Name the calls of a statement that make changes last, or undo them."""
    return {name_of(call) for call in ast.walk(node) if isinstance(call, ast.Call)} & SAVING


def can_go(module: Module, node: ast.stmt) -> bool:
    """Return whether a statement can be left out, and its names are known all the same."""
    if not isinstance(node, ast.Assign):
        return True
    target, function = node.targets[0], module.function_around(node)
    if isinstance(target, ast.Attribute | ast.Subscript):
        return True
    if function is None:
        return isinstance(module.parents[node], ast.ClassDef) and name_of(target) not in SILENT_NAMES
    named = [inner for inner in ast.walk(function) if isinstance(inner, ast.Name | ast.arg)]
    earlier = {
        getattr(inner, "id", "") or getattr(inner, "arg", "") for inner in named if inner.lineno < node.lineno
    }
    return name_of(target) in earlier


def without_keywords(module: Module, node: ast.Call) -> Iterator[Edit]:
    """Leave out each keyword of a call that says something; a truth value is turned instead."""
    items: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    items.sort(key=module.span)
    for place, item in enumerate(items):
        if isinstance(item, ast.keyword) and not module.says_nothing(node, item):
            is_truth = isinstance(item.value, ast.Constant) and isinstance(item.value.value, bool)
            is_default = item.arg == "default" and module.is_column(node)
            if not is_truth and not is_default:
                yield module.without(items, place)
