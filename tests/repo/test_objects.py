"""Blobs, trees and the index, in every state of a repository in which a verdict must not be wrong (RELIABILITY 2.3)."""

from __future__ import annotations

import os

import pytest
from support.histories import Executable, Link, Submodule
from support.scratch import git_version

from gitmig.errors import CannotDecide, EnvironmentProblem, UsageError
from gitmig.repo.digests import EMPTY_TREE, format_of, hash_bytes
from gitmig.repo.objects import Folder, Objects, Staged, parse_tree
from gitmig.repo.plumbing import Git
from gitmig.repo.store import Unreadable
from gitmig.trees.entries import EXECUTABLE, FOLDER, LINK, REGULAR, SUBMODULE, Changed, Entry
from gitmig.trees.links import Resolved

HOSTILE = (
    *("line\nbreak.py", 'quote".py', "-dash.py", "--output=x", "tab\t.py", "back\\slash", "*.py", ":(top)x"),
    *("\x1b[31m.py", "latin-\udce9.py", "ünï.py"),
)


def blob(text: str | bytes, mode: str = REGULAR) -> Entry:
    return Entry(mode, hash_bytes(text if isinstance(text, bytes) else text.encode()))


def changed(staged: Staged) -> dict[str, str]:
    """path -> A, M or D"""
    return {c.path: "A" if c.old is None else "D" if c.new is None else "M" for c in staged.changes}


@pytest.fixture
def open_objects():
    opened = []

    def open_at(history, **options):
        objects = Objects(Git(str(history.path), options.pop("environment", None)), **options)
        opened.append(objects)
        return objects

    yield open_at
    for objects in opened:
        objects.close()


@pytest.fixture
def history(make_history):
    return make_history(
        [
            ("main", {"app.py": "app", "m/env.py": "env", "m/versions/a.py": "a", "m/versions/b.py": "b"}),
            ("main", {"m/versions/b.py": None, "m/versions/c.py": Executable("c"), "m/link": Link("versions")}),
        ]
    )


class TestBlobs:
    def test_are_read_in_one_process_however_many_times_one_asks(self, history, open_objects):
        objects = open_objects(history)
        assert objects.read([hash_bytes(b"a")]) == {hash_bytes(b"a"): b"a"}
        assert objects.read([hash_bytes(b"app"), hash_bytes(b"env")]).keys() == {hash_bytes(b"app"), hash_bytes(b"env")}
        assert objects.tree("HEAD", ["m"])
        assert objects.git.started == 1

    def test_thousands_at_once(self, make_history, open_objects):
        """More requests and more answers than two pipes hold."""
        texts = [f"{number}".encode() * 50 for number in range(3000)]
        history = make_history([("main", {f"f{number}": text for number, text in enumerate(texts)})], bare=True)
        objects = open_objects(history)
        wanted = [hash_bytes(text) for text in texts]
        assert objects.read(wanted) == dict(zip(wanted, texts, strict=True))
        assert objects.git.started == 1

    def test_any_bytes(self, make_history, open_objects):
        for text in (b"", b"\n", b"\xff\x00\r\n" * 3, b"no newline"):
            history = make_history([("main", {"f": text})], bare=True)
            assert open_objects(history).read([hash_bytes(text)]) == {hash_bytes(text): text}

    def test_that_are_missing_are_said_to_be_missing(self, history, open_objects):
        gone, here = "1" * 40, hash_bytes(b"a")
        assert open_objects(history).read([gone, here]) == {gone: Unreadable(gone, "missing"), here: b"a"}

    def test_that_are_too_large_are_not_read(self, make_history, open_objects):
        history = make_history(
            [("main", {"s1": "1", "big": "x" * 101, "s2": "2", "big2": "y" * 300_000, "fits": "z" * 100})], bare=True
        )
        objects = open_objects(history, limit=100)
        wanted = [entry.oid for entry in objects.tree("HEAD").values()]
        found = objects.read(wanted)
        sizes = {answer.size for answer in found.values() if isinstance(answer, Unreadable)}
        texts = {answer for answer in found.values() if isinstance(answer, bytes)}
        assert sizes == {101, 300_000}
        assert texts == {b"1", b"2", b"z" * 100}
        assert all(answer.reason == "oversize" for answer in found.values() if isinstance(answer, Unreadable))

    def test_a_large_one_alone_costs_one_process(self, make_history, open_objects):
        objects = open_objects(make_history([("main", {"big": "x" * 101})], bare=True), limit=100)
        oid = hash_bytes(b"x" * 101)
        assert objects.read([oid]) == {oid: Unreadable(oid, "oversize", 101)}
        assert objects.git.started == 1

    def test_a_tree_or_a_commit_is_no_blob(self, history, open_objects):
        tree, commit = history.head("HEAD^{tree}"), history.head()
        found = open_objects(history).read([tree, commit])
        assert found == {tree: Unreadable(tree, "tree"), commit: Unreadable(commit, "commit")}

    @pytest.mark.parametrize("name", ["HEAD:app.py", "main", "--output=f", "1" * 39, "1" * 39 + "\n"])
    def test_a_name_is_no_object_id(self, history, open_objects, name):
        objects = open_objects(history)
        for ask in (objects.tree, objects.commit, lambda name: objects.diff_trees(name, name)):
            with pytest.raises(ValueError, match="not an object id"):
                ask(name)
        with pytest.raises(ValueError, match="not an object id"):
            objects.read([name])

    def test_a_process_that_died_is_started_again(self, history, open_objects):
        objects = open_objects(history)
        wanted = hash_bytes(b"a")
        objects.read([wanted])
        os.kill(objects._store._batch.process.pid, 9)
        assert objects.read([wanted]) == {wanted: b"a"}


