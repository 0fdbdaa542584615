"""What is not written one way is not written the other way either."""

from __future__ import annotations

import pytest

from gitmig.schema.coder import Form
from gitmig.schema.elements import Column, ForeignKey, Index, Schema, Table, Type
from gitmig.schema.left_out import without_unwritable
from gitmig.schema.operations import Operation
from gitmig.schema.rendering import problem_of, render_steps
from gitmig.schema.writing import write

INTEGER, STRANGE = Type("integer", "sa.Integer()"), Type("secret", "Secret(key())", known=False)
BOOKS = Schema(tables={"books": Table("books", columns=(Column("id", INTEGER, primary_key=True),))})
ADD_STRANGE = Operation("add_column", "books", "secret", {"column": Column("secret", STRANGE)})
ADD_PLAIN = Operation("add_column", "books", "pages", {"column": Column("pages", INTEGER)})
MAKE_STRANGE = Operation("create_table", "vaults", "", {"table": Table("vaults", columns=(Column("id", STRANGE),))})


def index_on(table: str, column: str) -> Operation:
    return Operation("create_index", table, f"ix_{column}", {"index": Index((column,), f"ix_{column}")})


def refers_to(table: str) -> Operation:
    key = ForeignKey(("id",), table, ("id",), "fk")
    return Operation("create_foreign_key", "books", "fk", {"constraint": key})


CASES: dict[str, tuple[list[Operation], list[str]]] = {
    "a column that cannot be written": ([ADD_STRANGE], ["unknown"]),
    "what stands on it": ([ADD_STRANGE, index_on("books", "secret")], ["unknown", "unknown"]),
    "what stands beside it": ([ADD_STRANGE, index_on("books", "id")], ["unknown", "create_index"]),
    "what is in a table that is not made": ([MAKE_STRANGE, index_on("vaults", "id")], ["unknown", "unknown"]),
    "what refers to a table that is not made": ([MAKE_STRANGE, refers_to("vaults")], ["unknown", "unknown"]),
    "all that can be written": ([ADD_PLAIN, index_on("books", "pages")], ["add_column", "create_index"]),
}


@pytest.mark.parametrize(("operations", "left"), CASES.values(), ids=CASES)
def test_what_would_fail_without_the_other_is_left_out_with_it(operations: list[Operation], left: list[str]) -> None:
    form = Form()
    found = without_unwritable(BOOKS, operations, lambda operation, column: problem_of(operation, column, form))
    assert [each.op for each in found] == left


def test_the_way_back_drops_nothing_that_was_never_made() -> None:
    form = Form()
    steps = write(
        BOOKS, [ADD_STRANGE, ADD_PLAIN], problem_of=lambda operation, column: problem_of(operation, column, form)
    )
    up, down = render_steps(steps.upgrade, form).text, render_steps(steps.downgrade, form).text
    assert "# gitmig: not written: books.secret: add column" in up
    assert down == 'op.drop_column("books", "pages")'
