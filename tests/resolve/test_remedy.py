"""Which fix is safe, read from the graph: what is published keeps its parents, the rest ends in one head."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.situations import after, does, files, revision, situation

from gitmig.resolve.remedy import decide
from gitmig.resolve.situation import Doing

MAIN = {"a": "", "b": "a", "c": "b"}


def parents_of(remedy):
    return {move.revision: " ".join(move.parents) for move in remedy.moves if not move.dropped}


MOVES = [
    ("one revision beside the published head", {**MAIN, "x": "b"}, MAIN, {"x": "c"}),
    ("a chain keeps its order", {**MAIN, "x": "b", "y": "x", "z": "y"}, MAIN, {"x": "c"}),
    ("three heads: one line after the other", {**MAIN, "x": "b", "y": "a"}, MAIN, {"x": "c", "y": "x"}),
    ("lines that fork above local ground", {**MAIN, "g": "b", "x": "g", "y": "g"}, MAIN, {"g": "c", "y": "x"}),
    ("both lines local: the second on the first", {**MAIN, "x": "c", "y": "c"}, MAIN, {"y": "x"}),
    ("a local join of the old head is undone", {**MAIN, "x": "a", "m": "b x", "n": "m"}, MAIN, {"x": "c", "n": "x"}),
    ("a second join of joined heads is dropped", {**MAIN, "d": "b", "m": "c d", "n": "c d", "x": "n"},
     {**MAIN, "d": "b", "m": "c d"}, {"x": "m"}),
    ("lines above a join that another line drops", {"a": "", "p": "a", "b": "a", "j": "a b", "x": "j b", "y": "j"},
     {"a": "", "p": "a"}, {"b": "p", "y": "b"}),
    ("a second base comes after the head", {**MAIN, "x": "", "y": "x"}, MAIN, {"x": "c"}),
    ("a parent that nobody defines is replaced", {**MAIN, "x": "gone"}, MAIN, {"x": "c"}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "published", "expected"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_unpublished_lines_move(table, published, expected):
    seen = situation(table, published)
    remedy = decide(seen)
    assert remedy.kind == "reparent", remedy.why
    assert parents_of(remedy) == expected
    graph = after(seen, remedy.moves)
    assert len(graph.heads) == 1
    assert not {move.revision for move in remedy.moves} & set(published)


JOINS = [
    ("both published", {**MAIN, "x": "b"}, {**MAIN, "x": "b"}, ["c x"]),
    ("the target has two heads already", {**MAIN, "d": "b", "x": "d"}, {**MAIN, "d": "b"}, ["c x"]),
    ("nobody knows what is shared", {**MAIN, "x": "b"}, None, ["c x"]),
    ("three published heads", {**MAIN, "x": "b", "y": "a"}, {**MAIN, "x": "b", "y": "a"}, ["c x y"]),
]


@pytest.mark.parametrize(("table", "published", "expected"), [row[1:] for row in JOINS], ids=[row[0] for row in JOINS])
def test_published_lines_are_joined(table, published, expected):
    remedy = decide(situation(table, published))
    assert remedy.kind == "merge", remedy.why
    assert [" ".join(join.heads) for join in remedy.joins] == expected
    assert not remedy.moves


def test_a_revision_that_only_a_release_has_is_published_too():
    """main: a - b - c ; release: a - r ; here both meet."""
    remedy = decide(situation({**MAIN, "r": "a"}, MAIN, published_elsewhere=("a", "r")))
    assert (remedy.kind, remedy.joins[0].heads) == ("merge", ("c", "r"))


@pytest.mark.parametrize(
    "target",
    [{**MAIN, "d": "b", "m": "c d"}, {**MAIN, "d": "c"}],
    ids=["the target has joined them meanwhile", "this tree changed a published parent"],
)
def test_heads_that_the_target_does_not_have_are_no_reason_for_another_join(target):
    for wanted in ("", "merge", "reparent"):
        remedy = decide(situation({**MAIN, "d": "b"}, target), wanted)
        assert remedy.kind == "refuse"
        assert remedy.help[0].commands == ("git merge origin/main",)


def test_one_head_needs_nothing():
    assert decide(situation({**MAIN, "x": "c"}, MAIN)).kind == "none"


def test_heads_with_labels_of_their_own_are_meant():
    table = {**MAIN, "s": revision("s", "", branch_labels=("shop",)), "t": "s"}
    assert decide(situation(table, MAIN)).kind == "none"


def test_each_label_is_settled_for_itself():
    shop = {"s": revision("s", "", branch_labels=("shop",)), "t": "s"}
    table = {**MAIN, **shop, "x": "b", "u": "s"}
    remedy = decide(situation(table, {**MAIN, **shop}))
    assert parents_of(remedy) == {"x": "c", "u": "t"}


def test_what_is_this_side_s_own_goes_last():
    table = {**MAIN, "x": "c", "y": "c"}
    assert parents_of(decide(situation(table, MAIN, own=frozenset("abcx")))) == {"x": "y"}


# What a person chose


def test_a_published_line_is_never_re_parented():
    remedy = decide(situation({**MAIN, "x": "b"}, {**MAIN, "x": "b"}), "reparent")
    assert remedy.kind == "refuse"
    assert "never run" in remedy.why
    assert remedy.help[0].commands == ("gitmig resolve --merge",)


def test_an_unpublished_line_may_be_joined():
    remedy = decide(situation({**MAIN, "x": "b"}, MAIN), "merge")
    assert (remedy.kind, remedy.joins[0].heads) == ("merge", ("c", "x"))


def test_without_a_shared_branch_a_person_may_still_re_parent():
    remedy = decide(situation({**MAIN, "x": "b"}, None, own=frozenset("abx")), "reparent")
    assert parents_of(remedy) == {"x": "c"}


# Dependencies


def test_a_line_that_depends_on_another_comes_after_it():
    table = {**MAIN, "x": revision("x", "b", depends_on=("y",)), "y": "b"}
    assert parents_of(decide(situation(table, MAIN))) == {"y": "c", "x": "y"}


def test_lines_that_depend_on_each_other_are_joined():
    table = {
        **MAIN,
        "x": "b", "x2": revision("x2", "x", depends_on=("y",)),
        "y": "b", "y2": revision("y2", "y", depends_on=("x",)),
    }  # fmt: skip
    remedy = decide(situation(table, MAIN))
    assert remedy.kind == "merge"
    assert remedy.why.endswith("a join is safe")
    remedy = decide(situation(table, MAIN), "reparent")
    assert remedy.kind == "refuse"
    assert "depend on each other" in remedy.why


# Ids


NUMBERED = {"0001": "", "0002": "0001", "0003": "0002"}


def test_a_local_number_that_is_taken_becomes_the_next():
    """published 0003 ; local 0003 - 0004 as well"""
    table = files({**NUMBERED, "0004": "0003"})
    table["versions/0003_mine.py"] = revision("0003", "0002", "versions/0003_mine.py")
    seen = situation(table, NUMBERED, {"0004": Doing(), "0005": Doing()})
    remedy = decide(seen)
    assert remedy.kind == "reparent", remedy.why
    moved = {move.path: (move.new_id, " ".join(move.parents)) for move in remedy.moves}
    assert moved == {"versions/0003_mine.py": ("0004", "0003"), "versions/0004.py": ("0005", "0004")}
    assert {move.path: move.new_path("0003") for move in remedy.moves}["versions/0003_mine.py"].endswith("0004_mine.py")
    assert after(seen, remedy.moves).heads == ("0005",)


def test_a_drawn_id_that_is_taken_gets_another():
    mine = revision("a1b2c3d4e5f6", "b", "versions/mine.py")
    theirs = revision("a1b2c3d4e5f6", "b", "versions/theirs.py")
    table = {**MAIN, "mine": mine, "theirs": theirs}
    seen = situation(table, {**MAIN, "theirs": theirs})
    new = seen.renamed["versions/mine.py"]
    assert len(new) == 12
    assert new not in ("a1b2c3d4e5f6", "c")
    assert seen.renamed == situation(table, {**MAIN, "theirs": theirs}).renamed  # drawn, and yet the same every time


def test_an_id_in_two_files_of_nobody_is_refused():
    table = {**MAIN, "1": revision("x", "c", "versions/1.py"), "2": revision("x", "c", "versions/2.py")}
    remedy = decide(situation(table, MAIN))
    assert remedy.kind == "refuse"
    assert "several files define x" in remedy.why


# Conflicts


def test_lines_that_touch_the_same_column_are_never_automatic():
    doing = {"c": does(("drop_column", "book", "title")), "x": does(("drop_column", "book", "title"))}
    remedy = decide(situation({**MAIN, "x": "b"}, MAIN, doing))
    assert (remedy.kind, remedy.verdict, remedy.is_automatic) == ("reparent", "conflict", False)
    assert remedy.conflicts[0].object == "book.title"


def test_lines_that_commute_are():
    doing = {"c": does(("drop_column", "book", "title")), "x": does(("drop_column", "book", "year"))}
    remedy = decide(situation({**MAIN, "x": "b"}, MAIN, doing))
    assert (remedy.verdict, remedy.is_automatic) == ("commute", True)


def test_what_both_inherited_does_not_count():
    doing = {"b": does(("drop_table", "book", "")), "x": does(("drop_column", "book", "year"))}
    assert decide(situation({**MAIN, "x": "b"}, MAIN, doing)).verdict == "commute"


def test_a_line_without_its_parent_is_compared_with_nothing():
    """Its parent may be what a squash of the target has in it: then everything would seem to be done twice."""
    doing = {"a": does(("drop_column", "book", "title")), "x": does(("drop_column", "book", "title"))}
    remedy = decide(situation({**MAIN, "x": "gone"}, MAIN, doing))
    assert (remedy.kind, remedy.verdict, remedy.clashes, remedy.is_automatic) == ("reparent", "unknown", (), False)


@pytest.mark.parametrize(
    ("known", "doing"),
    [({"unreadable": ("versions/z.py",)}, {}), ({}, {"x": None}), ({}, {"c": None})],
    ids=["a file that cannot be read", "a local script that cannot be read", "a published one"],
)
def test_what_is_unknown_is_never_automatic(known, doing):
    remedy = decide(situation({**MAIN, "x": "b"}, MAIN, doing, **known))
    assert remedy.kind == "reparent"
    assert remedy.unknown
    assert not remedy.is_automatic


@pytest.mark.parametrize(
    ("table", "is_whole", "kind"),
    [
        ({"a": "", "c": "b", "x": "a"}, False, "refuse"),
        ({"a": "", "b": "a", "x": "a"}, True, "refuse"),
        ({"a": "", "b": "a", "x": "a"}, False, "reparent"),
    ],
    ids=["a parent is deleted", "the head is deleted", "a tree that is merely behind"],
)
def test_what_is_published_and_deleted_is_restored_first(table, is_whole, kind):
    target = {"a": "", "b": "a", "c": "b"} if kind == "refuse" else {"a": "", "b": "a"}
    remedy = decide(situation(table, target, is_whole=is_whole))
    assert remedy.kind == kind
    assert kind == "reparent" or "git restore --source=origin/main" in remedy.help[0].commands[0]


@pytest.mark.parametrize(
    ("table", "known", "why"),
    [
        ({**MAIN, "x": "b"}, {"conflicts": ("versions/x.py",)}, "in a Git conflict"),
        ({**MAIN, "x": "b", "p": "q", "q": "p", "r": "q"}, {}, "in a circle"),
    ],
    ids=["a revision file in a Git conflict", "revisions in a circle"],
)
def test_some_graphs_must_be_mended_first(table, known, why):
    remedy = decide(situation(table, MAIN, **known))
    assert remedy.kind == "refuse"
    assert why in remedy.why


def test_private_databases_miss_every_line_that_comes_beneath():
    remedy = decide(situation({**MAIN, "x": "b", "y": "a"}, MAIN))
    assert [(one.lowest, one.parents, one.skipped) for one in remedy.private] == [
        ("x", ("b",), ("c",)),
        ("y", ("a",), ("c", "x")),
    ]


def test_private_databases_know_the_id_that_is_written():
    """The local 0003 becomes 0004, and a database that ran it says 0003."""
    mine = revision("0003", "0002", "versions/mine.py")
    table = {**NUMBERED, "mine": mine}
    remedy = decide(situation(table, NUMBERED))
    assert [(one.lowest, one.parents) for one in remedy.private] == [("0003", ("0002",))]


def test_private_databases_are_named():
    remedy = decide(situation({**MAIN, "x": "b", "y": "x"}, MAIN))
    assert [(one.lowest, one.parents, one.skipped) for one in remedy.private] == [("x", ("b",), ("c",))]


# Any graph


@st.composite
def graphs(draw):
    """A published graph with one head, and local revisions on any of it and of each other."""
    published: dict[str, str] = {}
    for number in range(draw(st.integers(1, 5))):
        parents = draw(st.sets(st.sampled_from(sorted(published)), min_size=1, max_size=2)) if published else set()
        published[f"p{number:02}x"] = " ".join(sorted(parents))
    heads = set(published) - {parent for one in published.values() for parent in one.split()}
    if len(heads) > 1:
        published["p99x"] = " ".join(sorted(heads))
    table = dict(published)
    for number in range(draw(st.integers(0, 5))):
        parents = draw(st.sets(st.sampled_from(sorted(table)), min_size=0, max_size=2))
        # A revision that joins another with what lies beneath it is no join; Alembic never writes one.
        beneath = {one for parent in parents for one in below(table, parent)}
        table[f"l{number:02}x"] = " ".join(sorted(parents - beneath))
    return published, table


def below(table, revision):
    """All that a revision builds on, without itself."""
    parents = table[revision].split()
    return {*parents, *(one for parent in parents for one in below(table, parent))}


@given(graphs())
def test_any_plan_ends_in_one_head_and_changes_nothing_published(drawn):
    published, table = drawn
    seen = situation(table, published)
    remedy = decide(seen)
    assert remedy.kind != "refuse"
    graph = after(seen, remedy.moves)
    assert len(graph.heads) == 1
    assert graph.is_sound
    for one, parents in published.items():
        assert graph.down_revisions(one) == tuple(parents.split())
    # every local revision that stays still comes after what it came after
    for one in table:
        if one in graph:
            assert (seen.graph.ancestors(one) & set(graph.revisions)) <= graph.ancestors(one)
