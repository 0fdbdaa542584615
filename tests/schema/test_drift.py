"""Drift is what models and chain disagree about; new drift is what a change added to it."""

from __future__ import annotations

import pytest

from gitmig.schema.discrepancies import drift
from gitmig.schema.drift import Drift, Side, new_drift
from gitmig.schema.elements import (
    Check,
    Column,
    EnumType,
    ForeignKey,
    Index,
    Origin,
    PrimaryKey,
    Schema,
    Table,
    Type,
    Unknown,
)
from gitmig.schema.operations import Operation
from gitmig.schema.replay import replay

INTEGER = Type("integer", "Integer()")
KEY = "foreign key (x) to a(id)"


def schema(**tables: str | Table) -> Schema:
    """Tables by name: columns as "id name!" where ! is NOT NULL."""
    made = {name: each if isinstance(each, Table) else table(name, each) for name, each in tables.items()}
    return Schema(tables=made)


def table(name: str, columns: str, **parts: object) -> Table:
    made = tuple(Column(each.rstrip("!"), INTEGER, nullable="!" not in each) for each in columns.split())
    return Table(name, columns=made, **parts)  # type: ignore[arg-type]


def add(name: str, nullable: bool = True, table: str = "book") -> Operation:
    return Operation("add_column", table, name, {"column": Column(name, INTEGER, nullable)}, Origin("versions/b.py", 9))


def told(found: Drift) -> list[str]:
    return [f"{item.kind} {item.object} {item.attribute}".strip() for item in found.items]


def changed(models: Schema, *operations: Operation, before: Schema | None = None, chain: Schema | None = None) -> Drift:
    """Book had an id on both sides; `before` are the models then, `chain` the chain then."""
    models_before = before or schema(book="id")
    chain_before = chain or schema(book="id")
    return new_drift(
        Side(replay(chain_before, operations).schema, models), [Side(chain_before, models_before)], operations
    )


def test_a_table_that_the_environment_leaves_out_may_be_in_the_chain_alone() -> None:
    chain, models = schema(book="id", old="id", other="id"), schema(book="id").replace(left_out=("old",))
    assert [(item.kind, item.object) for item in drift(chain, models)] == [("ahead", "other")]


def test_a_model_of_alembics_own_table_is_in_no_revision() -> None:
    assert drift(Schema(), schema(alembic_version="version_num")) == ()
    assert drift(Schema(), schema(version="version_num"))


def test_every_difference_of_one_tree() -> None:
    chain = schema(book=table("book", "id gone x y", foreign_keys=(ForeignKey(("x",), "a", ("id",)),)), old="id")
    models = schema(
        book=table(
            "book",
            "id x! y more",
            foreign_keys=(ForeignKey(("x",), "a", ("id",), ondelete="CASCADE"),),
            indexes=(Index(("y",), "ix"),),
            checks=(Check("y > 0", "positive"),),
            comment="books",
        ),
        new="id",
    )
    assert [
        (item.kind, item.object, item.attribute, item.chain, item.model, item.note) for item in drift(chain, models)
    ] == [
        ("mismatch", "book", "comment", None, "books", True),
        ("mismatch", "book", "foreign_key(x)", KEY, f"{KEY} ON DELETE CASCADE", False),
        ("missing", "book", "check positive", None, "check (y > 0)", True),
        ("missing", "book", "index(y)", None, "index (y)", False),
        ("ahead", "book.gone", "", "Integer()", None, False),
        ("missing", "book.more", "", None, "Integer()", False),
        ("mismatch", "book.x", "nullable", "nullable", "NOT NULL", False),
        ("missing", "new", "", None, "table", False),
        ("ahead", "old", "", "table", None, False),
    ]  # fmt: skip


def test_replaying_the_operations_of_the_drift_ends_it() -> None:
    chain, models = schema(book="id gone x"), schema(book="id x! more", new="id")
    operations = [item.operation for item in drift(chain, models)]
    assert drift(replay(chain, [each for each in operations if each]).schema, models) == ()


def test_values_of_an_enum() -> None:
    chain = Schema(enums={"kind": EnumType("kind", ("a",))})
    models = Schema(enums={"kind": EnumType("kind", ("a", "b"))})
    assert [item.identity for item in drift(chain, models)] == [("mismatch", "kind", "values", "a", "a, b")]


