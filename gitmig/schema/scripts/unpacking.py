"""What each target takes of a sequence that is unpacked: `name, *rest = row`."""

from __future__ import annotations

import ast

from gitmig.source.nodes import sequence
from gitmig.source.scopes import Expression, Known, Scope
from gitmig.source.values import evaluate, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitmig.source.scopes import Binding

# Expressions that are read where they stand, since a name in them may mean something else later.
EAGER = (ast.Constant, ast.BinOp, ast.JoinedStr, ast.Subscript, ast.Name, ast.Tuple, ast.List, ast.Attribute)


def parts_of(bound: Binding, targets: Sequence[ast.expr]) -> list[Binding] | None:
    """What each target takes of a sequence; `*rest` takes what the others leave."""
    found = _all_parts(bound)
    starred = [position for position, target in enumerate(targets) if isinstance(target, ast.Starred)]
    if found is None or not starred:
        return found if found is not None and len(found) == len(targets) else None
    first, last = starred[0], len(found) - (len(targets) - starred[0] - 1)
    if last < first:
        return None
    return [*found[:first], sequence(found[first:last], Scope()), *found[last:]]


def _all_parts(bound: Binding) -> list[Binding] | None:
    if isinstance(bound, Known):
        value = bound.value
        return [Known(each) for each in value] if isinstance(value, tuple | list) else None
    if not isinstance(bound, Expression):
        return None
    parts = items(bound.node, bound.scope)
    if parts is None:
        return None
    found: list[Binding] = []
    for part in parts:
        value = evaluate(part.node, part.scope) if isinstance(part.node, EAGER) else None
        found.append(value if isinstance(value, Known) else part)
    return found
