"""A new revision drops a column and adds another one that looks like its new name.

## What it does
Weighs drops and adds of one revision: the same type, the same NULL and default, a similar name, the only pair in its
table; and what the Python files of the change do besides, revisions aside: a definition in the same place of the class,
uses of the old name (`.title`, `title=`, `"title"`) that became uses of the new one. Where most of them did not, that
speaks against it. Tables that share most of their columns are weighed by these. Likely pairs are
reported, with the evidence, unless the revision copies the rows.

## Why it matters
Autogenerate cannot see a rename: it writes a drop and an add. The schema is right afterwards and the rows are gone.

## Example
```python
op.add_column("books", sa.Column("headline", sa.String(200)))
op.drop_column("books", "title")
```

## What to do instead
Rename: `op.alter_column("books", "title", new_column_name="headline")`. If the column is really another one, waive it.

## What it cannot see
A rename together with a new type. Uses in a change of more than 300 Python files.
"""

from __future__ import annotations

from gitmig.change.gaps import place_of
from gitmig.findings import Help, Related
from gitmig.quoting import shell_word
from gitmig.rules.rule import Violation
from gitmig.schema.alembic_code import alembic_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.additions import Addition, Risk
    from gitmig.change.change import Change
    from gitmig.schema.operations import Operation

severity = "error"
needs = ("operations",)
inherited = True


def check(change: Change) -> Iterator[Violation]:
    for addition in change.new_additions():
        for risk in addition.risks:
            if risk.kind != "rename-as-drop-and-add" or risk.instead is None:
                continue
            if change.is_published(risk.maker) and not rows_are_copied(addition, risk):
                yield violation(addition, risk, risk.instead, change)


def rows_are_copied(addition: Addition, risk: Risk) -> bool:
    """Whether the revision moves rows of the tables concerned, or runs something that was not understood."""
    tables = {risk.operation.table, risk.instead.table if risk.instead else ""}
    for operation in addition.operations:
        if operation.op == "data" and operation.table in tables:
            return True
        if operation.op == "unknown":
            named = {name.partition(".")[0] for name in operation.detail.get("objects", ())}
            if not named or named & tables:
                return True
    return False


def violation(addition: Addition, risk: Risk, instead: Operation, change: Change) -> Violation:
    old = f"{instead.table}.{instead.name}" if instead.name else instead.table
    dropped = next((each for each in addition.operations if is_drop_of(each, instead)), None)
    place = place_of(risk.operation.origin, change)
    return Violation(
        f"{old} is dropped and {risk.object} added: it looks like a rename, and the rows would be lost",
        place=place,
        note=f"evidence: {', '.join(risk.reasons)}",
        help=(
            Help("rename it and keep the rows", alembic_code(instead)),
            Help(
                "or, if it is another thing, say so",
                (f'gitmig waive GM307 {shell_word(risk.object)} --reason "not the same"',),
            ),
        ),
        related=(Related(place_of(dropped.origin, change), "dropped here"),) if dropped is not None else (),
        revisions=(addition.revision,),
        objects=(risk.object,),
    )


def is_drop_of(operation: Operation, instead: Operation) -> bool:
    return operation.op in ("drop_column", "drop_table") and (operation.table, operation.name) == (
        instead.table,
        instead.name,
    )
