"""The declaration of `gitmig revision`, which has more options than others."""

from __future__ import annotations

import rich_click as click

from gitmig.errors import UsageError


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
@click.option("--versions", multiple=True, metavar="PATH", help="A versions folder; each one is an environment.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--output", metavar="FILE", help="Write to FILE what goes to standard output.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("--no-cache", is_flag=True, help="Neither read nor write what was parsed before.")
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
