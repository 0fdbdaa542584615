"""How two snapshots of a database differ, and the operations that would make the one into the other.

A difference is a list, so that it goes through a pipe: [kind, table, name, wanted, found].  Its kind is table, column,
index, enum, comment, a kind of constraint or of another object; `wanted` or `found` is None where it is not there.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    Difference = list[Any]

CONSTRAINTS = ("primary_key", "unique", "foreign_key", "check")


def differences(wanted: Mapping[str, Any], found: Mapping[str, Any], *, names: bool = True) -> list[Difference]:
    """Everything in which `found` is not what was wanted, in a stable order.

    Without `names` a constraint that says the same under another name is the same.
    """
    return [
        *_of_tables(wanted["tables"], found["tables"], names=names),
        *_of_values("enum", "", wanted["enums"], found["enums"]),
        *_of_others(wanted["others"], found["others"]),
    ]


def _of_tables(wanted: Mapping[str, Any], found: Mapping[str, Any], *, names: bool) -> Iterator[Difference]:
    for key in sorted({*wanted, *found}):
        old, new = wanted.get(key), found.get(key)
        if old is None or new is None:
            yield ["table", key, "", old, new]
            continue
        if old == new:
            continue
        yield from _of_values("column", key, old["columns"], new["columns"])
        yield from _of_constraints(key, old["constraints"], new["constraints"], names=names)
        yield from _of_values("index", key, old["indexes"], new["indexes"])
        if old["comment"] != new["comment"]:
            yield ["comment", key, "", old["comment"], new["comment"]]


def _of_values(kind: str, table: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    for name in sorted({*wanted, *found}):
        if wanted.get(name) != found.get(name):
            yield [kind, table, name, wanted.get(name), found.get(name)]


def _of_constraints(
    table: str, wanted: Mapping[str, Any], found: Mapping[str, Any], *, names: bool
) -> Iterator[Difference]:
    if not names:
        wanted, found = _without_shared(wanted, found)
    for name in sorted({*wanted, *found}):
        old, new = wanted.get(name), found.get(name)
        if old == new:
            continue
        if old is not None and new is not None and old["kind"] != new["kind"]:
            yield [old["kind"], table, name, old, None]
            yield [new["kind"], table, name, None, new]
        else:
            yield [(old or new or {})["kind"], table, name, old, new]


def _without_shared(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both without what the other one has too, under whatever name."""
    rest = dict(found)
    missing = {}
    for name, one in wanted.items():
        same = next((other for other in [name, *rest] if rest.get(other) == one), None)
        if same is None:
            missing[name] = one
        else:
            del rest[same]
    return missing, rest


def _of_others(wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Difference]:
    for key in sorted({*wanted, *found}):
        if wanted.get(key) != found.get(key):
            kind, _, name = key.partition(" ")
            if kind == "materialized":
                kind, name = "materialized view", name.partition(" ")[2]
            yield [kind, "", name, wanted.get(key), found.get(key)]


# As operations


def operation_of(difference: Difference) -> dict[str, Any]:
    """What would make `found` into `wanted`: {"op", "table", "name", "detail", "source"} as in every report."""
    kind, table, name, wanted, found = difference
    op, detail = _operation(kind, wanted, found)
    label = "" if name.startswith(f"{kind} [") else name  # what has no name has its content as a key
    return {"op": op, "table": table, "name": label, "detail": detail, "source": None}


def _operation(kind: str, wanted: Any, found: Any) -> tuple[str, dict[str, Any]]:
    if kind == "comment":
        return "set_comment", {"to": wanted}
    if kind == "column" and wanted is not None and found is not None:
        changed = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
        return "alter_column", {
            "set": {name: wanted.get(name) for name in changed},
            "was": {name: found.get(name) for name in changed},
        }
    if kind == "enum" and wanted is not None and found is not None:
        return "alter_enum", {"values": wanted, "was": found}
    if kind in CONSTRAINTS:
        if wanted is None:
            return "drop_constraint", {"kind": kind, **{key: one for key, one in found.items() if key != "kind"}}
        return f"create_{kind}", {key: one for key, one in wanted.items() if key != "kind"}
    verb = {"column": ("add_column", "drop_column")}.get(kind, (f"create_{_word(kind)}", f"drop_{_word(kind)}"))
    if wanted is None:
        return verb[1], {}
    detail = {"was": found} if found is not None else {}
    return verb[0], {**detail, kind: wanted} if kind != "table" else {"columns": sorted(wanted["columns"])}


def _word(kind: str) -> str:
    return kind.replace(" ", "_")


def unique(operations: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each place once, whatever was said about it first."""
    seen: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in operations:
        seen.setdefault((one["op"], one["table"], one["name"]), one)
    return list(seen.values())
