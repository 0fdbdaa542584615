"""Operations over a schema give the schema that a database would have."""

from __future__ import annotations

import pytest

from gitmig.schema.elements import (
    Check,
    Column,
    ForeignKey,
    Index,
    Origin,
    PrimaryKey,
    Schema,
    Table,
    Type,
    Unique,
    Unknown,
)
from gitmig.schema.operations import Operation
from gitmig.schema.replay import Replayed, chain, replay, replay_chain

INTEGER = Type("integer", "Integer()")
STRING = Type("string", "String()")
KIND = Type("enum", "Enum", enum_name="kind", values=("a", "b"))


def column(name: str, **named: object) -> Column:
    return Column(name, **{"type": INTEGER, **named})  # type: ignore[arg-type]


def create(name: str, *columns: Column, **named: object) -> Operation:
    return Operation("create_table", name, detail={"table": Table(name, columns=columns, **named)})  # type: ignore[arg-type]


AUTHOR = create("author", column("id", primary_key=True, nullable=False), column("name"))
BOOK = create(
    "book",
    column("id"),
    column("author_id"),
    primary_key=PrimaryKey(("id",)),
    uniques=(Unique(("author_id",)),),
    foreign_keys=(ForeignKey(("author_id",), "author", ("id",)),),
    indexes=(Index(("author_id",), "ix_book_author_id"), Index(("lower(author_id)",), "ix_lower")),
    checks=(Check("author_id > 0"),),
)


def after(*operations: Operation) -> Replayed:
    return replay(Schema(), (AUTHOR, BOOK, *operations))


def book(*operations: Operation) -> Table:
    replayed = after(*operations)
    assert replayed.contradictions == ()
    return replayed.schema.tables["book"]


def test_a_primary_key_constraint_makes_its_columns_not_null() -> None:
    key = book().column("id")
    assert key is not None
    assert (key.nullable, key.primary_key) == (False, True)


def test_a_table_comes_and_goes() -> None:
    replayed = after(Operation("drop_table", "book"))
    assert list(replayed.schema.tables) == ["author"]
    assert replayed.contradictions == ()


def test_a_renamed_table_is_referred_to_by_its_new_name() -> None:
    schema = after(Operation("rename_table", "author", detail={"to": "shop.writer"})).schema
    assert sorted(schema.tables) == ["book", "shop.writer"]
    assert schema.tables["shop.writer"].namespace == "shop"
    assert schema.tables["book"].foreign_keys[0].referred == "shop.writer"


def test_a_renamed_column_keeps_its_indexes_keys_and_checks() -> None:
    table = book(Operation("rename_column", "book", "author_id", {"to": "writer_id"}))
    assert [each.name for each in table.columns] == ["id", "writer_id"]
    assert [index.columns for index in table.indexes] == [("writer_id",), ("lower(writer_id)",)]
    assert table.uniques[0].columns == ("writer_id",)
    assert table.foreign_keys[0].columns == ("writer_id",)
    assert table.checks[0].text == "writer_id > 0"


def test_a_renamed_column_is_referred_to_by_its_new_name() -> None:
    table = book(Operation("rename_column", "author", "id", {"to": "key"}))
    assert table.foreign_keys[0].referred_columns == ("key",)


def test_a_dropped_column_takes_what_is_made_of_it() -> None:
    table = book(Operation("drop_column", "book", "author_id"))
    assert [each.name for each in table.columns] == ["id"]
    assert (table.uniques, table.foreign_keys, table.indexes) == ((), (), ())
    assert table.primary_key == PrimaryKey(("id",))


def test_an_altered_column_keeps_what_is_not_set() -> None:
    altered = book(
        Operation(
            "alter_column", "book", "author_id", {"set": {"type": STRING, "comment": "c"}, "unknown": ("nullable",)}
        )
    ).column("author_id")
    assert altered == column("author_id", type=STRING, comment="c", unknown=("nullable",))


@pytest.mark.parametrize(
    "name",
    ["book_author_id_key", "uq_book_author_id", "author_id", "anything, there is only one"],
)
def test_a_nameless_constraint_is_dropped_by_the_name_the_database_gave_it(name: str) -> None:
    assert book(Operation("drop_constraint", "book", name, {"kind": "unique"})).uniques == ()


