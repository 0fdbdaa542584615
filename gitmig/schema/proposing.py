"""From new drift to what a revision should do about it, with the questions that only a person can answer."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.compare import compare
from gitmig.schema.discrepancies import operations_behind
from gitmig.schema.drift import Side
from gitmig.schema.elements import Schema
from gitmig.schema.operations import Operation
from gitmig.schema.renames import Rename, candidates
from gitmig.schema.replay import replay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gitmig.schema.discrepancies import Discrepancy
    from gitmig.schema.uses import Uses


class Question(Frozen):
    """Is it the same thing under another name?  `old` and `new` are its names, `evidence` the reasons to think so."""

    what: str
    old: str
    new: str
    evidence: tuple[str, ...]


class Proposal(Frozen):
    """What the revision should do to `before`, and what was taken for a rename or refused to be one."""

    before: Schema
    operations: tuple[Operation, ...]
    renamed: tuple[Question, ...] = ()
    apart: tuple[Question, ...] = ()


def to_write(items: Iterable[Discrepancy]) -> list[Discrepancy]:
    """What a revision can do something about: not the unknown, and not what a new revision did ahead of the models."""
    return [
        item
        for item in items
        if item.kind in ("missing", "mismatch") or (item.kind == "ahead" and item.cause != "operation")
    ]


def propose(
    side: Side,
    items: Iterable[Discrepancy],
    is_rename: Callable[[Question], bool],
    uses: Callable[[str, str], Uses] | None = None,
) -> Proposal:
    """The operations for the discrepancies of a tree; `side` is its chain with the baseline, and its models.

    `is_rename` answers a question; where nobody can, a rename is the answer that loses no rows.  `uses` says what the
    change made of the uses of a name.
    """
    chosen = to_write(items)
    operations = operations_behind(side.chain, side.models, chosen)
    renamed: list[Question] = []
    apart: list[Question] = []

    def ask(found: Iterable[Rename]) -> list[Rename]:
        taken = []
        for rename in found:
            question = question_of(rename)
            is_one = is_rename(question)
            (renamed if is_one else apart).append(question)
            taken += [rename] if is_one else []
        return taken

    accepted = ask(candidates(side.chain, operations, uses))
    if accepted:
        wanted = operations
        operations = _after_renames(side, wanted, accepted)
        inside = ask(_inside_renamed(side.chain, operations, accepted, uses))
        operations = _after_renames(side, wanted, [*accepted, *inside]) if inside else operations
    operations = (*operations, *_nullable_again(side, operations))
    operations = tuple(_enum_answered(each, side.models, is_rename, renamed, apart) for each in operations)
    return Proposal(side.chain, operations, tuple(renamed), tuple(apart))


def _inside_renamed(
    chain: Schema,
    operations: Sequence[Operation],
    taken: Sequence[Rename],
    uses: Callable[[str, str], Uses] | None,
) -> Iterator[Rename]:
    """Columns with another name in tables with another name: seen only when the tables are known to be the same."""
    tables = {rename.added.table for rename in taken if rename.added.op == "create_table"}
    if tables:
        after = replay(chain, [each for each in operations if each.op in ("rename_table", "rename_column")]).schema
        columns = [each for each in operations if each.table in tables]
        yield from (each for each in candidates(after, columns, uses) if each.added.op == "add_column")


def _nullable_again(side: Side, operations: Sequence[Operation]) -> Iterator[Operation]:
    """A column that leaves the primary key stays NOT NULL in a database, whatever the models say of it now."""
    keys = {
        each.table: each.detail.get("columns", ()) for each in operations if each.detail.get("kind") == "primary_key"
    }
    if not keys:
        return
    for each in compare(replay(side.chain, operations).schema, side.models):
        if each.op == "alter_column" and each.name in keys.get(each.table, ()) and "nullable" in each.detail["set"]:
            detail = {part: {"nullable": each.detail[part]["nullable"]} for part in ("set", "was")}
            yield each.replace(detail=detail)


def question_of(rename: Rename) -> Question:
    drop, add = rename.dropped, rename.added
    if add.op == "create_table":
        return Question("table", drop.table, add.table, rename.reasons)
    return Question("column", f"{drop.table}.{drop.name}", f"{add.table}.{add.name}", rename.reasons)


def _after_renames(side: Side, operations: Sequence[Operation], renames: Sequence[Rename]) -> tuple[Operation, ...]:
    """The renames, and what is still to do after them; what was not to be done before is not to be done now."""
    first = tuple(rename.operation for rename in sorted(renames, key=lambda each: each.added.op == "add_column"))
    wanted = {key_of(each) for each in operations}
    left_alone = {key_of(each) for each in compare(side.chain, side.models)} - wanted
    chain = replay(side.chain, first).schema
    attributes = {
        key_of(each): set(each.detail["set"]) for each in operations if each.op == "alter_column"
    }  # fmt: skip
    rest = []
    for each in compare(chain, side.models):
        if key_of(each) in left_alone:
            continue
        if each.op == "alter_column" and key_of(each) in attributes:
            kept = attributes[key_of(each)]
            each = each.replace(  # noqa: PLW2901
                detail={side_: {k: v for k, v in each.detail[side_].items() if k in kept} for side_ in ("set", "was")}
            )
        rest.append(each)
    lost = [each for each in operations if each.op == "alter_column" and key_of(each) not in map(key_of, rest)]
    return (*first, *rest, *lost)


def key_of(operation: Operation) -> tuple[object, ...]:
    """What an operation is about, however the rest of it is written."""
    detail = operation.detail
    element = detail.get("index") or detail.get("constraint")
    columns = getattr(element, "columns", detail.get("columns", ()))
    name = operation.name if not columns else ""
    return operation.op, operation.table, name, detail.get("kind", ""), columns


def _enum_answered(
    operation: Operation,
    models: Schema,
    is_rename: Callable[[Question], bool],
    renamed: list[Question],
    apart: list[Question],
) -> Operation:
    """Values of an enum: a value that took the place of another may be its new name; one that is gone needs more."""
    if operation.op != "alter_enum" or operation.name not in models.enums:
        return operation
    was, now = tuple(operation.detail["was"] or ()), models.enums[operation.name].values or ()
    pairs = {}
    if len(was) == len(now):
        pairs = {old: new for old, new in zip(was, now, strict=True) if old not in now and new not in was}
    if set(pairs) != set(operation.detail["drop"]):
        pairs = {}
    for old, new in list(pairs.items()):
        reasons = ("the same place among the values",)
        question = Question("value", f"{operation.name}: {old}", f"{operation.name}: {new}", reasons)
        if is_rename(question):
            renamed.append(question)
        else:
            apart.append(question)
            pairs = {}
            break
    added = tuple(value for value in now if value not in was and value not in pairs.values())
    if set(operation.detail["drop"]) - set(pairs):
        return operation.replace(detail={"values": now, "was": was})
    detail = {"rename": pairs, "add": added, "was": was, "places": places_of(now, added)}
    return operation.replace(detail=detail)


def places_of(values: Sequence[str], added: Iterable[str]) -> dict[str, str]:
    """Where PostgreSQL puts a value that is not the last one."""
    found = {}
    for value in added:
        position = values.index(value)
        if position == 0:
            if len(values) > 1:
                found[value] = f" BEFORE {quoted(values[1])}"
        elif position < len(values) - 1:
            found[value] = f" AFTER {quoted(values[position - 1])}"
    return found


def quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
