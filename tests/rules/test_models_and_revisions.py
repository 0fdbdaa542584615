"""GM301, GM302, GM303, GM305 to GM307: models and revisions, before and after."""

from __future__ import annotations

import pytest
from support.changes import BOOK, CREATE_BOOKS, FIRST, Tree, change, findings, found, revision, with_column

from gitmig.change.additions import Unstaged
from gitmig.change.published import Edit

SUBTITLE = with_column("subtitle: Mapped[str | None] = mapped_column(String(200))")
ADD_SUBTITLE = 'op.add_column("books", sa.Column("subtitle", sa.String(200)))'


def adding(options: str) -> str:
    return f'op.add_column("books", sa.Column("subtitle", sa.String(200), {options}))'


TAG = BOOK + 'class Tag(Base):\n    __tablename__ = "tags"\n    id: Mapped[int] = mapped_column(primary_key=True)\n'


def second(upgrade: str, downgrade: str = "pass") -> list[str]:
    return [FIRST, revision("bbb222", "aaa111", upgrade, downgrade)]


@pytest.mark.parametrize(
    ("models", "objects"),
    [
        pytest.param(SUBTITLE, ["books.subtitle"], id="a new column"),
        pytest.param(TAG, ["tags"], id="a new table is one finding"),
        pytest.param(BOOK.replace("String(200)", "String(300)"), ["books.title"], id="another length"),
        pytest.param(BOOK.replace("Mapped[str]", "Mapped[str | None]"), ["books.title"], id="another NULL"),
        pytest.param(BOOK.replace("(200))", "(200), index=True)"), ["books"], id="an index"),
        pytest.param(
            with_column('author: Mapped[int] = mapped_column(ForeignKey("books.id"), index=True)'),
            ["books.author"],
            id="a column with key and index is one finding",
        ),
        pytest.param(BOOK.replace("    title", "    # title"), ["books.title"], id="a column that left the models"),
        pytest.param("", ["books"], id="a table that left the models"),
    ],
)
def test_gm301_finds(models: str, objects: list[str]) -> None:
    assert found("GM301", change(Tree(models))) == objects


@pytest.mark.parametrize(
    "models",
    [
        pytest.param(BOOK, id="nothing"),
        pytest.param(with_column('author = relationship("Author")'), id="a relationship"),
        pytest.param(BOOK.replace("(200))", '(200), default="x")'), id="a default of Python"),
        pytest.param(BOOK.replace("class Book", "class Volume"), id="another class name"),
        pytest.param(BOOK.replace("String(200)", "String(length=200)"), id="another spelling"),
    ],
)
def test_gm301_leaves_alone(models: str) -> None:
    assert found("GM301", change(Tree(models))) == []


def test_gm301_leaves_what_was_so_before() -> None:
    assert found("GM301", change(Tree(SUBTITLE), Tree(SUBTITLE))) == []
    assert found("GM301", change(Tree(SUBTITLE), mode="all")) == ["books.subtitle"]


def test_gm301_leaves_a_revision_that_came_earlier() -> None:
    earlier = second(ADD_SUBTITLE)
    assert found("GM301", change(Tree(SUBTITLE, earlier), Tree(BOOK, earlier))) == []


def test_gm301_says_what_to_write() -> None:
    [finding] = findings("GM301", change(Tree(SUBTITLE)))
    assert finding.message == (
        "model change without a revision: column books.subtitle (sa.String(length=200)) is in no revision"
    )
    assert finding.place and (finding.place.path, finding.place.anchor) == ("shop/models.py", "line:12")
    assert finding.help[0].commands == ("gitmig revision -m TEXT",)
    assert finding.help[1].commands == (
        'op.add_column("books", sa.Column("subtitle", sa.String(length=200), nullable=True))',
    )


def test_a_comment_is_worth_a_note() -> None:
    [finding] = findings("GM301", change(Tree(BOOK.replace("(200))", '(200), comment="x")'))))
    assert finding.severity == "note"


