"""`gitmig check` on real repositories: which trees it compares, what it says of them, and with which exit status."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from support.checking import Checked, checker
from support.histories import History
from support.sources import between, project, sources

Make = Callable[..., History]
Check = Callable[..., Checked]

LINE = "a1 <- ; b2 <- a1"
AT = "migrations/versions/{}_x.py".format


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    return checker(capsys)


def without_a_way_back(drawing: str) -> dict[str, str]:
    """A project whose downgrades do nothing."""
    files = project(drawing)
    return {path: re.sub(r"(def downgrade\(\):\n    ).*", r"\1pass", text) for path, text in files.items()}


class TestOneChangeInThreeWays:
    """What is staged on a branch, the commit it becomes, and that commit in a bare repository: one verdict."""

    CHANGES: ClassVar = {
        "a revision after the head": (f"{LINE} ; c3 <- b2", []),
        "a file that moved": ("a1 <- ; b2 <- a1 at migrations/versions/0002.py", []),
        "another look": ("a1 <- look black ; b2 <- a1", []),
        "a second head": (f"{LINE} ; c3 <- a1", ["GM101"]),
        "a parent that is nowhere": (f"{LINE} ; c3 <- gone", ["GM101", "GM102"]),
        "a circle": (f"{LINE} ; c3 <- b2, d4 ; d4 <- c3", ["GM103"]),
        "an id twice": (f"{LINE} ; b2 <- a1 at migrations/versions/copy.py", ["GM104"]),
        "a typed id": (f"{LINE} ; a1b2c3d4e5f6 <- b2", ["GM106"]),
        "a label twice": (f"{LINE} ; c3 <- b2 label x ; d4 <- c3 label x", ["GM109"]),
        "a file that cannot be parsed": (f"{LINE} ; c3 <- b2 broken", ["GM001"]),
        "another upgrade": ("a1 <- text new ; b2 <- a1", ["GM201"]),
        "another downgrade": ("a1 <- way new ; b2 <- a1", ["GM201"]),
        "the head deleted": ("a1 <-", ["GM202"]),
        "another id": ("a1 <- ; z9 <- a1 at migrations/versions/b2_x.py", ["GM203"]),
        "another parent": ("a1 <- ; b2 <-", ["GM101", "GM204"]),
        "one slipped in": ("a1 <- ; n1 <- a1 ; b2 <- n1", ["GM205"]),
    }

    @pytest.mark.parametrize("way", ["staged", "commit", "bare"])
    @pytest.mark.parametrize(("drawing", "expected"), [pytest.param(*row, id=name) for name, row in CHANGES.items()])
    def test_same_verdict(self, make_history: Make, check: Check, way: str, drawing: str, expected: list[str]) -> None:
        changed = between(LINE, drawing)
        table = [("main", project(LINE)), ("work < main", {"notes": "1"} if way == "staged" else changed)]
        history = make_history(table, bare=way == "bare")
        if way == "staged":
            history.git("checkout", "-q", "work")
            history.stage(changed)
            done = check(history.path, "--shared", "main")
        else:
            done = check(history.path, "--rev", "work", "--base", "main")
        assert done.codes() == expected
        assert done.status == (1 if expected else 0)
        assert done.report["verdict"] == ("findings" if expected else "clean")
        assert done.report["target"] == {"ref": "refs/heads/main", "commit": history.commits[0]}


class TestStaged:
    def test_what_lies_in_the_worktree_does_not_count(self, make_history: Make, check: Check) -> None:
        history = make_history([("main", project(LINE))])
        history.stage(sources("c3 <- b2"))
        history.write(AT("c3"), "this is no Python (")
        history.write(AT("d4"), sources("d4 <- a1")[AT("d4")])
        done = check(history.path)
        assert (done.status, done.codes("")) == (0, [])
        assert done.report["environments"][0]["heads"] == ["c3"]

    def test_the_index_that_git_names_is_the_one(
        self, make_history: Make, check: Check, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As in `git commit PATH`, which commits from an index of its own."""
        history = make_history([("main", project(LINE))])
        other = history.path / ".git" / "other-index"
        other.write_bytes((history.path / ".git" / "index").read_bytes())
        history.stage(sources("c3 <- a1"))
        assert check(history.path).codes() == ["GM101"]
        monkeypatch.setenv("GIT_INDEX_FILE", str(other))
        assert check(history.path).codes() == []

    def test_the_first_commit_of_all(self, make_history: Make, check: Check) -> None:
        history = make_history([])
        history.stage(project(f"{LINE} ; c3 <- b2"))
        done = check(history.path)
        assert (done.status, done.codes(""), done.report["before"]) == (0, [], [])

    def test_the_first_commit_with_two_heads(self, make_history: Make, check: Check) -> None:
        history = make_history([])
        history.stage(project("a1 <- ; b2 <- a1 ; c3 <- a1"))
        done = check(history.path)
        assert (done.status, done.codes()) == (1, ["GM101"])

    def test_nothing_staged(self, make_history: Make, check: Check) -> None:
        history = make_history([("main", project("a1 <- ; b2 <-"))])
        done = check(history.path)
        assert (done.status, done.report["environments"], done.report["findings"]) == (0, [], [])

    def test_something_staged_that_no_check_reads(self, make_history: Make, check: Check) -> None:
        history = make_history([("main", project(LINE))])
        history.stage({"README.md": "x", "assets/logo.svg": "<svg/>"})
        done = check(history.path)
        assert (done.status, done.report["environments"]) == (0, [])

    def test_from_a_folder_of_the_repository(self, make_history: Make, check: Check) -> None:
        history = make_history([("main", project(LINE))])
        history.stage(sources("c3 <- a1"))
        assert check(history.path / "migrations" / "versions").codes() == ["GM101"]

    def test_in_a_linked_worktree(self, make_history: Make, check: Check, tmp_path: Path) -> None:
        history = make_history([("main", project(LINE))])
        history.git("worktree", "add", "-q", "-b", "work", str(tmp_path / "linked"))
        linked = History(tmp_path / "linked", create=False)
        linked.stage(sources("c3 <- a1"))
        assert check(linked.path).codes() == ["GM101"]
        assert check(history.path).codes() == []


