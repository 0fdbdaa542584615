"""One text for all spellings of the same code, the same under every Python that reads it.

Dropped: positions, comments, formatting, docstrings and other texts that stand alone, annotations, imports and where
they are looked for, `pass`, a `return` of nothing at a function's end.  A name that an import binds is written as what
it was called where it came from, so that an alias hides nothing while a project module may move; `sa.types.Integer` is
`Integer`, by whatever way it is reached.  Texts with fields are f-strings, and SQL is executed as it is, with or
without `text(...)`, as linters and SQLAlchemy 2.0 ask for them.  Written without recursion and without `ast.dump`,
whose format follows the version of Python.
"""

from __future__ import annotations

import _ast

from gitmig.revisions import texts_with_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping, Sequence

# Fields that no database notices, or that only some versions of Python have.
_DROPPED = frozenset(
    ("ctx", "type_comment", "type_ignores", "kind", "type_params", "returns", "annotation", "simple", "str")
)
# What SQLAlchemy calls the same from several of its modules, and a dialect's own by the dialect.
LIBRARY = "sqlalchemy"
MODULES = frozenset(("declarative", "elements", "expression", "ext", "orm", "schema", "sql", "sqltypes", "types"))
# Newer nodes and what `source.lowering` makes of them.
_SAME_AS = {"Interpolation": "FormattedValue", "TypeAlias": "Assign"}


def canonical(node: ast.AST | Sequence[ast.AST], imports: Mapping[str, str]) -> str:
    """The text of a node or of statements; `imports` maps names that imports bind to their original names."""
    out: list[str] = []
    todo: list[object] = [list(node) if isinstance(node, (list, tuple)) else node]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            out.append(item)
        elif isinstance(item, list):
            todo.extend(reversed(_statements(item) if item and isinstance(item[0], _ast.stmt) else item))
        elif isinstance(item, _ast.AST):
            todo.extend(reversed(_parts(item, imports)))
        elif item is not None:
            out.append(constant_text(item))
    return " ".join(out)


