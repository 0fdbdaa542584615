"""`gitmig verify`: the revisions walked on a scratch database, up, down and up again."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from gitmig.db.failures import masked
from gitmig.db.urls import is_same_database, read_url
from gitmig.db.verify import FAILED, UNDECIDED, Asked, Proof, configured_url, is_async, prove_each
from gitmig.errors import CLEAN, FINDINGS, EnvironmentProblem, UsageError
from gitmig.errors import UNDECIDED as EXIT_UNDECIDED
from gitmig.findings import Help
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gitmig.commands.database import Opened
    from gitmig.db.running import Project
    from gitmig.db.snapshots import Shelf

# Runs in the project's Python: what is installed there, without importing any of it.
PROBE = """
import importlib.metadata as m, importlib.util as u, json, sys
def version(name):
    try: return m.version(name)
    except Exception: return ""
names = ("psycopg", "psycopg2", "asyncpg", "pg8000")
print(json.dumps({"versions": [sys.version.split()[0], version("SQLAlchemy"), version("alembic")],
                  "drivers": [n for n in names if u.find_spec(n) is not None]}))
"""


class Request(Frozen):
    """What the command line says."""

    environment: str = ""
    postgres: bool = False
    url: str = ""
    since: str = ""
    up_only: bool = False
    limit: float = 600.0
    use_cache: bool = True


def verify(
    directory: str | None,
    request: Request,
    *,
    form: str = "text",
    output: str | None = None,
    color: str = "auto",
    quiet: bool = False,
) -> int:
    """0 proven, 1 a step failed, left a trace or disagrees with the models, 3 cannot be decided."""
    from gitmig.commands.check import write
    from gitmig.report.verify import proofs_value, render_proofs
    from gitmig.terminal import wants_color

    if request.postgres and request.url:
        raise UsageError("--postgres starts a server of its own, and --url names one: choose one of them")
    proofs = list(proofs_of(directory, request))
    if form == "json":
        write(json.dumps(proofs_value(proofs), indent=2) + "\n", output, "json")
    else:
        colored = output is None and wants_color(sys.stdout, color)
        write(render_proofs(proofs, color=colored, quiet=quiet), output)
    verdicts = {one.verdict for one in proofs}
    return FINDINGS if FAILED in verdicts else EXIT_UNDECIDED if UNDECIDED in verdicts else CLEAN


def proofs_of(directory: str | None, request: Request) -> Iterator[Proof]:
    """One proof for each environment that is asked for."""
    from gitmig.commands.database import Chosen, open_project
    from gitmig.db.scratch import Scratch

    for name in environments_of(directory, request.environment):
        opened = open_project(directory, Chosen(environment=name))
        project = opened.project
        require_safe(request.url, project)
        installed = ask_interpreter(project)
        binds = binds_of(opened)
        require_one(request.url, binds)
        asked = Asked(since_of(opened, request), request.url, request.up_only, request.limit, binds)
        progress = Progress()
        try:
            if request.url:
                yield from prove_each(project, None, asked, tell=progress.step)
                continue
            data = data_folder(opened) if request.postgres and request.use_cache else ""
            with Scratch(postgresql=request.postgres, data=data) as scratch:
                lasts = (bool(data) or not request.postgres) and not binds
                shelf = shelf_of(opened, asked, installed, request) if asked.since and lasts else None
                drivers = drivers_of(project, installed["drivers"]) if request.postgres else ("", "")
                yield from prove_each(project, scratch, asked, shelf=shelf, driver=drivers, tell=progress.step)
        finally:
            progress.end()


def environments_of(directory: str | None, name: str) -> list[str]:
    """Names of all that have an env.py, or the one that is asked for; UsageError where there is none."""
    from gitmig.commands.database import Chosen, find_repository, folder_of_project, open_project
    from gitmig.reading.on_disk import Disk

    if name:
        return [name]
    repository = find_repository(directory)
    here = os.path.realpath(directory or os.getcwd())
    disk = Disk(os.path.realpath((repository.layout.top if repository else None) or folder_of_project(here)))
    found = [one.name for one in disk.discover(disk.config()).environments if one.env]
    if not found:
        open_project(directory, Chosen())  # says what is missing
    return found


def require_safe(url: str, project: Project) -> None:
    if not url:
        return
    read_url(url)
    if is_same_database(url, configured_url(project), project.folder or project.top):
        raise UsageError(
            f"{masked(url)} is the project's own database",
            note="verify takes every table away again; nothing was changed",
            help=(Help("name an empty database, or leave --url out"),),
        )


def binds_of(opened: Opened) -> tuple[str, ...]:
    """Names of the databases that env.py migrates: of the ini file, else of functions; none where it is one."""
    if not opened.has_several_databases:
        return ()
    if opened.environment.databases:
        return opened.environment.databases
    scripts = opened.scripts()
    facts = opened.facts(scripts, scripts.revisions)
    return tuple(sorted({"", *(name for one in facts.values() for name in one.get("databases", ()))}))


def require_one(url: str, binds: tuple[str, ...]) -> None:
    if url and binds:
        raise UsageError(
            f"env.py migrates {len(binds)} databases, and --url names one",
            help=(Help("let them be made for it", ("gitmig verify --postgres",)),),
        )


# What is not walked


def since_of(opened: Opened, request: Request) -> frozenset[str]:
    """Revisions of the worktree that REF has too, with everything beneath them."""
    if not request.since:
        return frozenset()
    from gitmig.commands.heads import look_at

    graphs = look_at(opened.project.top, request.since, (), lambda change, _: (change.environment, change.local.graph))
    there = dict(graphs).get(opened.environment.name)
    known = frozenset(there.revisions) if there is not None else frozenset()
    scripts = opened.scripts()
    kept: set[str] = set()
    for name in scripts.graph.upgrade_order():
        below = {*scripts.graph.down_revisions(name), *scripts.graph.depends_on(name)}
        if name in known and below <= kept:
            kept.add(name)
    return frozenset(kept)


def shelf_of(opened: Opened, asked: Asked, installed: dict[str, Any], request: Request) -> Shelf | None:
    """Where the database of these revisions is kept, in the cache of the repository."""
    from gitmig.db.snapshots import Shelf, imported_files, key_of
    from gitmig.reading.on_disk import walk

    if not request.use_cache or opened.repository is None:
        return None
    scripts = opened.scripts()
    paths = {path for name in asked.since for path in scripts.graph.paths(name)}
    texts = {path: text for path, text in scripts.texts.items() if path in paths}
    env = opened.environment.env
    texts.update(opened.disk.read([env]))
    python = [path for path in walk(opened.disk.top) if path.endswith(".py")]
    besides = imported_files({path: text for path, text in texts.items() if path != env}, python, opened.disk.read)
    files = [texts[path] for path in sorted(texts)] + [besides[path] for path in sorted(besides)]
    around = [opened.environment.name, "postgresql" if request.postgres else "sqlite", *installed["versions"]]
    return Shelf(os.path.join(cache_folder(opened), "verify"), key_of(files, [*around, *sorted(asked.since)]))


def cache_folder(opened: Opened) -> str:
    assert opened.repository is not None  # noqa: S101  (callers looked)
    return os.path.join(opened.repository.layout.common_dir, "gitmig")


def data_folder(opened: Opened) -> str:
    """Where PostgreSQL keeps its files; a server that is started as root runs as another user, who may not go there."""
    if opened.repository is None or not hasattr(os, "geteuid") or os.geteuid() == 0:
        return ""
    return os.path.join(cache_folder(opened), "verify-postgresql")


# The project's Python


def ask_interpreter(project: Project) -> dict[str, Any]:
    """Versions and drivers in the project's Python; EnvironmentProblem where it cannot run Alembic at all."""
    path, origin = project.interpreter.path, project.interpreter.origin
    try:
        done = subprocess.run(
            [os.path.abspath(path), "-c", PROBE], capture_output=True, encoding="utf-8", check=True, timeout=30
        )
        found: dict[str, Any] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise EnvironmentProblem(f"{path} ({origin}) cannot be started: {error}") from error
    if not found["versions"][1] or not found["versions"][2]:
        raise EnvironmentProblem(
            f"{path} ({origin}) has no {'SQLAlchemy' if not found['versions'][1] else 'Alembic'}",
            help=(Help("name the Python that has the project's packages", ("export GITMIG_PYTHON=.venv/bin/python",)),),
        )
    return found


