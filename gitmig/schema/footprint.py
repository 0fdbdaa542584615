"""What an operation touches, as paths: ("table", "book"), ("table", "book", "column", "title"), ("index", "ix").

A path covers everything below it; one that ends in "itself" means the object and not what is below it.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.databases import key_in, split_key
from gitmig.schema.elements import Table, enum_key
from gitmig.schema.extents import tables_of
from gitmig.schema.operations import Operation
from gitmig.schema.working import rename_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from gitmig.schema.elements import ForeignKey, Index, Type

    Path: TypeAlias = tuple[str, ...]

# Something is dropped together with all that depends on it, wherever that is.
CASCADE = ("cascade",)


class Footprint(Frozen):
    """What an operation writes and needs.

    `drops` are the written paths that are gone then.  `hangs_on` are paths of which nobody can tell whether the
    operation needs them: the columns of a constraint that is dropped by its name.  `rows` are tables whose rows change.
    `opaque` says that the operation may touch more than it names: anything at all, or, when `within` is not empty, the
    objects that it names.  `words` are all the words of a statement that only names things.
    """

    operation: Operation
    writes: frozenset[Path] = frozenset()
    needs: frozenset[Path] = frozenset()
    drops: frozenset[Path] = frozenset()
    hangs_on: frozenset[Path] = frozenset()
    rows: frozenset[Path] = frozenset()
    opaque: bool = False
    within: frozenset[Path] = frozenset()
    words: frozenset[str] = frozenset()

    @property
    def does_anything(self) -> bool:
        return bool(self.writes or self.needs or self.rows or self.opaque or self.words)

    @property
    def tables(self) -> frozenset[str]:
        """The tables that it touches, as far as it names them."""
        every = (self.writes, self.needs, self.hangs_on, self.rows, self.within)
        return frozenset(path[1] for paths in every for path in paths if path[0] == "table" and path[1:] > ("",))


class Touched:
    """The sets of a footprint while they are collected."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.table: Path = ("table", operation.table)
        self.writes: set[Path] = set()
        self.needs: set[Path] = set()
        self.hangs_on: set[Path] = set()

    def footprint(self) -> Footprint:
        operation = self.operation
        if operation.table and self.writes and operation.op not in ("create_table", "drop_table", "rename_table"):
            self.needs.add((*self.table, "itself"))
        namespaces = {path[1].rpartition(".")[0] for path in (*self.writes, *self.needs) if path[0] == "table"}
        self.needs |= {("namespace", name, "itself") for name in namespaces if name}
        drops: set[Path] = set(self.writes) if operation.op.startswith("drop_") else set()
        if operation.op == "drop_constraint" and operation.detail.get("kind") in ("foreign_key", "check"):
            drops = set()  # no key of another table needs one of these
        if operation.detail.get("cascade"):
            drops.add(CASCADE)
        return Footprint(
            operation, frozenset(self.writes), frozenset(self.needs), frozenset(drops), frozenset(self.hangs_on)
        )


def footprint(operation: Operation) -> Footprint:
    """What an operation touches."""
    op, detail = operation.op, operation.detail
    if op == "unknown":
        within = frozenset(("table", name) for name in tables_of(detail.get("objects", ())))
        return Footprint(operation, opaque=True, within=within)
    if op == "mention":
        return Footprint(operation, words=frozenset(detail["words"]))
    if op == "data":
        rows = frozenset({("table", operation.table)}) if operation.table else frozenset()
        return Footprint(operation, rows=rows, opaque=not operation.table)
    if detail.get("cascade") and op in ("drop_enum", "drop_namespace"):
        return Footprint(operation, opaque=True)
    touched = Touched(operation)
    if op in ("create_index", "drop_index", "rename_index"):
        _index(touched)
    elif op.startswith("create_") and "constraint" in detail:
        _constraint(touched)
    elif op in ("drop_constraint", "rename_constraint"):
        _named_constraint(touched)
    elif op.endswith("_enum"):
        _enum(touched)
    elif op.endswith("_namespace"):
        touched.writes.add(("namespace", operation.name))
    elif "column" in op:
        _column(touched)
    else:
        _table(touched)
    return touched.footprint()


def _table(touched: Touched) -> None:
    operation = touched.operation
    if operation.op == "set_comment":
        touched.writes.add((*touched.table, "comment"))
        return
    touched.writes.add(touched.table)
    if operation.op == "rename_table":
        touched.writes.add(("table", operation.detail["to"]))
    elif operation.op == "create_table":
        made: Table = operation.detail["table"]
        for foreign in made.foreign_keys:
            if foreign.referred != operation.table:
                _reference(touched, foreign)
        names = [each.name for each in (*made.indexes, *made.uniques, *made.excludes, made.primary_key) if each]
        touched.writes |= {_index_named(operation, name) for name in names if name}
        enums = {key for column in made.columns for key in _enum_keys([column.type])}
        touched.needs |= {("enum", key, "itself") for key in enums}
        # A table makes the native enums of its columns, unless the source says create_type=False.
        touched.hangs_on |= {("enum made by a table", key) for key in enums}


def _column(touched: Touched) -> None:
    operation, detail = touched.operation, touched.operation.detail
    touched.writes.add((*touched.table, "column", operation.name))
    types = []
    if operation.op == "rename_column":
        touched.writes.add((*touched.table, "column", detail["to"]))
    elif operation.op == "add_column":
        types = [detail["column"].type]
        if detail["column"].computed:
            touched.needs.add((*touched.table, "text", detail["column"].computed))
    elif detail.get("set", {}).get("type"):
        types = [detail["set"]["type"]]
    touched.needs |= {("enum", key, "itself") for key in _enum_keys(types)}