class TestMerging:
    """
    main  a1 --- b2
            \\--- c3  work
    """

    TABLE: ClassVar = [
        ("main", project("a1 <-")),
        ("work < main", sources("c3 <- a1")),
        ("main", sources("b2 <- a1")),
    ]

    def test_before_the_merge_it_is_seen_that_there_will_be_two(self, make_history: Make, check: Check) -> None:
        history = make_history(self.TABLE)
        done = check(history.path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes()) == (1, ["GM105"])
        assert done.report["environments"][0]["merged_heads"] == ["b2", "c3"]

    def test_while_one_works_it_is_a_warning(self, make_history: Make, check: Check) -> None:
        history = make_history(self.TABLE)
        history.git("checkout", "-q", "work")
        history.stage(sources("d4 <- c3"))
        done = check(history.path, "--shared", "main")
        assert (done.status, done.codes("warning")) == (0, ["GM105"])

    def test_a_merge_in_progress_is_compared_with_both_sides(self, make_history: Make, check: Check) -> None:
        history = make_history(self.TABLE)
        history.git("checkout", "-q", "work")
        history.git("merge", "-q", "--no-commit", "main")
        done = check(history.path, "--shared", "main")
        assert (done.status, done.codes()) == (1, ["GM101"])
        assert set(done.report["before"]) == {history.head("work"), history.head("main")}

    def test_a_merge_in_progress_with_the_remedy_is_clean(self, make_history: Make, check: Check) -> None:
        history = make_history(self.TABLE)
        history.git("checkout", "-q", "work")
        history.git("merge", "-q", "--no-commit", "main")
        history.stage(sources("c3 <- b2"))
        done = check(history.path, "--shared", "main")
        assert (done.status, done.codes()) == (0, [])

    def test_what_the_other_side_brought_is_no_edit_of_ours(self, make_history: Make, check: Check) -> None:
        """main repaired a1 after work left it; merging main into work edits nothing."""
        table = [
            ("main", project(LINE)),
            ("work < main", sources("c3 <- b2")),
            ("main", sources("a1 <- text repaired")),
        ]
        history = make_history(table)
        history.git("checkout", "-q", "work")
        history.git("merge", "-q", "--no-commit", "main")
        assert check(history.path, "--shared", "main").codes("") == []

    def test_a_merge_that_undoes_what_main_says_is_an_edit(self, make_history: Make, check: Check) -> None:
        """An evil merge: neither side edited a1, the merge commit does."""
        table = [("main", project(LINE)), ("work < main", sources("c3 <- b2")), ("main", {"notes": "1"})]
        history = make_history(table)
        history.git("checkout", "-q", "work")
        history.git("merge", "-q", "--no-commit", "main")
        history.stage(sources("a1 <- text evil"))
        done = check(history.path, "--shared", "main")
        assert (done.status, done.codes()) == (1, ["GM201"])

    def test_an_unmerged_revision_is_not_decided(self, make_history: Make, check: Check) -> None:
        table = [
            ("main", project(LINE)),
            ("work < main", sources("b2 <- a1 text mine")),
            ("main", sources("b2 <- a1 text theirs")),
        ]
        history = make_history(table)
        history.git("checkout", "-q", "work")
        history.git("merge", "-q", "main", status=1)
        done = check(history.path, "--shared", "main")
        assert (done.status, done.report["verdict"]) == (3, "undecided")
        assert done.codes("warning") == ["GM003"]


