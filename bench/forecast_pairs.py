#!/usr/bin/env python3
"""Compare `gitmig forecast` with what `git merge-tree` really makes of every pair of open branches.

    python bench/forecast_pairs.py --labels ../shared/corpus/data --mirrors DIR [--repo owner/name ...] [--branches 50]

Takes the newest pull requests of each project that bring a revision file which the default branch does not have, those
that are still open first (the server keeps a merge ref for them).  The reference shares no code with gitmig: trees from
`git merge-tree --write-tree`, headers through `ast.literal_eval`, heads by set difference.  Three questions:

    target   the default branch with one pull request on it: which heads has each environment?
    pair     the default branch with two of them on it: does each bring a head that the other one does not know?
    direct   the two merged with each other alone: more than one head?

With --alembic PROGRAM the cost is measured as well: CPU of a forecast without a cache and with one, by that of `alembic
heads` on the same revisions with empty bodies, which is its fastest case.

Where Git itself stops in a revision file there are no heads to compare: then the forecast must have said so (`stops`
counts these questions among the others).  Exit status 1 if fewer than 99 % of the answers agree.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from pathlib import Path

from replay import labels, replicas
from replay.naive import Naive
from replay.replicas import git
from workload.measuring import Command, measure, ratio
from workload.repository import HERMETIC

REPOSITORIES = ("pypi/warehouse", "onyx-dot-app/onyx", "keephq/keep", "getredash/redash", "quay/quay", "CTFd/CTFd")
ENOUGH = 0.99
CANDIDATES = 1_000


@dataclass
class Score:
    """Questions asked, answered alike, and the differences."""

    asked: int = 0
    alike: int = 0
    stops: int = 0
    differences: list[str] = field(default_factory=list)

    def add(self, same: bool, said: str, *, stops: bool = False) -> None:
        self.asked += 1
        self.stops += stops
        self.alike += same
        if not same:
            self.differences.append(said)

    def __str__(self) -> str:
        stops = f" ({self.stops:,} stops)" if self.stops else ""
        return f"{self.alike:,} of {self.asked:,}{stops}"


def main() -> int:
    options = parse_options()
    print("| project | branches (open) | target | pair | direct | x alembic heads, no cache / warm |")
    print("|---|---:|---:|---:|---:|---:|")
    whole = [Score(), Score(), Score()]
    for repo in options.repo or REPOSITORIES:
        scores, line = measure_project(repo, options)
        print(line, flush=True)
        for total, score in zip(whole, scores, strict=True):
            total.asked += score.asked
            total.alike += score.alike
            total.stops += score.stops
        for name, score in zip(("target", "pair", "direct"), scores, strict=True):
            for said in score.differences[: options.show]:
                print(f"  {name}: {said}", file=sys.stderr)
    print(f"| together | | {' | '.join(map(str, whole))} | |")
    return int(any(score.alike < ENOUGH * score.asked for score in whole))


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, required=True, help="folder of the label files, which name the folders")
    parser.add_argument("--mirrors", type=Path, required=True, help="folder of the bare clones")
    parser.add_argument("--repo", action="append", help="owner/name, repeatable")
    parser.add_argument("--branches", type=int, default=50)
    parser.add_argument("--show", type=int, default=10, help="differences printed for each question")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "gitmig-forecast")
    parser.add_argument("--program", default="gitmig")
    parser.add_argument("--alembic", help="measure the cost beside this alembic")
    return parser.parse_args()


def measure_project(repo: str, options: argparse.Namespace) -> tuple[list[Score], str]:
    mirror = replicas.mirror_of(options.mirrors, repo)
    if mirror is None:
        raise SystemExit(f"no bare clone of {repo} in {options.mirrors}")
    roots = sorted(labels.load(options.labels, repo, "inventory")["revisions_per_root_at_tip"])
    target = git(mirror, "rev-parse", "HEAD").strip()
    place = prepare(options.scratch / repo.replace("/", "+"), mirror, target)
    chosen, still_open = choose(place, target, roots, options.branches)
    scores = list(compare(place, target, chosen, roots, forecast(place, options.program)))
    cost = beside_alembic(place, roots, options) if options.alembic else ""
    cells = (repo, f"{len(chosen)} ({still_open})", *map(str, scores), cost)
    return scores, f"| {' | '.join(cells)} |"


def prepare(place: Path, mirror: Path, target: str) -> Path:
    """A bare repository that borrows the objects: the target as main, and the pull requests that could be chosen."""
    if (place / "ready").exists():
        return place
    place.mkdir(parents=True)
    git(place, "init", "-q", "--bare", "--initial-branch=main", ".")
    (place / "objects/info/alternates").write_text(f"{mirror.absolute()}/objects\n")
    heads = {name.split("/")[2]: oid for name, oid in replicas.refs(mirror, "refs/pull/*/head").items()}
    open_ = {name.split("/")[2] for name in replicas.refs(mirror, "refs/pull/*/merge")}
    ordered = sorted(heads, key=lambda one: (one not in open_, -int(one)))[:CANDIDATES]
    refs = {f"refs/{'open' if one in open_ else 'closed'}/{one}": heads[one] for one in ordered}
    lines = (f"create {name} {oid}\n" for name, oid in {"refs/heads/main": target, **refs}.items())
    git(place, "update-ref", "--stdin", stdin="".join(lines))
    git(place, "commit-graph", "write", "--reachable")  # changes no answer, and merge bases cost milliseconds
    (place / "ready").touch()
    return place


def choose(place: Path, target: str, roots: list[str], most: int) -> tuple[dict[str, str], int]:
    """Makes branches of the newest that have a revision file which the target lacks; says how many are open."""
    refs = replicas.refs(place, "refs/open") | replicas.refs(place, "refs/closed")
    found = {(name.split("/")[1], name.split("/")[2]): oid for name, oid in refs.items()}
    there = set(git(place, "ls-tree", "-r", "--name-only", "-z", target, "--", *roots).split("\0"))
    chosen: dict[str, str] = {}
    for state, number in sorted(found, key=lambda one: (one[0] != "open", -int(one[1]))):
        if len(chosen) == most:
            break
        added = added_by(place, target, found[state, number], roots)
        if {path for path in added if path.endswith(".py") and not path.endswith("__init__.py")} - there and (
            is_whole(place, target, found[state, number])
        ):
            chosen[number] = found[state, number]
    old = "".join(f"delete {name}\n" for name in replicas.refs(place, "refs/heads/pull"))
    new = "".join(f"create refs/heads/pull/{number} {oid}\n" for number, oid in chosen.items())
    git(place, "update-ref", "--stdin", stdin=old)
    git(place, "update-ref", "--stdin", stdin=new)
    return chosen, sum(("open", number) in found for number in chosen)


def is_whole(place: Path, target: str, head: str) -> bool:
    """Whether Git can merge it at all: a mirror may lack a blob."""
    command = ["git", "merge-tree", "--write-tree", "--no-messages", target, head]
    return subprocess.run(command, cwd=place, capture_output=True, check=False).returncode < 2


def added_by(place: Path, target: str, head: str, roots: list[str]) -> set[str]:
    """Paths that a pull request adds below the versions folders; none where it has no history with the target."""
    base = subprocess.run(["git", "merge-base", target, head], cwd=place, capture_output=True, text=True, check=False)
    if base.returncode:
        return set()
    options = ("--name-only", "--diff-filter=A", "--no-renames", "-z")
    return set(git(place, "diff", *options, base.stdout.strip(), head, "--", *roots).split("\0"))


def beside_alembic(place: Path, roots: list[str], options: argparse.Namespace) -> str:
    """CPU of a forecast by that of `alembic heads`: without a cache, and with the one that it left."""
    peer = options.scratch / "peers" / place.name
    shutil.rmtree(peer, ignore_errors=True)
    (peer / "migrations/versions").mkdir(parents=True)
    (peer / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n")
    (peer / "migrations/env.py").touch()
    listed = git(place, "ls-tree", "-r", "--name-only", "-z", "main", "--", *roots).split("\0")
    for number, path in enumerate(path for path in listed if path.endswith(".py")):
        empty = emptied(git(place, "show", f"main:{path}"))
        (peer / f"migrations/versions/r{number:05}.py").write_text(empty)
    arguments = (str(Path(options.program).absolute()), "-C", str(place.absolute()), "forecast", "--target", "main")
    heads = Command("alembic", (str(Path(options.alembic).absolute()), "heads"), peer)
    cold = Command("cold", arguments, place, HERMETIC, partial(shutil.rmtree, place / "gitmig", True))
    results = measure([heads, cold, Command("warm", arguments, place, HERMETIC)], 5)
    ratios = [ratio(results[name], [results["alembic"]]) for name in ("cold", "warm")]
    return " / ".join(f"{one:.2f}" for one in ratios)


def emptied(text: str) -> str:
    """A revision file with its ids and nothing to do."""
    kept = ["import sqlalchemy as sa", "from alembic import op"]
    for node in ast.parse(text).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id in ("revision", "down_revision", "branch_labels", "depends_on"):
            kept.append(f"{target.id} = {ast.unparse(node.value)}")  # type: ignore[attr-defined]
    return "\n".join([*kept, "def upgrade(): pass", "def downgrade(): pass", ""])


def forecast(place: Path, program: str) -> dict[str, object]:
    command = [program, "-C", str(place), "forecast", "--format", "json", "--target", "main", "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    found: dict[str, object] = json.loads(done.stdout)
    return found


class Reference:
    """Heads by versions folder, of whatever Git makes of two commits."""

    def __init__(self, place: Path, roots: list[str]) -> None:
        self.place = place
        self.roots = roots
        self.naive = Naive()
        self.stopped: set[str] = set()

    def close(self) -> None:
        """End the processes that answer: what is measured next waits for all children."""
        for batch in self.naive._batches.values():
            batch.communicate()

    def heads(self, treeish: str) -> dict[str, frozenset[str]]:
        found = self.naive.heads(self.place, treeish, self.roots).report["environments"]
        return {one["name"]: frozenset(head["revision"] for head in one["heads"]) for one in found}

    def merged(self, one: str, other: str) -> str:
        """The tree of a merge; where Git stops in a revision file it is noted in `stopped`."""
        options = ("--write-tree", "--no-messages", "--name-only", "--allow-unrelated-histories")
        command = ["git", "merge-tree", *options, one, other]
        done = subprocess.run(command, cwd=self.place, capture_output=True, text=True, check=False)
        tree, *torn = done.stdout.splitlines()
        if any(path.startswith(f"{root}/") and path.endswith(".py") for path in torn for root in self.roots):
            self.stopped.add(tree)
        return tree

    def commit(self, tree: str, *parents: str) -> str:
        words = [word for parent in parents for word in ("-p", parent)]
        person = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
        return git(self.place, *person, "commit-tree", tree, *words, "-m", "merged").strip()


def compare(
    place: Path, target: str, chosen: dict[str, str], roots: list[str], report: dict[str, object]
) -> Iterator[Score]:
    scores = Score(), Score(), Score()
    reference = Reference(place, roots)
    plain = reference.heads(target)
    refs = {f"refs/heads/pull/{number}": oid for number, oid in chosen.items()}
    told = Told(report)
    merged, alone, torn = {}, {}, set()
    for ref, oid in refs.items():
        tree = reference.merged(target, oid)
        merged[ref] = reference.commit(tree, target, oid)
        if tree in reference.stopped:
            torn.add(ref)
            scores[0].add(ref in told.torn, f"{ref}: Git stops", stops=True)
            continue
        alone[ref] = reference.heads(merged[ref])
        wanted = frozenset().union(*alone[ref].values())
        said = told.heads.get(ref, told.target)
        scores[0].add(said == wanted, f"{ref}: told {sorted(said)}, Git {sorted(wanted)}")
    for one, other in combinations(sorted(refs), 2):
        tree = reference.merged(merged[one], refs[other])
        if torn & {one, other} or tree in reference.stopped:
            scores[1].add(told.stops(one, other), f"{one}, {other}: Git stops", stops=True)
        else:
            both = reference.heads(tree)
            new = any(
                (both[root] & (alone[one][root] - plain[root])) - alone[other][root]
                and (both[root] & (alone[other][root] - plain[root])) - alone[one][root]
                for root in roots
            )
            scores[1].add(told.collide(one, other) == new, f"{one}, {other}: Git {new}, heads {both}")
        tree = reference.merged(refs[one], refs[other])
        if tree in reference.stopped:
            scores[2].add(told.stops(one, other), f"{one}, {other}: Git stops", stops=True)
        else:
            crowded = any(len(heads) > 1 for heads in reference.heads(tree).values())
            scores[2].add(told.collide(one, other) == crowded, f"{one}, {other}: Git {crowded}")
    reference.close()
    yield from scores


class Told:
    """What the forecast said."""

    def __init__(self, report: dict[str, object]) -> None:
        environments: list[dict[str, list[str]]] = report["environments"]  # type: ignore[assignment]
        branches: list[dict[str, object]] = report["branches"]  # type: ignore[assignment]
        by_name = {str(one["name"]): frozenset(one["heads"]) for one in environments}
        self.target = frozenset().union(*by_name.values())
        self.heads = {}
        self.against: dict[str, set[str]] = {}
        self.same: dict[str, str] = {}  # another name of the same commit
        self.torn = {str(one["ref"]) for one in branches if one["git_conflicts"]}
        self.same_file = set()
        for branch in branches:
            breaks: list[dict[str, str]] = branch["breaks_with"]  # type: ignore[assignment]
            self.same_file |= {(branch["ref"], one["ref"]) for one in breaks if one["kind"] == "same-file"}
            own: list[dict[str, list[str]]] = branch["environments"]  # type: ignore[assignment]
            changed = by_name | {str(one["name"]): frozenset(one["heads"]) for one in own}
            self.heads[str(branch["ref"])] = frozenset().union(*changed.values())
            self.against[str(branch["ref"])] = set(branch["collides_with"])  # type: ignore[call-overload]
            for other in branch["also"]:  # type: ignore[attr-defined]
                self.same[other] = str(branch["ref"])
                self.heads[other] = self.heads[str(branch["ref"])]

    def stops(self, one: str, other: str) -> bool:
        return bool(self.torn & {one, other}) or (one, other) in self.same_file

    def collide(self, one: str, other: str) -> bool:
        return self.same.get(other, other) in self.against.get(self.same.get(one, one), ())


if __name__ == "__main__":
    sys.exit(main())
