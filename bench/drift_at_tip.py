"""Models against the replayed chain at one commit: `bench/drift_at_tip.py REPOSITORY ENV_PY [--rev REV]`

What the two sides agree about, and every discrepancy by kind; nothing is checked out or run.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from fidelity import Tree, read_models
from scripts_understood import IDENTITY, PARENTS, module_candidates

from gitmig.schema.discrepancies import drift
from gitmig.schema.operations import decode
from gitmig.schema.replay import Replayed, replay_chain
from gitmig.schema.scripts.facts import extract
from gitmig.schema.unnamed import settled


def read_chain(tree: Tree, folder: str) -> Replayed:
    """The chain of the revisions below a folder."""
    import re

    steps, parents = {}, {}
    for path in sorted(tree.blobs):
        source = tree.read(path) if path.startswith(folder) else b""
        identity = IDENTITY.search(source)
        if identity is None or b"down_revision" not in source:
            continue
        revision = identity.group(1).decode()
        found = [
            text.decode() for each in PARENTS.finditer(source) for text in re.findall(rb"[\"']([^\"']+)", each.group(1))
        ]
        parents[revision] = found
        helpers: dict[str, tuple[str, bytes] | None] = {}
        while True:
            facts = extract(source, path, helpers)
            if not facts["wanted"]:
                break
            for module in facts["wanted"]:
                candidates = module_candidates(path, module, tree.blobs)
                helpers[module] = (candidates[0], tree.read(candidates[0])) if candidates else None
        steps[revision] = [decode(each) for each in facts["upgrade"]]
    order = TopologicalSorter(
        {each: [parent for parent in found if parent in steps] for each, found in parents.items()}
    )
    return replay_chain([(revision, steps[revision]) for revision in order.static_order()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository")
    parser.add_argument("env")
    parser.add_argument("--rev", default="HEAD")
    parser.add_argument("--show", type=int, default=40)
    arguments = parser.parse_args()
    tree = Tree(arguments.repository, arguments.rev)
    models, _spent = read_models(tree, arguments.env)
    chain = read_chain(tree, arguments.env.rpartition("/")[0]).schema
    models = settled(models, [chain])
    start = time.process_time()
    found = drift(chain, models)
    spent = time.process_time() - start
    both = sum(
        1
        for key, table in models.tables.items()
        for column in table.columns
        if key in chain.tables and chain.tables[key].column(column.name)
    )
    columns = [sum(len(table.columns) for table in each.tables.values()) for each in (models, chain)]
    print(f"{arguments.repository}: {columns[0]} columns in the models, {columns[1]} in the chain, {both} in both")
    print(f"  {len(found)} discrepancies in {1000 * spent:.0f} ms")
    print(" ", dict(Counter(f"{item.kind} {item.attribute.partition('(')[0]}".strip() for item in found)))
    for item in found[: arguments.show]:
        place = f"{item.places[0].path}:{item.places[0].line}" if item.places else ""
        print(
            f"    {item.kind} {item.object} {item.attribute}: chain {item.chain} | models {item.model} | {place}"[:230]
        )


if __name__ == "__main__":
    main()