class TestCommits:
    def test_a_branch_that_is_merely_behind_edits_nothing(self, make_history: Make, check: Check) -> None:
        table = [
            ("main", project(LINE)),
            ("work < main", {"notes": "1"}),
            ("main", between(LINE, "a1 <- text repaired ; b2 <- a1 at migrations/versions/moved.py ; c3 <- b2")),
        ]
        history = make_history(table)
        done = check(history.path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes("")) == (0, [])
        assert done.report["environments"][0]["merged_heads"] == ["c3"]

    def test_an_old_branch_is_checked_against_its_merge_base(self, make_history: Make, check: Check) -> None:
        history = make_history([("main", project("a1 <-")), ("work < main", {"n": "1"}), ("main", sources("b2 <- a1"))])
        done = check(history.path, "--rev", "work", "--base", "main")
        assert done.report["before"] == [history.commits[0]]
        assert done.report["local"] == {"kind": "commit", "commit": history.commits[1]}
        assert done.report["mode"] == "rev"

    def test_unrelated_histories_are_compared_themselves(self, make_history: Make, check: Check) -> None:
        """Without a merge base nothing is behind: what main has and local lacks is gone."""
        history = make_history([("main", project(LINE)), ("alien", project("a1 <- text other"))])
        done = check(history.path, "--rev", "alien", "--base", "main")
        assert (done.status, done.codes()) == (1, ["GM201", "GM202"])
        assert done.report["before"] == []

    def test_unrelated_histories_that_agree(self, make_history: Make, check: Check) -> None:
        history = make_history([("main", project(LINE)), ("alien", project(f"{LINE} ; c3 <- b2"))])
        done = check(history.path, "--rev", "alien", "--base", "main")
        assert (done.status, done.codes("")) == (0, [])

    def test_a_criss_cross_merge_has_two_bases_and_no_false_edit(self, make_history: Make, check: Check) -> None:
        """
        main   a1 --- b2 --- M1 --- x
                 \\       X
        work      \\--- c3 --- M2 --- y        M1 and M2 merge each other's line
        """
        table = [
            ("main", project("a1 <-")),
            ("work < main", sources("c3 <- a1")),
            ("main", sources("b2 <- a1")),
            ("aside < main", {"aside": "1"}),
            ("main + work", sources("m1 <- b2, c3")),
            ("work + aside", sources("m1 <- b2, c3")),
            ("main", {"x": "1"}),
            ("work", {"y": "1", **sources("d4 <- m1")}),
        ]
        history = make_history(table)
        done = check(history.path, "--rev", "work", "--base", "main")
        assert len(done.report["before"]) == 2
        assert (done.status, done.codes("")) == (0, [])

    def test_a_criss_cross_merge_hides_no_edit(self, make_history: Make, check: Check) -> None:
        table = [
            ("main", project(LINE)),
            ("work < main", {"w": "1"}),
            ("main", {"m": "1"}),
            ("aside < main", {"aside": "1"}),
            ("main + work", {}),
            ("work + aside", {}),
            ("work", sources("a1 <- text new")),
        ]
        history = make_history(table)
        done = check(history.path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes()) == (1, ["GM201"])

    @pytest.mark.parametrize(
        ("theirs", "mine", "status", "codes"),
        [
            pytest.param("text theirs", "text mine", 3, ["GM003"], id="each its own way"),
            pytest.param("text same", "text same", 0, [], id="in the same way"),
        ],
    )
    def test_a_revision_that_both_sides_changed(
        self, make_history: Make, check: Check, theirs: str, mine: str, status: int, codes: list[str]
    ) -> None:
        table = [
            ("main", project("a1 <-")),
            ("work < main", sources(f"a1 <- {mine}")),
            ("main", sources(f"a1 <- {theirs}")),
        ]
        done = check(make_history(table).path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes("")) == (status, codes)

    def test_deleted_here_and_changed_there_is_not_decided(self, make_history: Make, check: Check) -> None:
        table = [
            ("main", project(LINE)),
            ("work < main", {AT("b2"): None}),
            ("main", sources("b2 <- a1 text repaired")),
        ]
        done = check(make_history(table).path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes("")) == (3, ["GM003"])

    def test_a_squash_merge_leaves_nothing_new(self, make_history: Make, check: Check) -> None:
        """main has the same files by another commit."""
        table = [
            ("main", project("a1 <-")),
            ("work < main", sources("b2 <- a1")),
            ("main", sources("b2 <- a1")),
        ]
        done = check(make_history(table).path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes("")) == (0, [])

    def test_any_name_of_a_commit_will_do(self, make_history: Make, check: Check) -> None:
        history = make_history([("main", project(LINE)), ("work < main", sources("c3 <- a1")), ("work", {"n": "1"})])
        history.git("tag", "-a", "-m", "x", "v1", "work~1")
        for name in ("work~1", "v1", "refs/tags/v1", history.commits[1], history.commits[1][:9], "work@{0}^"):
            done = check(history.path, "--rev", name, "--base", history.commits[0])
            assert (done.report["local"]["commit"], done.codes()) == (history.commits[1], ["GM101"])
            assert done.report["target"] == {"ref": None, "commit": history.commits[0]}

    def test_without_a_base_the_nearest_shared_ref_is_it(self, make_history: Make, check: Check) -> None:
        table = [
            ("main", project("a1 <-")),
            ("release < main", {"r": "1"}),
            ("main", sources("b2 <- a1")),
            ("work < release", sources("c3 <- a1")),
        ]
        history = make_history(table)
        done = check(history.path, "--rev", "work", "--shared", "main", "--shared", "release")
        assert (done.codes(), done.report["target"]["ref"]) == ([], "refs/heads/release")