class TestDamage:
    @pytest.fixture
    def loose(self, history):
        """Loose objects, as ordinary commits make them."""
        history.stage({"one.py": "one", "two.py": "two", "three.py": "three"})

        def path(text: bytes):
            oid = hash_bytes(text)
            file = history.path / ".git/objects" / oid[:2] / oid[2:]
            file.chmod(0o644)
            return file

        return path

    def test_a_swapped_object_is_found_by_its_hash(self, history, open_objects, loose):
        """E56: git serves the bytes of a loose object without looking whether they are those that the id names."""
        loose(b"one").write_bytes(loose(b"two").read_bytes())
        one, two, three = (hash_bytes(text) for text in (b"one", b"two", b"three"))
        assert open_objects(history).read([one]) == {one: b"two"}
        found = open_objects(history, verify=True).read([one, two, three])
        assert found == {one: Unreadable(one, "damaged", 3), two: b"two", three: b"three"}

    @pytest.mark.parametrize("garbage", [b"", b"garbage", b"x\x9c"], ids=["empty", "no zlib", "cut off"])
    def test_a_corrupt_object_does_not_hide_the_others(self, history, open_objects, loose, garbage):
        loose(b"two").write_bytes(garbage)
        one, two, three = (hash_bytes(text) for text in (b"one", b"two", b"three"))
        found = open_objects(history).read([one, two, three])
        assert isinstance(found[two], Unreadable)
        assert (found[one], found[three]) == (b"one", b"three")

    def test_an_object_that_ends_too_early(self, history, open_objects, loose):
        file = loose(b"two")
        file.write_bytes(file.read_bytes()[:-6])
        one, two, three = (hash_bytes(text) for text in (b"one", b"two", b"three"))
        found = open_objects(history, verify=True).read([one, two, three])
        assert isinstance(found[two], Unreadable)
        assert (found[one], found[three]) == (b"one", b"three")

    @pytest.mark.skipif(git_version() < (2, 35, 2), reason="git trusts every owner")
    def test_a_repository_that_git_refuses_is_an_error_and_no_missing_object(self, history, open_objects, monkeypatch):
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        with pytest.raises(EnvironmentProblem, match="dubious ownership"):
            open_objects(history).read(["1" * 40])

    def test_no_repository(self, tmp_path):
        with pytest.raises(UsageError, match="not a Git repository"):
            Objects(Git(str(tmp_path))).read(["1" * 40])
        with pytest.raises(UsageError, match="not a Git repository"):
            Objects(Git(str(tmp_path))).staged()