def test_the_name_of_an_enum_means_nothing_in_a_project_for_mysql() -> None:
    def enum(name: str) -> Column:
        return Column("kind", Type("enum", f"sa.Enum('a', name={name!r})", enum_name=name, values=("a",)))

    def side(name: str, other: str) -> Schema:
        return schema(book=Table("book", columns=(enum(name), Column("n", Type("bigint", other)))))

    mysql = drift(side("old", "mysql.BIGINT()"), side("new", "sa.BigInteger()"))
    assert not [item for item in mysql if item.attribute == "type"]
    assert [item.attribute for item in drift(side("old", "sa.BigInteger()"), side("new", "sa.BigInteger()"))] == [
        "type"
    ]


BOOKS_IX = Operation("create_index", "book", "ix", {"index": Index(("x",), "ix")}, Origin(revision="a"))
STRAYS = {
    "an index that a revision made before its model": ([BOOKS_IX], "id x", (Index(("x",), "ix"),), []),
    "a column that a revision added before its model": ([add("y")], "id x y", (), []),
    "a column that a revision dropped before its model": (
        [Operation("drop_column", "book", "x", {}, Origin(revision="a"))],
        "id",
        (),
        [],
    ),
    "a column that was added and dropped again": (
        [add("y"), Operation("drop_column", "book", "y", {}, Origin(revision="b"))],
        "id x y",
        (),
        ["missing book.y"],
    ),
    "a column that no revision knows": ([BOOKS_IX], "id x y", (), ["missing book.y"]),
}


@pytest.mark.parametrize(("done", "columns", "indexes", "expected"), STRAYS.values(), ids=STRAYS)
def test_a_table_that_create_all_made_keeps_what_revisions_did_to_it(
    done: list[Operation], columns: str, indexes: tuple[Index, ...], expected: list[str]
) -> None:
    chain = replay(Schema(), done).schema
    now = schema(book=table("book", columns, indexes=indexes))
    assert told(new_drift(Side(chain, now), [Side(chain, schema(book="id x"))])) == expected


@pytest.mark.parametrize(("kept", "expected"), [([], []), ([add("x")], ["ahead book.x"])])
def test_a_revision_that_goes_takes_its_column_of_a_table_that_create_all_made_along(
    kept: list[Operation], expected: list[str]
) -> None:
    """A commit that is taken back: the revision and the column of the model."""
    before, local = (replay(Schema(), done).schema for done in ([add("x")], kept))
    assert told(new_drift(Side(local, schema(book="id")), [Side(before, schema(book="id x"))])) == expected


UNREAD = Column("x", INTEGER, unknown=("nullable",))
UNREAD_BEFORE = {
    "a table that no revision made": (schema(), []),
    "a column that no revision made": (schema(book="id"), []),
    "a column that a revision makes now": (schema(book="id"), ["unknown book.x nullable"]),
}


@pytest.mark.parametrize("phrase", UNREAD_BEFORE)
def test_what_could_not_be_read_before_is_not_new(phrase: str) -> None:
    chain, expected = UNREAD_BEFORE[phrase]
    models = schema(book=Table("book", columns=(Column("id", INTEGER), UNREAD)))
    done = [add("x")] if expected else []
    before = schema(book="id") if expected else models
    assert told(new_drift(Side(replay(chain, done).schema, models), [Side(chain, before)], done)) == expected


