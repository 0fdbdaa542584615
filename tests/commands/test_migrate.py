"""`gitmig upgrade`, `downgrade`, `stamp`, `current`, `history`: looked at before they run, and never ended half way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.checking import Run, Runner, runner
from support.databases import VERSIONS, Shop, column, script, table
from support.scratch import PROGRAMS
from support.terminals import at_terminal

DROP = ('op.drop_table("tags")', table("tags")[0])
REVISIONS = {
    "a": script("a", None, *table("books")),
    "b": script("b", "a", *column("books", "price")),
    "c": script("c", "b", *table("tags")),
}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop").start(REVISIONS)


@pytest.fixture
def run(shop: Shop, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    """In the shop; what Alembic itself prints is caught too."""
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")  # the suite may be started at a terminal
    inner = runner(capfd)
    return lambda *words: inner(shop.path, *words)  # type: ignore[arg-type,return-value]


# Up and down


def test_up_shows_the_steps_and_where_it_ends(shop: Shop, run: Runner) -> None:
    done = run("upgrade", "head")
    assert done.output == (
        "upgrade shop.db (sqlite) from base: 3 steps\n"
        "  a  revision a\n"
        "  b  revision b\n"
        "  c  revision c\n"
        "shop.db (sqlite) is at c (head)\n"
    )
    assert (done.status, shop.heads()) == (0, ["c"])


LOUD = "import logging\nlogging.basicConfig(level=logging.INFO, format='%(message)s')\n"
OWN = "import logging\n    logging.getLogger('alembic.runtime.migration').info('7 rows moved')"


@pytest.fixture
def loud(shop: Shop) -> Shop:
    """As `alembic init` configures logging; the first revision has something to say itself."""
    shop.write("migrations/env.py", LOUD + (shop.path / "migrations/env.py").read_text())
    shop.add({"a": script("a", None, OWN)})
    return shop


def test_alembic_is_silent_where_gitmig_says_it(loud: Shop, run: Runner) -> None:
    assert run("current").said == ""
    assert run("upgrade", "a", "--no-ledger").said == "7 rows moved\n"


def test_with_v_it_speaks(loud: Shop, run: Runner) -> None:
    said = run("upgrade", "a", "-v").said
    assert "Running upgrade  -> a, revision a\n7 rows moved\n" in said


def test_without_a_terminal_each_of_several_steps_is_a_line(shop: Shop, run: Runner) -> None:
    said = run("upgrade", "b", "--no-ledger").said
    assert said == "1 of 2: upgrade a revision a\n2 of 2: upgrade b revision b\n"
    assert run("upgrade", "c", "--no-ledger").said == ""


ARGUMENTS = {
    "no revision means head": ("a", ("upgrade",), ["c"]),
    "an id": ("a", ("upgrade", "b"), ["b"]),
    "a step up": ("a", ("upgrade", "+1"), ["b"]),
    "heads": ("a", ("upgrade", "heads"), ["c"]),
    "a step down": ("c", ("downgrade", "-1"), ["b"]),
    "base": ("c", ("downgrade", "base"), []),
    "relative to an id": ("c", ("downgrade", "c-2"), ["a"]),
    "a stamp": ("a", ("stamp", "c"), ["c"]),
    "a stamp over everything": ("a", ("stamp", "--purge", "b"), ["b"]),
    "a section": ("a", ("upgrade", "-n", "alembic", "head"), ["c"]),
    "an environment": ("a", ("upgrade", "--environment", "migrations", "head"), ["c"]),
    "a configuration": ("a", ("upgrade", "-c", "alembic.ini", "head"), ["c"]),
}


@pytest.mark.parametrize(("start", "words", "heads"), [pytest.param(*row, id=name) for name, row in ARGUMENTS.items()])
def test_arguments_mean_what_they_mean_to_alembic(
    shop: Shop, run: Runner, start: str, words: tuple[str, ...], heads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.path)
    shop.run("alembic", "upgrade", start)
    done = run(*words)
    assert (done.status, shop.heads()) == (0, heads), done.said


def test_sql_is_all_that_goes_to_standard_output(run: Runner) -> None:
    done = run("upgrade", "a:b", "--sql")
    assert "ALTER TABLE books ADD COLUMN price INTEGER;" in done.output
    assert "steps" not in done.output


def test_a_dry_run_changes_nothing(shop: Shop, run: Runner) -> None:
    done = run("upgrade", "--dry-run")
    assert (done.status, "3 steps" in done.output, shop.tables()) == (0, True, {})


def test_nothing_to_run(run: Runner) -> None:
    run("upgrade")
    assert run("upgrade").output == "nothing to run: shop.db (sqlite) is at c (head)\n"


def test_history_is_that_of_alembic(shop: Shop, run: Runner) -> None:
    assert run("history").output == shop.run("alembic", "history").stdout


# What was put beneath a revision that ran already


@pytest.mark.parametrize("words", [("upgrade",), ("downgrade", "-1"), ("current",), ("current", "--check-heads")])
def test_a_revision_beneath_that_never_ran_is_told(shop: Shop, run: Runner, words: tuple[str, ...]) -> None:
    """Alembic says (head), and never runs x."""
    run("upgrade")
    shop.add({"x": script("x", "b", *column("books", "isbn")), "c": script("c", "x", *table("tags"))})
    assert "c (head)" in shop.run("alembic", "current").stdout
    done = run(*words)
    assert (done.status, shop.heads()) == (1, ["c"])
    assert "x never ran on shop.db (sqlite), and Alembic takes it for done" in done.said
    assert "c ran there after b and revises x today" in done.said
    assert "gitmig sync" in done.said


@pytest.mark.parametrize("mend", [("sync", "--yes"), ("stamp", "--purge", "c")])
def test_after_the_remedy_it_goes_on(shop: Shop, run: Runner, mend: tuple[str, ...]) -> None:
    run("upgrade")
    shop.add({"x": script("x", "b", *column("books", "isbn")), "c": script("c", "x", *table("tags"))})
    assert run(*mend).status == 0
    assert run("upgrade").status == run("current").status == 0


def test_one_that_ran_under_another_parent_is_nothing_to_tell(shop: Shop, run: Runner) -> None:
    """Two lines ran, then one was put after the other."""
    shop.add({"x": script("x", "b", *column("books", "isbn"))})
    run("upgrade", "heads")
    shop.add({"c": script("c", "x", *table("tags"))})
    shop.execute("DELETE FROM alembic_version WHERE version_num = 'x'")
    assert run("upgrade").status == run("current").status == 0


# Rows


def test_a_downgrade_that_loses_rows_is_refused_without_a_terminal(shop: Shop, run: Runner) -> None:
    run("upgrade")
    shop.execute("INSERT INTO tags (id) VALUES (1), (2)")
    done = run("downgrade", "-1")
    assert (done.status, shop.heads()) == (1, ["c"])
    assert "warning[GM401]: downgrade of c drops table tags, which holds 2 rows" in done.said
    assert "gitmig downgrade -1 --yes" in done.said


def test_the_same_when_told(shop: Shop, run: Runner) -> None:
    run("upgrade")
    shop.execute("INSERT INTO tags (id) VALUES (1)")
    assert run("downgrade", "-1", "--yes").status == 0
    assert shop.heads() == ["b"]


def test_an_upgrade_that_loses_rows_warns_and_goes_on(shop: Shop, run: Runner) -> None:
    shop.add({"d": script("d", "c", *DROP)})
    run("upgrade", "c")
    shop.execute("INSERT INTO tags (id) VALUES (1)")
    done = run("upgrade")
    assert (done.status, shop.heads()) == (0, ["d"])
    assert "warning[GM401]: upgrade of d drops table tags, which holds 1 row\n" in done.said
    assert f"  --> {VERSIONS}/d.py:13" in done.said


def test_empty_tables_are_dropped_without_a_word(shop: Shop, run: Runner) -> None:
    run("upgrade")
    assert "warning" not in run("downgrade", "base").said


def test_not_null_without_default_is_named_where_there_are_rows(shop: Shop, run: Runner) -> None:
    shop.add({"d": script("d", "c", 'op.add_column("books", sa.Column("isbn", sa.Integer(), nullable=False))')})
    run("upgrade", "c")
    assert "GM402" not in run("upgrade", "--dry-run").said
    shop.execute("INSERT INTO books (id) VALUES (1)")
    assert "warning[GM402]: upgrade of d makes books.isbn NOT NULL without a default, and the table holds 1 row" in (
        run("upgrade", "--dry-run").said
    )


@pytest.mark.parametrize(("answer", "heads"), [("y\n", ["b"]), ("n\n", ["c"]), ("\n", ["c"])])
def test_a_terminal_is_asked(shop: Shop, answer: str, heads: list[str]) -> None:
    shop.run("gitmig", "upgrade")
    shop.execute("INSERT INTO tags (id) VALUES (1)")
    status, shown = at_terminal(
        [str(PROGRAMS / "gitmig"), "downgrade", "-1"],
        cwd=shop.path,
        environment={**shop.environment, "TERM": "xterm"},
        answers={"go on? [y/N]": answer},
    )
    assert shop.heads() == heads, shown
    assert status == (0 if heads == ["b"] else 1)


# What is refused


def test_two_heads_name_resolve(shop: Shop, run: Runner) -> None:
    shop.add({"x": script("x", "b")})
    done = run("upgrade", "head")
    assert done.status == 1
    assert "[GM101] multiple heads: c and x" in done.said and "gitmig resolve" in done.said
    assert run("upgrade", "heads").status == 0
    assert shop.heads() == ["c", "x"]


GRAPHS = {
    "a circle": ({"a": script("a", "c")}, "[GM103] revisions revise each other in a circle: a -> c -> b -> a"),
    "a missing parent": ({"b": script("b", "nowhere")}, "[GM102] b revises a revision that no file defines: nowhere"),
    "one id twice": ({"second": script("b", "a")}, "[GM104] b is the id of several files"),
}


@pytest.mark.parametrize(("files", "said"), [pytest.param(*row, id=name) for name, row in GRAPHS.items()])
@pytest.mark.parametrize("command", [("upgrade",), ("downgrade", "base"), ("history",)], ids=lambda words: words[0])
def test_a_graph_that_alembic_would_walk_for_ever(
    shop: Shop, run: Runner, files: dict[str, str], said: str, command: tuple[str, ...]
) -> None:
    shop.add(files)
    done = run(*command)
    assert (done.status, shop.database.exists()) == (1, False)
    assert said in done.said


def test_a_database_of_another_branch_names_sync(shop: Shop, run: Runner) -> None:
    run("upgrade")
    (shop.path / VERSIONS / "c.py").unlink()
    for command in (("upgrade",), ("downgrade", "base"), ("current",)):
        done = run(*command)
        assert done.status == 1
        assert "error: the database is at c, which no file of this tree defines" in done.said
        assert "gitmig sync" in done.said


def test_a_revision_that_fails_leaves_the_one_before(shop: Shop, run: Runner) -> None:
    shop.add({"b": script("b", "a", f"{column('books', 'price')[0]}; op.execute('SELECT * FROM nowhere')")})
    done = run("upgrade")
    assert (done.status, shop.heads(), shop.tables()) == (1, ["a"], {"books": ["id"]})
    assert "error: upgrade of b failed: migrations/versions/b.py:13: OperationalError: no such table" in done.said
    assert "note: the database is at a;" in done.said


USAGE = {
    "an option that is none": (("upgrade", "--foo"), "no such option: --foo"),
    "an environment that is none": (("upgrade", "--environment", "other"), "no environment is the one"),
    "sql of a dry run": (("upgrade", "--sql", "--dry-run"), "--sql changes nothing already"),
    "a revision that is none": (("upgrade", "zzz"), "no revision is called 'zzz'"),
}


@pytest.mark.parametrize(("words", "said"), [pytest.param(*row, id=name) for name, row in USAGE.items()])
def test_usage(run: Runner, words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.status == 2
    assert said in done.said


REFUSED = {
    "a start that several have": (["upgrade", "bbb"], 2, "'bbb' is the start of several revisions: bbb1, bbb2"),
    "nothing": (["upgrade", ""], 2, "an empty word"),
    "more steps than there are": (["upgrade", "+9"], 1, "gitmig history -i"),
    "a range without --sql": (["upgrade", "a:b"], 1, "gitmig upgrade FROM:TO --sql"),
    "--sql without a start": (["downgrade", "base", "--sql"], 1, "gitmig downgrade FROM:TO --sql"),
}


@pytest.mark.parametrize(("words", "status", "said"), REFUSED.values(), ids=REFUSED)
def test_a_revision_that_cannot_be_meant(shop: Shop, run: Runner, words: list[str], status: int, said: str) -> None:
    shop.add({"bbb1": script("bbb1", "c"), "bbb2": script("bbb2", "bbb1")})
    done = run(*words)
    assert done.status == status
    assert said in done.said


def test_history_of_a_range_that_begins_with_a_step(run: Runner) -> None:
    run("upgrade")
    assert run("history", "-r", "-1:current").output == "b -> c (head), revision c\na -> b, revision b\n"


def test_stamp_head_with_two_heads_names_the_remedy(shop: Shop, run: Runner) -> None:
    shop.add({"d": script("d", "b")})
    assert "gitmig resolve" in run("stamp", "head").said


USES = "def total(book):\n    return book.price + book.price\n\n\nfor book in books:\n    print(book.price)\n"


@pytest.mark.parametrize(("after", "warns"), [("price", False), ("cost", True)], ids=["stayed", "were renamed"])
def test_what_the_change_made_of_the_uses_of_a_name_is_evidence(
    shop: Shop, run: Runner, after: str, warns: bool
) -> None:
    """Two columns go and one comes, so the names alone say too little."""
    shop.add({"d": script("d", "c", column("books", "weight")[0])})
    shop.write("shop.py", USES)
    shop.commit("uses")
    run("upgrade")
    shop.execute("INSERT INTO books (id, price, weight) VALUES (1, 2, 3)")
    drops = [column("books", name)[1] for name in ("price", "weight")]
    shop.add({"e": script("e", "d", "\n    ".join([*drops, column("books", "cost")[0]]))})
    shop.write("shop.py", USES.replace("price", after))
    shop.commit("drop the price")
    assert ("GM307" in run("upgrade", "--dry-run").said) is warns


# Where it is


def test_current(run: Runner) -> None:
    assert run("current").output == ""
    run("upgrade", "b")
    assert run("current").output == "b\n"
    assert run("current", "--check-heads").status == 1
    run("upgrade")
    assert run("current").output == "c (head)\n"
    assert run("current", "--check-heads").status == 0


def test_current_as_json(run: Runner) -> None:
    run("upgrade", "b")
    (found,) = json.loads(run("current", "--format", "json").output)["environments"]
    assert found["name"] == "migrations"
    assert found["heads"] == [{"revision": "b", "known": True, "head": False, "path": f"{VERSIONS}/b.py"}]
    assert (found["tree_heads"], found["database"]["dialect"]) == (["c"], "sqlite")


def test_without_git(shop: Shop, run: Runner) -> None:
    """In a container that migrates there is often neither history nor the program."""
    import shutil

    shutil.rmtree(shop.path / ".git")
    done: Run = run("upgrade")
    assert (done.status, shop.heads()) == (0, ["c"]), done.said