class TestTrees:
    def test_all_files(self, history, open_objects):
        assert open_objects(history).tree("HEAD") == {
            "app.py": blob("app"),
            "m/env.py": blob("env"),
            "m/link": blob("versions", LINK),
            "m/versions/a.py": blob("a"),
            "m/versions/c.py": blob("c", EXECUTABLE),
        }

    def test_beneath_folders_and_at_paths(self, history, open_objects):
        objects = open_objects(history)
        both = {"m/versions/a.py": blob("a"), "m/versions/c.py": blob("c", EXECUTABLE)}
        assert objects.tree("HEAD", ["m/versions"]) == both
        assert objects.tree("HEAD", ["m/versions", "app.py", "nothing", "m/env.py/x"]) == {
            **both,
            "app.py": blob("app"),
        }
        assert objects.tree("HEAD", [""]) == objects.tree("HEAD")

    def test_of_a_commit_a_tree_or_head(self, history, open_objects):
        objects = open_objects(history)
        first, second = history.commits
        assert objects.tree(second) == objects.tree("HEAD") == objects.tree(history.head("HEAD^{tree}"))
        assert objects.tree(first, ["m/versions"]) == {"m/versions/a.py": blob("a"), "m/versions/b.py": blob("b")}

    def test_entries_have_the_id_of_a_folder(self, history, open_objects):
        found = open_objects(history).entries("HEAD", ["m/versions", "app.py", "", "nothing"])
        assert found == {
            "m/versions": Entry(FOLDER, history.head("HEAD:m/versions")),
            "app.py": blob("app"),
            "": Entry(FOLDER, history.head("HEAD^{tree}")),
        }

    def test_a_deep_tree_costs_one_round_a_level(self, make_history, open_objects):
        files = {f"a/b{one}/c{two}/d.py": f"{one}{two}" for one in range(20) for two in range(20)}
        history = make_history([("main", files)], bare=True)
        assert open_objects(history).tree("HEAD", ["a"]) == open_objects(history).tree("HEAD")

    def test_a_submodule_is_an_entry_and_is_not_entered(self, make_history, open_objects):
        """E10: what lies inside cannot be known from here."""
        history = make_history([("main", {"m/versions": Submodule("1" * 40), "m/env.py": "x"})], bare=True)
        objects = open_objects(history)
        assert objects.entries("HEAD", ["m/versions", "m/versions/a.py"]) == {"m/versions": Entry(SUBMODULE, "1" * 40)}
        assert objects.tree("HEAD", ["m/versions"]) == {"m/versions": Entry(SUBMODULE, "1" * 40)}

    def test_names_in_any_bytes(self, make_history, open_objects):
        history = make_history(
            [("main", {f"m/{name}": name.encode("utf-8", "surrogateescape") for name in HOSTILE})], bare=True
        )
        objects = open_objects(history)
        found = objects.tree("HEAD", ["m"])
        assert found == objects.tree("HEAD")
        assert found == {f"m/{name}": blob(name.encode("utf-8", "surrogateescape")) for name in HOSTILE}
        assert objects.entries("HEAD", [f"m/{HOSTILE[0]}"]) == {f"m/{HOSTILE[0]}": blob(HOSTILE[0])}

    def test_links_are_followed_inside(self, history, open_objects):
        objects = open_objects(history)
        assert objects.follow("m/link", "HEAD") == objects.follow("m/link") == Resolved("m/versions")
        assert objects.follow("m/versions", "HEAD") == Resolved("m/versions")
        assert objects.follow("m/nothing", "HEAD") == Resolved("m/nothing", "missing")

    def test_a_commit_has_a_tree_and_parents(self, history, open_objects):
        objects = open_objects(history)
        first, second = history.commits
        commit = objects.commit("HEAD")
        assert (commit.oid, commit.tree, commit.parents) == (second, history.head("HEAD^{tree}"), (first,))
        assert objects.commit(second) == commit
        assert objects.commit(first).parents == ()
        assert objects.commit("1" * 40) is None

    def test_a_tree_that_is_not_here_is_no_empty_tree(self, history, open_objects):
        with pytest.raises(CannotDecide, match="cannot read the tree of 1111"):
            open_objects(history).tree("1" * 40, ["m"])
        with pytest.raises(CannotDecide, match="it is a blob"):
            open_objects(history).tree(hash_bytes(b"a"), ["m"])


