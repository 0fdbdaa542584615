"""Names become commits without a guess; what a clone cannot know is unknown."""

from __future__ import annotations

import os

import pytest

from gitmig.errors import UsageError
from gitmig.repo.objects import Objects
from gitmig.repo.plumbing import Git
from gitmig.repo.refs import (
    MergeBases,
    Ref,
    current_branch,
    find_default_branch,
    find_nearest,
    find_refs,
    is_ancestor,
    merge_bases,
    open_repository,
    read_layout,
    resolve,
)


@pytest.fixture(params=["files", "reftable"])
def history(request, make_history):
    """
    one -- two -- three     main
       \\-- cart            feature
    """
    if request.param == "reftable" and Git().version() < (2, 45):
        pytest.skip("git 2.45 brought reftable")
    return make_history(
        [
            ("main", {"a": "1"}),
            ("main", {"a": "2"}),
            ("main", {"a": "3"}),
            ("feature < main", {"b": "1"}),
        ],
        ref_format=request.param,
    )


@pytest.fixture
def git(history):
    return Git(str(history.path))


class TestResolve:
    def test_any_name_of_the_user(self, history, git):
        history.git("tag", "-a", "-m", "x", "v1", "main")
        history.git("tag", "-a", "-m", "x", "of-a-tag", "v1")
        three = history.commits[2]
        for name in ("main", "refs/heads/main", "HEAD", three, three[:10], "v1", "of-a-tag", "feature~1", "main^{}"):
            assert resolve(git, name) == three, name
        assert resolve(git, "HEAD~1") == history.commits[1]

    @pytest.mark.parametrize(
        "name",
        [
            *("nothing", "", "--all", "--output=f", "-x", "HEAD:a", "HEAD^{tree}", "1" * 40, "main..feature"),
            *("a\nb", "^main", "\udcff"),
        ],
    )
    def test_what_is_no_commit_is_a_usage_error(self, history, git, name):
        with pytest.raises(UsageError, match="no commit is called"):
            resolve(git, name)
        assert sorted(os.listdir(history.path)) == [".git", "a"]

    def test_a_ref_that_looks_like_an_option(self, history, git):
        history.git("update-ref", "refs/heads/--output=f", history.commits[0])
        assert resolve(git, "--output=f") == history.commits[0]

    def test_a_null_byte(self, git):
        with pytest.raises(UsageError, match="null byte"):
            resolve(git, "a\0b")

    def test_outside_of_a_repository(self, tmp_path):
        with pytest.raises(UsageError, match="not a Git repository"):
            resolve(Git(str(tmp_path)), "HEAD")


class TestFindRefs:
    def test_full_names_and_globs(self, history, git):
        one, _two, three, cart = history.commits
        for name, commit in {
            "refs/remotes/origin/main": three,
            "refs/remotes/origin/main-old": one,
            "refs/remotes/origin/release/1": one,
            "refs/remotes/origin/release/2/x": cart,
        }.items():
            history.git("update-ref", name, commit)
        assert find_refs(git, ["refs/remotes/origin/main"]) == [Ref("refs/remotes/origin/main", three)]
        assert [r.name for r in find_refs(git, ["refs/remotes/origin/release/*"])] == ["refs/remotes/origin/release/1"]
        beneath = ["refs/remotes/origin/release/1", "refs/remotes/origin/release/2/x"]
        assert [r.name for r in find_refs(git, ["refs/remotes/origin/release/**"])] == beneath
        mixed = find_refs(git, ["refs/remotes/origin/release/", "refs/heads/ma?n"])
        assert [r.name for r in mixed] == ["refs/heads/main", *beneath]
        assert find_refs(git, ["refs/remotes/origin/release", "refs/heads/nothing"]) == []
        assert find_refs(git, []) == []

    def test_a_tag_of_the_same_name_does_not_stand_in_front(self, history, git):
        """E27: `origin/main` means the tag, and a branch heads/origin/main stands in line too."""
        one, _two, three, cart = history.commits
        history.git("update-ref", "refs/remotes/origin/main", three)
        history.git("update-ref", "refs/tags/origin/main", one)
        history.git("update-ref", "refs/heads/origin/main", cart)
        assert history.git("rev-parse", "origin/main").stdout.strip() == one
        assert find_refs(git, ["refs/remotes/origin/main"]) == [Ref("refs/remotes/origin/main", three)]

    def test_a_short_name_is_refused(self, git):
        with pytest.raises(UsageError, match="not a full ref name: 'origin/main'"):
            find_refs(git, ["origin/main"])

    def test_tags_are_peeled_also_tags_of_tags(self, history, git):
        history.git("tag", "light", "main")
        history.git("tag", "-a", "-m", "x", "heavy", "main")
        history.git("tag", "-a", "-m", "x", "nested", "heavy")
        history.git("tag", "blob", "HEAD:a")
        history.git("tag", "-a", "-m", "x", "tree", "HEAD^{tree}")
        three = history.commits[2]
        assert find_refs(git, ["refs/tags/*"]) == [
            Ref("refs/tags/heavy", three),
            Ref("refs/tags/light", three),
            Ref("refs/tags/nested", three),
        ]

    @pytest.mark.parametrize("name", ["refs/heads/a]b", "refs/heads/ünï", "refs/heads/x!", "refs/heads/-"])
    def test_odd_names(self, history, git, name):
        history.git("update-ref", name, "main")
        assert [ref.name for ref in find_refs(git, [name])] == [name]


