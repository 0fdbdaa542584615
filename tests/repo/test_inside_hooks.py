"""What gitmig reads inside the real hooks of real commands, each with the environment that git gives it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import gitmig

PROBE = """
import json, os, sys
sys.path.insert(0, ROOT)
from gitmig.repo.in_progress import find_in_progress
from gitmig.repo.objects import Objects
from gitmig.repo.plumbing import Git
from gitmig.repo.refs import open_repository

git, layout = open_repository(Git())
objects = Objects(git, verify=True)
event, *arguments = sys.argv[1:]
seen = {"event": event, "top": layout.top, "environment": {k: v for k, v in os.environ.items() if k.startswith("GIT_")}}
if event == "pre-receive":
    seen["pushed"] = {}
    for line in sys.stdin:
        old, new, ref = line.split()
        texts = objects.tree(new, ["m"])
        blobs = objects.read(entry.oid for entry in texts.values())
        seen["pushed"][ref] = {path: blobs[entry.oid].decode() for path, entry in texts.items()}
else:
    staged = objects.staged()
    files, unmerged = objects.index()
    head = objects.commit("HEAD")
    under_way = find_in_progress(objects, layout)
    blobs = objects.read(entry.oid for entry in files.values() if entry.is_file)
    seen |= {
        "staged": {c.path: "A" if c.old is None else "D" if c.new is None else "M" for c in staged.changes},
        "unborn": staged.unborn,
        "index": {path: blobs[entry.oid].decode() for path, entry in files.items() if entry.is_file},
        "unmerged": unmerged,
        "head": head and head.oid,
        "in_progress": under_way and [under_way.kind, under_way.local, list(under_way.target)],
    }
seen["processes"] = git.started
with open(OUT, "a") as out:
    out.write(json.dumps(seen) + "\\n")
