"""What the hooks offer and do about two heads: real git and hooks, at a terminal, without one, in the background."""

from __future__ import annotations

import pytest
from support.bookshop import COUNTRY, COVER, LAST, Bookshop, heads, is_clean, two_lines
from support.terminals import at_terminal, in_background

MERGE = ("merge", "-q", "--no-edit", "--no-verify", "origin/main")


# The offer


def pulled(shop: Bookshop) -> str:
    shop.git("branch", "-q", "--set-upstream-to=origin/main")
    return shop.git("pull", "-q", "--rebase").stderr


WAYS = {
    "a merge past the hooks": (lambda shop: shop.git(*MERGE).stderr, "merge"),
    "a rebase": (lambda shop: shop.git("rebase", "-q", "origin/main").stderr, "rebase"),
    "pull --rebase": (pulled, "rebase"),
    "a cherry-pick": (lambda shop: shop.git("cherry-pick", "main").stderr, "commit"),
}


@pytest.mark.parametrize(("act", "what"), WAYS.values(), ids=WAYS)
def test_the_offer_names_heads_authors_the_remedy_and_the_command(bookshop: Bookshop, act, what: str) -> None:
    two_lines(bookshop)
    said = act(bookshop)
    assert said.count(f"2 heads after this {what}") == 1
    assert f"published   {COVER}, Ada in " in said
    assert f"unpublished {COUNTRY}, Ada in " in said
    assert f"help: re-parent: {COUNTRY} is unpublished, {COVER} is published:" in said
    assert f"alembic downgrade {LAST}" in said
    assert is_clean(bookshop)
    bookshop.run(*said.splitlines()[-1].split())  # the command as it was printed
    assert heads(bookshop) == [COUNTRY]


def test_a_fast_forward_pull_of_two_published_heads_offers_a_join(bookshop: Bookshop) -> None:
    bookshop.git("branch", "behind")
    bookshop.add_column(COVER, LAST, "books", "cover")
    bookshop.add_column(COUNTRY, LAST, "authors", "country")
    bookshop.git("push", "-q", "--no-verify", "origin", "main")
    bookshop.git("switch", "-q", "behind")
    said = bookshop.git("merge", "-q", "origin/main").stderr
    assert "help: merge revision" in said


def test_lines_that_conflict_are_offered_with_a_warning(bookshop: Bookshop) -> None:
    two_lines(bookshop, same=True)
    bookshop.git(*MERGE, "-X", "ours", status=None)
    bookshop.git("checkout", "-q", "--theirs", ".", status=None)
    bookshop.git("add", "--all")
    said = bookshop.git("commit", "-q", "--no-edit", "--no-verify", status=None).stderr
    said += bookshop.run("gitmig", "hook", "post-commit").stderr
    assert "both lines touch books.cover: both add the column" in said
    assert "look at both revisions first" in said


def test_switched_off_nothing_is_offered(bookshop: Bookshop) -> None:
    two_lines(bookshop, 'on_merge = "off"\n')
    assert bookshop.git(*MERGE).stderr == ""


def test_a_merge_in_progress_elsewhere_in_a_rebase_says_nothing(bookshop: Bookshop) -> None:
    two_lines(bookshop)
    bookshop.commit("notes", **{"notes.txt": "1"})
    said = bookshop.git("rebase", "-q", "--exec", "true", "origin/main").stderr
    assert said.count("2 heads after") == 1  # at its end, and not at each pick


# Block


def test_blocked_the_merge_waits_with_the_remedy_in_it(bookshop: Bookshop) -> None:
    two_lines(bookshop, 'on_merge = "block"\n')
    done = bookshop.git("merge", "--no-edit", "origin/main", status=1)
    assert "git commit --no-edit" in done.stderr
    assert bookshop.git("diff", "--name-only").stdout == ""
    bookshop.git("commit", "-q", "--no-edit")
    assert len(bookshop.git("rev-list", "--parents", "-n1", "HEAD").stdout.split()) == 3
    assert heads(bookshop) == [COUNTRY]
    assert is_clean(bookshop)


def test_blocked_and_taken_back_the_merge_is_as_git_left_it(bookshop: Bookshop) -> None:
    two_lines(bookshop, 'on_merge = "block"\n')
    bookshop.git("merge", "--no-edit", "origin/main", status=1)
    bookshop.run("gitmig", "undo")
    assert len(heads(bookshop)) == 2
    bookshop.git("merge", "--abort")
    assert is_clean(bookshop)


