"""Commands that open a database: Alembic's own, and what keeps a database and a Git branch together."""

from __future__ import annotations

from typing import Any

import rich_click as click

from gitmig.cli.options import all_of, color_option, format_option, output_option

on_database = all_of(
    click.option("--environment", metavar="NAME", default="", help="One of several environments, by name."),
    click.option("-c", "--config", metavar="FILE", default="", help="Alembic's configuration file."),
    click.option("-n", "--name", "section", metavar="SECTION", default="", help="Section of that file."),
    click.option("-x", "x", multiple=True, metavar="ARG", help="Passed on to env.py."),
    color_option,
)
"""Which environment a command on a database is for: our name, or Alembic's own options."""


changing = all_of(
    click.option("--sql", is_flag=True, help="Print the SQL instead of running it."),
    click.option("--tag", default="", metavar="TEXT", help="Passed on to env.py."),
    click.option("-y", "--yes", is_flag=True, help="Do not ask, also where rows are lost."),
    click.option("--dry-run", is_flag=True, help="Show what would run; run nothing."),
    click.option("--no-ledger", is_flag=True, help="Leave the table gitmig_ledger alone."),
    click.option(
        "-v",
        "--verbose",
        is_flag=True,
        help="Show Alembic's INFO lines, and the traceback of a revision that fails.",
    ),
    on_database,
)
"""Options of the commands that change a database."""


STEPS = {"ignore_unknown_options": True}  # -1 is no option


@click.command(context_settings=STEPS)
@click.argument("revision", default="head", type=click.UNPROCESSED)
@changing
@click.pass_obj
def upgrade(directory: str | None, /, revision: str, **options: Any) -> int:
    """Run revisions up to REVISION: an id, head, heads, label@head, +2, or a range with --sql."""
    return run_migration(directory, "upgrade", (revision,), options)


@click.command(context_settings=STEPS)
@click.argument("revision", type=click.UNPROCESSED)
@changing
@click.pass_obj
def downgrade(directory: str | None, /, revision: str, **options: Any) -> int:
    """Take revisions back down to REVISION: an id, base, -1, or a range with --sql.

    Where rows would be lost it asks; without a terminal it refuses, unless --yes says so.
    """
    return run_migration(directory, "downgrade", (revision,), options)


@click.command(context_settings=STEPS)
@click.argument("revisions", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--purge", is_flag=True, help="Forget what is recorded before.")
@changing
@click.pass_obj
def stamp(directory: str | None, /, revisions: tuple[str, ...], purge: bool, **options: Any) -> int:
    """Record REVISIONS as those of the database, and run nothing."""
    return run_migration(directory, "stamp", revisions, options, purge=purge)


def run_migration(
    directory: str | None, command: str, revisions: tuple[str, ...], options: dict[str, Any], *, purge: bool = False
) -> int:
    from gitmig.commands.migrate import Asked, migrate

    chosen = chosen_of(options)
    ledger = not options.pop("no_ledger")
    return migrate(directory, chosen, Asked(command, revisions, purge=purge, ledger=ledger, **options))


def chosen_of(options: dict[str, Any]) -> Any:
    """Takes the options of `on_database` out of all options."""
    from gitmig.commands.database import Chosen

    return Chosen(*(options.pop(name) for name in ("environment", "config", "section", "x")))


@click.command()
@click.option("-v", "--verbose", is_flag=True, help="As Alembic shows it with -v.")
@click.option("--check-heads", is_flag=True, help="Exit with 1 unless the database is at all heads.")
@format_option("text", "json")
@on_database
@click.pass_obj
def current(directory: str | None, /, verbose: bool, check_heads: bool, form: str, color: str, **options: Any) -> int:
    """Show the revisions that the database is at."""
    from gitmig.commands.migrate import current as show_current

    return show_current(directory, chosen_of(options), verbose=verbose, check_heads=check_heads, form=form, color=color)


@click.command()
@click.option("-r", "--rev-range", metavar="START:END", help="Only these; `current` is the database's.")
@click.option("-v", "--verbose", is_flag=True, help="As Alembic shows it with -v.")
@click.option("-i", "--indicate-current", "indicate", is_flag=True, help="Mark the revision of the database.")
@on_database
@click.pass_obj
def history(directory: str | None, /, rev_range: str | None, verbose: bool, indicate: bool, **options: Any) -> int:
    """List the revisions, the newest first."""
    from gitmig.commands.migrate import history as show_history

    return show_history(directory, chosen_of(options), rev_range=rev_range, verbose=verbose, indicate=indicate)


@click.command()
@click.option("--from", "from_", default="", metavar="BRANCH", help="Look for revisions in this Git branch only.")
@click.option("--dry-run", is_flag=True, help="Show the way and its SQL; change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Run code that this database has not run before.")
@click.option("--allow-destructive", is_flag=True, help="Go home although rows are lost.")
@click.option("--allow-empty", is_flag=True, help="Pass downgrades that do nothing.")
@click.option(
    "-v", "--verbose", is_flag=True, help="Show Alembic's INFO lines, and the traceback of a revision that fails."
)
@on_database
@click.pass_obj
def sync(directory: str | None, /, **options: Any) -> int:
    """Bring a database that was left on another Git branch home to this one.

    Revisions that this branch does not have go down with their own text; then this branch's go up.
    """
    from gitmig.commands.sync import Asked
    from gitmig.commands.sync import sync as go_home

    return go_home(directory, chosen_of(options), Asked(**options))


@click.command()
@click.argument("action", type=click.Choice(["list", "verify"]), default="list")
@format_option("text", "json")
@on_database
@click.pass_obj
def ledger(directory: str | None, /, action: str, form: str, color: str, **options: Any) -> int:
    """Show what text ran on the database and when, or verify that the files still say the same."""
    from gitmig.commands.ledger import show_ledger

    return show_ledger(directory, chosen_of(options), action, form, color)


@click.command()
@click.option("--environment", metavar="NAME", default="", help="Only this environment.")
@click.option("--postgres", is_flag=True, help="On PostgreSQL, started for this: needs the extra gitmig[postgres].")
@click.option("--url", metavar="URL", default="", help="On an empty database of a server.")
@click.option("--since", metavar="REF", default="", help="Only revisions that REF does not have.")
@click.option("--up-only", is_flag=True, help="Only base to heads, and the models.")
@click.option("--time-limit", "limit", type=float, default=600.0, show_default=True, help="Seconds for everything.")
@format_option("text", "json")
@output_option
@color_option
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
