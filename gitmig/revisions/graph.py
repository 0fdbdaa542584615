"""The graph of revisions: what Alembic's `RevisionMap` answers, without a file, and without its loops.

Agrees with Alembic on every graph that Alembic accepts.  Where Alembic stops or never ends (missing parent, duplicate
id, cycle), the graph still answers, and `problems` says what is wrong.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.revisions.table import Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from typing import TypeVar

    T = TypeVar("T")
    Node = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], str]
    Rows = dict[str, tuple[str, ...]] | Table[tuple[str, ...]]


class GraphProblem(Frozen):
    """Something that Alembic stumbles over.

    kind               revision            other
    missing-parent     who names it        the name that no file defines
    missing-dependency who names it        the id or label that no file defines
    empty-parent       whose parent is ""
    duplicate-id       the id              ; `paths` has all files
    similar-id         an id               an id that differs only in case, composition or blanks
    cycle              first of the cycle  ; `revisions` has the cycle, each revises the next and the last the first
    dependency-cycle   the same, of which at least one step is a `depends_on`
    label-clash        second user         the label; `revisions` has all users
    label-is-id        who uses it         the label, which is the id of a revision
    `suggestion` is an existing id that the missing name may mean.
    """

    kind: str
    revision: str
    other: str = ""
    revisions: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    suggestion: str = ""

    @property
    def subject(self) -> tuple[str, ...]:
        """What it is about; stays the same when another file or revision joins in."""
        if self.kind in ("cycle", "dependency-cycle"):
            return (self.kind, *self.revisions)
        if self.kind in ("label-clash", "label-is-id"):
            return (self.kind, self.other)
        return (self.kind, self.revision, self.other)


class RevisionGraph:
    """Revisions and their parents.  Tuples of ids are sorted, except where an order is what was asked for.

    Nodes are tuples (id, down_revisions, depends_on, branch_labels, path) in the order in which Alembic lists the
    files, which only matters to `upgrade_order`.  A node without id takes no part.  Files that share an id are one
    revision with the parents of all of them.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._down: Rows = {}
        self._depends: dict[str, tuple[str, ...]] = {}
        self._labels: dict[str, tuple[str, ...]] = {}
        self._paths: Rows = {}
        self._empty_parents: list[str] = []
        self._memo: dict[str, object] = {}
        self._in_order = True
        self._is_sound: bool | None = None
        for node in nodes:
            self._add(node)

    def _add(self, node: Node) -> None:
        revision, down, depends, labels, path = node
        if not revision:
            return
        if "" in down:
            self._empty_parents.append(revision)
            down = tuple(parent for parent in down if parent)
        if revision in self._down:
            down = _merged(self._down[revision], down)
            depends = _merged(self._depends.get(revision, ()), depends)
            labels = _merged(self._labels.get(revision, ()), labels)
        self._down[revision] = down
        if depends:
            self._depends[revision] = depends
        if labels:
            self._labels[revision] = labels
        self._paths[revision] = (*self._paths.get(revision, ()), path)

    @classmethod
    def stored(
        cls, down: Table[tuple[str, ...]], paths: Table[tuple[str, ...]], others: Iterable[Node]
    ) -> RevisionGraph:
        """A graph as it was stored: tables of parents and paths by revision, and nodes that are not in them."""
        graph = cls(())
        graph._down, graph._paths, graph._in_order = down, paths, False
        for node in others:
            graph._add(node)
        return graph

    def changed(self, removed: Iterable[str], added: Iterable[Node]) -> RevisionGraph | None:
        """The graph without some revisions and with others; the same graph when nothing changes.

        None where files share an id or have "" as parent: then it must be built from all nodes.
        """
        removed, added = tuple(removed), tuple(added)
        if not removed and not added:
            return self
        if self._empty_parents or any(len(self._paths.get(one, ())) != 1 for one in removed):
            return None
        graph = RevisionGraph(())
        graph._down, graph._depends = self._down.copy(), self._depends.copy()
        graph._labels, graph._paths = self._labels.copy(), self._paths.copy()
        for one in removed:
            for facts in (graph._down, graph._depends, graph._labels, graph._paths):
                facts.pop(one, None)
        for node in added:
            graph._add(node)
        graph._in_order = False
        heads = _heads_if_harmless(self, removed, added) if self._is_sound is True else None
        if heads is not None:
            again = {node[0] for node in added}
            gone = {one for one in removed if one not in again}
            graph.known(heads, (base for base in self.bases if base not in gone))
        return graph

    def known(self, heads: Iterable[str], bases: Iterable[str]) -> RevisionGraph:
        """This graph with what was found out about it before: it has no problem, and these heads and bases."""
        self._is_sound = True
        self._memo["problems"] = ()
        self._memo["heads"] = tuple(heads)
        self._memo["bases"] = tuple(bases)
        return self

    @property
    def is_known_sound(self) -> bool:
        """Whether this was sound before, and what changed since is harmless; else it has to be looked at."""
        return self._is_sound is True

    def __len__(self) -> int:
        return len(self._down)

    def __contains__(self, revision: object) -> bool:
        return revision in self._down

    @property
    def revisions(self) -> tuple[str, ...]:
        """All ids, in the order given, or after a change in that of their files."""
        return tuple(self._down) if self._in_order else tuple(node[0] for node in self._nodes_by_path())

    def paths(self, revision: str) -> tuple[str, ...]:
        """The files that define a revision; more than one is a problem."""
        return self._paths.get(revision, ())

    def down_revisions(self, revision: str) -> tuple[str, ...]:
        """The parents as written, missing ones too."""
        return self._down.get(revision, ())

    def depends_on(self, revision: str) -> tuple[str, ...]:
        """The ids that a revision depends on, labels resolved; what no file defines is left out."""
        resolved = (self._resolve(name) for name in self._depends.get(revision, ()))
        return tuple(dict.fromkeys(name for name in resolved if name))

    def own_labels(self, revision: str) -> tuple[str, ...]:
        return self._labels.get(revision, ())

    def children(self, revision: str) -> tuple[str, ...]:
        """Revisions whose `down_revision` names this one."""
        return tuple(sorted(self._children.get(revision, ())))

    def dependents(self, revision: str) -> tuple[str, ...]:
        """Revisions whose `depends_on` names this one or a label of it."""
        return tuple(sorted(self._dependents.get(revision, ())))

    @property
    def heads(self) -> tuple[str, ...]:
        """Revisions that no other revises: `alembic heads`."""
        return self._once("heads", self._find_heads)

    @property
    def effective_heads(self) -> tuple[str, ...]:
        """Heads that no other revision depends on either: where `alembic upgrade heads` ends."""
        return self._once("effective_heads", self._find_effective_heads)

    @property
    def bases(self) -> tuple[str, ...]:
        """Revisions without `down_revision`."""
        return self._once("bases", lambda: tuple(sorted(one for one, down in self._down.items() if not down)))

    @property
    def branchpoints(self) -> tuple[str, ...]:
        """Revisions that two or more revise."""
        return self._once(
            "branchpoints",
            lambda: tuple(sorted(one for one, children in self._children.items() if len(children) > 1)),
        )

    @property
    def mergepoints(self) -> tuple[str, ...]:
        """Revisions that revise two or more."""
        return self._once(
            "mergepoints", lambda: tuple(sorted(one for one, down in self._down.items() if len(down) > 1))
        )

    @property
    def problems(self) -> tuple[GraphProblem, ...]:
        return self._once("problems", lambda: tuple(_Problems(self).found()))

    @property
    def is_sound(self) -> bool:
        """Whether Alembic can walk the graph: every name defined, no cycle, no duplicate id, no label clash."""
        return all(problem.kind == "similar-id" for problem in self.problems)

    @property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """Each group of revisions that revise or depend on each other in a circle, as one circle of it."""
        return self._once("cycles", lambda: tuple(_find_cycles(self._edges)))

    def ancestors(self, *revisions: str, dependencies: bool = True) -> frozenset[str]:
        """The revisions and all that must run before them; `dependencies` follows `depends_on` too."""
        return frozenset(_reach(revisions, self._edges if dependencies else self._down, self._down))

    def descendants(self, *revisions: str, dependencies: bool = True) -> frozenset[str]:
        """The revisions and all that run after them; `dependencies` follows `depends_on` too."""
        return frozenset(_reach(revisions, self._reverse_edges if dependencies else self._children, self._down))

    def common_ancestors(self, *revisions: str, dependencies: bool = True) -> tuple[str, ...]:
        """The nearest revisions at or beneath all the given ones: one, unless lines cross; none, if unrelated."""
        shared: frozenset[str] | None = None
        for revision in revisions:
            beneath = self.ancestors(revision, dependencies=dependencies)
            shared = beneath if shared is None else shared & beneath
        if not shared:
            return ()
        edges = self._edges if dependencies else self._down
        covered = {parent for one in shared for parent in edges.get(one, ()) if parent != one}
        return tuple(sorted(shared - covered)) or tuple(sorted(shared))

    def labels(self, revision: str) -> frozenset[str]:
        """The branch labels that a revision has by itself or by the line it lies on, as Alembic spreads them."""
        return self._spread_labels.get(revision, frozenset())

    def heads_by_label(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """The heads by the labels that reach them; () has those without."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for head in self.heads:
            groups.setdefault(tuple(sorted(self.labels(head))), []).append(head)
        return {labels: tuple(group) for labels, group in groups.items()}

    def upgrade_order(self) -> tuple[str, ...]:
        """All revisions in the order in which `alembic upgrade heads` runs them on an empty database.

        Revisions in or above a cycle, which have no order, come last.
        """
        return self._once("order", self._find_order)

    def resolve(self, name: str) -> str | None:
        """The revision of an id or of a branch label."""
        return self._resolve(name) or None

    def suggest(self, name: str) -> str:
        """An existing id that a missing name may mean, "" if none is near."""
        near = [one for one in self._down if one.lower().strip() == name.lower().strip()]
        if not near and len(name) >= 4:
            near = [one for one in self._down if one.startswith(name) or (len(one) >= 4 and name.startswith(one))]
        if len(near) == 1:
            return near[0]
        from difflib import get_close_matches

        close = get_close_matches(name, self._down, n=1, cutoff=0.75) if len(self._down) <= 3_000 else []
        return close[0] if close else ""

    def _once(self, name: str, find: Callable[[], T]) -> T:
        if name not in self._memo:
            self._memo[name] = find()
        found: T = self._memo[name]  # type: ignore[assignment]
        return found

    def _resolve(self, name: str) -> str:
        if name in self._down:
            return name
        return self._labelled.get(name, "")

    def _find_heads(self) -> tuple[str, ...]:
        parents = {parent for down in self._down.values() for parent in down}
        return tuple(sorted(one for one in self._down if one not in parents))

    def _find_effective_heads(self) -> tuple[str, ...]:
        needed = {name for one in self._depends for name in self.depends_on(one)}
        return tuple(head for head in self.heads if head not in needed)

    @property
    def _labelled(self) -> dict[str, str]:
        """The revision that uses each label; of several, which is a problem, the smallest id."""

        def find() -> dict[str, str]:
            found: dict[str, str] = {}
            for revision, labels in self._labels.items():
                for label in labels:
                    found[label] = min(revision, found.get(label, revision))
            return found

        return self._once("labelled", find)

    @property
    def _children(self) -> dict[str, set[str]]:
        return self._once("children", lambda: _reversed(self._down, self._down))

    @property
    def _dependents(self) -> dict[str, set[str]]:
        def find() -> dict[str, set[str]]:
            return _reversed({one: self.depends_on(one) for one in self._depends}, self._down)

        return self._once("dependents", find)

    @property
    def _edges(self) -> Mapping[str, tuple[str, ...]]:
        """What must run before: parents and dependencies; without `depends_on` simply the parents."""
        if not self._depends:
            return self._down
        return self._once(
            "edges",
            lambda: {one: _merged(down, self.depends_on(one)) for one, down in self._down.items()},
        )

    @property
    def _reverse_edges(self) -> dict[str, set[str]]:
        if not self._depends:
            return self._children
        return self._once("reverse_edges", lambda: _reversed(self._edges, self._down))

    @property
    def _spread_labels(self) -> dict[str, frozenset[str]]:
        return self._once("spread", self._find_labels)

    def _find_labels(self) -> dict[str, frozenset[str]]:
        """Labels go to all descendants; and down the line to the next fork, if the line above is a plain one."""
        spread: dict[str, set[str]] = {}
        for revision, labels in self._labels.items():
            above = self.descendants(revision, dependencies=False)
            for one in above:
                spread.setdefault(one, set()).update(labels)
            if any(self._is_fork(one) for one in above):
                continue
            seen = set(above)
            beneath = self._down[revision]
            while beneath and beneath[0] in self._down and beneath[0] not in seen and not self._is_fork(beneath[0]):
                seen.add(beneath[0])
                spread.setdefault(beneath[0], set()).update(labels)
                beneath = self._down[beneath[0]]
        return {one: frozenset(labels) for one, labels in spread.items()}

    def _is_fork(self, revision: str) -> bool:
        return len(self._reverse_edges.get(revision, ())) > 1 or len(self._down[revision]) > 1

    def _find_order(self) -> tuple[str, ...]:
        from gitmig.revisions.order import upgrade_order

        return upgrade_order(self if self._in_order else RevisionGraph(self._nodes_by_path()))

    def _nodes_by_path(self) -> list[Node]:
        """The nodes in the order in which files are listed."""
        one_path = [(paths[0], one) for one, paths in self._paths.items()]
        return [
            (one, self._down[one], self._depends.get(one, ()), self._labels.get(one, ()), path)
            for path, one in sorted(one_path)
        ]


class _Problems:
    """The search for everything that Alembic stumbles over."""

    def __init__(self, graph: RevisionGraph) -> None:
        self.graph = graph
        self.suggestions_left = 10  # each compares the name with all ids

    def found(self) -> list[GraphProblem]:
        return [*self.duplicates(), *self.similar(), *self.missing(), *self.cycles(), *self.labels()]

    def duplicates(self) -> list[GraphProblem]:
        return [self._of("duplicate-id", one) for one in self.graph.revisions if len(self.graph.paths(one)) > 1]

    def similar(self) -> list[GraphProblem]:
        """Ids that some file systems, databases and eyes cannot tell apart."""
        first: dict[str, str] = {}
        problems = []
        for one in self.graph.revisions:
            plain = one.strip().casefold() if one.isascii() else _composed(one).strip().casefold()
            other = first.setdefault(plain, one)
            if other != one:
                problems.append(self._of("similar-id", one, other))
        return problems

    def missing(self) -> list[GraphProblem]:
        graph = self.graph
        problems = [self._of("empty-parent", one) for one in graph._empty_parents]
        for one, down in graph._down.items():
            for parent in down:
                if parent not in graph._down:
                    problems.append(self._named("missing-parent", one, parent))
        for one, names in graph._depends.items():
            problems += [self._named("missing-dependency", one, name) for name in names if not graph._resolve(name)]
        return list(dict.fromkeys(problems))

    def cycles(self) -> list[GraphProblem]:
        problems = []
        for cycle in self.graph.cycles:
            steps = zip(cycle, (*cycle[1:], cycle[0]), strict=True)
            plain = all(after in self.graph.down_revisions(one) for one, after in steps)
            paths = tuple(path for one in cycle for path in self.graph.paths(one))
            problems.append(GraphProblem("cycle" if plain else "dependency-cycle", cycle[0], "", cycle, paths))
        return problems

    def labels(self) -> list[GraphProblem]:
        users: dict[str, list[str]] = {}
        problems = []
        for one, labels in self.graph._labels.items():
            for label in labels:
                users.setdefault(label, []).append(one)
                if label in self.graph:
                    problems.append(self._of("label-is-id", one, label))
        for label, revisions in users.items():
            if len(revisions) > 1:
                distinct = tuple(dict.fromkeys(revisions))
                paths = tuple(path for one in distinct for path in self.graph.paths(one))
                problems.append(GraphProblem("label-clash", revisions[1], label, distinct, paths))
        return problems

    def _named(self, kind: str, revision: str, name: str) -> GraphProblem:
        self.suggestions_left -= 1
        suggestion = self.graph.suggest(name) if self.suggestions_left >= 0 else ""
        return self._of(kind, revision, name, suggestion=suggestion)

    def _of(self, kind: str, revision: str, other: str = "", *, suggestion: str = "") -> GraphProblem:
        return GraphProblem(kind, revision, other, (revision,), self.graph.paths(revision), suggestion)


def _heads_if_harmless(
    graph: RevisionGraph, removed: tuple[str, ...], added: tuple[Node, ...]
) -> tuple[str, ...] | None:
    """The new heads of a sound graph that stays sound; None where the graph must be looked at as a whole.

    Harmless are files that keep id and parents, plain new revisions on top, and the loss of what nobody revises.  It
    saves the usual hook from walking ten thousand revisions again.
    """
    if len({node[0] for node in added}) != len(added):
        return None  # two files of one id: a moved file of which the other side keeps the old place
    again = {node[0] for node in added}.intersection(removed)
    gone = set(removed) - again
    down_of = graph._down
    above: dict[str, tuple[str, ...]] = {}
    for revision, down, depends, labels, _path in added:
        if depends or labels or revision in graph._depends or revision in graph._labels:
            return None
        if revision in again:
            if down_of[revision] != down:
                return None
            continue
        is_plain = revision.isascii() and revision.isalnum() and revision == revision.lower()
        if not is_plain or revision in down_of or revision in above or not down or len(set(down)) != len(down):
            return None
        if any(parent in gone or (parent not in down_of and parent not in above) for parent in down):
            return None
        above[revision] = down
    candidates = {*graph.heads, *above}
    revised = {parent for down in above.values() for parent in down}
    if gone:
        if graph._depends or graph._labels:
            return None
        beneath = {parent for one in gone for parent in down_of[one]}
        revised |= {one for one in gone | beneath if any(child not in gone for child in _children_of(one, down_of))}
        if not revised.isdisjoint(gone):
            return None
        candidates |= beneath
    return tuple(sorted(candidates - gone - revised))


def _children_of(revision: str, down_of: Rows) -> Iterator[str]:
    """The revisions that name this one as a parent; a text of ten thousand is searched for it, not parsed."""
    near = down_of.naming(revision) if isinstance(down_of, Table) else down_of
    return (one for one in near if revision in down_of[one])


def _composed(text: str) -> str:
    from unicodedata import normalize

    return normalize("NFC", text)


def _merged(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Both, without what the second repeats; what the first repeats stays, since it makes a mergepoint for Alembic."""
    if not second:
        return first
    return (*first, *(one for one in dict.fromkeys(second) if one not in first)) if first else second


def _reversed(edges: Mapping[str, Iterable[str]], known: Mapping[str, object]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one, others in edges.items():
        for other in others:
            if other in known:
                found.setdefault(other, set()).add(one)
    return found


def _reach(starts: Iterable[str], edges: Mapping[str, Iterable[str]], known: Container[str]) -> set[str]:
    todo = [one for one in starts if one in known]
    seen = set(todo)
    while todo:
        for other in edges.get(todo.pop(), ()):
            if other not in seen and other in known:
                seen.add(other)
                todo.append(other)
    return seen


def _find_cycles(edges: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """One circle for each strongly connected group, starting at its smallest id."""
    if _is_acyclic(edges):
        return []
    stuck = _without_order(edges)
    inner = {one: tuple(parent for parent in edges[one] if parent in stuck) for one in stuck}
    above = {one: tuple(children) for one, children in _reversed(inner, inner).items()}
    rest = _without_order({one: above.get(one, ()) for one in stuck})
    cycles = []
    for start in sorted(rest):
        if start not in rest:
            continue
        group = _reach([start], inner, rest)
        if any(start in inner[one] for one in group):  # else it lies between two circles
            cycles.append(_circle(start, inner, rest))
            rest = rest - (group & _reach([start], above, rest))
    return cycles


def _is_acyclic(edges: Mapping[str, tuple[str, ...]]) -> bool:
    done: set[str] = set()
    for start in edges:
        way: set[str] = set()
        todo = [start]
        while todo:
            one = todo[-1]
            if one in done or one in way:
                way.discard(one)
                done.add(todo.pop())
                continue
            way.add(one)
            for parent in edges[one]:
                if parent in way:
                    return False
                if parent not in done and parent in edges:
                    todo.append(parent)
    return True


def _without_order(edges: Mapping[str, tuple[str, ...]]) -> set[str]:
    """The revisions in a circle or above one: what is left when all that has its parents is taken away (Kahn)."""
    open_parents = {one: sum(parent in edges for parent in set(parents)) for one, parents in edges.items()}
    above = _reversed({one: set(parents) for one, parents in edges.items()}, edges)
    todo = [one for one, count in open_parents.items() if not count]
    rest = set(edges)
    while todo:
        one = todo.pop()
        rest.discard(one)
        for child in above.get(one, ()):
            open_parents[child] -= 1
            if not open_parents[child]:
                todo.append(child)
    return rest


def _circle(start: str, edges: Mapping[str, tuple[str, ...]], among: set[str]) -> tuple[str, ...]:
    """The shortest way from a revision back to itself."""
    came_from: dict[str, str] = {}
    todo = [start]
    while todo:
        following = []
        for one in todo:
            for parent in edges[one]:
                if parent == start:
                    way = [one]
                    while way[-1] != start:
                        way.append(came_from[way[-1]])
                    return tuple(reversed(way))
                if parent in among and parent not in came_from:
                    came_from[parent] = one
                    following.append(parent)
        todo = following
    return (start,)
