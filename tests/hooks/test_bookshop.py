"""What gitmig says at each Git event: real git, real hooks, the example project, and no stand-in."""

from __future__ import annotations

import pytest
from support.bookshop import FIRST, LAST, SECOND, THIRD, Bookshop

COVER, COUNTRY, COLOUR = "b67ebb4c11e0", "1e73bf7a44f4", "3ea5660f102d"


def commit(shop: Bookshop, *options: str, status: int = 0) -> str:
    """Everything that git and the hooks say."""
    done = shop.git("commit", "-q", "-m", "x", *options, status=status)
    return done.stdout + done.stderr


def two_lines(shop: Bookshop) -> None:
    """
    main (shared)   LAST --- COVER
                       \\
    countries           COUNTRY        we stand here
    """
    shop.git("branch", "countries")
    shop.add_column(COVER, LAST, "books", "cover")
    shop.git("push", "-q", "--no-verify", "origin", "main")
    shop.git("switch", "-q", "countries")
    shop.add_column(COUNTRY, LAST, "authors", "country")


# commit


def test_a_model_without_its_revision_is_refused(bookshop: Bookshop) -> None:
    bookshop.add_to_model("books", "cover")
    bookshop.git("add", "--all")
    assert "error[GM301]" in commit(bookshop, status=1)


def test_a_model_with_its_revision_passes_without_a_word(bookshop: Bookshop) -> None:
    bookshop.add_to_model("books", "cover")
    bookshop.add_revision(COVER, LAST, "books", "cover")
    bookshop.git("add", "--all")
    assert commit(bookshop) == ""


def test_commit_a_is_judged_by_what_it_adds(bookshop: Bookshop) -> None:
    bookshop.add_to_model("books", "cover")
    assert "error[GM301]" in commit(bookshop, "-a", status=1)


def test_a_commit_of_paths_is_judged_by_these_paths(bookshop: Bookshop) -> None:
    model = bookshop.add_to_model("books", "cover")
    revision = bookshop.add_revision(COVER, LAST, "books", "cover")
    bookshop.git("add", "--all")
    said = commit(bookshop, "--", model, status=1)
    assert "error[GM304]" in said  # the revision is staged, and yet no part of this commit
    assert revision in said
    assert commit(bookshop, "--", model, revision) == ""


def test_an_amended_commit_is_judged_too(bookshop: Bookshop) -> None:
    bookshop.add_column(COVER, LAST, "books", "cover")
    bookshop.add_to_model("authors", "country")
    assert "error[GM301]" in commit(bookshop, "-a", "--amend", status=1)
    bookshop.add_revision(COUNTRY, COVER, "authors", "country")
    bookshop.git("add", "--all")
    assert commit(bookshop, "--amend") == ""


def test_a_commit_that_only_deletes_a_published_revision_is_refused(bookshop: Bookshop) -> None:
    bookshop.git("rm", "-q", bookshop.revision_path(LAST))
    assert "error[GM202]" in commit(bookshop, status=1)


def test_a_commit_that_deletes_something_else_passes(bookshop: Bookshop) -> None:
    bookshop.git("rm", "-q", "README.md")
    assert commit(bookshop) == ""


def test_a_published_revision_that_is_edited_is_refused(bookshop: Bookshop) -> None:
    path = bookshop.revision_path(SECOND)
    text = (bookshop.path / path).read_text()
    bookshop.write(path, text.replace("sa.String(length=40)", "sa.String(length=60)"))
    assert "error[GM201]" in commit(bookshop, "-a", status=1)


def test_a_published_revision_may_get_another_file_name(bookshop: Bookshop) -> None:
    path = bookshop.revision_path(THIRD)
    bookshop.git("mv", path, path.replace("isbn", "number"))
    assert commit(bookshop) == ""


