"""`gitmig sync`: a database that was left on another Git branch comes home, with its rows, or stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.checking import Runner, runner
from support.databases import VERSIONS, Shop, column, script, table
from support.scratch import PROGRAMS
from support.terminals import at_terminal

BASE = {"a": script("a", None, *table("books"))}
FEATURE = {"f": script("f", "a", *column("books", "pages")), "g": script("g", "f", *table("carts"))}
MAIN = {"m": script("m", "a", *table("tags"))}
HOME = {"books": ["id"], "tags": ["id"]}
AWAY = {"books": ["id", "pages"], "carts": ["id"]}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """
    main      a --- m       where we stand
               \\
    feature     f --- g     what the database ran, with one row in books
    """
    made = Shop(tmp_path / "shop").start(BASE)
    made.git("switch", "-qc", "feature")
    made.add(FEATURE)
    made.commit("feature")
    made.git("switch", "-q", "main")
    made.add(MAIN)
    made.commit("main")
    return made


@pytest.fixture
def run(shop: Shop, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")  # the suite may be started at a terminal
    inner = runner(capfd)
    return lambda *words: inner(shop.path, *words)  # type: ignore[arg-type,return-value]


@pytest.fixture
def away(shop: Shop, run: Runner) -> Shop:
    """The database is on feature, through gitmig: the ledger has its texts."""
    shop.git("switch", "-q", "feature")
    run("upgrade")
    shop.execute("INSERT INTO books (id) VALUES (1)")
    shop.git("switch", "-q", "main")
    return shop


@pytest.fixture
def unrecorded(shop: Shop) -> Shop:
    """The same through Alembic alone: nobody recorded what ran."""
    shop.git("switch", "-q", "feature")
    shop.run("alembic", "upgrade", "head")
    shop.execute("INSERT INTO books (id) VALUES (1)")
    shop.git("switch", "-q", "main")
    return shop


def snapshots(shop: Shop) -> list[str]:
    folder = shop.path / ".git/gitmig/snapshots"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


# The way home


def test_down_with_its_own_text_and_up_on_this_branch(away: Shop, run: Runner) -> None:
    done = run("sync")
    assert done.output == (
        "sync shop.db (sqlite) from g\n"
        "  down  g  revision g  (text: ledger)\n"
        "  down  f  revision f  (text: ledger)\n"
        "  up    m  revision m\n"
        "shop.db (sqlite) is at m (head)\n"
    )
    assert (done.status, away.heads(), away.tables()) == (0, ["m"], HOME)
    assert away.execute("SELECT id FROM books") == [(1,)]
    assert snapshots(away) == []


def test_home_and_away_again(away: Shop, run: Runner) -> None:
    run("sync")
    away.git("switch", "-q", "feature")
    assert run("sync").status == 0
    assert (away.heads(), away.tables()) == (["g"], AWAY)


def test_a_database_that_is_home_is_brought_up(shop: Shop, run: Runner) -> None:
    run("upgrade", "a")
    assert run("sync").status == 0
    assert shop.heads() == ["m"]
    assert run("sync").output == "nothing to run: shop.db (sqlite) is at m (head)\n"


def test_a_revision_that_was_put_after_another_one(shop: Shop, run: Runner) -> None:
    """The database ran a, f; then f was re-parented onto m: `current` says head, and m never ran."""
    shop.add({"f": FEATURE["f"]})
    run("upgrade", "f")
    shop.add({"f": script("f", "m", *column("books", "pages"))})
    assert run("current").output == "f (head)\n"
    assert shop.tables() == {"books": ["id", "pages"]}
    done = run("sync")
    assert [line.split()[:2] for line in done.output.splitlines()[1:4]] == [["down", "f"], ["up", "m"], ["up", "f"]]
    assert (shop.heads(), shop.tables()) == (["f"], {"books": ["id", "pages"], "tags": ["id"]})


def test_a_merge_revision_goes_down_to_both_sides(shop: Shop, run: Runner) -> None:
    shop.git("switch", "-q", "feature")
    shop.add({**MAIN, "j": script("j", "g, m")})
    shop.commit("joined")
    run("upgrade")
    shop.git("switch", "-q", "main")
    assert run("sync").status == 0
    assert (shop.heads(), shop.tables()) == (["m"], HOME)


# Where texts are found


def lose_branch(shop: Shop) -> None:
    shop.git("branch", "-qD", "feature")


def lose_reflog(shop: Shop) -> None:
    lose_branch(shop)
    shop.git("reflog", "expire", "--expire=now", "--all")


PLACES = {"a Git branch": lambda shop: None, "a reflog": lose_branch, "objects that nothing names": lose_reflog}


@pytest.mark.parametrize("lose", PLACES.values(), ids=PLACES.keys())
def test_without_a_ledger_git_is_searched(unrecorded: Shop, run: Runner, lose: object) -> None:
    lose(unrecorded)  # type: ignore[operator]
    refused = run("sync")
    assert (refused.status, unrecorded.heads()) == (1, ["g"])
    assert "no ledger says that this database ran the text of g, f" in refused.said
    assert run("sync", "--yes").status == 0
    assert (unrecorded.heads(), unrecorded.tables()) == (["m"], HOME)


def test_a_branch_that_is_named_is_trusted(unrecorded: Shop, run: Runner) -> None:
    assert "gitmig sync --from feature" in run("sync").said
    assert run("sync", "--from", "feature").status == 0
    assert unrecorded.heads() == ["m"]


def test_a_text_that_only_the_ledger_has_is_asked_about(away: Shop, run: Runner) -> None:
    """Who may write to the database may write a ledger: what Git does not hold is not run without a word."""
    text = FEATURE["g"] + "\n\nopen('canary', 'w').close()\n"
    away.execute("UPDATE gitmig_ledger SET text = ? WHERE revision = 'g'", text)
    for words in (("sync",), ("sync", "--dry-run")):
        done = run(*words)
        assert (away.heads(), away.tables()) == (["g"], AWAY)
        assert "g, and Git does not hold" in done.said
        assert not (away.path / "canary").exists()


def test_a_text_that_is_nowhere(unrecorded: Shop, run: Runner) -> None:
    unrecorded.execute("UPDATE alembic_version SET version_num = 'nowhere'")
    done = run("sync")
    assert done.status == 3
    assert "no text of nowhere is found" in done.said and "git fetch --all" in done.said


# What is refused


def test_rows_that_would_be_lost(away: Shop, run: Runner) -> None:
    away.execute("INSERT INTO carts (id) VALUES (1)")
    refused = run("sync")
    assert (refused.status, away.heads()) == (1, ["g"])
    assert "cannot sync: rows would be lost: carts" in refused.said
    told = run("sync", "--allow-destructive")
    assert (told.status, away.tables()) == (0, HOME)
    assert len(snapshots(away)) == 1 and snapshots(away)[0] in told.said


EMPTY = {"g": script("g", "f", table("carts")[0])}
RAISES = {"g": script("g", "f", table("carts")[0], "raise NotImplementedError")}


def test_an_empty_downgrade(shop: Shop, run: Runner) -> None:
    shop.git("switch", "-q", "feature")
    shop.add(EMPTY)
    shop.commit("no way back")
    run("upgrade")
    shop.git("switch", "-q", "main")
    refused = run("sync")
    assert (refused.status, shop.heads()) == (1, ["g"])
    assert "the downgrade of g is missing or empty" in refused.said
    assert run("sync", "--allow-empty").status == 0
    assert (shop.heads(), shop.tables()) == (["m"], {**HOME, "carts": ["id"]})


def test_a_downgrade_that_raises(shop: Shop, run: Runner) -> None:
    shop.git("switch", "-q", "feature")
    shop.add(RAISES)
    shop.commit("no way back")
    run("upgrade")
    shop.git("switch", "-q", "main")
    assert "the downgrade of g raises an error" in run("sync", "--allow-empty").said
    assert shop.heads() == ["g"]


def test_in_the_middle_of_a_merge(away: Shop, run: Runner) -> None:
    away.git("merge", "--no-commit", "--no-ff", "feature")
    done = run("sync")
    assert (done.status, away.heads()) == (4, ["g"])
    assert "a merge is in progress" in done.said


def test_at_a_terminal_it_asks(unrecorded: Shop) -> None:
    status, shown = at_terminal(
        [str(PROGRAMS / "gitmig"), "sync"],
        cwd=unrecorded.path,
        environment={**unrecorded.environment, "TERM": "xterm"},
        answers={"run it? [y/N]": "y\n"},
    )
    assert (status, unrecorded.heads()) == (0, ["m"]), shown


# Failures


def test_a_failure_puts_the_database_back(away: Shop, run: Runner) -> None:
    away.add({"m": script("m", "a", "op.execute('SELECT * FROM nowhere')")})
    before = away.database.read_bytes()
    done = run("sync")
    assert (done.status, away.heads(), away.tables()) == (1, ["g"], AWAY)
    assert "the database was put back as it was before" in done.said
    assert len(away.database.read_bytes()) >= len(before)
    assert snapshots(away) == []


def test_a_dry_run_shows_the_sql_of_a_rehearsal(away: Shop, run: Runner) -> None:
    done = run("sync", "--dry-run")
    assert (done.status, away.heads(), away.tables()) == (0, ["g"], AWAY)
    lines = [line for line in done.output.splitlines() if line.startswith(("DROP", "ALTER", "CREATE"))]
    assert lines == ["DROP TABLE carts;", "ALTER TABLE books DROP COLUMN pages;", "CREATE TABLE tags ("]
    assert "down  g" in done.said


def test_the_text_of_a_file_that_moved_its_parents_only_in_the_ledger(away: Shop, run: Runner) -> None:
    """f is in both trees, and this one has it after m: what ran goes down as it ran."""
    away.add({"f": script("f", "m", *column("books", "pages"))})
    assert run("sync").status == 0
    assert away.heads() == ["f"]
    assert (away.path / VERSIONS / "g.py").exists() is False
