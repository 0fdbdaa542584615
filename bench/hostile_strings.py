"""Puts many hostile strings through every report: `python bench/hostile_strings.py [COUNT] [SEED]`.

Prints how many were tried; stops at the first report that a runner, a terminal or a parser would misread.
"""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.hostile import FORMATS, check, strings


def main(count: int = 100_000, seed: int = 1) -> int:
    for number, text in enumerate(islice(strings(seed), count)):
        try:
            check(text)
        except Exception:
            print(f"string {number} of seed {seed}: {text!a}", file=sys.stderr)
            raise
    print(f"{count} strings through {len(FORMATS)} formats: no control byte, no extra command, everything parses")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