class TestIndex:
    def test_clean(self, history, open_objects):
        objects = open_objects(history)
        assert objects.staged() == Staged(())
        assert objects.index() == (objects.tree("HEAD"), [])
        assert objects.git.started == 2  # diff-index, and one ls-tree for the whole tree, however often it is asked for

    def test_what_is_staged_and_not_what_is_on_disk(self, history, open_objects):
        history.stage({"m/versions/d.py": "staged", "m/versions/a.py": None, "app.py": "app2"})
        history.write("m/versions/d.py", "on disk")
        history.write("m/versions/untracked.py", "x")
        history.write("m/env.py", "not staged")
        objects = open_objects(history)
        assert changed(objects.staged()) == {"m/versions/d.py": "A", "m/versions/a.py": "D", "app.py": "M"}
        expected = {"m/versions/c.py": blob("c", EXECUTABLE), "m/versions/d.py": blob("staged")}
        assert objects.index(["m/versions"]) == (expected, [])
        assert objects.git.started == 2

    def test_equals_what_git_would_commit(self, history, open_objects):
        history.stage({"new/x.py": "x", "m/env.py": None, "app.py": Executable("app")})
        objects = open_objects(history)
        assert objects.index()[0] == objects.tree(history.git("write-tree").stdout.strip())

    def test_a_folder_in_which_something_is_staged_has_no_tree_yet(self, history, open_objects):
        history.stage({"m/versions/d.py": "d", "new/e.py": "e"})
        objects = open_objects(history)
        found = objects.index_entries(["m/versions", "m/env.py", "new", "app.py", "nothing"])
        assert found == {
            "m/versions": Entry(FOLDER, ""),
            "new": Entry(FOLDER, ""),
            "m/env.py": blob("env"),
            "app.py": blob("app"),
        }

    def test_a_folder_that_nothing_touched_keeps_its_tree(self, history, open_objects):
        history.stage({"app.py": "2"})
        found = open_objects(history).index_entries(["m/versions"])
        assert found == {"m/versions": Entry(FOLDER, history.head("HEAD:m/versions"))}

    def test_a_folder_that_lost_its_last_file_is_gone(self, history, open_objects):
        history.stage({"m/versions/a.py": None, "m/versions/c.py": None})
        assert open_objects(history).index_entries(["m/versions"]) == {}

    def test_a_link_that_is_staged_is_followed(self, history, open_objects):
        history.stage({"current": Link("m/link")})
        assert open_objects(history).follow("current") == Resolved("m/versions")

    def test_a_file_that_became_a_folder(self, history, open_objects):
        history.stage({"app.py": None})
        history.stage({"app.py/x.py": "x"})
        objects = open_objects(history)
        assert objects.index_entries(["app.py"]) == {"app.py": Entry(FOLDER, "")}
        assert objects.index(["app.py"])[0] == {"app.py/x.py": blob("x")}

    def test_names_in_any_bytes(self, history, open_objects):
        history.stage({f"m/versions/{name}": "x" for name in HOSTILE})
        assert changed(open_objects(history).staged()) == {f"m/versions/{name}": "A" for name in HOSTILE}

    def test_intent_to_add_is_not_in_the_commit(self, history, open_objects):
        """E17: raw diff-index and ls-files show it as an added empty file."""
        history.write("m/versions/later.py", "later")
        history.write("m/versions/__init__.py", "")
        history.git("add", "--intent-to-add", "m/versions/later.py")
        history.git("add", "m/versions/__init__.py")
        objects = open_objects(history)
        assert changed(objects.staged()) == {"m/versions/__init__.py": "A"}
        assert "m/versions/later.py" not in objects.index()[0]

    def test_unborn_branch(self, make_history, open_objects):
        """E20: everything is added."""
        history = make_history([])
        history.stage({"m/a.py": "a"})
        objects = open_objects(history)
        assert objects.staged() == Staged((Changed("m/a.py", None, blob("a")),), unborn=True)
        assert objects.index(["m"]) == ({"m/a.py": blob("a")}, [])
        assert objects.index_entries(["m", "x"]) == {"m": Entry(FOLDER, "")}
        assert objects.commit("HEAD") is None

    def test_detached_head(self, history, open_objects):
        history.git("checkout", "--quiet", "--detach", history.commits[0])
        history.stage({"x": "x"})
        assert changed(open_objects(history).staged()) == {"x": "A"}

    def test_unmerged(self, make_history, open_objects):
        """E19: an unmerged path has three entries and none that would be committed."""
        history = make_history(
            [
                ("main", {"v/a.py": "base", "v/b.py": "b"}),
                ("feature < main", {"v/a.py": "theirs"}),
                ("main", {"v/a.py": "ours"}),
            ]
        )
        history.git("merge", "feature", status=1)
        objects = open_objects(history)
        assert objects.staged() == Staged((), ("v/a.py",))
        assert objects.index(["v"]) == ({"v/b.py": blob("b")}, ["v/a.py"])
        assert objects.index_entries(["v", "v/a.py"]) == {"v": Entry(FOLDER, "")}
        assert objects.unmerged() == {"v/a.py": {1: blob("base"), 2: blob("ours"), 3: blob("theirs")}}

    @pytest.mark.parametrize(
        "settings",
        [
            ["update-index --split-index"],
            ["update-index --index-version=4"],
            pytest.param(
                ["sparse-checkout init --cone --sparse-index", "sparse-checkout set other"],
                marks=pytest.mark.skipif(git_version() < (2, 34), reason="git has no sparse index yet"),
            ),
            ["update-index --assume-unchanged app.py"],
            ["update-index --skip-worktree app.py"],
            ["config core.fsmonitor true"],
            ["config diff.ignoreSubmodules all"],
            ["config diff.relative true"],
            ["config core.quotePath true"],
        ],
        ids=lambda settings: settings[0],
    )
    def test_every_shape_of_the_index(self, history, open_objects, settings):
        """E16, E18: git expands them; libraries that read the index file do not."""
        for setting in settings:
            history.git(*setting.split())
        for path in ("m/versions/d.py", "sub/d.py"):
            history.write(path, "d")
            history.git("add", *(["--sparse"] if git_version() >= (2, 34) else []), path)
        objects = open_objects(history)
        assert changed(objects.staged()) == {"m/versions/d.py": "A", "sub/d.py": "A"}
        assert objects.index()[0] == objects.tree(history.git("write-tree").stdout.strip())

    def test_from_a_folder_beneath_paths_are_those_of_the_top(self, make_history):
        history = make_history([("main", {"sub/a": "1", "b": "1"})])
        history.git("config", "diff.relative", "true")
        history.stage({"sub/a": "2", "b": "2"})
        with Objects(Git(str(history.path / "sub"))) as objects:
            assert changed(objects.staged()) == {"sub/a": "M", "b": "M"}
            assert set(objects.index()[0]) == {"sub/a", "b"}

    def test_a_submodule_that_moved_is_a_change_whatever_the_settings_say(self, make_history, open_objects):
        ignoring = '[submodule "v"]\n\tpath = v\n\turl = ./v\n\tignore = all\n'
        history = make_history([("main", {"v": Submodule("1" * 40), ".gitmodules": ignoring})])
        history.git("update-index", "--cacheinfo", f"160000,{'2' * 40},v")
        assert changed(open_objects(history).staged()) == {"v": "M"}

    def test_the_index_that_the_environment_names(self, history, open_objects):
        other = {**os.environ, "GIT_INDEX_FILE": ".git/next-index-1.lock"}
        history.environment["GIT_INDEX_FILE"] = other["GIT_INDEX_FILE"]
        history.git("read-tree", "HEAD")
        history.stage({"partial.py": "x"})
        del history.environment["GIT_INDEX_FILE"]
        assert changed(open_objects(history).staged()) == {}
        assert changed(open_objects(history, environment=other).staged()) == {"partial.py": "A"}

    def test_an_index_that_is_lost_is_not_the_deletion_of_everything(self, history, open_objects):
        """E58: git takes it for an empty one and says nothing."""
        with pytest.raises(CannotDecide, match=r"there is no index: \.git/gone does not exist"):
            open_objects(history, environment={**os.environ, "GIT_INDEX_FILE": ".git/gone"}).staged()
        (history.path / ".git/index").unlink()
        with pytest.raises(CannotDecide, match="there is no index"):
            open_objects(history).staged()

    def test_an_index_that_is_empty_is_the_deletion_of_everything(self, history, open_objects):
        history.git("rm", "-r", "--cached", "--quiet", ".")
        assert set(changed(open_objects(history).staged()).values()) == {"D"}

    def test_a_bare_repository_has_no_index(self, make_history, open_objects):
        history = make_history([("main", {"a": "1"})], bare=True)
        with pytest.raises(CannotDecide, match="there is no index"):
            open_objects(history).staged()

    def test_nothing_is_written(self, history, open_objects):
        """E47, E48: no lock, no refreshed index; a read-only file system will do."""
        os.utime(history.path / "app.py", (1, 1))
        (history.path / ".git/index.lock").touch()

        def stamps():
            return {path: path.stat().st_mtime_ns for path in (history.path / ".git").rglob("*")}

        before = stamps()
        objects = open_objects(history)
        objects.staged()
        objects.index()
        objects.unmerged()
        assert stamps() == before