def drivers_of(project: Project, installed: list[str]) -> tuple[str, str]:
    """Drivers for PostgreSQL, waiting and awaiting: the configured one first, else what is installed."""
    backend, _, named = configured_url(project).partition("://")[0].partition("+")
    wanted = [named] if named and backend.startswith("postgres") else []
    waiting = next(
        (name for name in (*wanted, "psycopg", "psycopg2", "pg8000") if name in installed and name != "asyncpg"), ""
    )
    awaiting = next((name for name in (*wanted, "asyncpg", "psycopg") if name in installed and name != "psycopg2"), "")
    if not (awaiting if is_async(project) else waiting):
        raise EnvironmentProblem(
            f"{project.interpreter.path} has no driver for PostgreSQL",
            note="the revisions run in the project's own Python",
            help=(Help("install one there", ("pip install 'psycopg[binary]'",)),),
        )
    return waiting, awaiting


class Progress:
    """One line on a terminal while somebody waits."""

    def __init__(self) -> None:
        self.shown = 0
        self.wanted = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def step(self, way: str, revision: str, number: int, count: int) -> None:
        if self.wanted:
            from gitmig.report.escape import safe

            line = f"{way:<6} {number}/{count}  {safe(revision)}"
            sys.stderr.write("\r" + line.ljust(self.shown))
            sys.stderr.flush()
            self.shown = len(line)

    def end(self) -> None:
        if self.shown:
            sys.stderr.write("\r" + " " * self.shown + "\r")
            sys.stderr.flush()
            self.shown = 0
