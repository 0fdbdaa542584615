"""New drift of commits that add revisions, as written and without their revisions.

    bench/drift_of_commits.py REPOSITORY ENV_PY [--limit N]

As written a commit should be covered; without its revisions it should be uncovered (or unknown).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from fidelity import Tree, read_models
from scripts_understood import IDENTITY, PARENTS, module_candidates

from gitmig.schema.compare import compare
from gitmig.schema.discrepancies import is_error
from gitmig.schema.drift import Side, new_drift
from gitmig.schema.elements import Schema
from gitmig.schema.operations import Operation, decode
from gitmig.schema.replay import replay_chain, stamped
from gitmig.schema.scripts.facts import extract

FACTS: dict[tuple[str, str], list[Operation]] = {}


def revisions(tree: Tree, folder: str) -> dict[str, tuple[list[str], list[Operation]]]:
    """Parents and operations by revision id."""
    import re

    found = {}
    for path in sorted(tree.blobs):
        source = tree.read(path) if path.startswith(folder) else b""
        identity = IDENTITY.search(source)
        if identity is None or b"down_revision" not in source:
            continue
        parents = [
            text.decode() for each in PARENTS.finditer(source) for text in re.findall(rb"[\"']([^\"']+)", each.group(1))
        ]
        key = (tree.blobs[path], path)
        if key not in FACTS:
            FACTS[key] = operations(tree, path, source)
        found[identity.group(1).decode()] = (parents, FACTS[key])
    return found


def operations(tree: Tree, path: str, source: bytes) -> list[Operation]:
    helpers: dict[str, tuple[str, bytes] | None] = {}
    while True:
        facts = extract(source, path, helpers)
        if not facts["wanted"]:
            return [decode(each) for each in facts["upgrade"]]
        for module in facts["wanted"]:
            candidates = module_candidates(path, module, tree.blobs)
            helpers[module] = (candidates[0], tree.read(candidates[0])) if candidates else None


def order(found: dict[str, tuple[list[str], list[Operation]]]) -> list[str]:
    graph = {each: [parent for parent in parents if parent in found] for each, (parents, _steps) in found.items()}
    return list(TopologicalSorter(graph).static_order())


def chain_of(found: dict[str, tuple[list[str], list[Operation]]]) -> Schema:
    return replay_chain([(revision, found[revision][1]) for revision in order(found)]).schema


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository")
    parser.add_argument("env")
    parser.add_argument("--limit", type=int, default=30)
    parser.add_argument("--skip", type=int, default=0)
    arguments = parser.parse_args()
    folder = arguments.env.rpartition("/")[0]
    log = [
        "git",
        "-C",
        arguments.repository,
        "log",
        "--first-parent",
        "--diff-filter=A",
        "--format=%H",
        "HEAD",
        "--",
        folder,
    ]
    commits = subprocess.run(log, check=True, capture_output=True, text=True).stdout.split()[arguments.skip :]
    written: Counter[str] = Counter()
    removed: Counter[str] = Counter()
    for commit in commits[: arguments.limit]:
        try:
            sides = [read_side(arguments, folder, f"{commit}{suffix}") for suffix in ("^1", "")]
        except (subprocess.CalledProcessError, CycleError):
            continue
        (old, before), (new, local) = sides
        fresh = [each for each in order(new) if each not in old]
        if not fresh or not compare(before.models, local.models):
            continue
        steps = [stamped(step, revision) for revision in fresh for step in new[revision][1]]
        found = new_drift(local, [before], steps)
        without = new_drift(Side(before.chain, local.models), [before], [])
        written[found.verdict] += 1
        removed[without.verdict] += 1
        if found.verdict in ("uncovered", "unknown") or without.verdict not in ("uncovered", "unknown"):
            print(f"  {commit[:12]} as written {found.verdict}, without {without.verdict}; adds {', '.join(fresh)}")
            for item in found.items:
                if is_error(item) or item.kind == "unknown":
                    place = f"{item.places[0].path}:{item.places[0].line}" if item.places else ""
                    sides = f"chain {item.chain} | models {item.model}"
                    print(f"      {item.kind} {item.object} {item.attribute}: {sides} | {place}"[:220])
    print(f"{arguments.repository}: as written {dict(written)}, without the revisions {dict(removed)}")


def read_side(arguments: argparse.Namespace, folder: str, name: str) -> tuple[dict, Side]:
    tree = Tree(arguments.repository, name)
    found = revisions(tree, folder)
    models = read_models(tree, arguments.env)[0]
    tree.batch.stdin.close()
    tree.batch.wait()
    return found, Side(chain_of(found), models)


if __name__ == "__main__":
    main()