"""


class Watched:
    """A history in whose hooks the probe looks around."""

    def __init__(self, history, folder: Path) -> None:
        self.history = history
        self.out = folder / "seen"
        self.probe = folder / "probe.py"
        root = str(Path(gitmig.__file__).parents[1])
        self.probe.write_text(f"ROOT = {root!r}\nOUT = {str(self.out)!r}\n{PROBE}")

    def watch(self, *events: str, hooks: Path | None = None) -> None:
        folder = hooks or self.history.path / ".git/hooks"
        folder.mkdir(parents=True, exist_ok=True)
        for event in events:
            hook = folder / event
            hook.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{self.probe}" {event} "$@"\n')
            hook.chmod(0o755)

    def git(self, *arguments: str, **options):
        """A command, and what its hooks saw."""
        self.out.unlink(missing_ok=True)
        self.history.git(*arguments, **options)
        return [json.loads(line) for line in self.out.read_text().splitlines()] if self.out.exists() else []


@pytest.fixture
def watched(make_history, tmp_path):
    history = make_history([("main", {"a": "1", "b": "1", "gone": "1"}), ("feature < main", {"c": "1"})])
    watched = Watched(history, tmp_path)
    watched.watch("pre-commit", "pre-merge-commit", "post-checkout", "post-commit")
    return watched


class TestCommit:
    def test_plain(self, watched):
        watched.history.stage({"a": "2", "new": "1", "gone": None})
        watched.history.write("b", "not staged")
        before, after = watched.git("commit", "--quiet", "-m", "x")
        assert before["staged"] == {"a": "M", "new": "A", "gone": "D"}
        assert before["index"] == {"a": "2", "b": "1", "new": "1"}
        assert before["head"] == watched.history.commits[0]
        assert before["processes"] <= 5
        assert (after["event"], after["staged"]) == ("post-commit", {})

    def test_all(self, watched):
        """The index is .git/index.lock, which git holds."""
        watched.history.write("a", "2")
        (watched.history.path / "gone").unlink()
        watched.history.write("untracked", "x")
        seen = watched.git("commit", "--quiet", "-a", "-m", "x")[0]
        assert seen["staged"] == {"a": "M", "gone": "D"}
        assert seen["index"] == {"a": "2", "b": "1"}

    def test_of_a_path(self, watched):
        """The index is HEAD and that path; what else was staged is not in the commit."""
        watched.history.stage({"b": "staged", "new": "staged"})
        watched.history.write("a", "2")
        seen = watched.git("commit", "--quiet", "-m", "x", "--", "a")[0]
        assert seen["staged"] == {"a": "M"}
        assert seen["index"] == {"a": "2", "b": "1", "gone": "1"}
        assert "next-index" in seen["environment"]["GIT_INDEX_FILE"]

    def test_amended(self, watched):
        watched.history.stage({"a": "2"})
        seen = watched.git("commit", "--quiet", "--amend", "-m", "x")[0]
        assert seen["staged"] == {"a": "M"}

    def test_of_deletions_only(self, watched):
        watched.history.stage({"gone": None})
        assert watched.git("commit", "--quiet", "-m", "x")[0]["staged"] == {"gone": "D"}

    def test_of_a_rename(self, watched):
        watched.history.git("mv", "gone", "renamed")
        assert watched.git("commit", "--quiet", "-m", "x")[0]["staged"] == {"gone": "D", "renamed": "A"}

    def test_of_nothing(self, watched):
        assert watched.git("commit", "--quiet", "--allow-empty", "-m", "x")[0]["staged"] == {}

    def test_the_first(self, make_history, tmp_path):
        watched = Watched(make_history([]), tmp_path)
        watched.watch("pre-commit")
        watched.history.stage({"a": "1"})
        (seen,) = watched.git("commit", "--quiet", "-m", "x")
        assert (seen["staged"], seen["unborn"], seen["head"], seen["index"]) == ({"a": "A"}, True, None, {"a": "1"})

    def test_from_a_folder_beneath(self, watched):
        watched.history.stage({"sub/x": "1"})
        seen = watched.git("commit", "--quiet", "-m", "x", cwd=watched.history.path / "sub")[0]
        assert seen["staged"] == {"sub/x": "A"}
        assert seen["environment"]["GIT_PREFIX"] == "sub/"

    def test_on_a_detached_head(self, watched):
        watched.history.git("checkout", "--quiet", "--detach")
        watched.history.stage({"a": "2"})
        assert watched.git("commit", "--quiet", "-m", "x")[0]["staged"] == {"a": "M"}

    def test_with_intent_to_add(self, watched):
        watched.history.write("later", "x")
        watched.history.git("add", "-N", "later")
        watched.history.stage({"a": "2"})
        seen = watched.git("commit", "--quiet", "-m", "x")[0]
        assert (seen["staged"], "later" in seen["index"]) == ({"a": "M"}, False)


class TestPlaces:
    def test_a_linked_worktree(self, watched, tmp_path):
        linked = tmp_path / "linked"
        watched.history.git("worktree", "add", "--quiet", str(linked), "feature")
        (linked / "c").write_text("2")
        watched.history.git("add", "c", cwd=linked)
        seen = watched.git("commit", "--quiet", "-m", "x", cwd=linked)[0]
        assert (seen["staged"], seen["top"]) == ({"c": "M"}, str(linked))
        assert seen["head"] == watched.history.commits[1]

    def test_a_submodule(self, watched, make_history, tmp_path):
        """E09: its own repository, and not the one above."""
        outer = make_history([("main", {"outer": "1"})])
        outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(watched.history.path), "inner")
        inner = outer.path / "inner"
        watched.watch("pre-commit", hooks=outer.path / ".git/modules/inner/hooks")
        (inner / "a").write_text("2")
        seen = watched.git("commit", "--quiet", "-a", "-m", "x", cwd=inner)[0]
        assert (seen["staged"], seen["top"]) == ({"a": "M"}, str(inner))

    def test_git_dir_and_worktree_apart(self, watched, tmp_path):
        git_dir = tmp_path / "elsewhere"
        (watched.history.path / ".git").rename(git_dir)
        apart = (f"--git-dir={git_dir}", f"--work-tree={watched.history.path}")
        watched.history.write("a", "2")
        seen = watched.git(*apart, "commit", "--quiet", "-a", "-m", "x", cwd=tmp_path)[0]
        assert (seen["staged"], seen["top"]) == ({"a": "M"}, str(watched.history.path))


class TestMerge:
    def test_clean(self, watched):
        """The index is the merge; MERGE_HEAD is not there yet."""
        watched.history.stage({"a": "2"})
        watched.history.git("commit", "--quiet", "--no-verify", "-m", "x")
        main = watched.history.head()
        seen = watched.git("merge", "--no-edit", "feature")[0]
        assert seen["event"] == "pre-merge-commit"
        assert seen["in_progress"] == ["merge", main, [watched.history.commits[1]]]
        assert (seen["staged"], seen["index"]["a"], seen["index"]["c"]) == ({"c": "A"}, "2", "1")

    def test_after_a_conflict(self, watched):
        watched.history.stage({"c": "other"})
        watched.history.git("commit", "--quiet", "--no-verify", "-m", "x")
        main = watched.history.head()
        assert watched.git("merge", "feature", status=1) == []
        watched.history.stage({"c": "both"})
        seen = watched.git("commit", "--quiet", "--no-edit")[0]
        assert seen["event"] == "pre-commit"
        assert seen["in_progress"] == ["merge", main, [watched.history.commits[1]]]
        assert (seen["staged"], seen["index"]["c"]) == ({"c": "M"}, "both")


def test_checkout_sees_the_new_branch(watched):
    (seen,) = watched.git("checkout", "--quiet", "feature")
    assert (seen["event"], seen["head"], seen["staged"]) == ("post-checkout", watched.history.commits[1], {})


class TestPush:
    """E11: what is pushed lies in quarantine, which only git with its inherited environment can see."""

    @pytest.mark.parametrize("object_format", ["sha1", "sha256"])
    def test_reads_what_is_not_yet_there(self, make_history, tmp_path, object_format):
        server = make_history([("main", {"m/a": "1"})], bare=True, object_format=object_format)
        watched = Watched(server, tmp_path)
        watched.watch("pre-receive", hooks=server.path / "hooks")
        server.git("clone", "--quiet", str(server.path), str(tmp_path / "clone"))
        clone = tmp_path / "clone"
        (clone / "m/b").write_text("new")
        server.git("add", "m/b", cwd=clone)
        server.git("commit", "--quiet", "-m", "x", cwd=clone)
        (seen,) = watched.git("push", "--quiet", "origin", "HEAD:main", "HEAD:refs/heads/other", cwd=clone)
        both = {"m/a": "1", "m/b": "new"}
        assert seen["pushed"] == {"refs/heads/main": both, "refs/heads/other": both}
        assert "GIT_QUARANTINE_PATH" in seen["environment"]
        assert seen["processes"] == 2
