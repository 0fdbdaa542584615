"""The declarations of what brings a project to Alembic, and proves its revisions: init, adopt, verify."""

from __future__ import annotations

import rich_click as click

COLORS = click.Choice(["auto", "always", "never"])


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
@click.option("--color", type=COLORS, default="auto", show_default=True)
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
@click.option("--color", type=COLORS, default="auto", show_default=True)
@click.pass_obj
def adopt(directory: str | None, url: str, environment: str, message: str, dry_run: bool, color: str) -> int:
    """Take over a database that create_all built: write the first revision, stamp the database if it agrees.

    A database that is not what the models say is left as it is, and what differs is listed.
    """
    from gitmig.commands.adopt import adopt as take_over

    return take_over(directory, url, environment=environment, message=message, dry_run=dry_run, color=color)


@click.command()
@click.option("--environment", metavar="NAME", default="", help="Only this environment.")
@click.option("--postgres", is_flag=True, help="On PostgreSQL, started for this: needs the extra gitmig[postgres].")
@click.option("--url", metavar="URL", default="", help="On an empty database of a server.")
@click.option("--since", metavar="REF", default="", help="Only revisions that REF does not have.")
@click.option("--up-only", is_flag=True, help="Only base to heads, and the models.")
@click.option("--time-limit", "limit", type=float, default=600.0, show_default=True, help="Seconds for everything.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--output", metavar="FILE", help="Write the report to FILE.")
@click.option("--color", type=COLORS, default="auto", show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing when all is proven.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep a database with the old revisions.")
@click.pass_obj
def verify(
    directory: str | None,
    environment: str,
    postgres: bool,
    url: str,
    since: str,
    up_only: bool,
    limit: float,
    form: str,
    output: str | None,
    color: str,
    quiet: bool,
    no_cache: bool,
) -> int:
    """Walk the revisions on a scratch database: up, down, up again; the models must be what they build.

    This runs the project's code, in its own Python; no other database can be reached.
    """
    from gitmig.commands.verify import Request
    from gitmig.commands.verify import verify as prove

    request = Request(environment, postgres, url, since, up_only, limit, use_cache=not no_cache)
    return prove(directory, request, form=form, output=output, color=color, quiet=quiet)
