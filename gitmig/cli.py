"""The command line as declarations only: options in, one function of `gitmig.commands` called, an exit status out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import rich_click as click
from click.exceptions import Exit

from gitmig import __version__
from gitmig.cli_revision import revision
from gitmig.cli_setup import adopt, init, verify
from gitmig.errors import UsageError

FORMATS = click.Choice(["text", "json", "github"])
REPORT_FORMATS = click.Choice(["text", "json", "github", "sarif", "gitlab", "junit", "markdown", "mermaid"])
FORECAST_FORMATS = click.Choice(["text", "json", "markdown", "mermaid", "html"])
COLORS = click.Choice(["auto", "always", "never"])


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gitmig")
@click.option("-C", "directory", metavar="DIR", help="Run as if started in DIR.")
@click.option("-v", "--verbose", is_flag=True, help="Show a traceback when gitmig itself fails.")
@click.pass_context
def gitmig(context: click.Context, directory: str | None, verbose: bool) -> None:
    """Keep SQLAlchemy models, Alembic revisions and Git branches together.

    Checks read files and never run them; they need no database and no network.
    """
    context.obj = directory


def formatted(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where the report of a check goes, in which formats."""
    command = click.option("--format", "form", type=REPORT_FORMATS, default="text", show_default=True)(command)
    return click.option(
        "--output",
        "outputs",
        multiple=True,
        metavar="[FORMAT:]FILE",
        help="Write the report to FILE; with a FORMAT it goes there as well as to standard output.",
    )(command)


def reading(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that every reading command takes."""
    command = click.option("--output", metavar="FILE", help="Write the report to FILE.")(command)
    command = click.option("--format", "form", type=FORMATS, default="text", show_default=True)(command)
    return looking(command)


def looking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of everything that reads revisions and prints."""
    for option in reversed(
        [
            click.option(
                "--versions", multiple=True, metavar="PATH", help="A versions folder; each one is an environment."
            ),
            click.option("--color", type=COLORS, default="auto", show_default=True),
            click.option("-q", "--quiet", is_flag=True, help="Say nothing when there is nothing to report."),
            click.option("--no-cache", is_flag=True, help="Neither read nor write what was parsed before."),
        ]
    ):
        command = option(command)
    return command


@gitmig.command()
@click.option("--rev", metavar="COMMIT", help="Check this commit instead of what is staged.")
@click.option("--base", metavar="COMMIT", help="What COMMIT goes into: the target, usually the shared branch.")
@click.option("--all", "everything", is_flag=True, help="Check the whole tree; nothing counts as old.")
@click.option("--select", multiple=True, metavar="CODE", help="Only rules whose code starts so.")
@click.option("--ignore", multiple=True, metavar="CODE", help="Leave out rules whose code starts so.")
@click.option("--shared", multiple=True, metavar="REF", help="Refs whose content is published.")
@click.option("--fetch", is_flag=True, help="In CI: fetch the target branch and missing history, in bounded steps.")
@click.option("--exact", is_flag=True, help="Import the models with the project's own Python: this runs its code.")
@formatted
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


@gitmig.command()
@click.option("--rev", metavar="COMMIT", help="Read this commit instead of the index.")
@reading
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


@gitmig.command()
@click.option("--rev", metavar="COMMIT", help="Read this commit instead of the index.")
@click.option("--diff", nargs=2, metavar="A B", help="What leads from commit A to commit B.")
@click.option("--chain", is_flag=True, help="What the revisions build, instead of what the models declare.")
@click.option("--versions", multiple=True, metavar="PATH", help="A versions folder; each one is an environment.")
@click.option("--format", "form", type=click.Choice(["tree", "json", "mermaid"]), default="tree", show_default=True)
@click.option("--output", metavar="FILE", help="Write to FILE.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write what was parsed before.")
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


@gitmig.command()
@click.argument("what", required=False, metavar="[REV | BASE..REV]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mermaid", "dot", "svg", "json"]),
    default="text",
    show_default=True,
)
@click.option("--output", metavar="FILE", help="Write the picture to FILE.")
@click.option("--unfold", is_flag=True, help="Show every revision, long runs too.")
@click.option("--no-authors", is_flag=True, help="Do not ask Git who added each revision.")
@click.option("--versions", multiple=True, metavar="PATH", help="A versions folder; each one is an environment.")
@click.option("--color", type=COLORS, default="auto", show_default=True)
@click.option("--no-cache", is_flag=True, help="Neither read nor write what was parsed before.")
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