def test_blocked_lines_that_conflict_stop_the_merge_and_nothing_is_written(bookshop: Bookshop) -> None:
    two_lines(bookshop, 'on_merge = "block"\n')
    path = bookshop.revision_path(COUNTRY)
    text = (bookshop.path / path).read_text()
    bookshop.commit("same", **{path: text.replace('"authors"', '"books"').replace('"country"', '"cover"')})
    done = bookshop.git("merge", "--no-edit", "origin/main", status=1)
    assert "both lines touch books.cover" in done.stderr
    assert bookshop.git("diff", "--name-only").stdout == ""
    assert 'down_revision = "ad614606c75f"' in (bookshop.path / path).read_text()


def test_blocked_a_merge_of_one_line_passes(bookshop: Bookshop) -> None:
    bookshop.commit("settings", **{"gitmig.toml": 'on_merge = "block"\n'})
    bookshop.git("branch", "notes")
    bookshop.add_column(COVER, LAST, "books", "cover")
    bookshop.git("switch", "-q", "notes")
    bookshop.commit("notes", **{"notes.txt": "1"})
    bookshop.git("merge", "-q", "--no-edit", "main")
    assert heads(bookshop) == [COVER]


def test_blocked_in_a_linked_worktree(bookshop: Bookshop) -> None:
    two_lines(bookshop, 'on_merge = "block"\n')
    bookshop.git("worktree", "add", "-q", "../linked", "-b", "linked")
    linked = Bookshop(bookshop.path.parent / "linked", home=bookshop.home, create=False)
    linked.git("merge", "--no-edit", "origin/main", status=1)
    linked.git("commit", "-q", "--no-edit")
    assert heads(linked) == [COUNTRY]
    assert is_clean(bookshop)


# Asking


ASK = 'prompt = "ask"\n'


def test_without_a_terminal_nobody_is_asked(bookshop: Bookshop) -> None:
    two_lines(bookshop, ASK)
    said = bookshop.git(*MERGE).stderr
    assert "[y/N]" not in said
    assert "gitmig resolve --auto" in said
    assert is_clean(bookshop)


@pytest.mark.parametrize(
    ("answer", "expected"), [("y\n", [COUNTRY]), ("n\n", [COUNTRY, COVER]), ("\n", [COUNTRY, COVER])]
)
def test_at_a_terminal_the_answer_counts(bookshop: Bookshop, answer: str, expected: list[str]) -> None:
    two_lines(bookshop, ASK)
    environment = {**bookshop.environment, "TERM": "xterm"}
    status, shown = at_terminal(["git", *MERGE], cwd=bookshop.path, environment=environment, answers={"[y/N]": answer})
    assert status == 0
    assert f"put {COUNTRY} after {COVER}: write and stage this now? [y/N]" in shown
    assert heads(bookshop) == sorted(expected)


def test_in_the_background_nobody_is_asked_and_nothing_stops(bookshop: Bookshop) -> None:
    two_lines(bookshop, ASK)
    environment = {**bookshop.environment, "TERM": "xterm"}
    status, shown = at_terminal(in_background(["git", *MERGE]), cwd=bookshop.path, environment=environment, answers={})
    assert status == 0, shown
    assert "[y/N]" not in shown
    assert "gitmig resolve --auto" in shown


def test_in_ci_nobody_is_asked(bookshop: Bookshop) -> None:
    two_lines(bookshop, ASK)
    environment = {**bookshop.environment, "TERM": "xterm", "CI": "true"}
    status, shown = at_terminal(["git", *MERGE], cwd=bookshop.path, environment=environment, answers={})
    assert status == 0
    assert "[y/N]" not in shown


def test_auto_asks_about_what_it_does_not_know(bookshop: Bookshop) -> None:
    two_lines(bookshop)
    path = bookshop.revision_path(COUNTRY)
    text = (bookshop.path / path).read_text()
    bookshop.commit(
        "opaque",
        **{path: text.replace('    op.add_column("authors"', '    op.execute(made())\n    op.add_column("authors"')},
    )
    bookshop.git(*MERGE)
    environment = {**bookshop.environment, "TERM": "xterm"}
    status, _ = at_terminal(
        ["gitmig", "resolve", "--auto"], cwd=bookshop.path, environment=environment, answers={"[y/N]": "y\n"}
    )
    assert status == 0
    assert heads(bookshop) == [COUNTRY]