VERDICTS = {
    "nothing changed": (changed(schema(book="id")), "none", []),
    "a column without its operation": (changed(schema(book="id x")), "uncovered", ["missing book.x"]),
    "a column with its operation": (changed(schema(book="id x"), add("x")), "covered", []),
    "half of it": (changed(schema(book="id x y"), add("x")), "uncovered", ["missing book.y"]),
    "an operation that says otherwise": (
        changed(schema(book="id x!"), add("x")),
        "uncovered",
        ["mismatch book.x nullable"],
    ),
    "an operation ahead of the models": (changed(schema(book="id"), add("x")), "covered", ["ahead book.x"]),
    "the models removed it, no operation does": (
        changed(schema(book="id"), before=schema(book="id x"), chain=schema(book="id x")),
        "uncovered",
        ["ahead book.x"],
    ),
    "the operation drops what the models still have": (
        changed(
            schema(book="id x"),
            Operation("drop_column", "book", "x"),
            before=schema(book="id x"),
            chain=schema(book="id x"),
        ),
        "uncovered",
        ["missing book.x"],
    ),
    "a revision that came earlier": (changed(schema(book="id x"), chain=schema(book="id x")), "covered", []),
    "drift that was there": (changed(schema(book="id x"), before=schema(book="id x")), "none", []),
    "drift that was there and became worse": (
        changed(schema(book="id x!"), before=schema(book="id x")),
        "uncovered",
        ["mismatch book.x nullable"],
    ),
    "only rows change": (changed(schema(book="id"), Operation("data", "book", detail={"kind": "update"})), "none", []),
    "a comment": (changed(schema(book=table("book", "id", comment="x"))), "covered", ["mismatch book comment"]),
}


@pytest.mark.parametrize(("found", "verdict", "items"), VERDICTS.values(), ids=VERDICTS)
def test_verdict(found: Drift, verdict: str, items: list[str]) -> None:
    assert (found.verdict, told(found)) == (verdict, items)


def test_the_cause_of_being_ahead_is_told_apart() -> None:
    by_operation = changed(schema(book="id"), add("x"))
    by_models = changed(schema(book="id"), before=schema(book="id x"), chain=schema(book="id x"))
    assert [found.items[0].cause for found in (by_operation, by_models)] == ["operation", "models"]


def test_a_revision_that_was_only_written_anew_did_not_bring_what_the_models_give_up() -> None:
    create = Operation("create_table", "book", detail={"table": table("book", "id")})
    found = changed(schema(), create, before=schema(book="id"), chain=schema(book="id"))
    assert [(item.kind, item.object, item.cause) for item in found.items] == [("ahead", "book", "models")]


@pytest.mark.parametrize(("primary_key", "expected"), {True: [], False: ["mismatch book.x server_default"]}.items())
def test_a_key_that_gives_up_its_sequence_still_numbers_itself(primary_key: bool, expected: list[str]) -> None:
    key = Column("x", INTEGER, nullable=False, primary_key=primary_key)
    was, now = (
        schema(book=Table("book", columns=(each,)))
        for each in (key.replace(server_default="nextval('book_x_seq'::regclass)"), key)
    )
    assert told(new_drift(Side(was, now), [Side(was, was)])) == expected


def test_models_may_leave_to_the_database_how_a_value_is_made() -> None:
    made, left = Column("x", INTEGER, computed="id + 1 STORED"), Column("x", INTEGER, unknown=("computed",))
    chain, models = (schema(book=Table("book", columns=(each,))) for each in (made, left))
    assert drift(chain, models) == ()
    assert told(Drift("", drift(chain, schema(book=Table("book", columns=(left.replace(unknown=()),))))))


def test_an_index_that_a_new_revision_makes_on_an_old_table_is_no_error() -> None:
    index = Operation("create_index", "book", "ix", {"index": Index(("x",), "ix")})
    found = changed(schema(book="id x"), index, before=schema(book="id x"), chain=schema(book="id x"))
    assert [(item.kind, item.attribute, item.cause) for item in found.items] == [("ahead", "index(x)", "operation")]
    assert found.verdict == "covered"


