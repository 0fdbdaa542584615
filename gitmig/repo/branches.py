"""Many Git branches against one target, in a handful of processes however many there are.

One walk through what the target does not have finds where each branch left it; one `diff-tree` says what each changed
since.  Asked branch by branch, fifty of them cost a hundred times as much.
"""

from __future__ import annotations

from gitmig.errors import EnvironmentProblem
from gitmig.frozen import Frozen
from gitmig.repo.objects import parse_raw_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from gitmig.repo.plumbing import Git
    from gitmig.trees.entries import Changed


class Departure(Frozen):
    """How a tip lies to the target.

    `bases` are the best common ancestors, several after a criss-cross, none for unrelated histories.  `commits` are
    those that the target does not have, the tip among them; none when it has all.  `cut`: history ends in this shallow
    clone before a common ancestor, so nobody knows whether there is one.  `when` is the tip's committer date in
    seconds.
    """

    tip: str
    bases: tuple[str, ...] = ()
    commits: frozenset[str] = frozenset()
    cut: bool = False
    when: int = 0

    @property
    def is_merged(self) -> bool:
        return not self.commits


def find_departures(git: Git, tips: Iterable[str], target: str, *, shallow: bool) -> dict[str, Departure]:
    """Every tip by its commit id; `shallow` as `Layout` says.  One process, three where branches took over the target.

    The common ancestors of a branch are the ancestors of the commits at which it meets the target's history, so the
    best ones are those of the meeting points that no other meeting point has beneath it.
    """
    wanted = list(dict.fromkeys(tips))
    if not wanted:
        return {}
    asked = "".join(f"{tip}\n" for tip in wanted) + f"^{target}\n"
    output = git.run("rev-list", "--stdin", "--parents", "--boundary", "--timestamp", input=asked.encode("ascii"))
    walk = _Walk(output.decode("ascii"))
    met = {tip: walk.from_tip(tip) for tip in wanted}
    crowded = {point for _, points, _ in met.values() if len(points) > 1 for point in points}
    above = _reached_from(git, sorted(crowded)) if crowded else {}
    found = {}
    for tip, (commits, points, is_cut) in met.items():
        best = tuple(sorted(one for one in points if len(points) < 2 or above[one].isdisjoint(points - {one})))
        found[tip] = Departure(tip, best, commits, shallow and is_cut and not points, walk.when.get(tip, 0))
    return found


class _Walk:
    """What `rev-list --parents --boundary --timestamp` listed."""

    def __init__(self, listed: str) -> None:
        self.parents: dict[str, list[str]] = {}
        self.when: dict[str, int] = {}
        for line in listed.splitlines():
            when, commit, *parents = line.split(" ")
            if commit[0] != "-":
                self.parents[commit] = parents
                self.when[commit] = int(when)

    def from_tip(self, tip: str) -> tuple[frozenset[str], set[str], bool]:
        """The commits of a branch, the commits of the target that it meets, and whether a way ends before that."""
        if tip not in self.parents:
            return frozenset(), {tip}, False
        todo, seen, met, is_cut = [tip], {tip}, set(), False
        while todo:
            parents = self.parents[todo.pop()]
            is_cut = is_cut or not parents
            for parent in parents:
                if parent not in self.parents:
                    met.add(parent)
                elif parent not in seen:
                    seen.add(parent)
                    todo.append(parent)
        return frozenset(seen), met, is_cut


def _reached_from(git: Git, points: Sequence[str]) -> dict[str, frozenset[str]]:
    """For each of these commits, which of the others have it beneath them."""
    ancient = git.ask("merge-base", "--octopus", *points) if len(points) < 1_000 else None
    floor = ancient.output.decode("ascii").split()[:1] if ancient and ancient.status == 0 else []
    asked = "".join(f"{one}\n" for one in points) + "".join(f"^{one}\n" for one in floor)
    output = git.run("rev-list", "--stdin", "--parents", "--topo-order", input=asked.encode("ascii"))
    bits = {one: 1 << number for number, one in enumerate(points)}
    above: dict[str, int] = {}
    for line in output.decode("ascii").splitlines():
        commit, *parents = line.split(" ")
        reached = above.get(commit, 0) | bits.get(commit, 0)
        for parent in parents:
            above[parent] = above.get(parent, 0) | reached
    if floor:
        above[floor[0]] = sum(bits.values())
    return {
        one: frozenset(other for other in points if other != one and above.get(one, 0) & bits[other]) for one in points
    }


def read_changes(git: Git, departures: Iterable[Departure]) -> dict[str, tuple[Changed, ...]]:
    """What each branch changed since it left, by its tip: the paths that are as in none of its merge bases."""
    pairs = [(one.tip, base) for one in departures for base in one.bases]
    found: dict[str, list[Changed]] = {}
    for (tip, _), changes in zip(pairs, diff_pairs(git, pairs), strict=True):
        if tip in found:
            paths = {change.path for change in changes}
            found[tip] = [change for change in found[tip] if change.path in paths]
        else:
            found[tip] = changes
    return {tip: tuple(changes) for tip, changes in found.items()}


def diff_pairs(git: Git, pairs: Collection[tuple[str, str]]) -> list[list[Changed]]:
    """What each first commit changes against the second, in the order given; one process."""
    if not pairs:
        return []
    asked = "".join(f"{new} {old}\n" for new, old in pairs)
    output = git.run(*_DIFF_TREE, input=asked.encode("ascii")).decode("utf-8", "surrogateescape")
    fields = output.split("\0")
    found: list[list[Changed]] = []
    start = at = 0
    for new, _ in pairs:
        # Nothing else has the shape of a field that is an id: status lines begin with ":", and each has its path next.
        if fields[at : at + 1] != [new]:
            raise EnvironmentProblem(f"git diff-tree did not answer for {new[:12]}")
        start = at = at + 1
        while at < len(fields) and fields[at][:1] == ":":
            at += 2
        found.append(parse_raw_fields(fields[start:at])[0])
    return found


_RAW = ("-z", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none")
_DIFF_TREE = ("diff-tree", "--stdin", "--always", "-r", *_RAW)