@gitmig.command()
@click.argument("names", nargs=-1, metavar="[BRANCH]...")
@click.option(
    "--branches", "patterns", multiple=True, metavar="PATTERN", help="Refs to look at, such as refs/pull/*/head."
)
@click.option("--target", "--base", "base", metavar="BRANCH", help="What they go into, usually the shared branch.")
@click.option("--queue", default="", metavar="A,B,C", help="Merge these in this order: what breaks, and who does what.")
@click.option(
    "--since", default="", metavar="WHEN", help="Leave out what is older: a day (2025-06-01) or an age (90days)."
)
@click.option("--format", "form", type=FORECAST_FORMATS, default="text", show_default=True)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="[FORMAT:]FILE",
    help="Write the report to FILE; with a FORMAT it goes there as well as to standard output.",
)
@click.option("--versions", multiple=True, metavar="PATH", help="A versions folder; each one is an environment.")
@click.option("--color", type=COLORS, default="auto", show_default=True)
@click.option("--no-cache", is_flag=True, help="Neither read nor write what was parsed before.")
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


@gitmig.command()
@click.argument("what", required=False, metavar="[REV | BASE..REV]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="[FORMAT:]FILE",
    help="Write the report to FILE; with a FORMAT it goes there as well as to standard output.",
)
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


@gitmig.command()
@click.option("--auto", "choice", flag_value="auto", help="The safe remedy, if there is one and the lines commute.")
@click.option("--reparent", "choice", flag_value="reparent", help="Put unpublished lines after the published head.")
@click.option("--merge", "choice", flag_value="merge", help="Write a merge revision that joins the heads.")
@click.option("--dry-run", is_flag=True, help="Show the remedy and the change; write nothing.")
@click.option("--rev", metavar="COMMIT", help="With --dry-run: look at this commit and print a patch.")
@click.option("--base", metavar="COMMIT", help="What COMMIT goes into: the target, usually the shared branch.")
@click.option("-m", "--message", default="", metavar="TEXT", help="Message of a merge revision.")
@click.option("--own-template", is_flag=True, help="Never run the project's script.py.mako; use gitmig's own template.")
@click.option("--versions", multiple=True, metavar="PATH", help="A versions folder; each one is an environment.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--output", metavar="FILE", help="Write to FILE what goes to standard output.")
@click.option("--color", type=COLORS, default="auto", show_default=True)
@click.option("--no-cache", is_flag=True, help="Neither read nor write what was parsed before.")
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


