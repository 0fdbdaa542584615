"""Which trees a check compares: the table of DESIGN section 4, and how snapshots lay changes over a tree."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.histories import History, Link

from gitmig.config import Config
from gitmig.reading.comparison import (
    Comparison,
    alone,
    compare_commits,
    compare_staged,
    compare_whole,
    find_target,
    full_pattern,
    short_name,
)
from gitmig.reading.snapshot import Snapshot
from gitmig.repo.refs import resolve
from gitmig.repo.repository import Repository, open_at

Make = Callable[..., History]
SHARED = Config(shared=("main",))


@pytest.fixture
def repository(make_history: Make) -> Repository:
    """
    main   0 --- 2 --- 4
            \\      \\
    work     1 --- 3      3 merges main
    """
    history = make_history(
        [
            ("main", {"a": "0", "b": "0", "dir/c": "0"}),
            ("work < main", {"a": "1"}),
            ("main", {"b": "2"}),
            ("work + main", {"b": "2", "x": "3"}),
            ("main", {"dir/c": "4"}),
        ]
    )
    opened = open_at(str(history.path))
    yield opened
    opened.objects.close()


def commit(repository: Repository, name: str) -> str:
    return resolve(repository.git, name)


def trees(found: Comparison) -> dict[str, object]:
    return {
        "local": found.local.treeish,
        "before": [one.treeish for one in found.before],
        "target": found.target.treeish if found.target else None,
    }


def test_a_commit_is_compared_with_its_merge_base(repository: Repository) -> None:
    work, main = commit(repository, "work"), commit(repository, "main")
    found = compare_commits(repository, Config(), work, "main")
    assert trees(found) == {"local": work, "before": [commit(repository, "main~1")], "target": main}
    assert [one.path for one in found.changes] == ["a", "x"]


def test_merged_is_the_target_with_what_local_changed(repository: Repository) -> None:
    found = compare_commits(repository, Config(), commit(repository, "work"), "main")
    assert found.merged is not None
    assert found.merged.read(["a", "b", "dir/c", "x"]) == {"a": b"1", "b": b"2", "dir/c": b"4", "x": b"3"}


def test_the_staged_change_starts_at_head(repository: Repository) -> None:
    found = compare_staged(repository, SHARED)
    assert trees(found)["before"] == [commit(repository, "HEAD")]
    assert (found.mode, found.changes) == ("staged", ())


def test_the_whole_tree_has_no_before(repository: Repository) -> None:
    found = compare_whole(repository, SHARED, commit(repository, "work"))
    assert (found.mode, found.before, found.on_shared) == ("all", (), True)


def test_one_tree_alone_is_compared_with_nothing(repository: Repository) -> None:
    assert trees(alone(repository, commit(repository, "work"))) == {
        "local": commit(repository, "work"),
        "before": [],
        "target": None,
    }


def test_the_tip_of_the_shared_branch_is_compared_with_its_first_parent(repository: Repository) -> None:
    main = commit(repository, "main")
    found = compare_commits(repository, SHARED, main, None)
    assert found.on_shared
    assert trees(found)["target"] == commit(repository, "main~1")


def test_a_target_that_is_configured_and_not_there(repository: Repository) -> None:
    target = find_target(repository, Config(shared=("origin/main",)), commit(repository, "work"))
    assert (target.commit, target.why) == ("", "no ref matches shared = ['origin/main']")


@pytest.mark.parametrize(
    ("pattern", "full", "short"),
    [
        ("main", "refs/heads/main", "main"),
        ("origin/main", "refs/remotes/origin/main", "origin/main"),
        ("refs/tags/v*", "refs/tags/v*", "v*"),
        ("refs/pull/1/head", "refs/pull/1/head", "refs/pull/1/head"),
    ],
)
def test_names_of_refs(pattern: str, full: str, short: str) -> None:
    assert full_pattern(pattern) == full
    assert short_name(full) == short


class TestSnapshot:
    @pytest.fixture
    def laid(self, repository: Repository) -> Snapshot:
        """main with `a` gone and `dir/n` new, which has the text of `b`."""
        entry = repository.objects.entries(commit(repository, "main"), ["b"])["b"]
        return Snapshot(repository.objects, commit(repository, "main"), {"a": None, "dir/n": entry})

    def test_what_is_laid_over_it_counts(self, laid: Snapshot) -> None:
        assert sorted(laid.entries()) == ["b", "dir/c", "dir/n"]
        assert sorted(laid.under(["dir"])) == ["dir/c", "dir/n"]
        assert sorted(laid.at(["a", "b", "dir", "dir/n", "nowhere"])) == ["b", "dir/n"]
        assert laid.read(["a", "dir/n"]) == {"dir/n": b"2"}

    def test_the_same_answers_before_and_after_the_whole_was_listed(self, laid: Snapshot) -> None:
        before = (laid.under(["dir", "nowhere"]), laid.at(["a", "dir/n"]), laid.has_folder("dir"), laid.has_folder("e"))
        laid.entries()
        after = (laid.under(["dir", "nowhere"]), laid.at(["a", "dir/n"]), laid.has_folder("dir"), laid.has_folder("e"))
        assert before == after

    def test_nothing_at_all(self, repository: Repository) -> None:
        empty = Snapshot(repository.objects, None)
        assert (empty.entries(), empty.read(["a"]), empty.has_folder("dir"), empty.folder_id("dir")) == (
            {},
            {},
            False,
            "",
        )

    def test_links_are_entries_and_no_text(self, make_history: Make) -> None:
        repository = open_at(str(make_history([("main", {"a": "1", "l": Link("a")})]).path))
        with repository.objects:
            snapshot = Snapshot(repository.objects, commit(repository, "main"))
            assert snapshot.at(["l"])["l"].is_link
            assert snapshot.read(["l", "a"]) == {"a": b"1"}
