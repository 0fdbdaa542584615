"""What every command on a database starts with: which environment, in which folder, run by which Python."""

from __future__ import annotations

import os

from gitmig.config import settings_of_options, settings_of_variables
from gitmig.db.running import Project
from gitmig.environments.flask_app import folder_of_application, needs_application
from gitmig.errors import GitmigError, Refused, UsageError
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.interpreter.python import find_interpreter
from gitmig.reading.cache import Cache
from gitmig.reading.on_disk import Disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from gitmig.config import Config
    from gitmig.environments.environment import Environment
    from gitmig.reading.on_disk import Scripts
    from gitmig.repo.repository import Repository


class Chosen(Frozen):
    """Which environment the command line means; all empty where there is only one.

    `environment` is a name of ours, `config` and `section` are Alembic's `-c` and `-n`.
    """

    environment: str = ""
    config: str = ""
    section: str = ""
    x: tuple[str, ...] = ()
    url: str = ""


class Opened(Frozen):
    """A project that Alembic can be run for; `repository` is None outside of Git."""

    project: Project
    config: Config
    disk: Disk
    repository: Repository | None

    @property
    def environment(self) -> Environment:
        return self.project.environment

    @property
    def has_several_databases(self) -> bool:
        """Whether env.py runs every revision once for each of several databases."""
        from gitmig.environments.env_file import extract

        passes = extract(self.disk.read([self.environment.env]).get(self.environment.env, b""))["passes"]
        return bool(passes) and bool(self.environment.databases or "engine_name" in passes)

    def scripts(self) -> Scripts:
        return self.disk.scripts(self.environment)

    def facts(self, scripts: Scripts, revisions: Iterable[str]) -> dict[str, Any]:
        """What upgrade() and downgrade() of these revisions do, by id; from the cache where Git has one."""
        wanted = {one: scripts.revisions[one] for one in revisions if one in scripts.revisions}
        known = read_facts(self.cache(), {one.blob: scripts.texts[one.path] for one in wanted.values()})
        return {name: known[one.blob] for name, one in wanted.items()}

    def cache(self) -> Cache:
        if self.repository is None:
            return Cache.none()
        return Cache(os.path.join(self.repository.layout.common_dir, "gitmig", "cache"))


def open_project(directory: str | None, chosen: Chosen | None = None, *, name_all: bool = False) -> Opened:
    """The environment that is meant.  Raises UsageError where several could be."""
    chosen = chosen or Chosen()
    here = os.path.realpath(directory or os.getcwd())
    repository = find_repository(directory)
    top = repository.layout.top if repository is not None and repository.layout.top else folder_of_project(here)
    disk = Disk(os.path.realpath(top))
    config = disk.config((settings_of_options({}), settings_of_variables(os.environ)))
    disk = Disk(disk.top, limit=config.max_file_size)
    environment = choose(disk, config, chosen, here)
    flask = needs_application(disk.read([environment.env]).get(environment.env, b""))
    project = Project(
        disk.top,
        environment,
        find_interpreter(config, os.environ, disk.top),
        folder=here if chosen.config else os.path.join(disk.top, folder_to_start_in(disk, environment, here, flask)),
        url=chosen.url,
        x=chosen.x,
        time_limit=config.time_limit,
        flask=flask,
    )
    return Opened(project, config, disk, repository)


def read_facts(cache: Cache, texts: Mapping[str, bytes]) -> dict[str, Any]:
    """Facts of revision files by blob."""
    from gitmig.schema.scripts.facts import extract

    known = cache.facts("script", list(texts))
    made = {blob: extract(text) for blob, text in texts.items() if blob not in known}
    cache.add_facts("script", made)
    cache.close()
    return {**known, **made}


