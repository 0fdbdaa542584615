"""PostgreSQL's EXCLUDE constraints in one spelling, from models, operations and SQL.

The text has the arguments of `ExcludeConstraint` without the name, as in
`('room', '='), (sa.text('lower(note)'), '='), using='gist', where=sa.text('open')`.
"""

from __future__ import annotations

import re

from gitmig.schema.elements import Exclude, Origin
from gitmig.schema.sqltext import collapsed, sql_text
from gitmig.source.scopes import Expression, Known
from gitmig.source.values import evaluate, items, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitmig.schema.sqltext import ColumnOf

_WITH = re.compile(r"(?P<what>.+?)\s+WITH\s+(?P<operator>[^\s()]+|OPERATOR\s*\(.*\))\s*\Z", re.I | re.S)


def exclude(
    parts: Iterable[Expression],
    options: Mapping[str, Expression],
    name: str | None,
    origin: Origin,
    column_of: ColumnOf | None = None,
) -> Exclude:
    """From pairs of a column or expression and an operator; what only Python understands keeps its source."""
    shown, unknown = [], False
    for part in parts:
        pair = items(part.node, part.scope)
        operator = evaluate(pair[1].node, pair[1].scope) if pair is not None and len(pair) == 2 else None
        if pair is None or not isinstance(operator, Known):
            shown.append(text_of(part.node))
            unknown = True
            continue
        text, known = _column_or_sql(pair[0], column_of)
        shown.append(f"({text}, {operator.value!r})")
        unknown = unknown or not known
    given = {key: _option(key, option, column_of) for key, option in options.items() if key != "name"}
    given.setdefault("using", ("'gist'", True))
    shown += [f"{key}={text}" for key, (text, _) in sorted(given.items())]
    unknown = unknown or not all(known for _, known in given.values())
    return Exclude(", ".join(shown), name, origin, ("text",) if unknown else ())


def exclude_of_sql(body: str, using: str, where: str, name: str | None, origin: Origin) -> Exclude:
    """From `EXCLUDE USING using (body) WHERE (where)`."""
    found = [_WITH.match(part.strip()) for part in _elements(body)]
    shown = [f"({_written(each['what'])}, {each['operator']!r})" for each in found if each is not None]
    shown.append(f"using={using.lower() or 'gist'!r}")
    if where:
        shown.append(f"where=sa.text({collapsed(where)!r})")
    return Exclude(", ".join(shown), name, origin, () if None not in found else ("text",))


def _elements(body: str) -> list[str]:
    """What commas divide, outside of brackets."""
    found, depth = [""], 0
    for letter in body:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return found


def _column_or_sql(what: Expression, column_of: ColumnOf | None) -> tuple[str, bool]:
    sql, known = sql_text(what.node, what.scope, column_of)
    return (_written(sql), True) if known else (text_of(what.node), False)


def _written(sql: str) -> str:
    """A column by its name, anything else as SQL."""
    plain = collapsed(sql).strip('"')
    return repr(plain) if re.fullmatch(r"\w+", plain) else f"sa.text({collapsed(sql)!r})"


def _option(key: str, option: Expression, column_of: ColumnOf | None) -> tuple[str, bool]:
    if key == "where":
        sql, known = sql_text(option.node, option.scope, column_of)
        return (f"sa.text({sql!r})", True) if known else (text_of(option.node), False)
    value = evaluate(option.node, option.scope)
    return (repr(value.value), True) if isinstance(value, Known) else (text_of(option.node), False)