class TestDefaultBranch:
    def remote(self, history, refs, head=""):
        for name, commit in refs.items():
            history.git("update-ref", f"refs/remotes/{name}", commit)
        if head:
            remote = head.partition("/")[0]
            history.git("symbolic-ref", f"refs/remotes/{remote}/HEAD", f"refs/remotes/{head}")

    def test_what_the_remote_says(self, history, git):
        one, _two, three, _cart = history.commits
        self.remote(history, {"origin/main": one, "origin/develop": three}, head="origin/develop")
        found = find_default_branch(git)
        assert (found.ref, found.how) == (Ref("refs/remotes/origin/develop", three), "remote HEAD")
        assert git.started == 1

    @pytest.mark.parametrize("branch", ["main", "master"])
    def test_the_only_usual_name_is_a_guess_that_is_called_one(self, history, git, branch):
        """actions/checkout and `git remote add` leave no origin/HEAD."""
        self.remote(history, {f"origin/{branch}": history.commits[0], "origin/x": history.commits[1]})
        found = find_default_branch(git)
        assert (found.ref.name, found.how) == (f"refs/remotes/origin/{branch}", "only main or master")

    def test_two_usual_names_are_no_answer(self, history, git):
        self.remote(history, {"origin/main": history.commits[0], "origin/master": history.commits[1]})
        found = find_default_branch(git)
        assert (found.ref, found.how, len(found.candidates)) == (None, "main and master", 2)

    def test_origin_comes_before_other_remotes(self, history, git):
        one, two, *_rest = history.commits
        self.remote(history, {"fork/main": one, "origin/main": two}, head="fork/main")
        assert find_default_branch(git).ref == Ref("refs/remotes/origin/main", two)
        assert find_default_branch(git, "fork").ref == Ref("refs/remotes/fork/main", one)

    def test_several_remotes_without_origin_are_no_answer(self, history, git):
        self.remote(history, {"a/main": history.commits[0], "b/main": history.commits[1]})
        found = find_default_branch(git)
        assert (found.ref, found.how) == (None, "several remotes")
        assert [ref.name for ref in found.candidates] == ["refs/remotes/a/main", "refs/remotes/b/main"]

    def test_no_remote(self, git):
        assert (find_default_branch(git).ref, find_default_branch(git).how) == (None, "none")

    def test_a_bare_repository_has_its_own(self, make_history):
        history = make_history([("develop", {"a": "1"})], bare=True)
        found = find_default_branch(Git(str(history.path)))
        assert (found.ref, found.how) == (Ref("refs/heads/develop", history.commits[0]), "HEAD")

    def test_after_a_clone(self, history, tmp_path):
        history.git("clone", "--quiet", str(history.path), str(tmp_path / "clone"))
        assert find_default_branch(Git(str(tmp_path / "clone"))).how == "remote HEAD"


class TestAncestry:
    def test_merge_base(self, make_history):
        history = make_history([("main", {"a": "1"}), ("feature < main", {"b": "1"}), ("main", {"a": "2"})])
        git = Git(str(history.path))
        base, cart, two = history.commits
        assert merge_bases(git, two, cart, shallow=False) == MergeBases((base,))

    def test_all_of_a_criss_cross(self, make_history):
        """
        o -- a -- ab     main
          \\  X  /
            b -- ba      other
        """
        history = make_history(
            [
                ("main", {"o": "1"}),
                ("other < main", {"b": "1"}),
                ("main", {"a": "1"}),
                ("side < main", None),
                ("main + other", {}),
                ("other + refs/heads/side", {}),
            ]
        )
        _o, b, a, merged, other = history.commits
        found = merge_bases(Git(str(history.path)), merged, other, shallow=False)
        assert set(found.commits) == {a, b}

    def test_unrelated_histories_have_none(self, make_history):
        history = make_history([("main", {"a": "1"}), ("other", {"b": "1"})])
        git = Git(str(history.path))
        assert merge_bases(git, *history.commits, shallow=False) == MergeBases((), complete=True)
        assert is_ancestor(git, *history.commits, shallow=False) is False

    def test_is_ancestor(self, history, git):
        one, _two, three, cart = history.commits
        assert is_ancestor(git, one, three, shallow=False) is True
        assert is_ancestor(git, three, one, shallow=False) is False
        assert is_ancestor(git, cart, three, shallow=False) is False
        assert is_ancestor(git, "1" * 40, one, shallow=False) is None

    def test_a_shallow_clone_never_says_no(self, history, tmp_path):
        """E12: git's --is-ancestor says "no" for what it cut off."""
        history.git(
            "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{history.path}", str(tmp_path / "clone")
        )
        git, layout = open_repository(Git(str(tmp_path / "clone")))
        one, _two, three, cart = history.commits
        assert layout.shallow
        assert is_ancestor(git, three, cart, shallow=layout.shallow) is None
        assert is_ancestor(git, one, three, shallow=layout.shallow) is None
        assert is_ancestor(git, three, three, shallow=layout.shallow) is True
        assert merge_bases(git, three, cart, shallow=True) == MergeBases((), complete=False)

    def test_trees_of_a_shallow_clone_are_whole(self, history, tmp_path):
        history.git("clone", "--quiet", "--depth=1", f"file://{history.path}", str(tmp_path / "clone"))
        with Objects(Git(str(tmp_path / "clone"))) as objects:
            assert set(objects.tree("HEAD")) == {"a"}
            assert objects.commit("HEAD").parents == (history.commits[1],)
            assert objects.commit(history.commits[1]) is None

    def test_the_nearest_of_several_shared_refs(self, make_history):
        """
        one -- two -- three          main
           \\-- fix -- hotfix         release, local
        """
        history = make_history(
            [
                ("main", {"a": "1"}),
                ("release < main", {"b": "1"}),
                ("main", {"a": "2"}),
                ("main", {"a": "3"}),
                ("local < release", {"b": "2"}),
            ]
        )
        git = Git(str(history.path))
        refs = find_refs(git, ["refs/heads/main", "refs/heads/release"])
        assert find_nearest(git, history.commits[-1], refs).name == "refs/heads/release"
        assert find_nearest(git, history.commits[3], refs).name == "refs/heads/main"
        assert find_nearest(git, history.commits[0], refs).name == "refs/heads/main"

    def test_a_single_ref_needs_no_process(self, history, git):
        ref = Ref("refs/heads/main", history.commits[2])
        assert find_nearest(git, history.commits[3], [ref]) == ref
        assert find_nearest(git, history.commits[3], []) is None
        assert git.started == 0