def require_sound(scripts: Scripts) -> None:
    """Refuse what Alembic would walk for ever, or stumble over without a file name."""
    for problem in scripts.graph.problems:
        named = _PROBLEMS.get(problem.kind)
        if named is None:
            continue
        code, words = named
        circle = " -> ".join((*problem.revisions, problem.revisions[0])) if problem.revisions else ""
        ids = circle if "cycle" in problem.kind else f"{problem.revision} {words} {problem.other}".strip()
        paths = problem.paths or scripts.graph.paths(problem.revision)
        raise Refused(
            f"[{code}] {words + ': ' if 'cycle' in problem.kind else ''}{ids}",
            note=f"in {', '.join(paths)}; Alembic was not started" if paths else "Alembic was not started",
            help=(Help("see the place and what to do", ("gitmig check --all",)),),
        )


_PROBLEMS = {
    "cycle": ("GM103", "revisions revise each other in a circle"),
    "dependency-cycle": ("GM103", "revisions depend on each other in a circle"),
    "missing-parent": ("GM102", "revises a revision that no file defines:"),
    "missing-dependency": ("GM102", "depends on a revision that no file defines:"),
    "empty-parent": ("GM102", 'revises ""'),
    "duplicate-id": ("GM104", "is the id of several files"),
}


def find_repository(directory: str | None) -> Repository | None:
    """None where there is no Git: a container that runs migrations often has neither history nor the program."""
    from gitmig.repo.repository import open_at

    try:
        repository = open_at(directory)
    except GitmigError:
        return None
    return repository if repository.layout.top else None


def folder_of_project(here: str) -> str:
    """The nearest folder upwards that has a configuration of Alembic or gitmig."""
    folder = here
    while True:
        if any(os.path.isfile(os.path.join(folder, name)) for name in ("alembic.ini", "gitmig.toml", "pyproject.toml")):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return here
        folder = above


def choose(disk: Disk, config: Config, chosen: Chosen, here: str) -> Environment:
    found = disk.discover(config)
    all_ = [one for one in found.environments if one.env]
    left = [one for one in all_ if not chosen.environment or one.name == chosen.environment]
    if chosen.config:
        path = os.path.relpath(os.path.realpath(os.path.join(here, chosen.config)), disk.top)
        left = [one for one in left if one.config == path]
    if chosen.section:
        left = [one for one in left if (one.section or "alembic") == chosen.section]
    elif len(left) > 1:
        # What Alembic itself would take: the section `alembic` of the configuration that lies here.
        place = (
            os.path.relpath(here, disk.top).replace(".", "", 1) if here == disk.top else os.path.relpath(here, disk.top)
        )
        nearest = [one for one in left if one.config.rpartition("/")[0] == place and one.section in ("", "alembic")]
        left = nearest if len(nearest) == 1 else left
    if len(left) == 1:
        return left[0]
    if not all_:
        where = found.problems[0] if found.problems else None
        what = f"{where.path}:{where.line}: {where.message}" if where else f"no Alembic environment in {disk.top}"
        raise UsageError(
            what,
            note="an alembic.ini, [tool.alembic], or a folder with env.py and script.py.mako is needed",
            help=(Help("set one up", ("gitmig init",)),),
        )
    names = ", ".join(one.name for one in all_)
    if not left:
        raise UsageError("no environment is the one that was asked for", note=f"there are: {names}")
    raise UsageError(
        f"several environments are meant: {', '.join(one.name for one in left)}",
        help=(Help("name one", (f"--environment {left[0].name}",)),),
    )


def folder_to_start_in(disk: Disk, environment: Environment, here: str, flask: bool) -> str:
    """A folder of the tree; Alembic's own, unless Flask has to find its application."""
    if not flask:
        return environment.working_folder
    stands = os.path.relpath(here, disk.top)
    stands = "" if stands == "." or stands.startswith("..") else stands.replace(os.sep, "/")
    return folder_of_application(
        environment.script_location,
        stands,
        os.environ.get("FLASK_APP", ""),
        lambda path: os.path.isfile(os.path.join(disk.top, path)),
    )


def steps_named(revisions: Sequence[str], limit: int = 5) -> str:
    more = len(revisions) - limit
    return ", ".join(revisions[:limit]) + (f" and {more} more" if more > 0 else "")
