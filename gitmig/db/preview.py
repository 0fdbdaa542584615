"""What the steps of a plan would lose or stumble over, read from their text before any of it runs."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.dangers import destructive, not_null_without_default, renames
from gitmig.schema.databases import key_in
from gitmig.schema.operations import decode
from gitmig.schema.replay import Working, stamped
from gitmig.schema.scripts.facts import facts_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from gitmig.schema.elements import Schema
    from gitmig.schema.operations import Operation
    from gitmig.schema.uses import Uses

CODES = {"destructive": "GM401", "not-null-without-default": "GM402", "rename-as-drop-and-add": "GM307"}


class Way(Frozen):
    """One revision in one direction: its file, and the facts that `schema.scripts.facts.extract` found in it.

    `bind` is the name of the database in which it runs, of several.
    """

    revision: str
    direction: str
    path: str
    facts: Mapping[str, Any]
    bind: str | None = None

    def operations(self) -> tuple[Operation, ...]:
        facts = self.facts if self.bind is None else facts_in(self.facts, self.bind)
        return tuple(stamped(decode(each, self.path), self.revision) for each in facts[self.direction])


class Risk(Frozen):
    """Something that can go wrong with rows.

    `object` is what it happens to, `lost` what goes away (of a rename the old name).  `rows` is how many that holds,
    or for GM402 the table; None where no database was asked.
    """

    code: str
    way: Way
    object: str
    line: int
    lost: str = ""
    rows: int | None = None

    @property
    def asks_about(self) -> str:
        """The table or column whose rows decide."""
        return self.object.rpartition(".")[0] if self.code == "GM402" else self.lost

    def called(self, name: str) -> str:
        """A table or column with the database before it, where there are several."""
        return key_in(self.way.bind or "", name)

    @property
    def loses_rows(self) -> bool:
        return self.code == "GM401" and self.rows != 0


class Preview(Frozen):
    """Risks in the order in which they come, and what could not be read: (way, line, text)."""

    risks: tuple[Risk, ...] = ()
    unread: tuple[tuple[Way, int, str], ...] = ()

    @property
    def losses(self) -> tuple[Risk, ...]:
        return tuple(risk for risk in self.risks if risk.loses_rows)


def chain_of(ways: Iterable[Way]) -> Schema:
    """What the revisions build that have run, in upgrade order."""
    working = Working(empty())
    for way in ways:
        for operation in way.operations():
            working.apply(operation)
    return working.schema()


def look_ahead(
    before: Schema,
    ways: Sequence[Way],
    probe: Callable[[Sequence[str]], dict[str, int]] | None = None,
    uses_of: Callable[[Way], Callable[[str, str], Uses] | None] = lambda way: None,
) -> Preview:
    """What the ways would do to a database with this schema; `probe` says how many rows it holds.

    Where the database has no such table or column, nothing is lost.  `uses_of` says what came of the uses of names with
    a revision, for what looks like a rename.
    """
    risks: list[Risk] = []
    unread: list[tuple[Way, int, str]] = []
    for way in ways:
        operations = way.operations()
        found = list(destructive(before, operations))
        if way.direction == "upgrade":
            found += [*not_null_without_default(before, operations), *renames(before, operations, uses_of(way))]
        for one in found:
            lost = name_of(one.rename.dropped) if one.rename is not None else one.object
            risks.append(Risk(CODES[one.kind], way, one.object, one.operation.origin.line, lost))
        for operation in operations:
            if operation.op == "unknown":
                unread.append((way, operation.origin.line, str(operation.detail.get("why", ""))))
        working = Working(before)
        for operation in operations:
            working.apply(operation)
        before = working.schema()
    if probe is not None and risks:
        rows = probe(sorted({risk.asks_about for risk in risks}))
        # A table without rows takes a NOT NULL column, and what is not there yet loses nothing.
        counted = [risk.replace(rows=rows.get(risk.asks_about, 0)) for risk in risks]
        risks = [risk for risk in counted if risk.rows or risk.code == "GM401"]
    return Preview(tuple(risks), tuple(unread))


def name_of(operation: Operation) -> str:
    return f"{operation.table}.{operation.name}" if operation.name else operation.table


def empty() -> Schema:
    from gitmig.schema.elements import Schema

    return Schema()
