"""What is replayed against what PostgreSQL has: `bench/replay_database.py REPOSITORY SCRIPTS [--stub PACKAGE]...`

SCRIPTS is the folder of env.py.  Its revisions at one commit run on a scratch PostgreSQL, as far as they run here (an
import of the project that is not stubbed, rows that are not there or an extension ends it), and the tables then
reflected are compared with the same revisions as gitmig reads them.  This runs code of the repository: only for
repositories that you trust as much as your own.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from unittest.mock import MagicMock

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import sqlalchemy as sa  # noqa: E402
from alembic.config import Config  # noqa: E402
from alembic.migration import MigrationContext  # noqa: E402
from alembic.script import ScriptDirectory  # noqa: E402
from support.replayed import ENV, differences, emptied, postgres_server, reflected, replayed, shown, upgraded  # noqa: E402


class Stubs:
    """Modules of packages that are not installed: each name in them is a mock."""

    def __init__(self, packages: list[str]) -> None:
        self.packages = packages

    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        if name.partition(".")[0] not in self.packages:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: object) -> MagicMock:
        return MagicMock(__path__=[], __name__=spec.name, __spec__=spec)  # type: ignore[attr-defined]

    def exec_module(self, module: object) -> None:
        return


# Stand-ins for extensions that the wheel does not have.
PRELUDE = (
    "CREATE DOMAIN citext AS text",
    "CREATE FUNCTION digest(text, text) RETURNS bytea LANGUAGE sql AS 'SELECT sha256($1::bytea)'",
    "CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'",
)


def without_extensions(
    connection: object, cursor: object, statement: str, parameters: object, context: object, many: bool
) -> tuple[str, object]:
    return ("SELECT 1" if "CREATE EXTENSION" in statement.upper() else statement), parameters


def exported(repository: str, revision: str, folder: str, to: Path) -> Path:
    archive = subprocess.run(
        ["git", "-C", repository, "archive", revision, folder], check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(to, filter="data")
    return to / folder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository")
    parser.add_argument("scripts")
    parser.add_argument("--rev", default="HEAD")
    parser.add_argument("--stub", action="append", default=[], help="a package that revisions import and need not have")
    parser.add_argument("--option", action="append", default=[], help="name=value for context.configure()")
    options = parser.parse_args()
    sys.meta_path.append(Stubs(options.stub))  # type: ignore[arg-type]
    commit = subprocess.run(
        ["git", "-C", options.repository, "rev-parse", options.rev], check=True, capture_output=True, text=True
    ).stdout.strip()
    with tempfile.TemporaryDirectory() as folder, postgres_server() as engine, emptied(engine) as connection:
        scripts = exported(options.repository, options.rev, options.scripts, Path(folder))
        given = "".join(f", {name}={value!r}" for name, _, value in (each.partition("=") for each in options.option))
        (scripts / "env.py").write_text(ENV.replace("render_as_batch=True", f"transaction_per_migration=True{given}"))
        sa.event.listen(connection, "before_cursor_execute", without_extensions, retval=True)
        for statement in PRELUDE:
            connection.execute(sa.text(statement))
        connection.commit()
        ended = ""
        try:
            upgraded(connection, scripts, env=False)
        except BaseException as problem:  # a revision may even exit
            ended = f"{type(problem).__name__}: {str(problem).splitlines()[0] if str(problem) else ''}"[:150]
        connection.rollback()
        config = Config()
        config.set_main_option("script_location", str(scripts))
        script = ScriptDirectory.from_config(config)
        heads = MigrationContext.configure(connection).get_current_heads()
        ran = {each.revision for each in script.iterate_revisions(heads, "base")} if heads else set()
        everything = list(script.walk_revisions())
        read = replayed(scripts, ran)
        run = reflected(connection)
        found = differences(shown(read.schema, engine.dialect), run)
        columns = sum(len(table["columns"]) for key, table in run.items() if key != "enums")
        print(f"{options.repository} {commit}: {len(ran)} of {len(everything)} revisions ran{ended and '; '}{ended}")
        print(f"  {len(run) - 1} tables, {columns} columns; {len(found)} differences,", end=" ")
        print(f"{len(read.contradictions)} contradictions, {len(read.schema.unknown)} unknown")
        for line in found:
            print(f"    {line}"[:240])
        for each in read.contradictions:
            print(f"    contradiction in {each.operation.origin.revision}: {each.why}")
        for gap in read.schema.unknown:
            print(f"    unknown {gap.what[:80]!r}: {gap.why} {','.join(gap.objects)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
