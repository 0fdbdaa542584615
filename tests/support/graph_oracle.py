"""Alembic's `RevisionMap` as the oracle for `RevisionGraph`; under an alarm, because it never ends on some graphs."""

from __future__ import annotations

import itertools
import random
import signal
import warnings
from collections.abc import Iterator
from typing import Any

from alembic.script.revision import Revision, RevisionMap

from gitmig.revisions.graph import RevisionGraph

Node = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], str]


class TooLong(Exception):
    pass


def node(revision: str, *down: str, depends: tuple[str, ...] = (), labels: tuple[str, ...] = ()) -> Node:
    return revision, down, depends, labels, f"versions/{revision}.py"


def alembic_map(nodes: list[Node], seconds: float = 2.0) -> RevisionMap | None:
    """The map, None where Alembic refuses; `TooLong` where it does not end."""

    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            revisions = [
                Revision(one, down or None, depends or None, labels or None) for one, down, depends, labels, _ in nodes
            ]
            found = RevisionMap(lambda: revisions)
            found._revision_map
            return found
    except TooLong:
        raise
    except Exception:
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def differences(nodes: list[Node], oracle: RevisionMap) -> list[str]:
    """What `RevisionGraph` says otherwise than Alembic about a graph that Alembic accepts."""
    graph = RevisionGraph(nodes)
    revisions: dict[str, Any] = {one: oracle.get_revision(one) for one, *_ in nodes}
    expected: dict[str, object] = {
        "heads": sorted(oracle.heads),
        "effective heads": sorted(oracle._real_heads),
        "bases": sorted(oracle.bases),
        "branchpoints": sorted(one for one, revision in revisions.items() if revision.is_branch_point),
        "mergepoints": sorted(one for one, revision in revisions.items() if revision.is_merge_point),
    }
    found: dict[str, object] = {
        "heads": list(graph.heads),
        "effective heads": list(graph.effective_heads),
        "bases": list(graph.bases),
        "branchpoints": list(graph.branchpoints),
        "mergepoints": list(graph.mergepoints),
    }
    for one, revision in revisions.items():
        for name, ours, theirs in (
            ("ancestors", graph.ancestors, oracle._get_ancestor_nodes),
            ("descendants", graph.descendants, oracle._get_descendant_nodes),
        ):
            for dependencies in (True, False):
                key = f"{name} of {one}, dependencies={dependencies}"
                expected[key] = {other.revision for other in theirs([revision], include_dependencies=dependencies)}
                found[key] = set(ours(one, dependencies=dependencies))
        expected[f"labels of {one}"] = set(revision.branch_labels)
        found[f"labels of {one}"] = set(graph.labels(one))
        expected[f"children of {one}"] = set(revision.nextrev)
        found[f"children of {one}"] = set(graph.children(one))
    order = [revision.revision for revision in oracle.iterate_revisions("heads", "base")]
    if any(len(revision._normalized_resolved_dependencies) > 1 for revision in revisions.values()):
        # Alembic keeps them in a set, whose order changes from run to run
        expected["order"], found["order"] = [], misplaced(graph)
    else:
        expected["order"], found["order"] = order[::-1], list(graph.upgrade_order())
    return [f"{key}: {found[key]}, Alembic {value}" for key, value in expected.items() if found[key] != value]


def misplaced(graph: RevisionGraph) -> list[str]:
    """Revisions that `upgrade_order` puts before something that they need."""
    place = {one: index for index, one in enumerate(graph.upgrade_order())}
    assert len(place) == len(graph)
    return [
        one
        for one in place
        if any(
            place[need] > place[one] for need in (*graph.down_revisions(one), *graph.depends_on(one)) if need in place
        )
    ]


def random_nodes(source: random.Random, most: int = 9, loose: bool = False) -> list[Node]:
    """A graph whose edges go to earlier revisions; `loose` adds cycles, missing names and clashes."""
    ids = [f"r{number}" for number in range(source.randint(1, most))]
    labels = ["shop", "stock"]
    made = []
    for number, one in enumerate(ids):
        earlier = ids[:number]
        near = earlier[-3:] if source.random() < 0.7 else earlier
        down = source.sample(near, min(len(near), source.choice((0, 1, 1, 1, 1, 2, 3))))
        depends = source.sample(earlier, min(len(earlier), source.choice((0, 0, 0, 0, 1, 1, 2))))
        own = [labels.pop()] if labels and source.random() < 0.12 else []
        if loose and source.random() < 0.25:
            down.append(source.choice([*ids, "missing", "", "shop"]))
        if loose and source.random() < 0.15:
            depends.append(source.choice([*ids, "missing", "stock"]))
        if loose and source.random() < 0.05:
            own.append(source.choice(["shop", "r0"]))
        made.append(node(one, *dict.fromkeys(down), depends=tuple(dict.fromkeys(depends)), labels=tuple(own)))
    labelled = [(label, one[0]) for one in made for label in one[3]]
    for number, (one, down_revisions, depends_on, own_labels, path) in enumerate(made):
        usable = [label for label, user in labelled if user in ids[:number]]
        if usable and source.random() < 0.2:  # a dependency may name a label
            made[number] = (one, down_revisions, (*depends_on, source.choice(usable)), own_labels, path)
    if source.random() < 0.6:
        source.shuffle(made)
    return made


def small_graphs(most: int, parents: int = 2, self_loops: bool = False) -> Iterator[list[Node]]:
    """All graphs of up to `most` revisions, each with up to `parents` parents."""
    for count in range(1, most + 1):
        ids = "abcdef"[:count]
        choices = [
            [
                down
                for size in range(parents + 1)
                for down in itertools.combinations([other for other in ids if self_loops or other != one], size)
            ]
            for one in ids
        ]
        for picked in itertools.product(*choices):
            yield [node(one, *down) for one, down in zip(ids, picked, strict=True)]


def is_cyclic(nodes: list[Node]) -> bool:
    """By the definition: somebody reaches itself."""
    down = {one: set(parents) for one, parents, *_ in nodes}
    for start, parents in down.items():
        reached: set[str] = set()
        todo = list(parents)
        while todo:
            one = todo.pop()
            if one not in reached:
                reached.add(one)
                todo += down[one]
        if start in reached:
            return True
    return False