def test_a_named_constraint_is_not_taken_for_another() -> None:
    named = Operation("create_unique", "author", "uq_name", {"constraint": Unique(("name",), "uq_name")})
    replayed = after(named, Operation("drop_constraint", "author", "uq_other", {"kind": "unique"}))
    assert len(replayed.schema.tables["author"].uniques) == 1
    assert [each.why for each in replayed.contradictions] == ["there is no constraint uq_other on author"]


def keyed(*columns: str) -> Table:
    keys = tuple(ForeignKey((name,), "author", ("id",)) for name in columns)
    return Table("book", columns=tuple(map(column, ("id", *columns))), foreign_keys=keys)


NAMELESS = {
    "MySQL's number": (["book_ibfk_2"], ["a", "c"]),
    "MySQL's numbers, one after the other": (["book_ibfk_1", "book_ibfk_3"], ["b"]),
    "a number that no key has": (["book_ibfk_7"], ["a", "b", "c"]),
    "PostgreSQL's name": (["book_b_fkey"], ["a", "c"]),
}


@pytest.mark.parametrize(("names", "left"), NAMELESS.values(), ids=NAMELESS)
def test_a_nameless_foreign_key_is_found_by_the_name_that_a_database_gives(names: list[str], left: list[str]) -> None:
    drops = [Operation("drop_constraint", "book", name, {"kind": "foreign_key"}) for name in names]
    after = replay(Schema(tables={"book": keyed("a", "b", "c")}), drops).schema.tables["book"]
    assert [each.columns[0] for each in after.foreign_keys] == left


def test_the_only_nameless_key_is_not_meant_by_a_name_that_says_other_columns() -> None:
    drop = Operation("drop_constraint", "book", "book_b_fkey", {"kind": "foreign_key"})
    assert replay(Schema(tables={"book": keyed("a")}), [drop]).schema.tables["book"].foreign_keys


def test_postgresql_cuts_the_longer_part_of_a_long_name() -> None:
    long = keyed("author_of_the_first_edition_in_the_original_language")
    longer = long.replace(name="book_of_the_library")
    drop = Operation(
        "drop_constraint", longer.name, "book_of_the_library_author_of_the_first_edition_in_the_ori_fkey", {}
    )
    assert len(drop.name) == 63
    assert not replay(Schema(tables={longer.name: longer}), [drop]).schema.tables[longer.name].foreign_keys


UNTYPED = {
    "the name itself decides": ("ck_a", Check("a > 0", "ck_a"), []),
    "a check that nobody knows is no key": ("ck_b", None, ["a"]),
    "a name without a habit may be the key": ("b", None, []),
}


@pytest.mark.parametrize(("name", "check", "left"), UNTYPED.values(), ids=UNTYPED)
def test_a_drop_that_does_not_say_its_kind(name: str, check: Check | None, left: list[str]) -> None:
    table = keyed("a").replace(checks=(check,) if check else ())
    after = replay(Schema(tables={"book": table}), [Operation("drop_constraint", "book", name, {})]).schema.tables[
        "book"
    ]
    assert ([each.columns[0] for each in after.foreign_keys], after.checks) == (["a"] if check else left, ())


def test_a_nameless_foreign_key_gives_way_to_one_for_the_same_columns() -> None:
    """It was dropped by a name that only its database knows, such as `book_ibfk_1`."""
    anew = ForeignKey(("author_id",), "author", ("id",), "fk_book_author", ondelete="CASCADE")
    other = ForeignKey(("id",), "author", ("id",), "fk_other")
    made = [Operation("create_foreign_key", "book", each.name or "", {"constraint": each}) for each in (anew, other)]
    assert book(*made).foreign_keys == (anew, other)


def test_the_primary_key_is_dropped_and_made_anew() -> None:
    table = book(
        Operation("drop_constraint", "book", "book_pkey", {"kind": "primary_key"}),
        Operation("create_primary_key", "book", "pk", {"constraint": PrimaryKey(("id", "author_id"), "pk")}),
    )
    assert table.primary_key == PrimaryKey(("id", "author_id"), "pk")
    assert [each.primary_key for each in table.columns] == [True, True]


