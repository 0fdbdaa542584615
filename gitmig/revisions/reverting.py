"""The two functions of a revision as text, to write the one that takes it back."""

from __future__ import annotations

import ast

from gitmig.frozen import Frozen
from gitmig.revisions.revision import NAMES
from gitmig.source.syntax import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WAYS = ("upgrade", "downgrade")
# Imports that every template has.
USUAL = ("from alembic import op", "import sqlalchemy as sa")


class Functions(Frozen):
    """The bodies by the function's name, as they stand, indented; and all else of the module that they may need."""

    bodies: Mapping[str, str]
    rest: str = ""


def functions_of(source: bytes, databases: Sequence[str] = ()) -> Functions | None:
    """Those of upgrade() and downgrade(), with `databases` of upgrade_<name>() too; None where it does not parse."""
    parsed = parse(source)
    if parsed.tree is None or parsed.text is None:
        return None
    wanted = {f"{way}{end}" for way in WAYS for end in ("", *(f"_{name}" for name in databases))}
    lines = parsed.text.text.splitlines()
    bodies: dict[str, str] = {}
    used = used_names(parsed.tree)
    rest = []
    for position, node in enumerate(parsed.tree.body):
        if isinstance(node, ast.FunctionDef) and node.name in wanted:
            bodies[node.name] = _body(node, lines)
        elif not _is_of_the_template(node, position) and not _is_idle_import(node, used):
            rest.append("\n".join(lines[_first_line(node) - 1 : node.end_lineno]))
    kept = [text for text in rest if text.strip() not in USUAL]
    return Functions(bodies, "\n".join(kept))


def used_names(tree: ast.Module) -> set[str]:
    """Names that the functions and the rest of the module use, those of the four assignments aside."""
    kept = [node for position, node in enumerate(tree.body) if not _is_of_the_template(node, position)]
    return {each.id for node in kept for each in ast.walk(node) if isinstance(each, ast.Name)}


def _is_idle_import(node: ast.stmt, used: set[str]) -> bool:
    """An import that only annotations of the ids need: the template of the new file has its own."""
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return False
    return not any((alias.asname or alias.name).partition(".")[0] in used for alias in node.names)


def _body(function: ast.FunctionDef, lines: Sequence[str]) -> str:
    """From the line after `def ...:` to the end, so that comments stay; a docstring is about the other direction."""
    statements = function.body
    first = statements[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if is_docstring and isinstance(first.value.value, str):  # type: ignore[attr-defined]
        start = (first.end_lineno or first.lineno) + 1
    elif first.lineno == function.lineno:
        return " " * 4 + lines[first.lineno - 1][first.col_offset :]
    else:
        start = _head_ends(function, lines) + 1
    return "\n".join(lines[start - 1 : function.end_lineno])


def _head_ends(function: ast.FunctionDef, lines: Sequence[str]) -> int:
    """The line with the colon of `def ...:`, which may be folded."""
    line = max([function.lineno, *(getattr(node, "end_lineno", 0) or 0 for node in _signature(function))])
    while not lines[line - 1].split("#")[0].rstrip().endswith(":"):
        line += 1
    return line


def _signature(function: ast.FunctionDef) -> list[ast.AST]:
    return [*ast.walk(function.args), *([function.returns] if function.returns else [])]


def _first_line(node: ast.stmt) -> int:
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _is_of_the_template(node: ast.stmt, position: int) -> bool:
    """Docstring, ids, and imports that have no name outside their line."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return position == 0
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return True
    targets: Sequence[ast.expr] = ()
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = (node.target,)
    return bool(targets) and all(isinstance(each, ast.Name) and each.id in NAMES for each in targets)
