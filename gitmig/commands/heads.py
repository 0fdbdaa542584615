"""`gitmig heads`: heads, bases and problems of every environment of one tree."""

from __future__ import annotations

from gitmig.report.heads import EnvironmentHeads, Head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from gitmig.change.change import Change
    from gitmig.reading.locating import Locator
    from gitmig.revisions.graph import RevisionGraph

    T = TypeVar("T")

GRAPH_RULES = ("GM001", "GM101", "GM102", "GM103", "GM104", "GM109")


def read_heads(
    directory: str | None, rev: str | None, versions: tuple[str, ...] = (), *, use_cache: bool = True
) -> tuple[EnvironmentHeads, ...]:
    """Every environment of a commit, or of the index."""
    return look_at(directory, rev, versions, describe, use_cache=use_cache)


def read_graphs(rev: str) -> dict[str, RevisionGraph]:
    """The revision graph of every environment of one commit, for the hooks that only report."""
    return dict(look_at(None, rev, (), lambda change, _locator: (change.environment, change.local.graph)))


def look_at(
    directory: str | None,
    rev: str | None,
    versions: tuple[str, ...],
    look: Callable[[Change, Locator], T],
    *,
    use_cache: bool = True,
) -> tuple[T, ...]:
    """What `look` sees in each environment of a commit, or of the index, while its files can be read."""
    from gitmig.apply.pending import require_nothing_pending
    from gitmig.commands.check import Request, cache_of, commit_of, local_config
    from gitmig.reading.comparison import alone
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.locating import Locator
    from gitmig.reading.reader import Reader
    from gitmig.repo.repository import open_at

    repository = open_at(directory)
    require_nothing_pending(repository.layout.git_dir, repository.layout.common_dir)
    with repository.objects as objects:
        commit = commit_of(repository, rev)
        config = local_config(repository, commit)
        objects.limit = config.max_file_size
        cache = cache_of(Request(use_cache=use_cache), repository.layout.common_dir)
        try:
            reader = Reader(alone(repository, commit), config, FactsReader(objects, cache), ("graph",), versions)
            locator = Locator(objects)
            return tuple(look(change, locator) for change in reader.changes())
        finally:
            cache.close()


def describe(change: Change, locator: Locator) -> EnvironmentHeads:
    from gitmig.rules.registry import load

    state = change.local
    graph = state.graph
    problems = [finding for code in GRAPH_RULES for finding in load(code).findings(change)]
    return EnvironmentHeads(
        change.environment,
        state.environment.versions,
        tuple(Head(name, graph.paths(name)[0], tuple(sorted(graph.labels(name)))) for name in graph.heads),
        graph.bases,
        graph.branchpoints,
        graph.mergepoints,
        len(state.files),
        locator.locate(problems),
    )


def show_heads(
    directory: str | None,
    rev: str | None,
    versions: tuple[str, ...],
    form: str,
    output: str | None,
    *,
    color: str = "auto",
    use_cache: bool = True,
) -> int:
    """Print them; the exit status is 0 whatever they are, for `gitmig check` is the judge."""
    import sys

    from gitmig.commands.check import write
    from gitmig.report.heads import render_heads, render_heads_json
    from gitmig.terminal import wants_color, width_of

    found = read_heads(directory, rev, versions, use_cache=use_cache)
    if form == "json":
        write(render_heads_json(found), output)
    else:
        colored = output is None and wants_color(sys.stdout, color)
        write(render_heads(found, color=colored, width=width_of(sys.stdout)), output)
    return 0