@gitmig.command()
@click.argument("code", required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text")
def explain(code: str | None, form: str) -> int:
    """Show the page of a rule, or list all rules."""
    from gitmig.commands.explain import explain as show_page

    return show_page(code, form)


@gitmig.command()
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


@gitmig.command()
@click.pass_obj
def doctor(directory: str | None) -> int:
    """Show what gitmig sees here: git, hooks, shared refs, environments, models, settings."""
    from gitmig.commands.doctor import show_doctor

    return show_doctor(directory)


@gitmig.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done.")
@click.option("--method", type=click.Choice(["auto", "config", "files"]), default="auto", show_default=True)
@click.pass_obj
def install(directory: str | None, dry_run: bool, method: str) -> int:
    """Install the Git hooks of this repository; hooks that are there already run first and stay."""
    from gitmig.commands.install import install as install_hooks

    return install_hooks(directory or ".", dry_run=dry_run, method=method)


@gitmig.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done.")
@click.pass_obj
def uninstall(directory: str | None, dry_run: bool) -> int:
    """Take the Git hooks out again and restore what was there before."""
    from gitmig.commands.install import uninstall as uninstall_hooks

    return uninstall_hooks(directory or ".", dry_run=dry_run)


@gitmig.command(context_settings={"ignore_unknown_options": True})
@click.argument("event")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def hook(event: str, arguments: tuple[str, ...]) -> int:
    """Run what gitmig does at a Git hook EVENT; Git calls this."""
    from gitmig.commands.hook import main as run_hook

    return run_hook([event, *arguments])


@gitmig.command("serve-hook", context_settings={"ignore_unknown_options": True})
@click.argument("event", metavar="pre-receive|update")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def serve_hook(event: str, arguments: tuple[str, ...]) -> int:
    """Judge a push on the server that receives it; the Git hook of that name calls this."""
    from gitmig.commands.serve_hook import main as run_server_hook

    return run_server_hook([event, *arguments])


@gitmig.command()
@click.option("--recover", "recovering", is_flag=True, help="Bring an interrupted operation to all old or all new.")
@click.option("--keep", is_flag=True, help="With --recover: leave every file as it lies now and forget the operation.")
@click.pass_obj
def undo(directory: str | None, recovering: bool, keep: bool) -> int:
    """Take back the last change that gitmig made to files and index; again for the one before."""
    from gitmig.commands.undo import undo as take_back

    return take_back(directory, recovering=recovering, keep=keep)


def on_database(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which environment a command on a database is for: our name, or Alembic's own options."""
    for option in reversed(
        [
            click.option("--environment", metavar="NAME", default="", help="One of several environments, by name."),
            click.option("-c", "--config", metavar="FILE", default="", help="Alembic's configuration file."),
            click.option("-n", "--name", "section", metavar="SECTION", default="", help="Section of that file."),
            click.option("-x", "x", multiple=True, metavar="ARG", help="Passed on to env.py."),
            click.option("--color", type=COLORS, default="auto", show_default=True),
        ]
    ):
        command = option(command)
    return command


def changing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of the commands that change a database."""
    for option in reversed(
        [
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
        ]
    ):
        command = option(command)
    return on_database(command)


STEPS = {"ignore_unknown_options": True}  # -1 is no option


@gitmig.command(context_settings=STEPS)
@click.argument("revision", default="head", type=click.UNPROCESSED)
@changing
@click.pass_obj
def upgrade(directory: str | None, /, revision: str, **options: Any) -> int:
    """Run revisions up to REVISION: an id, head, heads, label@head, +2, or a range with --sql."""
    return run_migration(directory, "upgrade", (revision,), options)


@gitmig.command(context_settings=STEPS)
@click.argument("revision", type=click.UNPROCESSED)
@changing
@click.pass_obj
def downgrade(directory: str | None, /, revision: str, **options: Any) -> int:
    """Take revisions back down to REVISION: an id, base, -1, or a range with --sql.

    Where rows would be lost it asks; without a terminal it refuses, unless --yes says so.
    """
    return run_migration(directory, "downgrade", (revision,), options)


@gitmig.command(context_settings=STEPS)
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


@gitmig.command()
@click.option("-v", "--verbose", is_flag=True, help="As Alembic shows it with -v.")
@click.option("--check-heads", is_flag=True, help="Exit with 1 unless the database is at all heads.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@on_database
@click.pass_obj
def current(directory: str | None, /, verbose: bool, check_heads: bool, form: str, color: str, **options: Any) -> int:
    """Show the revisions that the database is at."""
    from gitmig.commands.migrate import current as show_current

    return show_current(directory, chosen_of(options), verbose=verbose, check_heads=check_heads, form=form, color=color)


@gitmig.command()
@click.option("-r", "--rev-range", metavar="START:END", help="Only these; `current` is the database's.")
@click.option("-v", "--verbose", is_flag=True, help="As Alembic shows it with -v.")
@click.option("-i", "--indicate-current", "indicate", is_flag=True, help="Mark the revision of the database.")
@on_database
@click.pass_obj
def history(directory: str | None, /, rev_range: str | None, verbose: bool, indicate: bool, **options: Any) -> int:
    """List the revisions, the newest first."""
    from gitmig.commands.migrate import history as show_history

    return show_history(directory, chosen_of(options), rev_range=rev_range, verbose=verbose, indicate=indicate)


@gitmig.command()
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


@gitmig.command()
@click.argument("action", type=click.Choice(["list", "verify"]), default="list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@on_database
@click.pass_obj
def ledger(directory: str | None, /, action: str, form: str, color: str, **options: Any) -> int:
    """Show what text ran on the database and when, or verify that the files still say the same."""
    from gitmig.commands.ledger import show_ledger

    return show_ledger(directory, chosen_of(options), action, form, color)


@gitmig.command()
@click.argument("directory", required=False)
def demo(directory: str | None) -> int:
    """Play the story of two branches on a scratch repository."""
    from gitmig.commands.demo import demo as play

    return play(directory)


for command in (revision, init, adopt, verify):
    gitmig.add_command(command)


def run(words: list[str]) -> int:
    """Exit status of a command line; usage errors are 2, as everywhere."""
    try:
        status = gitmig.main(words, prog_name="gitmig", standalone_mode=False)
    except Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    return status if isinstance(status, int) else 0
