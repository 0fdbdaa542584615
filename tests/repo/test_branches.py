"""Where many branches left the target, and what each changed, against what git says of one at a time."""

from __future__ import annotations

import random

import pytest

from gitmig.repo.branches import find_departures, read_changes
from gitmig.repo.objects import Objects
from gitmig.repo.plumbing import Git


def departures(history, *names, target="main", shallow=False):
    git = Git(str(history.path))
    tips = {name: history.git("rev-parse", name).stdout.strip() for name in names}
    found = find_departures(git, tips.values(), history.git("rev-parse", target).stdout.strip(), shallow=shallow)
    return git, {name: found[tip] for name, tip in tips.items()}


def bases(history, name):
    return sorted(history.git("merge-base", "--all", "main", name, status=None).stdout.split())


def test_branches_that_left_at_different_places(make_history):
    history = make_history(
        [
            ("main", {"a": "1"}),
            ("one < main", {"x": "x"}),
            ("main", {"a": "2"}),
            ("two < main", {"y": "y"}),
            ("two", {"y": "z"}),
            ("done < main", None),
            ("main", {"a": "3"}),
        ]
    )
    git, found = departures(history, "one", "two", "done")
    assert {name: list(one.bases) for name, one in found.items()} == {
        name: bases(history, name) for name in ("one", "two", "done")
    }
    assert [len(found[name].commits) for name in ("one", "two", "done")] == [1, 2, 0]
    assert found["done"].is_merged
    assert git.started == 1


def test_a_branch_that_took_the_target_over_left_it_there(make_history):
    history = make_history(
        [
            ("main", {"a": "1"}),
            ("one < main", {"x": "1"}),
            ("main", {"b": "2"}),
            ("one + main", {}),
            ("main", {"a": "3"}),
            ("one", {"x": "2"}),
        ]
    )
    git, found = departures(history, "one")
    assert list(found["one"].bases) == bases(history, "one")
    (change,) = read_changes(git, found.values())[found["one"].tip]
    assert change.path == "x"


def test_a_criss_cross_has_two_bases_and_only_what_differs_from_both_is_changed(make_history):
    history = make_history(
        [
            ("main", {"a": "1"}),
            ("one < main", {"x": "1"}),
            ("main", {"b": "1"}),
            ("other < main", None),
            ("main + one", {}),
            ("one + other", {}),
            ("one", {"x": "2"}),
        ]
    )
    git, found = departures(history, "one")
    assert len(found["one"].bases) == 2
    assert sorted(found["one"].bases) == bases(history, "one")
    assert [change.path for change in read_changes(git, found.values())[found["one"].tip]] == ["x"]


def test_unrelated_histories_have_no_base(make_history):
    history = make_history([("main", {"a": "1"}), ("alone", {"x": "1"})])
    _, found = departures(history, "alone")
    assert (found["alone"].bases, found["alone"].cut) == ((), False)


def test_a_shallow_clone_does_not_know(make_history):
    history = make_history([("main", {"a": "1"}), ("one < main", {"x": "1"}), ("main", {"a": "2"})])
    history.git("update-ref", "refs/heads/two", "one")
    tip = history.git("rev-parse", "one").stdout.strip()
    (history.path / ".git/shallow").write_text(f"{tip}\n")
    _, found = departures(history, "one", shallow=True)
    assert (found["one"].bases, found["one"].cut) == ((), True)


def test_names_of_files_may_look_like_anything(make_history):
    odd = {":100644 x": "1", "a" * 40: "2", "new\nline": "3"}
    history = make_history([("main", {"a": "1"}), ("one < main", odd), ("two < main", {"b": "1"})])
    git, found = departures(history, "one", "two")
    changes = read_changes(git, found.values())
    assert sorted(change.path for change in changes[found["one"].tip]) == sorted(odd)
    assert [change.path for change in changes[found["two"].tip]] == ["b"]


@pytest.mark.parametrize("seed", range(6))
def test_any_history(make_history, seed):
    chance = random.Random(seed)
    table, names = [("main", {"a": "0"})], ["main"]
    for number in range(25):
        name = chance.choice(names)
        if chance.random() < 0.25 and len(names) < 6:
            names.append(f"b{number}")
            table.append((f"b{number} < {name}", {f"f{number}": "x"}))
        elif chance.random() < 0.35 and len(names) > 1:
            table.append((f"{name} + {chance.choice([one for one in names if one != name])}", {}))
        else:
            table.append((name, {f"f{chance.randrange(9)}": str(number)}))
    history = make_history(table)
    git, found = departures(history, *names[1:])
    objects = Objects(git)
    changes = read_changes(git, found.values())
    with objects:
        for name, one in found.items():
            assert list(one.bases) == bases(history, name), name
            first, *others = (objects.diff_trees(base, one.tip) for base in one.bases)
            paths = [{change.path for change in other} for other in others]
            assert list(changes[one.tip]) == [each for each in first if all(each.path in other for other in paths)]