class TestSharedRefs:
    TABLE: ClassVar = [
        ("main", project(LINE)),
        ("refs/remotes/origin/main < main", None),
        ("main", sources("a1 <- text new")),
    ]

    def test_the_default_branch_of_the_remote(self, make_history: Make, check: Check) -> None:
        history = make_history(self.TABLE)
        history.git("remote", "add", "origin", "../nowhere")
        history.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
        done = check(history.path, "--rev", "main")
        assert done.codes() == ["GM201"]
        assert done.report["target"]["ref"] == "refs/remotes/origin/main"
        assert "origin/main" in done.finding("GM201")["message"]

    def test_the_configuration_wins(self, make_history: Make, check: Check) -> None:
        history = make_history(
            [
                ("stable", project("a1 <- text stable")),
                ("main < stable", {"gitmig.toml": 'shared = ["stable"]\n'}),
                ("main", sources("a1 <- text new")),
            ]
        )
        done = check(history.path, "--rev", "main")
        assert (done.report["target"]["ref"], done.codes()) == ("refs/heads/stable", ["GM201"])

    def test_none_is_known_and_the_report_says_what_did_not_run(self, make_history: Make, check: Check) -> None:
        history = make_history([("topic", project(LINE)), ("topic", sources("a1 <- text new"))])
        done = check(history.path, "--rev", "topic")
        assert (done.status, done.codes("")) == (0, [])
        assert done.report["target"] is None
        (skipped,) = done.report["skipped"]
        assert "GM2" in skipped["what"] and "GM105" in skipped["what"]
        assert "no shared branch is known" in skipped["why"]

    def test_a_pattern_that_matches_nothing_is_said(self, make_history: Make, check: Check) -> None:
        history = make_history([("topic", project(LINE)), ("topic", sources("c3 <- b2"))])
        done = check(history.path, "--rev", "topic", "--shared", "origin/production")
        assert "origin/production" in done.report["skipped"][0]["why"]

    def test_the_shared_branch_itself_is_compared_with_what_it_was(self, make_history: Make, check: Check) -> None:
        history = make_history([("main", project(LINE)), ("main", sources("a1 <- text new"))])
        done = check(history.path, "--rev", "main", "--shared", "main")
        assert (done.status, done.codes()) == (1, ["GM201"])

    def test_two_heads_on_the_shared_branch_count_there(self, make_history: Make, check: Check) -> None:
        table = [("main", project("a1 <- ; b2 <- a1 ; c3 <- a1")), ("main", {"n": "1"}), ("work < main", {"m": "1"})]
        history = make_history(table)
        on_main = check(history.path, "--rev", "main", "--shared", "main")
        assert (on_main.status, on_main.codes()) == (1, ["GM101"])
        beside = check(history.path, "--rev", "work", "--shared", "main")
        assert (beside.status, beside.codes(), beside.existing()) == (0, [], ["GM101"])