class TestLayout:
    def test_a_worktree(self, history, git):
        layout = read_layout(git)
        top = os.path.realpath(history.path)
        assert (layout.top, layout.git_dir, layout.common_dir) == (top, f"{top}/.git", f"{top}/.git")
        assert (layout.object_format, layout.shallow) == ("sha1", False)
        assert git.started == 1

    def test_from_a_folder_beneath_the_git_of_the_top_is_used(self, make_history):
        """E05: paths mean the same wherever gitmig was started."""
        history = make_history([("main", {"sub/a": "1", "b": "1"})])
        git, layout = open_repository(Git(str(history.path / "sub")))
        assert git.directory == layout.top == os.path.realpath(history.path)
        assert git.run("ls-files") == b"b\nsub/a\n"
        assert git.started == 2

    def test_a_linked_worktree(self, history, tmp_path):
        """E06: the index is its own, refs and objects are shared."""
        history.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "feature")
        layout = read_layout(Git(str(tmp_path / "linked")))
        main = f"{os.path.realpath(history.path)}/.git"
        assert (layout.git_dir, layout.common_dir) == (f"{main}/worktrees/linked", main)
        assert layout.top == os.path.realpath(tmp_path / "linked")

    def test_a_worktree_of_a_bare_repository(self, make_history, tmp_path):
        """E07: core.bare is true in it."""
        history = make_history([("main", {"a": "1"})], bare=True)
        history.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "main")
        git, layout = open_repository(Git(str(tmp_path / "linked")))
        assert layout.top == os.path.realpath(tmp_path / "linked")
        with Objects(git) as objects:
            assert set(objects.index()[0]) == {"a"}

    def test_a_bare_repository(self, make_history):
        history = make_history([("main", {"a": "1"})], bare=True)
        git, layout = open_repository(Git(str(history.path)))
        assert (layout.top, layout.git_dir) == (None, os.path.realpath(history.path))
        with Objects(git) as objects:
            assert set(objects.tree(resolve(git, "main"))) == {"a"}

    def test_git_dir_and_worktree_apart(self, history, tmp_path):
        """E08"""
        (history.path / ".git").rename(tmp_path / "elsewhere")
        environment = {**os.environ, "GIT_DIR": str(tmp_path / "elsewhere"), "GIT_WORK_TREE": str(history.path)}
        git, layout = open_repository(Git(str(history.path), environment))
        assert (layout.top, layout.git_dir) == (os.path.realpath(history.path), str(tmp_path / "elsewhere"))
        with Objects(git) as objects:
            assert objects.staged().changes == ()

    def test_a_path_with_a_newline(self, history, tmp_path):
        odd = tmp_path / "new\nline"
        history.path.rename(odd)
        layout = read_layout(Git(str(odd)))
        assert layout.top == os.path.realpath(odd)
        assert layout.git_dir == f"{os.path.realpath(odd)}/.git"

    def test_no_repository(self, tmp_path):
        with pytest.raises(UsageError, match="not a Git repository"):
            open_repository(Git(str(tmp_path)))

    def test_the_branch(self, history, git):
        assert current_branch(git) == "refs/heads/main"
        history.git("checkout", "--quiet", "--detach")
        assert current_branch(git) is None