def test_an_index_is_found_by_its_name_where_the_table_is_another() -> None:
    """DROP INDEX names no table except on MySQL, so that the wrong one in a revision does not show."""
    replayed = after(Operation("drop_index", "author", "ix_book_author_id"))
    assert replayed.contradictions == ()
    assert [each.name for each in replayed.schema.tables["book"].indexes] == ["ix_lower"]
    assert after(Operation("drop_index", "author", "ix_other")).contradictions


def test_what_is_done_to_a_table_that_no_revision_creates_is_kept() -> None:
    index = Operation("create_index", "old", "ix", {"index": Index(("a",), "ix")})
    renamed = replay(Schema(), [index, Operation("rename_table", "old", detail={"to": "older"})]).schema
    assert [(each.op, each.table) for each in renamed.strays] == [("create_index", "older")]
    assert replay(renamed, [create("older", column("a"))]).schema.strays == ()
    assert replay(renamed, [Operation("drop_table", "older")]).schema.strays == ()


def test_an_index_is_found_without_its_table() -> None:
    assert [index.name for index in book(Operation("drop_index", "", "ix_lower")).indexes] == ["ix_book_author_id"]
    assert [
        index.name
        for index in book(
            Operation("create_index", "book", "new", {"index": Index(("id",), "new")}),
            Operation("drop_index", "", "ix_lower"),
            Operation("rename_index", "", "new", {"to": "newer"}),
            Operation("drop_index", "", "ix_book_author_id"),
        ).indexes
    ] == ["newer"]


CONTRADICTIONS = {
    "a table that is there": (BOOK, "table book exists already"),
    "drop of a table that is not": (Operation("drop_table", "x"), "there is no table x"),
    "rename to a table that is there": (
        Operation("rename_table", "book", detail={"to": "author"}),
        "table author exists already",
    ),
    "a column of no table": (
        Operation("add_column", "x", "y", {"column": column("y")}),
        "there is no table x",
    ),
    "a column that is there": (
        Operation("add_column", "book", "id", {"column": column("id")}),
        "column book.id exists already",
    ),
    "drop of a column that is not": (Operation("drop_column", "book", "y"), "there is no column book.y"),
    "alter of a column that is not": (Operation("alter_column", "book", "y"), "there is no column book.y"),
    "drop of an index that is not": (Operation("drop_index", "book", "y"), "there is no index y on book"),
    "drop of a type that is not": (Operation("drop_enum", "", "y"), "there is no type y"),
}


