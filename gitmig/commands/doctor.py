"""`gitmig doctor`: what gitmig sees here, and where each setting comes from."""

from __future__ import annotations

import sys

from gitmig import __version__
from gitmig.errors import GitmigError
from gitmig.report.escape import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sized

    from gitmig.config import Config
    from gitmig.reading.tree_schemas import Models
    from gitmig.repo.repository import Repository


def show_doctor(directory: str | None) -> int:
    """Print all of it; what is missing is said with what to do, and is no failure of this command."""
    from gitmig.repo.repository import open_at

    repository = open_at(directory)
    with repository.objects:
        for heading, lines in sections(repository):
            print(heading)
            for line in lines:
                print(f"  {safe(line)}")
    return 0


def sections(repository: Repository) -> Iterator[tuple[str, list[str]]]:
    from gitmig.commands.check import local_config

    yield "program", list(program(repository))
    yield "repository", list(layout(repository))
    yield "hooks", list(hooks(repository))
    commit = head_of(repository)
    config = local_config(repository, commit)
    repository.objects.limit = config.max_file_size
    yield "shared branch", list(shared(repository, config))
    yield "environments", list(environments(repository, config, commit))
    yield "settings", list(settings(config))


def head_of(repository: Repository) -> str | None:
    """A bare repository has no index: there HEAD is looked at, elsewhere what is staged."""
    if repository.layout.top is not None:
        return None
    head = repository.objects.commit("HEAD")
    return head.oid if head else None


def program(repository: Repository) -> Iterator[str]:
    git = ".".join(map(str, repository.git.require_version()))
    yield f"gitmig {__version__}, Python {sys.version.split()[0]}, git {git}"


def layout(repository: Repository) -> Iterator[str]:
    found = repository.layout
    yield f"top level: {found.top or 'none (bare)'}"
    yield f"object format: {found.object_format}"
    if found.shallow:
        yield "history is cut off (shallow clone), so some verdicts stay undecided; `git fetch --unshallow` mends it"


def hooks(repository: Repository) -> Iterator[str]:
    from gitmig.repo.hook_install import read_installation

    try:
        installation = read_installation(repository.layout.top or repository.layout.git_dir)
    except GitmigError as error:
        yield error.what
        return
    yield f"folder: {installation.folder}"
    for event, command in sorted(installation.configured.items()):
        yield f"{event}: gitmig, by configuration ({command})"
    for hook in installation.hooks:
        if hook.event not in installation.configured:
            yield f"{hook.event}: {hook.owner}{', the hook that was there runs first' if hook.chained else ''}"


def shared(repository: Repository, config: Config) -> Iterator[str]:
    from gitmig.reading.comparison import find_target

    head = repository.objects.commit("HEAD")
    target = find_target(repository, config, head.oid if head else "")
    if target.commit:
        yield f"target: {target.ref} at {target.commit[:12]}"
    else:
        yield f"none: {target.why}"
        yield "without it GM2 and GM105 cannot run"


def environments(repository: Repository, config: Config, commit: str | None) -> Iterator[str]:
    from gitmig.reading.cache import Cache
    from gitmig.reading.comparison import alone
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.reader import Reader
    from gitmig.reading.tree_schemas import Seen, TreeSchemas

    facts = FactsReader(repository.objects, Cache.none())
    comparison = alone(repository, commit)
    reader = Reader(comparison, config, facts, ("graph",))
    changes = reader.changes()
    schemas = TreeSchemas(config, facts, alone=len(changes) == 1)
    for change in changes:
        one = change.local.environment
        folders = ", ".join(one.versions) or "no versions folder"
        yield f"{one.name}: {folders} ({counted(change.local.files, 'revision')})"
        yield f"  found by {one.origin}; env.py: {one.env or 'none'}; template: {one.template or 'none'}"
        yield f"  heads: {', '.join(change.local.graph.heads) or 'none'}"
        yield f"  models: {described(schemas.models(Seen(comparison.local, change.local, one)))}"
    if not changes:
        yield "none: no alembic.ini, [tool.alembic], or folder with env.py and script.py.mako in this tree"
    for problem in reader.problems():
        yield f"{problem.path}:{problem.line}: {problem.message}"


def described(models: Models) -> str:
    """How many tables the models declare, and how much of them is not known."""
    schema = models.schema
    unknown = f"; {counted(schema.unknown, 'unknown')}, see `gitmig check --all`" if schema.unknown else ""
    return f"{counted(schema.tables, 'table')} in {counted(models.files, 'file')}{unknown}"


def counted(things: Sized, word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"


def settings(config: Config) -> Iterator[str]:
    for key in config._fields:
        if key != "origins":
            yield f"{key} = {getattr(config, key)!r}  ({config.origin(key)})"