def _index_named(operation: Operation, name: str) -> tuple[str, str]:
    """An index is known by its name in the whole database."""
    return "index", key_in(split_key(operation.table)[0] or operation.detail.get("database", ""), name)


def _index(touched: Touched) -> None:
    """Index names are one namespace for all tables; an index that is dropped by its name may lie anywhere."""
    operation, detail = touched.operation, touched.operation.detail
    index: Index | None = detail.get("index")
    columns = tuple(index.columns) if index is not None else tuple(detail.get("columns") or ())
    touched.writes |= {_index_named(operation, name) for name in (operation.name, detail.get("to")) if name}
    if columns:
        touched.writes.add((*touched.table, "index", ",".join(columns)))
        touched.needs |= _columns(operation.table, columns)
    else:
        touched.hangs_on.add((*touched.table, "column") if operation.table else ("table",))
    if operation.table and operation.op == "drop_index":
        touched.writes.add((*touched.table, "index", operation.name))
    if index is not None and index.unique:
        touched.writes.add((*touched.table, "unique", ",".join(columns)))
    if index is not None and index.where:
        touched.needs.add((*touched.table, "text", index.where))


def _constraint(touched: Touched) -> None:
    operation, element = touched.operation, touched.operation.detail["constraint"]
    kind = operation.op.removeprefix("create_")
    columns = tuple(getattr(element, "columns", ()))
    within = (kind,) if kind == "primary_key" else (kind, ",".join(columns) or str(element.text))
    touched.writes.add((*touched.table, *within))
    if element.name:
        touched.writes.add((*touched.table, "constraint", element.name))
        if kind in WITH_INDEX:
            touched.writes.add(_index_named(operation, element.name))
    touched.needs |= _columns(operation.table, columns)
    if not columns:
        touched.needs.add((*touched.table, "text", str(element.text)))
    if kind == "foreign_key":
        _reference(touched, element)


def _named_constraint(touched: Touched) -> None:
    """A constraint that is dropped or renamed; its columns are seldom written there."""
    operation, detail = touched.operation, touched.operation.detail
    kind, columns = detail.get("kind") or "", tuple(detail.get("columns") or ())
    for name in (operation.name, detail.get("to")):
        if name:
            touched.writes.add((*touched.table, "constraint", name))
            if kind in WITH_INDEX or not kind:
                touched.writes.add(_index_named(operation, name))
    if kind == "primary_key":
        touched.writes.add((*touched.table, kind))
    elif kind and columns:
        touched.writes.add((*touched.table, kind, ",".join(columns)))
    elif kind and not operation.name:
        touched.writes.add((*touched.table, kind))
    touched.hangs_on |= {(*touched.table, "column", each) for each in columns} or {(*touched.table, "column")}
    if kind in ("foreign_key", ""):
        touched.hangs_on.add(CASCADE)


# PostgreSQL keeps these constraints as an index of the same name.
WITH_INDEX = ("unique", "primary_key", "exclude")


def _enum(touched: Touched) -> None:
    """New values come beside the old ones; one that is renamed or dropped changes what the type is."""
    operation, detail = touched.operation, touched.operation.detail
    name = ("enum", operation.name)
    if operation.op == "alter_enum" and not (detail.get("rename") or detail.get("drop")):
        touched.writes.add((*name, "values"))
        touched.needs.add((*name, "itself"))
        return
    touched.writes.add(name)
    if operation.op == "rename_enum":
        touched.writes.add(("enum", detail["to"]))
    if operation.op == "create_enum":
        touched.hangs_on.add(("enum made by a table", operation.name))


def _reference(touched: Touched, foreign: ForeignKey) -> None:
    """What a foreign key needs: the table and its columns, and some key over them."""
    there = ("table", foreign.referred)
    touched.needs |= {(*there, "itself"), *_columns(foreign.referred, foreign.referred_columns)}
    touched.hangs_on |= {(*there, part) for part in ("unique", "primary_key", "constraint", "index")}


def _columns(table: str, columns: Iterable[str]) -> set[Path]:
    """Columns by name; of an expression the text, which is searched for names."""
    return {
        ("table", table, "column", each) if each.isidentifier() else ("table", table, "text", each) for each in columns
    }


def _enum_keys(types: Iterable[Type]) -> list[str]:
    keys = (enum_key(each.item or each) for each in types)
    return [key for key in keys if key]


def overlap(written: Path, touched: Path) -> bool:
    """One of the paths lies in the other; the expression of an index or a check lies in the columns it names."""
    if touched[-1] == "itself":
        return written == touched[:-1]
    if len(touched) == 4 and touched[2] == "text":
        if written[:2] != touched[:2]:
            return False
        if len(written) == 2:
            return True
        return written[2] == "column" and rename_words(touched[3], written[3], "") != touched[3]
    length = min(len(written), len(touched))
    return written[:length] == touched[:length]


def hangs(gone: Path, path: Path) -> bool:
    """Whether something that is dropped may be, or hold, what an operation hangs on."""
    if path == ("table",):  # an index that may lie on any table
        return gone[0] == "table" and (len(gone) == 2 or gone[2] == "column")
    return overlap(gone, path)