@pytest.mark.parametrize(
    ("models", "upgrade", "objects"),
    [
        pytest.param(SUBTITLE, 'op.execute("SELECT 1")', ["books.subtitle"], id="the revision does something else"),
        pytest.param(SUBTITLE, ADD_SUBTITLE.replace("200", "100"), ["books.subtitle"], id="another length"),
        pytest.param(
            SUBTITLE, adding('nullable=False, server_default=""'), ["books.subtitle"],
            id="another NULL",
        ),
        pytest.param(SUBTITLE, ADD_SUBTITLE.replace("subtitle", "sub_title"), ["books.subtitle"], id="another name"),
    ],
)  # fmt: skip
def test_gm302_finds(models: str, upgrade: str, objects: list[str]) -> None:
    one = change(Tree(models, second(upgrade)))
    assert found("GM302", one) == objects
    assert found("GM301", one) == []


@pytest.mark.parametrize(
    ("models", "upgrade"),
    [
        pytest.param(SUBTITLE, ADD_SUBTITLE, id="what the models say"),
        pytest.param(
            SUBTITLE, 'op.execute("ALTER TABLE books ADD COLUMN subtitle VARCHAR(200)")', id="SQL that does it"
        ),
        pytest.param(BOOK, 'op.execute("UPDATE books SET title = title")', id="rows only"),
        pytest.param(BOOK, ADD_SUBTITLE, id="more than the models say"),
    ],
)
def test_gm302_leaves_alone(models: str, upgrade: str) -> None:
    assert found("GM302", change(Tree(models, second(upgrade)))) == []


@pytest.mark.parametrize(
    ("upgrade", "severity"),
    [
        pytest.param(ADD_SUBTITLE, "note", id="nullable"),
        pytest.param(adding("nullable=False"), "error", id="NOT NULL without a default"),
        pytest.param(adding('nullable=False, server_default="x"'), "note", id="NOT NULL with a default"),
    ],
)
def test_gm303_finds_a_chain_that_goes_further(upgrade: str, severity: str) -> None:
    [finding] = findings("GM303", change(Tree(BOOK, second(upgrade))))
    assert (finding.objects, finding.severity) == (("books.subtitle",), severity)


def test_gm303_leaves_alone_what_the_models_have() -> None:
    assert found("GM303", change(Tree(SUBTITLE, second(ADD_SUBTITLE)))) == []


def test_gm301_tells_what_went_with_published_revisions_once() -> None:
    """No model changed: the revisions that made the tables are gone.  GM202 may be waived, and a squash forgets one."""
    first = Tree().state().revision("aaa111")
    assert first is not None
    edits = (Edit(first), Edit(first.replace(id="bbb222")))
    [finding] = findings("GM301", change(Tree(BOOK, []), Tree(BOOK)).replace(edits=edits))
    assert finding.message == "in no revision any more: books, since aaa111 and 1 more went"
    assert (finding.severity, finding.objects) == ("error", ("books",))


def test_gm302_tells_what_a_squash_forgot() -> None:
    first = Tree().state().revision("aaa111")
    assert first is not None
    squash = revision("ccc333", None, 'op.create_table("authors", sa.Column("id", sa.Integer(), primary_key=True))')
    [finding] = findings("GM302", change(Tree(BOOK, [squash]), Tree(BOOK)).replace(edits=(Edit(first),)))
    assert finding.message == "in no revision any more: books, since aaa111 went"


def test_gm301_tells_a_new_table_apart_from_what_went() -> None:
    first = Tree().state().revision("aaa111")
    assert first is not None
    assert found("GM301", change(Tree(TAG, []), Tree(BOOK)).replace(edits=(Edit(first),))) == ["books", "tags"]


def test_gm304_takes_the_place_of_gm301() -> None:
    loose = Unstaged("bbb222", "migrations/versions/bbb222_x.py", frozenset({"books.subtitle"}))
    one = change(Tree(SUBTITLE)).replace(unstaged=(loose,))
    assert found("GM301", one) == []
    [finding] = findings("GM304", one)
    assert finding.help[0].commands == ("git add -- migrations/versions/bbb222_x.py",)


def test_gm304_leaves_a_file_alone_that_mends_nothing() -> None:
    one = change(Tree(SUBTITLE)).replace(unstaged=(Unstaged("bbb222", "x.py"),))
    assert (found("GM304", one), found("GM301", one)) == ([], ["books.subtitle"])