class TestWhatWasThereBefore:
    def test_old_faults_are_counted_apart(self, make_history: Make, check: Check) -> None:
        broken = "a1 <- ; b2 <- a1 ; c3 <- a1 ; d4 <- gone"
        history = make_history([("main", project(broken)), ("work < main", sources("e5 <- d4"))])
        done = check(history.path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes()) == (0, [])
        assert sorted(done.existing()) == ["GM101", "GM102"]

    def test_one_head_more_than_before_is_new(self, make_history: Make, check: Check) -> None:
        broken = "a1 <- ; b2 <- a1 ; c3 <- a1"
        history = make_history([("main", project(broken)), ("work < main", sources("d4 <- a1"))])
        done = check(history.path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes()) == (1, ["GM101"])

    def test_the_whole_tree_has_no_before(self, make_history: Make, check: Check) -> None:
        history = make_history([("main", project("a1 <- ; b2 <- a1 ; c3 <- a1 ; d4 <- gone"))])
        done = check(history.path, "--all", "--shared", "main")
        assert done.status == 1
        assert {"GM101", "GM102"} <= {*done.codes(), *done.existing()}
        assert "GM101" in done.codes()

    @pytest.mark.parametrize(
        ("published", "counted", "existing"),
        [
            pytest.param("a1 <- ; b2 <- a1", [], ["GM501", "GM501"], id="published: nobody can mend it any more"),
            pytest.param("a1 <-", ["GM501"], ["GM501"], id="one of them is new"),
            pytest.param("a1 <- ; z9 <- gone", ["GM501"], ["GM102", "GM501", "GM501"], id="beside an old fault"),
        ],
    )
    def test_what_published_revisions_did_is_listed_and_not_counted(
        self, make_history: Make, check: Check, published: str, counted: list[str], existing: list[str]
    ) -> None:
        """An old fault once made everything else look old, too."""
        table = [("main", without_a_way_back(published)), ("work < main", without_a_way_back("a1 <- ; b2 <- a1"))]
        done = check(make_history(table).path, "--all", "--rev", "work", "--shared", "main", "--select", "GM102,GM501")
        assert (done.status, done.codes(""), sorted(done.existing())) == (0, counted, existing)

    def test_the_whole_tree_of_a_commit(self, make_history: Make, check: Check) -> None:
        history = make_history([("main", project("a1 <- ; b2 <- a1 ; c3 <- a1")), ("main", sources("d4 <- b2, c3"))])
        assert check(history.path, "--all", "--rev", "main~1").codes() == ["GM101"]
        assert check(history.path, "--all", "--rev", "main").codes() == []

    def test_a_fault_that_main_has_repaired_is_not_this_change_s(self, make_history: Make, check: Check) -> None:
        table = [
            ("main", project("a1 <- ; b2 <- a1 ; c3 <- a1")),
            ("work < main", {"notes": "1"}),
            ("main", sources("d4 <- b2, c3")),
        ]
        done = check(make_history(table).path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes()) == (0, [])


