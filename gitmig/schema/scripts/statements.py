"""What `op.execute(...)` and its like run: SQL text, possibly with holes, or a construct of SQLAlchemy."""

from __future__ import annotations

import ast

from gitmig.schema.constructs import read_constraint
from gitmig.schema.elements import Origin
from gitmig.schema.made import kind_of
from gitmig.schema.operations import Operation
from gitmig.schema.scripts.calls import Unread, created, table_named_by, table_of
from gitmig.schema.scripts.holes import HOLE
from gitmig.source.scopes import Expression, Known, Scope, Symbol
from gitmig.source.tree_files import is_long
from gitmig.source.values import call_name, evaluate, items, resolve

LONGEST_TEXT = 4 * 1024 * 1024
DATA = {
    "insert": "insert",
    "update": "update",
    "delete": "delete",
    "select": "",
    "exists": "",
    "union": "",
    "values": "",
}
# Constructs that run SQL which no schema here consists of.
NEUTRAL = frozenset(
    {
        "CreateSequence",
        "DropSequence",
        "SetTableComment",
        "CreateView",
        "DropView",
        "nextval",
        "func",
        "with_expression",
    }
)
TEXTS = frozenset(
    {"text", "DDL", "literal_column", "dedent", "TextClause", "SQL", "cleandoc", "format", "join", "strip"}
)
# What only puts quotes around a name.
QUOTING = frozenset({"quote", "quote_identifier", "quote_schema", "quote_ident", "quoted_name"})
# Packages whose SQL makes functions and triggers only.
TRIGGERS = ("sqlalchemy_searchable.", "alembic_utils.")
KEEPING = frozenset(
    {"bindparams", "execution_options", "columns", "execute_if", "options", "params", "strip", "against"}
)


def run(argument: Expression, origin: Origin) -> list[Operation]:
    """The operations of what is executed; Unread when it cannot be told."""
    texts = [template(argument.node, argument.scope, first=first) for first in (True, False)]
    if texts[0] is not None and texts[0].strip(f"{HOLE} \n\t;"):
        return _of_text(texts[0], texts[1], origin)
    if texts[0] == texts[1] and texts[0] is not None and not texts[0].strip():
        return []  # what is left behind the last semicolon
    found = resolve(argument.node, argument.scope)
    made = found if isinstance(found, Expression) else argument
    if isinstance(made.node, ast.Name):
        bound = made.scope.lookup(made.node.id)
        made = bound if isinstance(bound, Expression) else made
    if isinstance(made.node, ast.Call):
        return _of_call(made.node, made.scope, origin)
    if isinstance(made.node, ast.IfExp):
        branches = (Expression(branch, made.scope) for branch in (made.node.body, made.node.orelse))
        return [each.replace(conditional=True) for branch in branches for each in run(branch, origin)]
    if isinstance(found, Symbol) and found.name.startswith(TRIGGERS):
        return []
    raise Unread("what is executed is computed")


def _of_text(text: str, alternative: str | None, origin: Origin) -> list[Operation]:
    from gitmig.schema.scripts.sql import classify

    if alternative is None or alternative == text:
        return classify(text, origin)
    found = classify(text, origin, conditional=True)
    said = {(each.op, each.table, each.name) for each in found}
    others = classify(alternative, origin, conditional=True)
    return [*found, *(each for each in others if (each.op, each.table, each.name) not in said)]


def _of_call(call: ast.Call, scope: Scope, origin: Origin) -> list[Operation]:
    word = call_name(call)
    construct = DDL_ELEMENTS.get(word)
    if construct is not None and call.args:
        return _ddl(construct, word, call, scope, origin)
    for name, node in _chain(call, scope):
        if name in NEUTRAL:
            return []
        if name in DATA:
            if not DATA[name]:
                continue
            table = node.args[0] if node.args and not _is_method(node, scope) else _base(node)
            return [
                Operation(
                    "data",
                    table_named_by(Expression(table, scope)) if table is not None else "",
                    "",
                    {"kind": DATA[name]},
                    origin,
                )
            ]
    if any(name in DATA or name in ("query", "Query") for name, _node in _chain(call, scope)):
        return []
    raise Unread("what is executed is computed")