@pytest.mark.parametrize(
    ("texts", "revisions"),
    [
        pytest.param(second("pass"), ["bbb222"], id="only pass"),
        pytest.param(second('"""nothing"""'), ["bbb222"], id="only a docstring"),
        pytest.param(second(ADD_SUBTITLE), [], id="an operation"),
        pytest.param(
            [
                FIRST,
                revision("bbb222", "aaa111", "op.f('x')"),
                revision("ccc333", "aaa111", "op.f('x')"),
                revision("ddd444", ("bbb222", "ccc333"), "pass"),  # type: ignore[arg-type]
            ],
            [],
            id="a merge revision",
        ),
    ],
)
def test_gm305_finds_revisions_that_do_nothing(texts: list[str], revisions: list[str]) -> None:
    assert found("GM305", change(Tree(BOOK, texts))) == revisions


@pytest.mark.parametrize(
    ("models", "upgrade", "objects"),
    [
        pytest.param(SUBTITLE, "op.add_column(make(), column())", ["books.subtitle"], id="a computed operation"),
        pytest.param(
            with_column("size = mapped_column(imported_type())"),
            'op.add_column("books", sa.Column("size", sa.Integer()))',
            ["books.size"],
            id="a computed type",
        ),
    ],
)
def test_gm306_names_what_cannot_be_read(models: str, upgrade: str, objects: list[str]) -> None:
    one = change(Tree(models, second(upgrade)))
    assert found("GM306", one) == objects
    assert all(finding.undecided for finding in findings("GM306", one))
    assert found("GM302", one) == []


def test_gm306_says_what_of_a_column_and_shows_each_place_once() -> None:
    models = BOOK + "    subtitle = mapped_column(String(200), nullable=settings.strict)\n"
    [finding] = findings("GM306", change(Tree(models, second(ADD_SUBTITLE))))
    assert finding.message == "cannot tell whether books.subtitle changed: whether it is NOT NULL cannot be read"
    assert finding.place not in [related.place for related in finding.related]


def test_gm306_leaves_alone_what_can_be_read() -> None:
    assert found("GM306", change(Tree(SUBTITLE, second(ADD_SUBTITLE)))) == []


def test_gm002_finds_a_model_file_that_does_not_parse() -> None:
    [finding] = findings("GM002", change(Tree(BOOK + "class Broken(Base)\n    x = Column(Integer)\n")))
    assert (finding.objects, finding.undecided) == (("shop/models.py",), True)


def test_gm002_leaves_readable_models_alone() -> None:
    assert found("GM002", change(Tree(SUBTITLE))) == []


HEADLINE = BOOK.replace("title:", "headline:")
RENAMED = 'op.add_column("books", sa.Column("headline", sa.String(200)))\nop.drop_column("books", "title")'


def test_gm307_finds_a_rename_that_loses_rows() -> None:
    [finding] = findings("GM307", change(Tree(HEADLINE, second(RENAMED))))
    assert finding.objects == ("books.headline",)
    assert finding.help[0].commands == ('op.alter_column("books", "title", new_column_name="headline")',)


@pytest.mark.parametrize(
    "upgrade",
    [
        pytest.param('op.alter_column("books", "title", new_column_name="headline")', id="a real rename"),
        pytest.param(
            RENAMED.replace("\n", '\nop.execute("UPDATE books SET headline = title")\n'), id="rows that are copied"
        ),
        pytest.param(RENAMED.replace("sa.String(200)", "sa.Integer()"), id="another type"),
        pytest.param('op.drop_column("books", "title")', id="only a drop"),
    ],
)
def test_gm307_leaves_alone(upgrade: str) -> None:
    assert found("GM307", change(Tree(HEADLINE, second(upgrade)))) == []


def test_gm307_leaves_tables_alone_that_were_never_published() -> None:
    line = [revision("aaa111", None, CREATE_BOOKS), revision("bbb222", "aaa111", RENAMED)]
    assert found("GM307", change(Tree(HEADLINE, line), Tree(BOOK, []))) == []