class TestEnvironments:
    OTHER: ClassVar = {
        "billing/alembic.ini": "[alembic]\nscript_location = %(here)s/alembic\n",
        "billing/alembic/env.py": "target_metadata = None\n",
        "billing/alembic/script.py.mako": "x\n",
    }
    FOLDER = "billing/alembic/versions"

    def test_each_has_heads_of_its_own(self, make_history: Make, check: Check) -> None:
        both = {**project(LINE), **self.OTHER, **sources("x1 <- ; y2 <- x1", self.FOLDER)}
        history = make_history([("main", both), ("work < main", sources("z3 <- x1", self.FOLDER))])
        done = check(history.path, "--rev", "work", "--base", "main")
        heads = {one["versions"][0]: one["heads"] for one in done.report["environments"]}
        assert heads == {"migrations/versions": ["b2"], self.FOLDER: ["y2", "z3"]}
        assert done.codes() == ["GM101"]
        assert done.finding("GM101")["location"]["path"].startswith(self.FOLDER)

    def test_a_folder_that_moves_deletes_nothing(self, make_history: Make, check: Check) -> None:
        new = "db/alembic/versions"
        moved: dict[str, str | None] = dict.fromkeys(project(LINE))
        moved |= {
            "alembic.ini": "[alembic]\nscript_location = db/alembic\n",
            "db/alembic/env.py": "target_metadata = None\n",
            "db/alembic/script.py.mako": "x\n",
            **sources(LINE, new),
        }
        history = make_history([("main", project(LINE)), ("work < main", moved)])
        done = check(history.path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes("")) == (0, [])
        assert done.report["environments"][0]["versions"] == [new]

    def test_a_folder_that_moves_hides_no_edit(self, make_history: Make, check: Check) -> None:
        moved: dict[str, str | None] = dict.fromkeys(project(LINE))
        moved |= {
            "alembic.ini": "[alembic]\nscript_location = db\n",
            "db/env.py": "target_metadata = None\n",
            "db/script.py.mako": "x\n",
            **sources("a1 <- text new ; b2 <- a1", "db/versions"),
        }
        history = make_history([("main", project(LINE)), ("work < main", moved)])
        done = check(history.path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes()) == (1, ["GM201"])

    def test_revisions_that_move_between_environments(self, make_history: Make, check: Check) -> None:
        both = {**project(f"{LINE} ; x1 <- label billing"), **self.OTHER, **sources("y2 <-", self.FOLDER)}
        moved: dict[str, str | None] = {AT("x1"): None, **sources("x1 <- y2", self.FOLDER)}
        history = make_history([("main", both), ("work < main", moved)])
        done = check(history.path, "--rev", "work", "--base", "main")
        assert "GM202" not in done.codes()

    def test_an_environment_that_is_deleted_takes_its_published_revisions_along(
        self, make_history: Make, check: Check
    ) -> None:
        both = {**project(LINE), **self.OTHER, **sources("x1 <-", self.FOLDER)}
        gone = {path: None for path in both if path.startswith("billing/")}
        history = make_history([("main", both), ("work < main", gone)])
        done = check(history.path, "--rev", "work", "--base", "main")
        assert (done.status, done.codes()) == (1, ["GM202"])

    def test_folders_named_by_hand(self, make_history: Make, check: Check) -> None:
        history = make_history([("main", {**sources("a1 <-", "one"), **sources("x1 <- ; y2 <- x1", "two")})])
        done = check(history.path, "--all", "--rev", "main", "--versions", "one", "--versions", "two")
        assert [one["heads"] for one in done.report["environments"]] == [["a1"], ["y2"]]

    def test_a_tree_without_any_is_not_decided(self, make_history: Make, check: Check) -> None:
        history = make_history([("main", {"app.py": "x = 1\n"})])
        done = check(history.path, "--all")
        assert (done.status, done.report["verdict"]) == (3, "undecided")
        assert "--versions" in done.report["undecided"][0]