class TestDifferences:
    def test_between_commits(self, history, open_objects):
        objects = open_objects(history)
        first, second = history.commits
        expected = [
            Changed("m/link", None, blob("versions", LINK)),
            Changed("m/versions/b.py", blob("b"), None),
            Changed("m/versions/c.py", None, blob("c", EXECUTABLE)),
        ]
        assert objects.diff_trees(first, second) == expected
        assert objects.diff_trees(first, first) == []

    def test_with_nothing(self, history, open_objects):
        objects = open_objects(history)
        files = list(objects.tree(history.commits[0]))
        assert [change.path for change in objects.diff_trees(None, history.commits[0])] == sorted(files)
        assert all(change.new is None for change in objects.diff_trees(history.commits[0], None))

    def test_a_rename_is_a_deletion_and_an_addition(self, make_history, open_objects):
        history = make_history([("main", {"a.py": "same\n" * 50}), ("main", {"a.py": None, "b.py": "same\n" * 50})])
        history.git("config", "diff.renames", "copies")
        assert [change.path for change in open_objects(history).diff_trees(*history.commits)] == ["a.py", "b.py"]

    def test_a_change_of_mode_or_kind(self, make_history, open_objects):
        history = make_history(
            [("main", {"a": "x", "b": "x"}), ("main", {"a": Executable("x"), "b": Link("a")})], bare=True
        )
        assert open_objects(history).diff_trees(*history.commits) == [
            Changed("a", blob("x"), blob("x", EXECUTABLE)),
            Changed("b", blob("x"), blob("a", LINK)),
        ]

    def test_a_file_in_the_place_of_a_folder(self, make_history, open_objects):
        history = make_history(
            [("main", {"a": "x", "b/c": "x"}), ("main", {"a": None, "a/c": "x", "b/c": None, "b": "x"})]
        )
        assert open_objects(history).diff_trees(*history.commits) == [
            Changed("a", blob("x"), None),
            Changed("a/c", None, blob("x")),
            Changed("b", None, blob("x")),
            Changed("b/c", blob("x"), None),
        ]

    def test_costs_no_process_beside_the_one_that_answers(self, history, open_objects):
        objects = open_objects(history)
        objects.diff_trees(*history.commits)
        assert [words[0] for words in objects.git.processes] == ["cat-file"]


