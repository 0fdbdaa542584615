"""What a change would do to published revisions, before anything is compared in detail."""

from __future__ import annotations

import pytest
from support.drawing import change, state

from gitmig.change.published import compare_edit, find_edits, name_without_id, successor_of
from gitmig.revisions.revision import Revision

LINE = "a1 <- ; b2 <- a1"


def test_only_what_differs_is_an_edit() -> None:
    edits = list(find_edits(state(LINE), state("a1 <- text new ; b2 <- a1 ; c3 <- b2"), {}))
    assert [(one.published.id, one.now is not None) for one in edits] == [("a1", True)]


def test_a_file_that_only_moved_is_none() -> None:
    assert list(find_edits(state(LINE), state("a1 <- ; b2 <- a1 at other/b2.py"), {})) == []


def test_a_revision_that_came_into_another_environment_is_compared_there() -> None:
    (moved,) = state("b2 <- a1 text new at other/b2.py").files.values()
    (edit,) = find_edits(state(LINE), state("a1 <-"), {"b2": moved})
    assert edit.now is not None and edit.now.path == "other/b2.py"


@pytest.mark.parametrize(
    ("path", "revision", "name"),
    [
        ("versions/1975ea83b712_create_account.py", "1975ea83b712", "create_account"),
        ("versions/create_account_1975ea83b712.py", "1975ea83b712", ""),
        ("versions/0001_create_account.py", "1975ea83b712", "create_account"),
        ("versions/1975ea83b712.py", "1975ea83b712", ""),
        ("versions/1975ea83b712_x.py", "1975ea83b712", ""),
        ("versions/2024_01_31_1975ea83b712-add.py", "1975ea83b712", "add"),
    ],
)
def test_what_of_a_file_name_is_the_author_s(path: str, revision: str, name: str) -> None:
    """Too short a rest says nothing: `x` is in half of all projects."""
    assert name_without_id(Revision(revision, path=path)) == name


def test_the_successor_is_what_took_the_file_then_what_took_the_name() -> None:
    gone = Revision("a1", path="versions/a1_create_account.py")
    same_name = Revision("z9", path="versions/z9_create_account.py")
    same_file = Revision("y8", path="versions/a1_create_account.py")
    assert successor_of(gone, (same_name, same_file)) == same_file
    assert successor_of(gone, (same_name,)) == same_name
    assert successor_of(gone, (Revision("z9", path="versions/z9_other_thing.py"),)) is None


def test_a_blob_that_cannot_be_had_leaves_the_parts_unknown() -> None:
    (edit,) = find_edits(state("a1 <-"), state("a1 <- text new"), {})
    assert compare_edit(edit, lambda _blob: None).parts is None


class TestChange:
    def test_new_is_what_neither_a_state_before_nor_the_target_has(self) -> None:
        seen = change(f"{LINE} ; c3 <- b2 ; d4 <- c3", before=LINE, target=f"{LINE} ; c3 <- b2")
        assert [one.id for one in seen.new_revisions()] == ["d4"]

    def test_without_a_target_everything_that_was_not_before_is_new(self) -> None:
        assert [one.id for one in change(LINE, before="a1 <-").new_revisions()] == ["b2"]
        assert [one.id for one in change(LINE).new_revisions()] == ["a1", "b2"]

    def test_both_files_of_a_new_id_are_new(self) -> None:
        seen = change("a1 <- ; a1 <- at migrations/versions/copy.py", target="")
        assert [one.path for one in seen.new_revisions()] == [
            "migrations/versions/a1_x.py",
            "migrations/versions/copy.py",
        ]

    def test_new_files_are_those_that_no_state_before_has_just_so(self) -> None:
        seen = change("a1 <- text new ; b2 <- a1", before=LINE, target=LINE)
        assert list(seen.new_files()) == ["migrations/versions/a1_x.py"]
        assert len(list(change(LINE).new_files())) == 2

    def test_as_it_was_asks_the_same_of_another_state_alone(self) -> None:
        seen = change(LINE, before="a1 <-", target="a1 <-")
        was = seen.as_was(seen.before[0])
        assert (was.local, was.before, was.target, was.merged) == (seen.before[0], (), None, None)