def _chain(call: ast.Call, scope: Scope) -> list[tuple[str, ast.Call]]:
    """The calls of `update(t).where(...).values(...)`, the last first; names are followed."""
    found: list[tuple[str, ast.Call]] = []
    node: ast.expr = call
    for _step in range(40):
        if isinstance(node, ast.Call):
            function = resolve(node.func, scope)
            found.append((function.last if isinstance(function, Symbol) else call_name(node), node))
            node = node.func
        elif isinstance(node, ast.Attribute):
            node = node.value
        elif isinstance(node, ast.Name):
            binding = resolve(node, scope)
            if not isinstance(binding, Expression) or binding.node is node:
                break
            node, scope = binding.node, binding.scope
        else:
            break
    return found


def _is_method(call: ast.Call, scope: Scope) -> bool:
    """Whether `x.update(...)` is a method of a table and not a function of a module."""
    if not isinstance(call.func, ast.Attribute):
        return False
    base = resolve(call.func.value, scope)
    return isinstance(base, Expression)


def _base(call: ast.Call) -> ast.expr | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None


DDL_ELEMENTS = {
    "CreateTable": "create_table",
    "DropTable": "drop_table",
    "CreateIndex": "create_index",
    "DropIndex": "drop_index",
    "AddConstraint": "add_constraint",
    "DropConstraint": "drop_constraint",
    "CreateSchema": "create_namespace",
    "DropSchema": "drop_namespace",
    "CreateEnumType": "create_enum",
    "DropEnumType": "drop_enum",
}


def _ddl(op: str, word: str, call: ast.Call, scope: Scope, origin: Origin) -> list[Operation]:
    """`CreateTable(table)` and the like."""
    if op.endswith("_namespace"):
        value = evaluate(call.args[0], scope)
        if isinstance(value, Known) and isinstance(value.value, str):
            return [Operation(op, "", value.value, {"exists": True}, origin)]
        raise Unread("the namespace is computed")
    if op.endswith("_enum"):
        from gitmig.schema.scripts.calls import enum_made_or_dropped
        from gitmig.schema.types import read_type

        found = enum_made_or_dropped(op.partition("_")[0], read_type(call.args[0], scope), origin)
        if found is None:
            raise Unread("the type is computed")
        return found
    made = resolve(call.args[0], scope)
    if not isinstance(made, Expression) or not isinstance(made.node, ast.Call):
        raise Unread(f"what {word} takes is computed")
    if op.endswith("_table"):
        table = table_of(made.node, made.scope, metadata_argument=True)
        if table is None:
            raise Unread("the name of the table is computed")
        return [Operation(op, table.key, "", {"table": table} if op == "create_table" else {}, origin)]
    if op == "add_constraint" and kind_of(made.node, made.scope):
        tables = [each for each in made.node.args if table_named_by(Expression(each, made.scope))]
        read = read_constraint(made.node, made.scope)
        if tables and hasattr(read, "element"):
            return [created(table_named_by(Expression(tables[0], made.scope)), read.element, {})]
    raise Unread(f"what {word} takes is not understood")


