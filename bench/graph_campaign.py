"""RevisionGraph against Alembic's RevisionMap: random graphs, and all graphs of up to four revisions.

    python bench/graph_campaign.py [--count 20000] [--seed 1] [--seconds 2]

Prints the figures and every disagreement; exit status 1 if there is one.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.graph_oracle import TooLong, alembic_map, differences, is_cyclic, random_nodes, small_graphs  # noqa: E402

from gitmig.revisions.graph import RevisionGraph  # noqa: E402


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--count", type=int, default=20_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--seconds", type=float, default=2.0, help="alarm for one call into Alembic")
    options = arguments.parse_args()
    source = random.Random(options.seed)
    wrong = 0
    for loose, count in ((False, options.count), (True, options.count // 4)):
        figures: Counter[str] = Counter()
        for _ in range(count):
            outcome, complaints = judge(random_nodes(source, loose=loose), options.seconds)
            figures[outcome] += 1
            wrong += len(complaints)
            for complaint in complaints:
                print(complaint)
        print(f"random graphs{', cycles and gaps allowed' if loose else ''}: {count}", dict(sorted(figures.items())))
    figures = Counter()
    for nodes in small_graphs(4):
        if is_cyclic(nodes):
            refused = not RevisionGraph(nodes).is_sound
            figures["cyclic, refused" if refused else "CYCLIC, ACCEPTED"] += 1
            wrong += not refused
        else:
            outcome, complaints = judge(nodes, options.seconds)
            figures["acyclic, " + outcome] += 1
            wrong += len(complaints)
    print("all graphs of up to four revisions:", dict(sorted(figures.items())))
    print("disagreements:", wrong)
    return 1 if wrong else 0


def judge(
    nodes: list[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], str]], seconds: float
) -> tuple[str, list[str]]:
    """What happened, and the disagreements: Alembic may accept what we refuse, never the other way round."""
    graph = RevisionGraph(nodes)
    sound = graph.is_sound
    try:
        oracle = alembic_map(nodes, seconds)
    except TooLong:
        return "Alembic hangs, we refuse" if not sound else "DISAGREE", [] if not sound else [f"sound? {nodes}"]
    if oracle is None:
        return "both refuse" if not sound else "DISAGREE", [] if not sound else [f"Alembic refuses {nodes}"]
    if not sound:
        kinds = {problem.kind for problem in graph.problems}
        return "Alembic accepts, we refuse: " + ", ".join(sorted(kinds)), []
    complaints = [f"{complaint} in {nodes}" for complaint in differences(nodes, oracle)]
    return "DISAGREE" if complaints else "agree", complaints


if __name__ == "__main__":
    sys.exit(main())
