"""Two lines of revisions commute, conflict, or nobody knows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitmig.schema.commute import commute
from gitmig.schema.compare import compare
from gitmig.schema.elements import Check, Column, ForeignKey, Index, PrimaryKey, Schema, Table, Type, Unique
from gitmig.schema.operations import Operation
from gitmig.schema.replay import replay

INTEGER = Type("integer", "Integer()")
KIND = Type("enum", "Enum", enum_name="kind", values=("a",))


def table(name: str, *parts: Column, **named: object) -> Operation:
    return Operation("create_table", name, detail={"table": Table(name, columns=parts, **named)})  # type: ignore[arg-type]


def add(table: str, name: str, type_: Type = INTEGER) -> Operation:
    return Operation("add_column", table, name, {"column": Column(name, type_)})


def drop(table: str, name: str) -> Operation:
    return Operation("drop_column", table, name)


def alter(table: str, name: str) -> Operation:
    return Operation("alter_column", table, name, {"set": {"nullable": False}})


def index(table: str, name: str, *columns: str) -> Operation:
    return Operation("create_index", table, name, {"index": Index(columns, name)})


def unique(table: str, name: str, *columns: str) -> Operation:
    return Operation("create_unique", table, name, {"constraint": Unique(columns, name)})


def refer(table: str, column: str, to: str) -> Operation:
    return Operation("create_foreign_key", table, "", {"constraint": ForeignKey((column,), to, ("id",))})


def unknown(*objects: str) -> Operation:
    return Operation("unknown", detail={"text": "?", "why": "?", "objects": objects})


def rows(table: str, kind: str = "update") -> Operation:
    return Operation("data", table, "", {"kind": kind})


def mention(kind: str, *words: str, name: str = "") -> Operation:
    return Operation("mention", "", name, {"kind": kind, "words": words})


CASCADES = {"cascade": True}
DROP_INDEX = Operation("drop_index", "", "ix")
DROP_INDEX_OF = Operation("drop_index", "book", "ix")
DROP_UNIQUE = Operation("drop_constraint", "book", "uq", {"kind": "unique"})
DROP_FOREIGN = Operation("drop_constraint", "book", "fk", {"kind": "foreign_key"})
PARTIAL = Operation("create_index", "book", "ix", {"index": Index(("x",), "ix", where="y > 1")})
UNIQUE_INDEX = Operation("create_index", "book", "ix", {"index": Index(("x",), "ix", unique=True)})
COMPUTED = Operation("add_column", "book", "c", {"column": Column("c", INTEGER, computed="x + 1")})
RENAME_VALUE = Operation("alter_enum", "", "kind", {"rename": {"a": "b"}})
COMMENT = Operation("set_comment", "book", detail={"to": "x"})
DROP_AUTHOR = Operation("drop_table", "author")
RENAME = Operation("rename_table", "book", detail={"to": "volume"})
RENAME_COLUMN = Operation("rename_column", "book", "x", {"to": "y"})
CHECK = Operation("create_check", "book", "ck", {"constraint": Check("x > 0", "ck")})
KEY = Operation("create_primary_key", "book", "pk", {"constraint": PrimaryKey(("id",), "pk")})
ADD_VALUE = Operation("alter_enum", "", "kind", {"add": ("b",)})

PAIRS = {
    "columns of one table": ("commute", add("book", "x"), add("book", "y")),
    "the same column": ("conflict", add("book", "x"), add("book", "x")),
    "the same column of two tables": ("commute", add("book", "x"), add("author", "x")),
    "two tables": ("commute", table("a"), table("b")),
    "the same table": ("conflict", table("a"), table("a")),
    "add and drop": ("conflict", add("book", "x"), drop("book", "x")),
    "alter and alter": ("conflict", alter("book", "x"), alter("book", "x")),
    "alter of two columns": ("commute", alter("book", "x"), alter("book", "y")),
    "drop of a table and a new column of it": ("conflict", Operation("drop_table", "book"), add("book", "x")),
    "drop of another table": ("commute", Operation("drop_table", "author"), add("book", "x")),
    "rename of a table and a new column of it": ("conflict", RENAME, add("book", "x")),
    "rename to a name that is taken": ("conflict", RENAME, table("volume")),
    "rename of a column and an alteration": ("conflict", RENAME_COLUMN, alter("book", "x")),
    "rename to a column that is added": ("conflict", RENAME_COLUMN, add("book", "y")),
    "index over a column that is dropped": ("conflict", index("book", "ix", "x"), drop("book", "x")),
    "index expression over a column that is dropped": (
        "conflict",
        index("book", "ix", "lower(x)"),
        drop("book", "x"),
    ),
    "index over another column": ("commute", index("book", "ix", "y"), drop("book", "x")),
    "index of the same name elsewhere": ("conflict", index("book", "ix", "x"), index("author", "ix", "y")),
    "index over the same columns": ("conflict", index("book", "ix", "x"), index("book", "ix2", "x")),
    "two indexes": ("commute", index("book", "ix", "x"), index("book", "ix2", "y")),
    "unique constraints of one name": ("conflict", unique("book", "uq", "x"), unique("book", "uq", "y")),
    "check over a column that is renamed": ("conflict", CHECK, RENAME_COLUMN),
    "check and another column": ("commute", CHECK, drop("book", "y")),
    "two primary keys": ("conflict", KEY, KEY),
    "foreign key to a table that is dropped": ("conflict", refer("book", "x", "author"), DROP_AUTHOR),
    "foreign key to a column that is dropped": ("conflict", refer("book", "x", "author"), drop("author", "id")),
    "foreign key to a table that grows": ("commute", refer("book", "x", "author"), add("author", "x")),
    "table that refers to one that is dropped": (
        "conflict",
        table("t", foreign_keys=(ForeignKey(("a",), "author", ("id",)),)),
        Operation("drop_table", "author"),
    ),
    "table that refers to one that grows": (
        "commute",
        table("t", foreign_keys=(ForeignKey(("a",), "author", ("id",)),)),
        add("author", "x"),
    ),
    "table that refers to a column that is renamed": (
        "conflict",
        table("t", foreign_keys=(ForeignKey(("a",), "book", ("x",)),)),
        RENAME_COLUMN,
    ),
    "values of one enum": ("conflict", ADD_VALUE, ADD_VALUE),
    "an enum that grows and a column of it": ("commute", ADD_VALUE, add("book", "k", KIND)),
    "an enum that is dropped and a column of it": (
        "conflict",
        Operation("drop_enum", "", "kind"),
        add("book", "k", KIND),
    ),
    "comments on a table and a new column": ("commute", COMMENT, add("book", "x")),
    "what is not understood, naming nothing": ("unknown", unknown(), add("book", "x")),
    "what is not understood, naming the table": ("unknown", unknown("book"), add("book", "x")),
    "what is not understood, naming another": ("commute", unknown("author"), add("book", "x")),
    "what is not understood, twice": ("unknown", unknown("author"), unknown("author")),
    "rows of a table that gets a column": ("unknown", rows("book"), add("book", "x")),
    "rows of a table that is dropped": ("conflict", rows("book"), Operation("drop_table", "book")),
    "rows of another table": ("commute", rows("author"), add("book", "x")),
    "rows and an index": ("commute", rows("book"), index("book", "ix", "x")),
    "rows of the same table": ("unknown", rows("book"), rows("book")),
    "rows of nobody knows which table": ("unknown", rows(""), add("book", "x")),
    "an index that may lie on a table that is dropped": ("unknown", DROP_INDEX, Operation("drop_table", "book")),
    "an index that may lie over a column that is dropped": ("unknown", DROP_INDEX, drop("book", "x")),
    "an index of a table, over columns that are not told": ("unknown", DROP_INDEX_OF, drop("book", "x")),
    "an index of a table, and a column of another": ("commute", DROP_INDEX_OF, drop("author", "x")),
    "an index that is dropped and a new column": ("commute", DROP_INDEX, add("book", "x")),
    "an index whose condition names a column that is dropped": ("conflict", PARTIAL, drop("book", "y")),
    "a constraint whose columns are not told": ("unknown", DROP_UNIQUE, drop("book", "x")),
    "a constraint that is dropped and a new column": ("commute", DROP_UNIQUE, add("book", "x")),
    "a key that a reference may need": ("unknown", DROP_UNIQUE, refer("author", "x", "book")),
    "a foreign key that is dropped, and one to its table": ("commute", DROP_FOREIGN, refer("author", "x", "book")),
    "a foreign key that falls with a table": ("unknown", DROP_FOREIGN, DROP_AUTHOR.replace(detail=CASCADES)),
    "a foreign key, and a table that falls alone": ("commute", DROP_FOREIGN, DROP_AUTHOR),
    "a type dropped with its columns": ("unknown", Operation("drop_enum", "", "kind", CASCADES), add("book", "x")),
    "constraints of one name that are an index": ("conflict", unique("book", "uq", "x"), unique("author", "uq", "x")),
    "a computed column and its source": ("conflict", COMPUTED, drop("book", "x")),
    "a value that is renamed and a column of the type": ("conflict", RENAME_VALUE, add("book", "k", KIND)),
    "a value that is renamed and rows": ("unknown", RENAME_VALUE, rows("book")),
    "two tables that make one type": ("unknown", table("a", Column("k", KIND)), table("b", Column("k", KIND))),
    "rows and a unique index": ("unknown", rows("book"), UNIQUE_INDEX),
    "a table in a namespace that is dropped": ("conflict", table("hall.t"), Operation("drop_namespace", "", "hall")),
    "a view of a table that is dropped": ("unknown", mention("view", "book", "x"), Operation("drop_table", "book")),
    "a view of a column that is dropped": ("unknown", mention("view", "book", "x"), drop("book", "x")),
    "a view of all columns": ("unknown", mention("view", "book", "*"), drop("book", "x")),
    "a view in the way of a table that SQLite makes anew": ("unknown", mention("view", "book", "y"), drop("book", "x")),
    "a query of another column": ("commute", mention("query", "book", "y"), drop("book", "x")),
    "a view of another table": ("commute", mention("view", "author", "x"), drop("book", "x")),
    "a view and a new column": ("commute", mention("view", "book", "x"), add("book", "x")),
    "a view and rows": ("commute", mention("view", "book"), rows("book")),
    "a trigger and rows": ("unknown", mention("trigger", "book"), rows("book")),
    "a query and a table that is renamed": ("unknown", mention("query", "book"), RENAME),
    "what is read for rows of another table": ("unknown", mention("rows", "book", "x"), drop("book", "x")),
    "two views of one name": ("unknown", mention("view", "a", name="v"), mention("view", "b", name="v")),
    "two views": ("commute", mention("view", "a", name="v"), mention("view", "a", name="w")),
    "a view and what is not understood": ("unknown", mention("view", "book"), unknown("book")),
}  # fmt: skip


@pytest.mark.parametrize(("verdict", "one", "other"), PAIRS.values(), ids=PAIRS)
def test_verdict(verdict: str, one: Operation, other: Operation) -> None:
    assert commute([one], [other]).verdict == verdict


@pytest.mark.parametrize(("verdict", "one", "other"), PAIRS.values(), ids=PAIRS)
def test_the_order_of_the_lines_does_not_matter(verdict: str, one: Operation, other: Operation) -> None:
    assert commute([other], [one]).verdict == verdict


def test_nothing_commutes_with_everything() -> None:
    assert commute([], [unknown()]).verdict == "commute"


def test_a_conflict_outranks_the_unknown_and_both_are_told() -> None:
    found = commute([unknown("book"), add("book", "x")], [add("book", "x")])
    assert found.verdict == "conflict"
    assert [(clash.verdict, clash.object) for clash in found.clashes] == [("conflict", "book.x"), ("unknown", "book")]


def test_a_table_and_one_that_refers_to_it_are_told_apart() -> None:
    (clash,) = commute([table("a")], [table("b", foreign_keys=(ForeignKey(("x",), "a", ("id",)),))]).clashes
    assert (clash.object, clash.why) == ("a.id", "one makes the table, the other refers to it")


def test_a_clash_names_both_operations() -> None:
    one, other = add("book", "x"), drop("book", "x")
    (clash,) = commute([one], [other]).clashes
    assert (clash.one, clash.other, clash.object) == (one, other, "book.x")
    assert clash.why == "one adds the column, the other drops the column"


OPERATIONS = st.sampled_from(
    [
        add("book", "x"),
        add("book", "y"),
        add("author", "x"),
        drop("book", "a"),
        drop("book", "b"),
        alter("book", "a"),
        alter("author", "id"),
        index("book", "ix_a", "a"),
        index("book", "ix_b", "b"),
        unique("book", "uq", "a"),
        refer("book", "a", "author"),
        table("new", Column("id", INTEGER)),
        RENAME,
        Operation("rename_column", "book", "a", {"to": "x"}),
        Operation("drop_table", "author"),
        CHECK,
        ADD_VALUE,
    ]
)
START = replay(
    Schema(),
    [
        table("book", *(Column(name, INTEGER) for name in "abx"[:2]), Column("k", KIND)),
        table("author", Column("id", INTEGER)),
    ],
).schema


@settings(max_examples=400, deadline=None)
@given(st.lists(OPERATIONS, max_size=3), st.lists(OPERATIONS, max_size=3))
def test_what_commutes_gives_the_same_schema_in_either_order(one: list[Operation], other: list[Operation]) -> None:
    if replay(START, one).contradictions or replay(START, other).contradictions:
        return
    if commute(one, other).verdict != "commute":
        return
    forth, back = replay(START, [*one, *other]), replay(START, [*other, *one])
    assert forth.contradictions == back.contradictions == ()
    assert compare(forth.schema, back.schema) == ()