def template(node: ast.expr, scope: Scope, depth: int = 0, *, first: bool = True) -> str | None:
    """Text of an expression with a HOLE for each part that is not known; None when it is no text at all.

    Of alternatives whose condition is not known it takes the `first`, or the last.
    """
    if depth > 40:
        return None
    value = evaluate(node, scope)
    if isinstance(value, Known):
        if isinstance(value.value, bytes):
            return value.value.decode("utf-8", "replace")
        return value.value if isinstance(value.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_piece(part, scope, depth, first) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = (
            template(node.left, scope, depth + 1, first=first),
            template(node.right, scope, depth + 1, first=first),
        )
        return None if left is None and right is None else _limited([left or HOLE, right or HOLE])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        left = template(node.left, scope, depth + 1, first=first)
        return None if left is None else _filled_percent(left)
    if isinstance(node, ast.Call):
        return _template_of_call(node, scope, depth, first)
    if isinstance(node, ast.IfExp):
        return template(node.body if first else node.orelse, scope, depth + 1, first=first)
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        found = scope.lookup(node.id) if isinstance(node, ast.Name) else resolve(node, scope)
        if isinstance(found, Expression) and found.node is not node:
            return template(found.node, found.scope, depth + 1, first=first)
    return None


def _piece(part: ast.expr, scope: Scope, depth: int, first: bool) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    if not isinstance(part, ast.FormattedValue):
        return HOLE
    value = evaluate(part.value, scope)
    if isinstance(value, Known):
        return HOLE if is_long(value.value) else str(value.value)
    return template(part.value, scope, depth + 1, first=first) or HOLE


def _template_of_call(call: ast.Call, scope: Scope, depth: int, first: bool) -> str | None:
    word = call_name(call)
    base = call.func.value if isinstance(call.func, ast.Attribute) else None
    if word == "format" and base is not None:
        text = template(base, scope, depth + 1, first=first)
        return None if text is None else _filled_braces(call, text, scope)
    if word == "join" and base is not None:
        return _joined(base, call, scope, depth) or HOLE
    if word in QUOTING and len(call.args) == 1:
        return template(call.args[0], scope, depth + 1, first=first)
    if word in KEEPING and base is not None:
        text = template(base, scope, depth + 1, first=first)
        if text is not None:
            return text
    if word == "replace" and base is not None:
        return template(base, scope, depth + 1, first=first)
    if word in TEXTS and call.args:
        return template(call.args[0], scope, depth + 1, first=first)
    if word in TEXTS and call.keywords and call.keywords[0].arg in ("text", "statement"):
        return template(call.keywords[0].value, scope, depth + 1, first=first)
    found = resolve(call, scope)
    if isinstance(found, Expression) and found.node is not call:
        return template(found.node, found.scope, depth + 1, first=first)
    return None


def _joined(between: ast.expr, call: ast.Call, scope: Scope, depth: int) -> str | None:
    """`" ".join([...])` of parts that can be counted."""
    separator = evaluate(between, scope)
    parts = items(call.args[0], scope) if len(call.args) == 1 else None
    if parts is None or not isinstance(separator, Known) or not isinstance(separator.value, str):
        return None
    pieces = [template(part.node, part.scope, depth + 1) or HOLE for part in parts]
    return _limited(pieces, separator.value)


def _limited(pieces: list[str], between: str = "") -> str | None:
    """The pieces in one; None where that is longer than any file."""
    length = sum(map(len, pieces)) + len(between) * len(pieces)
    return between.join(pieces) if length <= LONGEST_TEXT else None


def _filled_percent(text: str) -> str:
    import re

    return re.sub(r"%(?:\(\w+\))?[-#0 +]*\d*(?:\.\d+)?[sdifr]", HOLE, text)


def _filled_braces(call: ast.Call, text: str, scope: Scope) -> str:
    """The known arguments of `.format(...)` in their places."""
    import re

    given = {str(position): argument for position, argument in enumerate(call.args)}
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    values = {name: evaluate(argument, scope) for name, argument in given.items()}
    known = {name: str(value.value) for name, value in values.items() if isinstance(value, Known)}
    longest = LONGEST_TEXT // max(text.count("{"), 1)
    known = {name: value for name, value in known.items() if len(value) <= longest}
    count = iter(range(1000))

    def fill(match: re.Match[str]) -> str:
        return known.get(match.group(1) or str(next(count)), HOLE)

    return (
        re.sub(r"\{(\w*)[^{}]*\}", fill, text.replace("{{", "\x01").replace("}}", "\x02"))
        .replace("\x01", "{")
        .replace("\x02", "}")
    )