class TestTableThatCreateAllMade:
    """Such a table is in no revision; the models before are what it was."""

    BEFORE = schema(book="id", made="id")

    def test_it_does_not_alarm(self) -> None:
        assert changed(self.BEFORE, before=self.BEFORE).verdict == "none"

    def test_its_new_column_does(self) -> None:
        assert told(changed(schema(book="id", made="id x"), before=self.BEFORE)) == ["missing made.x"]

    def test_its_new_column_is_covered_by_an_operation(self) -> None:
        assert changed(schema(book="id", made="id x"), add("x", table="made"), before=self.BEFORE).verdict == "covered"

    def test_a_revision_that_catches_up_is_no_drift(self) -> None:
        create = Operation("create_table", "made", detail={"table": table("made", "id")})
        assert changed(self.BEFORE, create, before=self.BEFORE).verdict == "covered"

    def test_an_alteration_of_a_column_the_chain_never_knew_is_covered(self) -> None:
        alter = Operation("alter_column", "book", "x", {"set": {"nullable": False}})
        assert changed(schema(book="id x!"), alter, before=schema(book="id x")).verdict == "covered"

    def test_a_key_over_a_column_the_chain_never_knew_is_no_news(self) -> None:
        """A commit elsewhere in the tree was told to make it."""
        columns = tuple(Column(name, INTEGER, nullable=False, primary_key=True) for name in ("id", "x"))
        keyed = Table("book", columns=columns, primary_key=PrimaryKey(("id", "x")))
        assert changed(schema(book=keyed), before=schema(book=keyed), chain=schema(book="id!")).verdict == "none"
        told_of = changed(schema(book=keyed), before=schema(book="id! x"), chain=schema(book="id!"))
        assert "missing book primary_key" in told(told_of)


class TestRenames:
    BEFORE = schema(book="id x strange")
    CHAIN = schema(book="id x!")

    def test_a_renamed_column_takes_its_old_drift_along(self) -> None:
        rename = Operation("rename_column", "book", "x", {"to": "y"})
        assert changed(schema(book="id y strange"), rename, before=self.BEFORE, chain=self.CHAIN).verdict == "covered"

    def test_a_renamed_table_takes_its_old_drift_along(self) -> None:
        rename = Operation("rename_table", "book", detail={"to": "volume"})
        before, after = schema(book="id x"), schema(volume="id x")
        assert changed(after, rename, before=before, chain=self.CHAIN).verdict == "covered"

    def test_a_rename_in_the_models_alone_is_drift(self) -> None:
        found = changed(schema(book="id y"), before=schema(book="id x"), chain=schema(book="id x"))
        assert (found.verdict, told(found)) == ("uncovered", ["ahead book.x", "missing book.y"])


class TestIndexes:
    """A condition says which rows are held; an operator class is worth a note."""

    @staticmethod
    def having(*indexes: Index) -> Schema:
        return schema(book=table("book", "id x", indexes=indexes))

    def found(self, chain: Index, models: Index) -> list[tuple[str, str, bool]]:
        return [(item.kind, item.attribute, item.note) for item in drift(self.having(chain), self.having(models))]

    def test_another_condition_is_an_error(self) -> None:
        partial = Index(("x",), "ix", where="id > 0")
        assert self.found(Index(("x",), "ix"), partial) == [("mismatch", "index(x)", False)]

    def test_another_operator_class_is_a_note(self) -> None:
        with_class = Index(("x",), "ix", options=(("postgresql_ops", "{'x': 'y'}"),))
        assert self.found(Index(("x",), "ix"), with_class) == [("mismatch", "index(x)", True)]

    def test_a_condition_that_is_not_read_is_unknown(self) -> None:
        computed = Index(("x",), "ix", where="condition()", unknown=("where",))
        assert self.found(Index(("x",), "ix"), computed) == [("unknown", "index(x) where", False)]


class TestServerDefaultOfTheChainAlone:
    WITH = schema(book=Table("book", columns=(Column("id", INTEGER), Column("x", INTEGER, server_default="1"))))
    WITHOUT = schema(book="id x")

    def test_is_a_backfill(self) -> None:
        assert changed(self.WITHOUT, before=self.WITHOUT, chain=self.WITH).items == ()

    def test_is_drift_once_the_models_gave_it_up(self) -> None:
        found = changed(self.WITHOUT, before=self.WITH, chain=self.WITH)
        assert (found.verdict, told(found)) == ("uncovered", ["mismatch book.x server_default"])

    def test_may_be_dropped_by_a_revision(self) -> None:
        drop = Operation("alter_column", "book", "x", {"set": {"server_default": None}})
        assert changed(self.WITHOUT, drop, before=self.WITH, chain=self.WITH).verdict == "covered"


