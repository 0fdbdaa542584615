"""The part of an env.py that makes `target_metadata`, cut out of it: nothing else of the file runs in exact mode.

Kept, at the same line numbers, are: what the wanted names need, at any distance; imports whose names the file never
uses, which are there because importing registers models; changes of `sys.path`; and statements that import modules
(`import_module(...)`, `import_models()`).  Nothing that needs Alembic's `context` is kept, so that no connection is
made and no migration runs.
"""

from __future__ import annotations

import ast

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OF_ALEMBIC = frozenset({"context", "op"})
IMPORTING = frozenset(
    {"import_module", "__import__", "walk_packages", "iter_modules", "find_modules", "configure_mappers"}
)


class Slice(Frozen):
    """The statements as source text; `live` names what they would need of Alembic's context, else it is ""."""

    text: str
    live: str = ""


def slice_of(source: bytes, expressions: Iterable[str]) -> Slice | None:
    """What must run before these expressions can be evaluated; None for a file that does not parse."""
    from gitmig.source.syntax import parse

    parsed = parse(source)
    if parsed.tree is None or parsed.text is None:
        return None
    statements = parsed.tree.body
    names = {name for text in expressions for name in used(ast.parse(text, mode="eval"))}
    live = live_names(statements)
    used_somewhere = {name for statement in statements for name in used(statement)}
    kept = {
        id(statement)
        for statement in statements
        if is_for_effect(statement, used_somewhere) and not live.intersection(used(statement))
    }
    needed = names | {name for each in statements if id(each) in kept for name in used(each)}
    growing = True
    while growing:
        growing = False
        for statement in statements:
            if id(statement) not in kept and needed.intersection(bound(statement)):
                kept.add(id(statement))
                needed |= used(statement)
                growing = True
    reached = sorted(needed & live)
    chosen = [statement for statement in statements if id(statement) in kept]
    return Slice(lines_of(parsed.text.text, chosen), reached[0] if reached else "")


def binds_target(source: bytes) -> bool:
    """Whether the module itself, outside of functions, gives target_metadata a value other than None."""
    from gitmig.source.syntax import parse

    tree = parse(source).tree
    nodes = (node for statement in (tree.body if tree else ()) for node in nodes_outside_functions(statement))
    values = (node.value for node in nodes if isinstance(node, (ast.Assign, ast.AnnAssign)) and assigns_target(node))
    return any(value is not None and not (isinstance(value, ast.Constant) and value.value is None) for value in values)


def assigns_target(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id == "target_metadata" for target in targets)


def live_names(statements: Iterable[ast.stmt]) -> set[str]:
    """Names that exist only while Alembic runs the file: its context, and what is made of it."""
    statements = list(statements)
    live: set[str] = set()
    for node in (node for statement in statements for node in ast.walk(statement)):
        if isinstance(node, ast.ImportFrom) and node.module == "alembic":
            live |= {alias.asname or alias.name for alias in node.names if alias.name in OF_ALEMBIC}
    growing = bool(live)
    while growing:
        growing = False
        for statement in statements:
            if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef)):
                names = bound(statement)
                if not names <= live and live.intersection(used(statement)):
                    live |= names
                    growing = True
    return live


def is_for_effect(statement: ast.stmt, used_somewhere: set[str]) -> bool:
    """Whether it is there for what happens when it runs: models are registered, or made findable."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return False
    if isinstance(statement, (ast.Expr, ast.For, ast.With)) and "target_metadata" in used(statement):
        return True  # tables are copied into it
    for node in nodes_outside_functions(statement):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            dotted = isinstance(node, ast.Import) and any("." in alias.name for alias in node.names)
            if "*" in names or dotted or not names <= used_somewhere:
                return True
        elif isinstance(node, ast.Call):
            word = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if word in IMPORTING or ("model" in word.lower() and isinstance(statement, ast.Expr)):
                return True
            if "sys.path" in ast.unparse(node.func):
                return True
        elif isinstance(node, (ast.Assign, ast.AugAssign)) and "sys.path" in ast.unparse(node).partition("=")[0]:
            return True
    return False


def nodes_outside_functions(statement: ast.stmt) -> Iterator[ast.AST]:
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            todo += ast.iter_child_nodes(node)


def used(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}


def bound(statement: ast.stmt) -> set[str]:
    """Names of the module that a statement gives a value."""
    found: set[str] = set()
    for node in nodes_outside_functions(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return found


def lines_of(text: str, statements: Iterable[ast.stmt]) -> str:
    """The text with all other lines empty."""
    kept: set[int] = set()
    for statement in statements:
        first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", ()))])
        kept.update(range(first, (statement.end_lineno or first) + 1))
    lines = text.split("\n")
    return "\n".join(line if number in kept else "" for number, line in enumerate(lines, 1)) + "\n"