def test_what_is_staged_counts_and_not_what_lies_in_the_worktree(bookshop: Bookshop) -> None:
    model = bookshop.add_to_model("books", "cover")
    bookshop.write("notes.txt", "1")
    bookshop.git("add", "notes.txt")
    assert commit(bookshop) == ""

    bookshop.git("add", model)
    bookshop.git("restore", "--source=HEAD", "--worktree", model)
    assert "error[GM301]" in commit(bookshop, status=1)


def test_a_revision_that_was_not_added_is_pointed_out(bookshop: Bookshop) -> None:
    bookshop.add_to_model("books", "cover")
    path = bookshop.add_revision(COVER, LAST, "books", "cover")
    said = commit(bookshop, "-a", status=1)
    assert "error[GM304]" in said
    assert path in said


def test_a_first_commit_has_nothing_before_it(bookshop: Bookshop) -> None:
    bookshop.git("checkout", "-q", "--orphan", "new")
    bookshop.git("update-ref", "-d", "refs/remotes/origin/main")
    assert "error" not in commit(bookshop)


def test_a_linked_worktree_is_guarded_as_well(bookshop: Bookshop) -> None:
    bookshop.git("worktree", "add", "-q", "../linked", "-b", "linked")
    linked = Bookshop(bookshop.path.parent / "linked", home=bookshop.home, create=False)
    linked.add_to_model("books", "cover")
    assert "error[GM301]" in commit(linked, "-a", status=1)
    linked.add_revision(COVER, LAST, "books", "cover")
    linked.git("add", "--all")
    assert commit(linked) == ""


def test_a_commit_from_a_folder_inside_is_guarded_as_well(bookshop: Bookshop) -> None:
    bookshop.add_to_model("books", "cover")
    done = bookshop.git("commit", "-q", "-a", "-m", "x", cwd=bookshop.path / "migrations", status=1)
    assert "error[GM301]" in done.stdout + done.stderr


# merge


def test_a_clean_merge_that_makes_two_heads_stops_before_its_commit(bookshop: Bookshop) -> None:
    two_lines(bookshop)
    before = bookshop.head()
    done = bookshop.git("merge", "--no-edit", "origin/main", status=1)
    said = done.stdout + done.stderr
    assert "error[GM101]" in said
    assert COVER in said
    assert COUNTRY in said
    assert bookshop.head() == before
    assert bookshop.head("MERGE_HEAD") == bookshop.head("origin/main")


def test_the_stopped_merge_passes_with_a_merge_revision(bookshop: Bookshop) -> None:
    two_lines(bookshop)
    bookshop.git("merge", "--no-edit", "origin/main", status=1)
    bookshop.run("alembic", "merge", "--rev-id", COLOUR, "-m", "join lines", "heads")
    bookshop.git("add", "--all")
    done = bookshop.git("commit", "-q", "--no-edit")
    assert "error" not in done.stdout + done.stderr
    assert len(bookshop.git("rev-list", "--parents", "-n1", "HEAD").stdout.split()) == 3


def test_a_clean_merge_of_one_line_passes(bookshop: Bookshop) -> None:
    bookshop.git("branch", "notes")
    bookshop.add_column(COVER, LAST, "books", "cover")
    bookshop.git("switch", "-q", "notes")
    bookshop.commit("notes", **{"notes.txt": "1"})
    done = bookshop.git("merge", "-q", "--no-edit", "main")
    assert "error" not in done.stdout + done.stderr


def test_a_merge_with_a_conflict_is_judged_when_it_is_committed(bookshop: Bookshop) -> None:
    two_lines(bookshop)
    bookshop.commit("ours", **{"README.md": "ours\n"})
    bookshop.git("switch", "-q", "main")
    bookshop.commit("theirs", **{"README.md": "theirs\n"})
    bookshop.git("switch", "-q", "countries")
    bookshop.git("merge", "-q", "main", status=1)
    bookshop.write("README.md", "both\n")
    bookshop.git("add", "README.md")
    done = bookshop.git("commit", "-q", "--no-edit", status=1)
    assert "error[GM101]" in done.stdout + done.stderr


