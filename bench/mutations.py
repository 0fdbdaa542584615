"""Every single change of a fixture project, judged by the schema engine: `bench/mutations.py [--only WORDS] [--show]`

A change of the schema must be noticed or unknown, any other must be silent.  Prints figures by style and kind of
change, and every mutation that was judged wrongly.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.mutations import PROJECT, is_right, judged, mutations, outcome, read  # noqa: E402

OUTCOMES = ("error", "note", "unknown", "silent", "elsewhere")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="mutations whose name has these words")
    parser.add_argument("--show", action="store_true", help="print what was found for each of them")
    options = parser.parse_args()
    schema = read(PROJECT)
    gaps = [*schema.unknown, *(gap for table in schema.tables.values() for gap in table.unknown)]
    print(f"{len(schema.tables)} tables, {len(gaps)} unknown in the project as it is")
    figures: Counter[tuple[str, bool, str]] = Counter()
    wrong = 0
    for mutation in mutations():
        if options.only not in mutation.name:
            continue
        found = outcome(mutation)
        figures[mutation.construct, mutation.silent, found] += 1
        right = is_right(mutation, found)
        wrong += not right
        if not right or options.show:
            print(f"{'' if right else 'WRONG '}{mutation.name}: {found}")
            for item in judged(mutation).items:
                print(f"    {item.kind} {item.object} {item.attribute} {item.chain} -> {item.model}")
    for silent, title in ((False, "changes of the schema"), (True, "changes that are none")):
        print(f"\n| {title} | mutations | " + " | ".join(OUTCOMES) + " |\n|---|" + "---:|" * (len(OUTCOMES) + 1))
        constructs = sorted({construct for construct, kind, _ in figures if kind == silent})
        for construct in constructs:
            row = [figures[construct, silent, found] for found in OUTCOMES]
            print(f"| {construct} | {sum(row)} | " + " | ".join(map(str, row)) + " |")
        total = [sum(figures[construct, silent, found] for construct in constructs) for found in OUTCOMES]
        print(f"| all | {sum(total)} | " + " | ".join(map(str, total)) + " |")
    print(f"\njudged wrongly: {wrong} of {sum(figures.values())}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
