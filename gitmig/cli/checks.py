"""Commands that read and report: nothing is changed."""

from __future__ import annotations

import rich_click as click

from gitmig.cli.options import (
    cache_option,
    color_option,
    format_option,
    looking,
    output_option,
    outputs_option,
    versions_option,
)
from gitmig.errors import UsageError


@click.command()
@click.option("--rev", metavar="COMMIT", help="Check this commit instead of what is staged.")
@click.option("--base", metavar="COMMIT", help="What COMMIT goes into: the target, usually the shared branch.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Check the whole tree; what published revisions did is not counted.",
)
@click.option("--select", multiple=True, metavar="CODES", help="Only rules whose code starts so, such as GM1,GM205.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Leave out rules whose code starts so.")
@click.option("--shared", multiple=True, metavar="REF", help="Refs whose content is published.")
@click.option("--fetch", is_flag=True, help="In CI: fetch the target branch and missing history, in bounded steps.")
@click.option("--exact", is_flag=True, help="Import the models with the project's own Python: this runs its code.")
@format_option("text", "json", "github", "sarif", "gitlab", "junit", "markdown", "mermaid")
@outputs_option
@looking
@click.pass_obj
def check(
    directory: str | None,
    rev: str | None,
    base: str | None,
    everything: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    shared: tuple[str, ...],
    fetch: bool,
    exact: bool,
    versions: tuple[str, ...],
    form: str,
    outputs: tuple[str, ...],
    color: str,
    quiet: bool,
    no_cache: bool,
) -> int:
    """Check the staged change, a commit (--rev), or the whole tree (--all).

    In CI, with nothing staged, the commits of the event are checked: pull request, merge queue or push.
    """
    import os

    from gitmig.commands.check import Request, check_for_event, place_of, run_check, show_all

    if base is not None and rev is None:
        raise UsageError("--base says what a commit goes into: name the commit with --rev")
    options = {"select": list(select), "ignore": list(ignore), "shared": list(shared)}
    place = place_of(os.environ)
    request = Request(
        rev,
        base,
        everything,
        versions,
        options,
        place,
        use_cache=not no_cache,
        directory=directory,
        fetch=fetch,
        exact=exact,
    )
    if place == "ci" and rev is None and not everything:
        report = check_for_event(request, form, outputs)
    elif fetch:
        raise UsageError("--fetch serves the event of a CI system, and none runs this: fetch yourself, or leave it out")
    else:
        report = run_check(request)
    show_all(report, form, outputs, color=color, quiet=quiet)
    return report.status


@click.command()
@click.option("--rev", metavar="COMMIT", help="Read this commit instead of the index.")
@format_option("text", "json", "github")
@output_option
@looking
@click.pass_obj
def heads(
    directory: str | None,
    rev: str | None,
    versions: tuple[str, ...],
    form: str,
    output: str | None,
    color: str,
    quiet: bool,
    no_cache: bool,
) -> int:
    """Show the heads of every environment, and what is wrong with the graph."""
    from gitmig.commands.heads import show_heads

    return show_heads(directory, rev, versions, form, output, color=color, use_cache=not no_cache)


@click.command()
@click.option("--rev", metavar="COMMIT", help="Read this commit instead of the index.")
@click.option("--diff", nargs=2, metavar="A B", help="What leads from commit A to commit B.")
@click.option("--chain", is_flag=True, help="What the revisions build, instead of what the models declare.")
@versions_option
@format_option("tree", "json", "mermaid")
@output_option
@cache_option
@click.pass_obj
def schema(
    directory: str | None,
    rev: str | None,
    diff: tuple[str, str] | None,
    chain: bool,
    versions: tuple[str, ...],
    form: str,
    output: str | None,
    no_cache: bool,
) -> int:
    """Show what the models declare, or what the revisions build, and how two commits differ."""
    from gitmig.commands.schema import show_schema

    source = "chain" if chain else "models"
    return show_schema(directory, rev, diff, source, versions, form, output, use_cache=not no_cache)


@click.command()
@click.argument("what", required=False, metavar="[REV | BASE..REV]")
@format_option("text", "mermaid", "dot", "svg", "json")
@output_option
@click.option("--unfold", is_flag=True, help="Show every revision, long runs too.")
@click.option("--no-authors", is_flag=True, help="Do not ask Git who added each revision.")
@versions_option
@color_option
@cache_option
@click.pass_obj
def graph(
    directory: str | None,
    what: str | None,
    form: str,
    output: str | None,
    unfold: bool,
    no_authors: bool,
    versions: tuple[str, ...],
    color: str,
    no_cache: bool,
) -> int:
    """Draw the revisions of the index, of a commit, or of a branch put on its base (BASE..REV)."""
    from gitmig.commands.graph import show_graph

    return show_graph(
        directory,
        what,
        versions,
        form,
        output,
        color=color,
        unfold=unfold,
        authors=not no_authors,
        use_cache=not no_cache,
    )


@click.command()
@click.argument("names", nargs=-1, metavar="[BRANCH]...")
@click.option(
    "--branches", "patterns", multiple=True, metavar="PATTERN", help="Refs to look at, such as refs/pull/*/head."
)
@click.option("--target", "--base", "base", metavar="BRANCH", help="What they go into, usually the shared branch.")
@click.option("--queue", default="", metavar="A,B,C", help="Merge these in this order: what breaks, and who does what.")
@click.option(
    "--since", default="", metavar="WHEN", help="Leave out what is older: a day (2025-06-01) or an age (90days)."
)
@format_option("text", "json", "markdown", "mermaid", "html")
@outputs_option
@versions_option
@color_option
@cache_option
@click.pass_obj
def forecast(
    directory: str | None,
    names: tuple[str, ...],
    patterns: tuple[str, ...],
    base: str | None,
    queue: str,
    since: str,
    form: str,
    outputs: tuple[str, ...],
    versions: tuple[str, ...],
    color: str,
    no_cache: bool,
) -> int:
    """Tell which Git branches will collide: with the target, and with each other.

    Looks at all branches of this repository and of its remotes, or at those that are named.  Reads Git only: nothing is
    checked out, fetched or changed.
    """
    import os
    import time

    from gitmig.commands.check import place_of
    from gitmig.commands.forecast import Asked, show_forecast

    asked = Asked(names, patterns, base, since, queue, versions, place_of(os.environ), use_cache=not no_cache)
    return show_forecast(directory, asked, form, outputs, color=color, now=time.time())


@click.command()
@click.argument("what", required=False, metavar="[REV | BASE..REV]")
@format_option("text", "json", "markdown", "html")
@outputs_option
@looking
@click.pass_obj
def audit(
    directory: str | None,
    what: str | None,
    form: str,
    outputs: tuple[str, ...],
    versions: tuple[str, ...],
    color: str,
    quiet: bool,
    no_cache: bool,
) -> int:
    """Walk the past of a branch: what the rules would have refused, how long it stood, how it was mended.

    Without an argument it is the shared branch, from its beginning.
    """
    from gitmig.commands.audit import show_audit

    return show_audit(directory, what, versions, form, outputs, color=color, quiet=quiet, use_cache=not no_cache)


@click.command()
@click.argument("code", required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text")
def explain(code: str | None, form: str) -> int:
    """Show the page of a rule, or list all rules."""
    from gitmig.commands.explain import explain as show_page

    return show_page(code, form)


@click.command()
@click.pass_obj
def doctor(directory: str | None) -> int:
    """Show what gitmig sees here: git, hooks, shared refs, environments, models, settings."""
    from gitmig.commands.doctor import show_doctor

    return show_doctor(directory)