class TestTableThatNoRevisionMade:
    """`create_all` may have made `old`; a database that the revisions made never had it."""

    BEFORE = schema(book="id", old="id")

    def test_leaves_the_models_with_a_note(self) -> None:
        found = changed(schema(book="id"), before=self.BEFORE)
        assert [(item.kind, item.object, item.note) for item in found.items] == [("ahead", "old", True)]
        assert found.verdict == "covered"

    def test_is_silent_where_a_revision_drops_it(self) -> None:
        assert changed(schema(book="id"), Operation("drop_table", "old"), before=self.BEFORE).items == ()

    def test_one_that_a_revision_made_is_an_error(self) -> None:
        found = changed(schema(book="id"), before=self.BEFORE, chain=self.BEFORE)
        assert (found.verdict, told(found)) == ("uncovered", ["ahead old"])


class TestDefaultThatWasNotRead:
    def models(self, text: str) -> Schema:
        column = Column("x", INTEGER, server_default=text, unknown=("server_default",))
        return schema(book=Table("book", columns=(Column("id", INTEGER), column)))

    def test_is_the_same_in_the_same_words(self) -> None:
        models = self.models("str(constants.MTU)")
        operation = Operation("add_column", "book", "x", {"column": models.tables["book"].columns[1]})
        assert changed(models, operation).verdict == "covered"

    def test_is_unknown_in_other_words(self) -> None:
        made = self.models("str(constants.MTU)").tables["book"].columns[1]
        operation = Operation("add_column", "book", "x", {"column": made})
        assert told(changed(self.models("str(MTU)"), operation)) == ["unknown book.x server_default"]


def unknown(*objects: str) -> Operation:
    return Operation("unknown", detail={"text": "op.magic()", "why": "no idea", "objects": objects})


class TestUnknown:
    def test_touches_what_it_names(self) -> None:
        found = changed(schema(book="id x"), unknown("book"))
        assert (found.verdict, told(found)) == ("unknown", ["unknown book op.magic()", "unknown book.x"])

    def test_leaves_alone_what_it_does_not_name(self) -> None:
        chain = schema(book="id", author="id")
        found = changed(schema(book="id x", author="id"), unknown("author"), chain=chain, before=chain)
        assert (found.verdict, told(found)) == ("uncovered", ["unknown author op.magic()", "missing book.x"])

    def test_that_names_nothing_may_touch_anything(self) -> None:
        assert changed(schema(book="id x"), unknown()).verdict == "unknown"

    def test_that_names_nothing_and_was_there_is_silent(self) -> None:
        chain = replay(schema(book="id"), [unknown()]).schema
        assert changed(schema(book="id x"), chain=chain).verdict == "uncovered"
        assert changed(schema(book="id"), chain=chain).verdict == "none"

    def test_that_names_what_nobody_knows_is_silent(self) -> None:
        assert changed(schema(book="id"), unknown("temporary")).items == ()

    def test_type_is_silent_until_it_changes(self) -> None:
        def models(text: str) -> Schema:
            return schema(book=Table("book", columns=(Column("id", Type("", text, known=False)),)))

        assert changed(models("load()"), before=models("load()")).items == ()
        assert told(changed(models("other()"), before=models("load()"))) == ["unknown book.id type"]

    @pytest.mark.parametrize("everywhere", ["event listener", "MetaData"])
    def test_that_may_touch_every_table_a_little_is_a_note_and_hides_nothing(self, everywhere: str) -> None:
        gap = Unknown("listens", "it may add indexes", objects=(everywhere,))
        with_gap = schema(book="id").replace(unknown=(gap,))
        found = changed(with_gap)
        assert [(item.object, item.note) for item in found.items] == [(everywhere, True)]
        assert found.verdict == "none"
        assert changed(schema(book="id x").replace(unknown=(gap,))).verdict == "uncovered"
        assert changed(with_gap, before=with_gap).items == ()

    def test_part_of_a_model_hides_no_other_drift_once_it_is_old(self) -> None:
        def models(columns: str) -> Schema:
            gap = Unknown("mixin", "outside", objects=("book",))
            return schema(book=table("book", columns, unknown=(gap,)))

        assert told(changed(models("id x"), before=models("id"))) == ["missing book.x"]


def test_the_other_side_of_a_merge_had_it_already() -> None:
    with_x, without = schema(book="id x"), schema(book="id")
    local = Side(without, with_x)
    assert new_drift(local, [Side(without, without), Side(without, with_x)]).items == ()
    assert told(new_drift(local, [Side(without, without)])) == ["missing book.x"]
