"""What is under way, and whose side is whose; made by the real commands, stopped where they stop."""

from __future__ import annotations

import os

import pytest

from gitmig.repo.in_progress import InProgress, find_in_progress, find_merge_heads
from gitmig.repo.objects import Objects
from gitmig.repo.plumbing import Git
from gitmig.repo.refs import read_layout


@pytest.fixture(params=["files", "reftable"])
def history(request, make_history):
    """
    one -- two        main
       \\-- cart      feature    both edit `a`
    """
    if request.param == "reftable" and Git().version() < (2, 45):
        pytest.skip("git 2.45 brought reftable")
    table = [("main", {"a": "1"}), ("feature < main", {"a": "cart"}), ("main", {"a": "2"})]
    return make_history(table, ref_format=request.param)


def look(history, environment=None) -> InProgress | None:
    git = Git(str(history.path), environment)
    with Objects(git) as objects:
        return find_in_progress(objects, read_layout(git))


def test_nothing(history):
    assert look(history) is None


def test_a_merge(history):
    _one, cart, two = history.commits
    history.git("merge", "feature", status=1)
    found = look(history)
    assert found == InProgress("merge", local=two, target=(cart,))
    history.git("merge", "--abort")
    assert look(history) is None


def test_an_octopus(make_history):
    history = make_history([("main", {"a": "1"}), ("x < main", {"x": "1"}), ("y < main", {"y": "1"})])
    history.git("merge", "--no-commit", "x", "y")
    assert look(history).target == history.commits[1:]


def test_a_merge_of_which_only_the_environment_knows(history):
    """Inside pre-merge-commit there is no MERGE_HEAD."""
    _one, cart, two = history.commits
    found = look(history, {**os.environ, f"GITHEAD_{cart}": "feature"})
    assert found == InProgress("merge", local=two, target=(cart,))


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_a_rebase(history, backend):
    """Git calls the new base "ours": local is what is replayed."""
    one, cart, two = history.commits
    history.git("checkout", "--quiet", "feature")
    history.git("rebase", backend, "main", status=1)
    found = look(history)
    assert found == InProgress("rebase", before=(one,), local=cart, target=(two,), branch="refs/heads/feature")
    history.git("rebase", "--abort")
    assert look(history) is None


def test_what_a_rebase_leaves_behind_is_no_rebase(history):
    history.git("update-ref", "--no-deref", "REBASE_HEAD", history.commits[0])
    history.git("update-ref", "ORIG_HEAD", history.commits[0])
    assert look(history) is None


def test_a_cherry_pick(history):
    one, cart, two = history.commits
    history.git("cherry-pick", "feature", status=1)
    assert look(history) == InProgress("cherry-pick", before=(one,), local=cart, target=(two,))


def test_a_revert(history):
    one, _cart, two = history.commits
    history.git("revert", "--no-commit", "HEAD")
    assert look(history) == InProgress("revert", before=(two,), local=one, target=(two,))


def test_am(history):
    patch = history.git("format-patch", "--stdout", "main..feature").stdout
    history.git("am", status=128, input=patch)
    assert look(history) == InProgress("am", target=(history.commits[2],))


def test_a_bisect(history):
    history.git("bisect", "start")
    assert look(history) == InProgress("bisect", target=(history.commits[2],))


def test_of_another_worktree_is_none_of_this_one(history, tmp_path):
    history.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "feature")
    history.git("merge", "--no-commit", "--no-ff", "feature", status=1)
    git = Git(str(tmp_path / "linked"))
    with Objects(git) as objects:
        assert find_in_progress(objects, read_layout(git)) is None
        assert find_merge_heads(git, read_layout(git)) == ()


def test_on_an_unborn_branch(make_history):
    assert look(make_history([])) is None