class TestSha256:
    @pytest.fixture
    def history(self, make_history):
        return make_history([("main", {"m/a.py": "a"}), ("main", {"m/b.py": "b"})], object_format="sha256")

    def test_ids_are_longer_and_nothing_else_changes(self, history, open_objects):
        objects = open_objects(history, verify=True)
        oid = hash_bytes(b"a", object_format="sha256")
        assert format_of(oid) == "sha256"
        assert objects.tree("HEAD", ["m"])["m/a.py"] == Entry(REGULAR, oid)
        assert objects.read([oid]) == {oid: b"a"}
        assert objects.commit("HEAD").oid == history.commits[1]
        history.stage({"m/c.py": "c"})
        assert changed(objects.staged()) == {"m/c.py": "A"}
        assert len(objects.diff_trees(None, "HEAD")) == 2

    def test_unborn(self, make_history, open_objects):
        history = make_history([], object_format="sha256")
        history.stage({"a": "a"})
        assert changed(open_objects(history).staged()) == {"a": "A"}


class TestPartialClone:
    """E14: nothing is ever fetched; what was not cloned is missing, also when git ends at the first such object."""

    @pytest.fixture
    def clone(self, make_history, tmp_path):
        source = make_history([("main", {f"m/{number}.py": f"text {number}" for number in range(20)})], bare=True)
        source.git("config", "uploadpack.allowFilter", "true")
        source.git("clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{source.path}", "../clone")
        source.git("clone", "--quiet", "--no-checkout", "--filter=tree:0", f"file://{source.path}", "../no-trees")
        source.path.rename(tmp_path / "away")
        source.path = tmp_path / "clone"
        return source

    def test_blobs_are_missing_and_the_rest_is_read(self, clone, open_objects):
        here = clone.feed("git", "hash-object", "-w", "--stdin", input=b"here").decode().strip()
        objects = open_objects(clone)
        oids = [entry.oid for entry in objects.tree("HEAD", ["m"]).values()]
        found = objects.read([*oids[:10], here, *oids[10:]])
        assert found.pop(here) == b"here"
        assert found == {oid: Unreadable(oid, "missing") for oid in oids}
        assert objects.git.started < 10

    def test_trees_that_are_missing(self, clone, open_objects, tmp_path):
        clone.path = tmp_path / "no-trees"
        with pytest.raises(CannotDecide, match="cannot read the tree"):
            open_objects(clone).tree("HEAD", ["m"])

    def test_nothing_is_fetched_although_the_promisor_is_there(self, clone, open_objects, tmp_path):
        (tmp_path / "away").rename(tmp_path / "repository-1")
        objects = open_objects(clone)
        oids = [entry.oid for entry in objects.tree("HEAD", ["m"]).values()]
        assert objects.read(oids) == {oid: Unreadable(oid, "missing") for oid in oids}
        clone.git("cat-file", "-e", oids[0])  # ordinary git would have fetched


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_ids_are_those_of_git(make_history, object_format):
    history = make_history([], object_format=object_format)
    for text in (b"", b"text\n", b"\0" * 100_000):
        oid = history.feed("git", "hash-object", "--stdin", input=text).decode().strip()
        assert hash_bytes(text, object_format=object_format) == oid
    assert hash_bytes(b"", "tree", object_format) == EMPTY_TREE[object_format]


def test_a_file_of_a_large_folder_is_found_by_its_name_as_in_the_whole_listing() -> None:
    names = [f"{number:04d}_revision.py" for number in range(900)]
    content = b"".join(b"100644 %s\0" % name.encode() + bytes([number % 256]) * 20 for number, name in enumerate(names))
    content += b"40000 zz_a_long_folder_name\0" + b"\7" * 20
    folder, whole = Folder(content, 20), parse_tree(content, 20)
    for name in (*names[::97], "zz_a_long_folder_name", "no_such_revision.py", "z"):
        assert folder.get(name) == whole.get(name)
    assert dict(folder.items()) == whole