def test_a_merge_committed_past_the_hooks_is_told(bookshop: Bookshop) -> None:
    two_lines(bookshop)
    done = bookshop.git("merge", "-q", "--no-edit", "--no-verify", "origin/main")
    assert "2 heads after this merge" in done.stderr


def test_a_fast_forward_is_told_only_when_it_brings_two_heads(bookshop: Bookshop) -> None:
    bookshop.git("branch", "behind")
    bookshop.add_column(COVER, LAST, "books", "cover")
    bookshop.git("branch", "one-head")
    bookshop.add_column(COUNTRY, LAST, "authors", "country")
    bookshop.git("switch", "-q", "behind")
    assert "heads" not in bookshop.git("merge", "-q", "one-head").stderr
    assert "2 heads after this merge" in bookshop.git("merge", "-q", "main").stderr


# rebase, cherry-pick, switch


def test_a_rebase_onto_another_line_is_told_at_its_end(bookshop: Bookshop) -> None:
    two_lines(bookshop)
    done = bookshop.git("rebase", "-q", "origin/main")
    assert done.stderr.count("2 heads after this rebase") == 1
    assert "after this commit" not in done.stderr


def test_a_rebase_of_something_else_is_silent(bookshop: Bookshop) -> None:
    two_lines(bookshop)
    bookshop.git("switch", "-q", "-C", "notes", "HEAD^")
    bookshop.commit("notes", **{"notes.txt": "1"})
    assert "heads" not in bookshop.git("rebase", "-q", "origin/main").stderr


def test_a_cherry_pick_that_makes_two_heads_is_told(bookshop: Bookshop) -> None:
    two_lines(bookshop)
    done = bookshop.git("cherry-pick", "main")
    assert "2 heads after this commit" in done.stderr


def test_a_switch_says_what_a_database_has_too_many_or_too_few(bookshop: Bookshop) -> None:
    two_lines(bookshop)
    said = bookshop.git("switch", "-q", "main").stderr
    assert f"does not have {COUNTRY}" in said
    assert f"new here: {COVER}" in said


def test_a_switch_between_equal_revisions_is_silent(bookshop: Bookshop) -> None:
    bookshop.git("branch", "same")
    bookshop.commit("notes", **{"notes.txt": "1"})
    assert bookshop.git("switch", "-q", "same").stderr == ""


# push


def test_a_push_that_would_make_two_heads_is_refused(bookshop: Bookshop) -> None:
    two_lines(bookshop)
    done = bookshop.git("push", "-q", "origin", "countries", status=1)
    assert "error[GM105]" in done.stdout + done.stderr
    assert "countries" not in bookshop.git("ls-remote", "origin").stdout


def test_a_push_to_the_shared_branch_may_not_edit_what_it_has(bookshop: Bookshop) -> None:
    path = bookshop.revision_path(FIRST)
    text = (bookshop.path / path).read_text()
    bookshop.commit("edited", **{path: text.replace("sa.String(length=200)", "sa.String(length=300)", 1)})
    done = bookshop.git("push", "-q", "origin", "main", status=1)
    assert "error[GM201]" in done.stdout + done.stderr


@pytest.mark.parametrize("branch", ["main", "feature"])
def test_a_push_of_a_new_line_on_top_passes(bookshop: Bookshop, branch: str) -> None:
    bookshop.git("checkout", "-q", "-B", branch)
    bookshop.add_column(COVER, LAST, "books", "cover")
    done = bookshop.git("push", "-q", "origin", branch)
    assert "error" not in done.stderr


def test_a_tag_or_a_deleted_branch_asks_nothing(bookshop: Bookshop) -> None:
    two_lines(bookshop)
    bookshop.git("tag", "v1")
    bookshop.git("push", "-q", "origin", "v1")
    bookshop.git("push", "-q", "--no-verify", "origin", "countries")
    bookshop.git("push", "-q", "origin", "--delete", "countries")