def constant_text(value: object) -> str:
    """A constant as text; hexadecimal integers, since decimal ones have a limit on their digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)
    return repr(value)


def is_remark(statement: ast.AST) -> bool:
    """A statement without effect on a database: a docstring, another constant, `pass`, `sys.path.append(...)`."""
    if isinstance(statement, _ast.Expr):
        return isinstance(statement.value, _ast.Constant) or _tells_where_modules_are(statement.value)
    return isinstance(statement, _ast.Pass)


def _tells_where_modules_are(value: ast.expr) -> bool:
    if not isinstance(value, _ast.Call) or not isinstance(value.func, _ast.Attribute):
        return False
    owner = value.func.value
    return (
        isinstance(owner, _ast.Attribute)
        and owner.attr == "path"
        and isinstance(owner.value, _ast.Name)
        and owner.value.id == "sys"
    )


def meaningful_children(node: ast.AST) -> list[tuple[str, ast.AST | list[ast.AST]]]:
    """The fields that `canonical` shows, for whoever walks two trees side by side."""
    found: list[tuple[str, ast.AST | list[ast.AST]]] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if name in _DROPPED:
            continue
        if isinstance(value, list):
            nodes = [item for item in value if isinstance(item, _ast.AST)]
            if nodes or not value:
                found.append((name, body_of(node, nodes) if nodes and isinstance(nodes[0], _ast.stmt) else nodes))
        elif isinstance(value, _ast.AST):
            found.append((name, value))
    return found


def body_of(node: ast.AST, body: list[ast.AST]) -> list[ast.AST]:
    """The statements of `node` that do something."""
    meant = _statements(body)
    if isinstance(node, (_ast.FunctionDef, _ast.AsyncFunctionDef)):
        while meant and isinstance(meant[-1], _ast.Return) and _is_nothing(meant[-1].value):
            meant.pop()
    return meant


def _is_nothing(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, _ast.Constant) and value.value is None)


def _statements(body: list[ast.AST]) -> list[ast.AST]:
    return [one for one in body if not is_remark(one) and not isinstance(one, (_ast.Import, _ast.ImportFrom))]


def _parts(node: ast.AST, imports: Mapping[str, str]) -> list[object]:
    """What a node is written as: texts, and nodes still to be written."""
    if isinstance(node, _ast.Constant):
        return [constant_text(node.value)]
    if isinstance(node, _ast.Name):
        return [imports.get(node.id, node.id)]
    if isinstance(node, _ast.Attribute):
        reached = _reached(node, imports)
        if reached:
            return [reached]
    if isinstance(node, _ast.Call):
        return _call(node, imports)
    if isinstance(node, _ast.BinOp) and isinstance(node.op, _ast.Add):
        text = _folded(node)
        if text is not None:
            return [constant_text(text)]
    if isinstance(node, _ast.AnnAssign):
        return ["(Assign targets= [", node.target, "] value=", node.value or "", ")"]
    if isinstance(node, _ast.BinOp) and isinstance(node.op, _ast.Mod):
        filled = texts_with_fields.of_percent(node)
        if filled is not None:
            return _formatted(filled)
    if type(node).__name__ in ("JoinedStr", "TemplateStr"):
        return _formatted(node)
    return _plain_parts(node)


def _call(node: ast.Call, imports: Mapping[str, str]) -> list[object]:
    filled = texts_with_fields.of_format(node)
    if filled is not None:
        return _formatted(filled)
    if isinstance(node.func, _ast.Attribute) and node.func.attr == "execute" and node.args:
        sql = _sql_of_text(node.args[0], imports)
        if sql is not None:
            return _plain_parts(_ast.Call(node.func, [sql, *node.args[1:]], node.keywords))
    return _plain_parts(node)


def _sql_of_text(node: ast.expr, imports: Mapping[str, str]) -> ast.Constant | None:
    """What `text("SELECT 1")` hands to a driver unchanged; None where a colon or a percent sign could mean more."""
    if not isinstance(node, _ast.Call) or len(node.args) != 1 or node.keywords:
        return None
    (sql,) = node.args
    if canonical(node.func, imports) != "text" or not isinstance(sql, _ast.Constant):
        return None
    return None if not isinstance(sql.value, str) or {":", "%"} & set(sql.value) else sql


def _plain_parts(node: ast.AST) -> list[object]:
    kind = type(node).__name__
    parts: list[object] = [f"({_SAME_AS.get(kind, kind)}"]
    for name in sorted(node._fields):
        value = getattr(node, name, None)
        if name in _DROPPED or value is None or value == []:
            continue
        if kind == "FormattedValue" and name == "format_spec" and not value.values:
            continue
        if kind == "TypeAlias" and name == "name":
            parts += ["targets=", "[", value, "]"]
            continue
        if kind == "Return" and _is_nothing(value):
            continue
        if name == "body" and isinstance(value, list):
            value = body_of(node, value)
        parts.append(name + "=")
        parts += ["[", value, "]"] if isinstance(value, list) else [value]
    return [*parts, ")"]


def library_name(path: str) -> str:
    """`Integer` for `sqlalchemy.types.Integer`, `mysql.INTEGER` for `sqlalchemy.dialects.mysql.INTEGER`; a module of
    SQLAlchemy is its whole path, and "" stands for anything else."""
    library, *names = path.split(".")
    if library != LIBRARY:
        return ""
    if names[:1] == ["dialects"]:
        return ".".join(names[1:]) if len(names) == 3 else path
    while names and names[0] in MODULES:
        del names[0]
    return names[0] if len(names) == 1 else "" if names else path


def _reached(node: ast.Attribute, imports: Mapping[str, str]) -> str:
    """What SQLAlchemy calls an attribute of one of its modules; "" for any other attribute."""
    names = [node.attr]
    value: ast.expr = node.value
    while isinstance(value, _ast.Attribute):
        names.append(value.attr)
        value = value.value
    if not isinstance(value, _ast.Name):
        return ""
    return library_name(".".join([imports.get(value.id, ""), *reversed(names)]))


def _folded(node: ast.BinOp) -> str | None:
    """The text that `'a' + 'b' + 'c'` is."""
    terms: list[str] = []
    left: ast.expr = node
    while isinstance(left, _ast.BinOp) and isinstance(left.op, _ast.Add):
        if not isinstance(left.right, _ast.Constant) or not isinstance(left.right.value, str):
            return None
        terms.append(left.right.value)
        left = left.left
    if not isinstance(left, _ast.Constant) or not isinstance(left.value, str):
        return None
    return "".join([left.value, *reversed(terms)])


def _formatted(node: ast.AST) -> list[object]:
    """An f-string with its texts joined; without fields it is a plain text, unless it is a template."""
    parts: list[object] = []
    text = ""
    values: list[ast.expr] = getattr(node, "values", [])
    for value in values:
        if isinstance(value, _ast.Constant):
            text += str(value.value)
            continue
        if text:
            parts.append(constant_text(text))
            text = ""
        parts.append(value)
    if text or not parts:
        parts.append(constant_text(text))
    if type(node).__name__ == "TemplateStr" or hasattr(node, "template"):
        return ["(TemplateStr", *parts, ")"]
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts
    return ["(JoinedStr", *parts, ")"]
