"""Commands that write files: each shows its plan, and `gitmig undo` takes it back."""

from __future__ import annotations

import rich_click as click

from gitmig.cli.options import cache_option, color_option, format_option, output_option, versions_option
from gitmig.errors import UsageError


@click.command()
@click.option("--template", type=click.Choice(["generic", "async", "pyproject", "pyproject_async"]), default="generic")
@click.option("--directory", "folder", metavar="NAME", default="migrations", show_default=True, help="Where it goes.")
@click.option("--url", metavar="URL", default="", help="The database; by default sqlite:///<project>.db.")
@click.option(
    "--metadata", metavar="MODULE:NAME", default="", help="What env.py migrates, e.g. shop.models:Base.metadata."
)
@click.option("--hooks/--no-hooks", default=True, help="Git hooks, or the entry for pre-commit.")
@click.option("--ledger/--no-ledger", default=None, help="Record what is applied; by default in a new env.py only.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing: take the defaults and write.")
@click.option("--dry-run", is_flag=True, help="Show every change; write nothing.")
@color_option
@click.pass_obj
def init(
    directory: str | None,
    template: str,
    folder: str,
    url: str,
    metadata: str,
    hooks: bool,
    ledger: bool | None,
    yes: bool,
    dry_run: bool,
    color: str,
) -> int:
    """Set a project up: an Alembic environment if there is none, settings, hooks; twice changes nothing."""
    from gitmig.commands.init import init as set_up
    from gitmig.commands.scaffold import Asked

    asked = Asked(template, folder, url, metadata, hooks, ledger)
    return set_up(directory, asked, yes=yes, dry_run=dry_run, color=color)


@click.command()
@click.argument("url")
@click.option("--environment", metavar="NAME", default="", help="The environment, where there are several.")
@click.option("-m", "--message", default="", metavar="TEXT", help="What the first revision says it does.")
@click.option("--dry-run", is_flag=True, help="Compare, show the revision; write nothing.")
@color_option
@click.pass_obj
def adopt(directory: str | None, url: str, environment: str, message: str, dry_run: bool, color: str) -> int:
    """Take over a database that create_all built: write the first revision, stamp the database if it agrees.

    A database that is not what the models say is left as it is, and what differs is listed.
    """
    from gitmig.commands.adopt import adopt as take_over

    return take_over(directory, url, environment=environment, message=message, dry_run=dry_run, color=color)


@click.command()
@click.option("-m", "--message", default="", metavar="TEXT", help="What the revision does.")
@click.option("--worktree", is_flag=True, help="Look at the files as they lie there, not only at what is staged.")
@click.option("--empty", "kind", flag_value="empty", help="Write an empty revision.")
@click.option("--data", "kind", flag_value="data", help="Write the skeleton of a revision that changes rows.")
@click.option("--table", "tables", multiple=True, metavar="NAME", help="With --data: a table that it works with.")
@click.option("--revert", "reverted", default="", metavar="REVISION", help="Write the revision that takes it back.")
@click.option("--exact", is_flag=True, help="Import the models with the project's own Python: this runs its code.")
@click.option("--stage", is_flag=True, help="Stage what is written.")
@click.option("--dry-run", is_flag=True, help="Show the revision; write nothing.")
@click.option("--environment", default="", metavar="NAME", help="The environment, where there are several.")
@click.option("--rev-id", default="", metavar="ID", help="The id, instead of one that is drawn or counted.")
@click.option("--head", default="", metavar="REVISION", help="The head to go on, where lines have labels.")
@click.option("--own-template", is_flag=True, help="Run neither the project's script.py.mako nor its post-write hooks.")
@versions_option
@format_option("text", "json")
@output_option
@color_option
@cache_option
@click.pass_obj
def revision(
    directory: str | None,
    message: str,
    worktree: bool,
    kind: str | None,
    tables: tuple[str, ...],
    reverted: str,
    exact: bool,
    stage: bool,
    dry_run: bool,
    environment: str,
    rev_id: str,
    head: str,
    own_template: bool,
    versions: tuple[str, ...],
    form: str,
    output: str | None,
    color: str,
    no_cache: bool,
) -> int:
    """Write the revision for what `gitmig check` calls uncovered, without a database.

    It goes on the local head, both ways, through the project's own template; `gitmig undo` takes it back.
    """
    import os

    from gitmig.commands.check import place_of
    from gitmig.commands.revision import revision as write_revision
    from gitmig.commands.writing import Asked

    if reverted and kind:
        raise UsageError(f"--revert and --{kind} are two different revisions")
    if tables and kind != "data":
        raise UsageError("--table names what --data works with")
    asked = Asked(
        "revert" if reverted else kind or "drift",
        message,
        environment,
        worktree,
        reverted,
        rev_id,
        head,
        tables,
        versions,
        exact,
        stage,
        runs_code=not own_template and place_of(os.environ) == "command",
        use_cache=not no_cache,
    )
    return write_revision(directory, asked, dry_run=dry_run, form=form, output=output, color=color)


