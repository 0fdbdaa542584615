"""The command line as declarations only: options in, one function of `gitmig.commands` called, an exit status out."""

from __future__ import annotations

import sys
from types import ModuleType

import rich_click as click
from click.exceptions import Exit

from gitmig import __version__
from gitmig.cli import checks, databases, files, hooks


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


def add_commands(title: str, module: ModuleType) -> None:
    """All commands of a module, as one part of `gitmig --help`."""
    commands = [each for each in vars(module).values() if isinstance(each, click.Command)]
    for command in commands:
        gitmig.add_command(command)
    panels = click.rich_click.COMMAND_GROUPS.setdefault("gitmig", [])
    panels.append({"name": title, "commands": [str(command.name) for command in commands]})


add_commands("Look: nothing is changed", checks)
add_commands("Write files: `gitmig undo` takes it back", files)
add_commands("Databases", databases)
add_commands("Git hooks, and a demo", hooks)


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
