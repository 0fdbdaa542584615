"""Folders come back from the shelf as they were put there, or not at all."""

from __future__ import annotations

import os
import random

import pytest

from gitmig.change.state import graph_of
from gitmig.reading.cache import Cache
from gitmig.reading.shelf import Folders, Shelf, is_plain, row_in
from gitmig.revisions.table import Table

SIZE = 300


def line_of_revisions(size: int = SIZE) -> dict[str, list]:
    """r0 <- r1 <- r2 ... with a fork every ten."""
    rows = {}
    for number in range(size):
        parents = [f"r{number - 1 if number % 10 else max(number - 5, 0):05d}"] if number else []
        rows[f"versions/r{number:05d}_x.py"] = [f"{number:040x}", f"r{number:05d}", parents]
    return rows


def folders(rows: dict[str, list], troubled: dict[str, list] | None = None) -> Folders:
    table = Table("", row_in, dict(rows))
    return Folders(table, graph_of(table), troubled or {})


def again(path) -> Shelf:
    """The shelf as the next process finds it."""
    return Shelf(Cache(str(path)))


def told(found: Folders) -> tuple:
    graph = found.graph
    return (
        dict(found.rows.items()),
        found.troubled,
        sorted(graph.revisions),
        {one: (graph.down_revisions(one), graph.paths(one), graph.depends_on(one)) for one in graph.revisions},
        (graph.heads, graph.bases, graph.branchpoints, graph.mergepoints, graph.problems, graph.upgrade_order()),
    )


UNUSUAL = {
    "a label, a dependency and a stale docstring": [
        "b" * 40,
        "z1",
        ["r00007"],
        ["shop"],
        ["r00003"],
        [["Revises", "x"]],
    ],
    "an id that cannot be read": ["b" * 40, "", []],
    "a second parent": ["b" * 40, "z1", ["r00007", "r00009"]],
}


@pytest.mark.parametrize("size", [3, SIZE])
@pytest.mark.parametrize("row", [pytest.param(row, id=phrase) for phrase, row in UNUSUAL.items()])
def test_what_was_kept_comes_back(tmp_path, size, row):
    rows = {**line_of_revisions(size), "versions/odd, \té\ud8ff\n.py": row}
    rows = {path: row for path, row in rows.items() if size > 3 or len(row[2]) < 2}
    if size == 3:
        rows["versions/r00007_x.py"], rows["versions/r00003_x.py"] = ["7" * 40, "r00007", []], ["3" * 40, "r00003", []]
    kept = folders(rows, {"versions/odd.py": [["computed", "call", 3, "revision"]]})
    again(tmp_path).keep("k", kept)
    found = again(tmp_path).find("k")
    assert found is not None
    assert told(found) == told(kept)


@pytest.mark.parametrize("damage", ["two files of one id", "a missing parent", "a circle", "ids that differ in case"])
def test_a_graph_with_problems_comes_back_with_them(tmp_path, damage):
    rows = line_of_revisions()
    rows["versions/extra.py"] = {
        "two files of one id": ["e" * 40, "r00010", ["r00001"]],
        "a missing parent": ["e" * 40, "zz", ["nowhere"]],
        "a circle": ["e" * 40, "zz", ["zz"]],
        "ids that differ in case": ["e" * 40, "R00010", ["r00001"]],
    }[damage]
    kept = folders(rows)
    again(tmp_path).keep("k", kept)
    found = again(tmp_path).find("k")
    assert found is not None
    assert found.graph.problems
    assert told(found) == told(kept)


@pytest.mark.parametrize("seed", range(20))
def test_another_tree_shares_the_table_and_has_its_own_changes(tmp_path, seed):
    chance = random.Random(seed)
    rows = line_of_revisions()
    first = again(tmp_path).keep("first", folders(rows))
    changes = dict(rows)
    for _ in range(chance.randint(1, 4)):
        path = chance.choice(sorted(changes))
        row = changes.pop(path)
        if chance.random() < 0.5:
            changes[f"versions/moved_{row[1]}.py"] = row
    changes["versions/new.py"] = ["d" * 40, "zzz", ["r00299"]]
    shelf = again(tmp_path)
    base = shelf.find("first")
    assert base is not None
    laid = base.rows.copy()
    for path in set(rows) - set(changes):
        del laid[path]
    for path in set(changes) - set(rows):
        laid[path] = changes[path]
    shelf.keep("second", Folders(laid, graph_of(laid), {}))
    fresh = again(tmp_path)
    one, other = fresh.find("first"), fresh.find("second")
    assert one is not None
    assert other is not None
    assert told(one) == told(first)
    assert told(other) == told(folders(changes))
    if other.graph.problems == ():
        assert one.rows.text is other.rows.text
        assert len([name for name in os.listdir(tmp_path) if name.startswith("table")]) == 1


def test_many_changes_make_a_new_table(tmp_path):
    again(tmp_path).keep("first", folders(line_of_revisions()))
    shelf = again(tmp_path)
    base = shelf.find("first")
    assert base is not None
    laid = base.rows.copy()
    laid.update({path: row for path, row in line_of_revisions(SIZE + 65).items() if path not in laid})
    shelf.keep("second", Folders(laid, graph_of(laid), {}))
    assert len([name for name in os.listdir(tmp_path) if name.startswith("table")]) == 2
    found = again(tmp_path).find("second")
    assert found is not None
    assert told(found) == told(folders(line_of_revisions(SIZE + 65)))


@pytest.mark.parametrize("damage", ["gone", "cut off", "one byte", "empty"])
def test_a_damaged_table_is_no_answer(tmp_path, damage):
    again(tmp_path).keep("k", folders(line_of_revisions()))
    [table] = [one for one in tmp_path.iterdir() if one.name.startswith("table")]
    content = table.read_bytes()
    if damage == "gone":
        table.unlink()
    else:
        table.write_bytes(
            {"cut off": content[:-40], "one byte": content.replace(b"r00123", b"r00124", 1), "empty": b""}[damage]
        )
    assert again(tmp_path).find("k") is None


@pytest.mark.parametrize(
    "change", [{"rows": {"a": 1}}, {"rows": {"a": ["b"]}}, {"rows": []}, {"table": 3}, {"sound": 1, "heads": 4}]
)
def test_a_damaged_document_is_no_answer(tmp_path, change):
    again(tmp_path).keep("k", folders(line_of_revisions()))
    cache = Cache(str(tmp_path))
    cache.add_document("graph", "k", {**cache.document("graph", "k"), **change})
    assert again(tmp_path).find("k") is None


def test_without_a_folder_nothing_is_kept():
    shelf, kept = Shelf(Cache.none()), folders(line_of_revisions())
    assert shelf.keep("k", kept) is kept
    assert shelf.find("k") is None


@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("a\tb.py", ["b", "r", []]),
        ("a\n.py", ["b", "r", []]),
        ("é.py", ["b", "r", []]),
        ("a.py", ["b", "", []]),
        ("a.py", ["b", "r", [""]]),
        ("a.py", ["b", "r", ["x,y"]]),
        ("a.py", ["b", "r\x0b", []]),
        ("a.py", ["b", "r", [], ["label"], [], []]),
    ],
)
def test_only_ordinary_rows_are_lines_of_a_table(path, row):
    assert not is_plain(path, row)
    assert is_plain("a b.py", ["b", "r-1", ["x", "y"]])