@click.command()
@click.option("--auto", "choice", flag_value="auto", help="The safe remedy, if there is one and the lines commute.")
@click.option("--reparent", "choice", flag_value="reparent", help="Put unpublished lines after the published head.")
@click.option("--merge", "choice", flag_value="merge", help="Write a merge revision that joins the heads.")
@click.option("--dry-run", is_flag=True, help="Show the remedy and the change; write nothing.")
@click.option("--rev", metavar="COMMIT", help="With --dry-run: look at this commit and print a patch.")
@click.option("--base", metavar="COMMIT", help="What COMMIT goes into: the target, usually the shared branch.")
@click.option("-m", "--message", default="", metavar="TEXT", help="Message of a merge revision.")
@click.option("--own-template", is_flag=True, help="Never run the project's script.py.mako; use gitmig's own template.")
@versions_option
@format_option("text", "json")
@output_option
@color_option
@cache_option
@click.pass_obj
def resolve(
    directory: str | None,
    choice: str | None,
    dry_run: bool,
    rev: str | None,
    base: str | None,
    message: str,
    own_template: bool,
    versions: tuple[str, ...],
    form: str,
    output: str | None,
    color: str,
    no_cache: bool,
) -> int:
    """Bring two heads together: re-parent what is unpublished, join what is published.

    Without --auto, --reparent or --merge the safe remedy is shown and nothing is changed.
    """
    import os

    from gitmig.commands.check import place_of
    from gitmig.commands.resolution import Asked
    from gitmig.commands.resolve import resolve as resolve_heads

    if base is not None and rev is None:
        raise UsageError("--base says what a commit goes into: name the commit with --rev")
    asked = Asked(
        choice or "", rev, base, versions, message, own_template, place_of(os.environ), use_cache=not no_cache
    )
    return resolve_heads(directory, asked, dry_run=dry_run, form=form, output=output, color=color)


@click.command()
@click.argument("code")
@click.argument("subject", metavar="REVISION|OBJECT")
@click.option("--reason", required=True, help="Why this is right here; reviewers read it.")
@click.option(
    "--until", metavar="YYYY-MM-DD", default="", help="From this day on the waiver warns that it has expired."
)
@click.option("--rev", metavar="COMMIT", help="The commit whose finding is waived, instead of what is staged.")
@click.option("--base", metavar="COMMIT", help="What COMMIT goes into.")
@click.pass_obj
def waive(
    directory: str | None, code: str, subject: str, reason: str, until: str, rev: str | None, base: str | None
) -> int:
    """Accept one finding, with a reason, in a small file to commit and review."""
    from gitmig.commands.waive import waive as write_waiver

    return write_waiver(directory, code, subject, reason, until, rev, base)


@click.command()
@click.option("--recover", "recovering", is_flag=True, help="Bring an interrupted operation to all old or all new.")
@click.option("--keep", is_flag=True, help="With --recover: leave every file as it lies now and forget the operation.")
@click.pass_obj
def undo(directory: str | None, recovering: bool, keep: bool) -> int:
    """Take back the last change that gitmig made to files and index; again for the one before."""
    from gitmig.commands.undo import undo as take_back

    return take_back(directory, recovering=recovering, keep=keep)
