"""Foreign keys that a script takes from the database, drops, and makes again as they were.

`for key in inspector.get_foreign_keys("book")` runs over what only a database knows.  A drop and a creation of what the
loop is at leave the schema alone, whatever there is.
"""

from __future__ import annotations

import ast

from gitmig.schema.elements import table_key
from gitmig.source.scopes import Expression, Known, Scope, Symbol
from gitmig.source.values import call_name, evaluate, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.schema.operations import Operation
    from gitmig.schema.scripts.calls import Batch

REFLECTED = "<foreign key of> "
DROPPED = {"constraint_name": "name"}
MADE = {"referent_table": "referred_table", "local_cols": "constrained_columns", "remote_cols": "referred_columns"}


class Restored:
    """Remembers the drops, and which of them turned out to change nothing."""

    def __init__(self) -> None:
        self._dropped: dict[str, tuple[Operation, int]] = {}
        self._settled: set[int] = set()

    def dropped(self, key: str, operation: Operation, depth: int) -> None:
        """A drop of a reflected foreign key, which is unknown by itself; `depth` counts the conditions around it."""
        self._dropped[key] = (operation, depth)

    def settles(self, key: str, depth: int) -> bool:
        """Whether a creation gives back what was dropped under as many conditions."""
        operation, then = self._dropped.get(key, (None, -1))
        if operation is None or then != depth:
            return False
        self._settled.add(id(operation))
        return True

    def left(self, operations: list[Operation]) -> list[Operation]:
        return [each for each in operations if id(each) not in self._settled]


def reflected_item(node: ast.expr, scope: Scope) -> Symbol | None:
    """What stands for each foreign key of `inspector.get_foreign_keys("book")`."""
    found = resolve(node, scope)
    call = found.node if isinstance(found, Expression) else None
    if not isinstance(found, Expression) or not isinstance(call, ast.Call) or call_name(call) != "get_foreign_keys":
        return None
    given = [evaluate(each, found.scope) for each in call.args[:1]]
    namespace = [evaluate(word.value, found.scope) for word in call.keywords if word.arg == "schema"]
    values = [each.value for each in (*given, *namespace) if isinstance(each, Known)]
    if len(values) != len(given) + len(namespace) or not values or not isinstance(values[0], str):
        return None
    return Symbol(f"{REFLECTED}{table_key(*values)}")


def reflected_key(method: str, call: ast.Call, scope: Scope, batch: Batch | None) -> str:
    """The table whose reflected foreign key a call drops or makes; "" for any other call."""
    from gitmig.schema.scripts.calls import Arguments

    if method == "drop_constraint":
        wanted, names, table = DROPPED, "constraint_name table_name type_", "table_name"
    elif method == "create_foreign_key":
        wanted, names, table = (
            MADE,
            "constraint_name source_table referent_table local_cols remote_cols",
            "source_table",
        )
    else:
        return ""
    arguments = Arguments(call, scope, names if batch is None else names.replace(f"{table} ", ""))
    found = {_item(arguments.given.get(name), part) for name, part in wanted.items()}
    key = found.pop() if len(found) == 1 else ""
    if batch is not None:
        return key if key == table_key(batch.table or "", batch.namespace) else ""
    on = arguments.given.get(table)
    value = evaluate(on.node, on.scope) if on is not None else None
    is_on = isinstance(value, Known) and isinstance(value.value, str) and key.rpartition(".")[2] == value.value
    return key if is_on else ""


def _item(option: Expression | None, part: str) -> str:
    """The table of `key["name"]`, where `key` is a reflected foreign key and "name" the part that is asked for."""
    node = option.node if option is not None else None
    if option is None or not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Constant):
        return ""
    owner = resolve(node.value, option.scope)
    is_part = isinstance(owner, Symbol) and owner.name.startswith(REFLECTED) and node.slice.value == part
    return owner.name[len(REFLECTED) :] if is_part and isinstance(owner, Symbol) else ""