@pytest.mark.parametrize(("operation", "why"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_contradiction_is_recorded_and_never_fatal(operation: Operation, why: str) -> None:
    assert [each.why for each in after(operation).contradictions] == [why]


@pytest.mark.parametrize("operation", [row[0] for row in CONTRADICTIONS.values()], ids=CONTRADICTIONS)
def test_under_a_condition_it_is_none(operation: Operation) -> None:
    before = after().schema
    for silent in (operation.replace(conditional=True), operation.replace(detail={**operation.detail, "exists": True})):
        replayed = after(silent)
        assert replayed.contradictions == ()
        assert replayed.schema.tables == before.tables


def test_an_unknown_operation_marks_what_it_names() -> None:
    schema = after(
        Operation("unknown", detail={"text": "a", "why": "w", "objects": ("book", "author.name")}),
        Operation("unknown", detail={"text": "b", "why": "w"}),
        Operation("unknown", detail={"text": "c", "why": "w", "objects": ("nowhere",)}),
    ).schema
    assert [each.what for each in schema.tables["book"].unknown] == ["a"]
    assert [each.what for each in schema.tables["author"].unknown] == ["a"]
    assert schema.unknown == (Unknown("b", "w"), Unknown("c", "w", objects=("nowhere",)))


def test_native_enums_are_made_by_hand_or_by_a_column() -> None:
    by_column = after(Operation("add_column", "book", "kind", {"column": column("kind", type=KIND)})).schema
    by_hand = after(Operation("create_enum", "", "kind", {"values": ("a", "b")})).schema
    assert by_column.enums["kind"].values == by_hand.enums["kind"].values == ("a", "b")


def test_a_renamed_enum_is_renamed_in_its_columns() -> None:
    kind = Type("enum", "sa.Enum('a', name='kind')", enum_name="kind", values=("a",))
    rename = Operation("rename_enum", "", "kind", {"to": "sort"})
    made = create("x", column("y", type=kind), column("z", type=Type("array", "ARRAY", item=kind)))
    table = replay(Schema(), [made, rename]).schema.tables["x"]
    types = [each.type.item or each.type for each in table.columns]
    assert [(each.enum_name, each.text) for each in types] == [("sort", "sa.Enum('a', name='sort')")] * 2


def test_a_check_goes_with_a_column_that_it_names() -> None:
    made = create(
        "x", column("y"), column("z"), checks=(Check("(y IS NULL) <> (z IS NULL)", "one"), Check("z > 0", "two"))
    )
    table = replay(Schema(), [made, Operation("drop_column", "x", "y")]).schema.tables["x"]
    assert [each.name for each in table.checks] == ["two"]


def test_enum_values_follow_their_alterations() -> None:
    schema = after(
        Operation("add_column", "book", "kind", {"column": column("kind", type=KIND)}),
        Operation("alter_enum", "", "kind", {"add": ("c", "d"), "rename": {"a": "A"}}),
        Operation("alter_enum", "", "kind", {"drop": ("b",)}),
        Operation("rename_enum", "", "kind", {"to": "sort"}),
    ).schema
    assert schema.enums["sort"].values == ("A", "c", "d")
    assert schema.tables["book"].column("kind").type.enum_name == "sort"  # type: ignore[union-attr]


def test_the_chain_gives_every_element_its_revision() -> None:
    here = Origin("versions/a.py", 3)
    made = Table("t", columns=(column("id", origin=here),), indexes=(Index(("id",), origin=here),), origin=here)
    schema = chain(
        [
            ("a1", [Operation("create_table", "t", detail={"table": made}, origin=here)]),
            ("b2", [Operation("add_column", "t", "x", {"column": column("x")})]),
        ]
    )
    table = schema.tables["t"]
    assert [each.origin.revision for each in (table, *table.columns, *table.indexes)] == ["a1", "a1", "b2", "a1"]
    assert table.columns[0].origin == Origin("versions/a.py", 3, "a1")


def test_a_chain_goes_on_from_a_schema_and_shares_what_it_does_not_touch() -> None:
    start = after().schema
    replayed = replay_chain([("c3", [Operation("drop_column", "book", "author_id")])], start)
    assert replayed.schema.tables["author"] is start.tables["author"]
    assert start.tables["book"].column("author_id") is not None


def test_the_default_namespace_may_be_written_or_not() -> None:
    assert after(Operation("drop_table", "public.book")).schema.tables.keys() == {"author"}
    assert [each.why for each in after(Operation("drop_table", "other.book")).contradictions] == [
        "there is no table other.book"
    ]


NAMESPACES = {
    "the only table of that name": (("core.user",), [], ["core.user"]),
    "two of that name": (("core.user", "shop.user"), ["there is no table user"], []),
    "one without a namespace": (("core.user", "user"), [], ["user"]),
}


@pytest.mark.parametrize(("keys", "refused", "changed"), NAMESPACES.values(), ids=NAMESPACES)
def test_a_namespace_that_env_py_sets_is_that_of_the_only_table_of_that_name(
    keys: tuple[str, ...], refused: list[str], changed: list[str]
) -> None:
    before = Schema(tables={key: Table(key.rpartition(".")[2]) for key in keys})
    replayed = replay(before, [Operation("add_column", "user", "x", {"column": column("x")})])
    assert [each.why for each in replayed.contradictions] == refused
    assert [key for key, table in replayed.schema.tables.items() if table.columns] == changed


def test_a_nameless_constraint_keeps_the_name_of_the_day_it_was_made() -> None:
    table = book(
        Operation("create_foreign_key", "book", "", {"constraint": ForeignKey(("id",), "author", ("id",))}),
        Operation("rename_column", "book", "author_id", {"to": "writer_id"}),
        Operation("drop_constraint", "book", "book_author_id_fkey", {"kind": "foreign_key"}),
    )
    assert [each.columns for each in table.foreign_keys] == [("id",)]


def test_what_another_dialect_does_instead_is_left_out() -> None:
    assert "book" in after(Operation("drop_table", "book", detail={"alternative": True})).schema.tables
