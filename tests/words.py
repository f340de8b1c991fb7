"""Prints what users read: each string of the engine that is a sentence, with its place. `nox -s words` runs it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ENGINE = Path(__file__).parents[1] / "ladder"
LEFT_OUT = {"probe", "skeleton"}
"""Folders of apps."""
LEAST_LETTERS = 15


def text_of(node: ast.AST) -> str | None:
    """Return a string as it stands in the source, its values in braces; of anything else, `None`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = node.values
        return "".join(
            str(one.value) if isinstance(one, ast.Constant) else f"{{{ast.unparse(one.value)}}}"
            for one in parts
            if isinstance(one, ast.Constant | ast.FormattedValue)
        )
    return None


def sentences(tree: ast.Module, *, with_docstrings: bool) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each string with a blank; the help of a command is its docstring."""
    own = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {
        part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
    } - {node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)}
    for node in ast.walk(tree):
        text = text_of(node)
        is_ours = node not in parts and (with_docstrings or node not in own)
        if text and is_ours and " " in text.strip() and len(text) >= LEAST_LETTERS:
            assert isinstance(node, ast.Constant | ast.JoinedStr)
            yield node.lineno, text


def main() -> None:
    """Print them, file by file."""
    for file in sorted(ENGINE.rglob("*.py")):
        if LEFT_OUT.isdisjoint(file.parts):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for line, text in sorted(sentences(tree, with_docstrings=file.parent.name == "commands")):
                print(f"{file.relative_to(ENGINE.parent)}:{line}: {text!r}")


if __name__ == "__main__":
    main()
