"""`gitmig graph`: the revisions of a tree, or of a branch put on another, drawn."""

from __future__ import annotations

import sys

from gitmig.errors import CLEAN, UsageError
from gitmig.findings import Help
from gitmig.report.graph import View, graph_value, nodes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.reading.comparison import Comparison
    from gitmig.repo.plumbing import Git
    from gitmig.report.resolve import Authorship

_MOST_AUTHORS = 300


def show_graph(
    directory: str | None,
    what: str | None,
    versions: tuple[str, ...] = (),
    form: str = "text",
    output: str | None = None,
    *,
    color: str = "auto",
    unfold: bool = False,
    authors: bool = True,
    use_cache: bool = True,
) -> int:
    """Draw the index, a commit (`REV`), or `BASE..REV`: the base with the changes of the other on it."""
    from gitmig.commands.check import write

    views = read_views(
        directory, what, versions, folds=not unfold and form != "json", authors=authors, use_cache=use_cache
    )
    write(rendered(views, form, "never" if output else color), output, form)
    return CLEAN


def rendered(views: tuple[View, ...], form: str, color: str) -> str:
    if form == "json":
        import json

        return json.dumps(graph_value(views), indent=2) + "\n"
    if form == "text":
        from gitmig.report.graph_text import render_graph
        from gitmig.terminal import wants_color

        return render_graph(views, color=wants_color(sys.stdout, color))
    from gitmig.report import graph_pictures

    render = {
        "mermaid": graph_pictures.render_mermaid,
        "dot": graph_pictures.render_dot,
        "svg": graph_pictures.render_svg,
    }
    return render[form](views)


def read_views(
    directory: str | None, what: str | None, versions: tuple[str, ...], *, folds: bool, authors: bool, use_cache: bool
) -> tuple[View, ...]:
    from gitmig.apply.pending import require_nothing_pending
    from gitmig.commands.check import Request, cache_of, compare, local_config, settings_of_caller
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.reader import Reader
    from gitmig.repo.repository import open_at

    rev, base = split(what)
    repository = open_at(directory)
    require_nothing_pending(repository.layout.git_dir, repository.layout.common_dir)
    with repository.objects:
        comparison = compare(Request(rev, base, versions=versions), repository, settings_of_caller({}))
        config = local_config(repository, comparison.local_commit or None)
        cache = cache_of(Request(use_cache=use_cache), repository.layout.common_dir)
        try:
            reader = Reader(comparison, config, FactsReader(repository.objects, cache), ("graph", "merged"), versions)
            views = []
            for change in reader.changes():
                state = change.merged if base and change.merged is not None else change.local
                published = None if change.target is None else change.target.graph.revisions
                views.append(View(change.environment, nodes_of(state.graph, published, folds=folds)))
        finally:
            cache.close()
        if not authors:
            return tuple(views)
        return tuple(view.replace(authors=read_authors(repository.git, comparison, view)) for view in views)


def split(what: str | None) -> tuple[str | None, str | None]:
    """(commit, base) of `REV` or `BASE..REV`; an empty side means HEAD."""
    if what is None or ".." not in what:
        return what, None
    if "..." in what:
        raise UsageError(
            f"{what} is no range that can be drawn",
            help=(Help("the branch put on its base", ("gitmig graph BASE..REV",)),),
        )
    base, _, rev = what.partition("..")
    return rev or "HEAD", base or "HEAD"


def read_authors(git: Git, comparison: Comparison, view: View) -> dict[str, Authorship]:
    """Who added the files that are shown, of very many those next to the heads, by one walk through the history."""
    paths = [node.path for node in view.nodes if node.path and not node.folded][:_MOST_AUTHORS]
    if not paths:
        return {}
    starts = [comparison.local_commit or "HEAD"]
    if comparison.target_is.commit:
        starts.append(comparison.target_is.commit)
    answer = git.ask(
        "log",
        "-z",
        "--diff-filter=A",
        "--no-renames",
        "--name-only",
        "--format=%x01%h%x02%an%x02%as",
        *starts,
        "--",
        *paths,
    )
    return dict(_added(answer.output.decode("utf-8", "surrogateescape"))) if answer.status == 0 else {}


def _added(text: str) -> Iterable[tuple[str, Authorship]]:
    """(path, who) of every file that a commit added, the oldest commit last and so the one that counts."""
    from gitmig.report.resolve import Authorship

    for part in text.split("\x01")[1:]:
        head, _, rest = part.partition("\0")
        fields = head.split("\x02")
        if len(fields) == 3:
            for path in rest.replace("\n", "").split("\0"):
                if path:
                    yield path, Authorship(*fields)
