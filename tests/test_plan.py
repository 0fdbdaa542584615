"""A plan is plain data: what it does is known path by path, and one that contradicts itself is refused."""

from __future__ import annotations

import pytest

from gitmig.plan import ABSENT, Effect, Expected, Plan, delete, find_effects, rename, stage, stage_all, unmerged, write
from gitmig.trees.entries import Entry

A, B, C = Expected("a" * 40), Expected("b" * 40), Expected(ABSENT)


def effects(*steps):
    return find_effects(Plan("", steps))


def test_a_new_file():
    assert effects(write("f", b"new", before=None, expected=C)) == {"f": Effect("f", C, None, b"new", touched=True)}


def test_a_rename_is_a_deletion_and_a_file_that_knows_where_it_came_from():
    found = effects(rename("f", "g", before=b"text", expected=A))
    assert found == {
        "f": Effect("f", A, b"text", touched=True),
        "g": Effect("g", Expected(ABSENT), None, b"text", moved_from="f", touched=True),
    }


def test_renames_in_a_chain_do_not_depend_on_their_order():
    steps = (rename("5", "6", before=b"five", expected=A), rename("6", "7", before=b"six", expected=B))
    found = effects(*steps)
    assert found == effects(*reversed(steps))
    assert found["6"] == Effect("6", B, b"six", b"five", moved_from="5", touched=True)
    assert found["5"].content is None
    assert found["7"].content == b"six"


def test_staging_joins_what_both_steps_expect():
    found = effects(write("f", b"new", before=b"old", expected=A), stage("f", index="b" * 40))
    assert found["f"].expected == Expected("a" * 40, "b" * 40)
    assert found["f"].staged and found["f"].touched


def test_stage_all_stages_both_ends_of_a_rename():
    steps = stage_all([rename("f", "g", before=b"", expected=A)], {"f": "a" * 40})
    assert [(step.kind, step.path, step.expected.index) for step in steps] == [
        ("rename", "f", ""),
        ("stage", "f", "a" * 40),
        ("stage", "g", ABSENT),
    ]


def test_stages_of_a_conflict():
    assert unmerged({3: Entry("100644", "cc"), 2: Entry("100644", "bb")}) == "2:bb 3:cc"


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param((write("f", b"1", before=None, expected=C),) * 2, id="two writes"),
        pytest.param(
            (rename("a", "c", before=b"", expected=A), rename("b", "c", before=b"", expected=B)), id="two to one name"
        ),
        pytest.param(
            (delete("f", before=b"", expected=A), write("f", b"", before=b"", expected=A)), id="deleted and written"
        ),
        pytest.param((delete("f", before=b"", expected=A),) * 2, id="two deletions"),
        pytest.param(
            (delete("f", before=b"", expected=A), stage("f", index=ABSENT, worktree="b" * 40)), id="two expectations"
        ),
        pytest.param(
            (rename("a", "b", before=b"", expected=A), rename("a", "c", before=b"", expected=A)), id="one to two names"
        ),
    ],
)
def test_a_plan_that_contradicts_itself(steps):
    with pytest.raises(ValueError, match="two"):
        effects(*steps)


def test_a_rename_over_a_file_that_goes_is_none():
    found = effects(delete("b", before=b"old", expected=B), rename("a", "b", before=b"new", expected=A))
    assert found["b"] == Effect("b", B, b"old", b"new", moved_from="a", touched=True)
