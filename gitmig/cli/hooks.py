"""Git hooks on a developer's machine and on a server, and the demo."""

from __future__ import annotations

import rich_click as click


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done.")
@click.option("--method", type=click.Choice(["auto", "config", "files"]), default="auto", show_default=True)
@click.pass_obj
def install(directory: str | None, dry_run: bool, method: str) -> int:
    """Install the Git hooks of this repository; hooks that are there already run first and stay."""
    from gitmig.commands.install import install as install_hooks

    return install_hooks(directory or ".", dry_run=dry_run, method=method)


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done.")
@click.pass_obj
def uninstall(directory: str | None, dry_run: bool) -> int:
    """Take the Git hooks out again and restore what was there before."""
    from gitmig.commands.install import uninstall as uninstall_hooks

    return uninstall_hooks(directory or ".", dry_run=dry_run)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("event")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def hook(event: str, arguments: tuple[str, ...]) -> int:
    """Run what gitmig does at a Git hook EVENT; Git calls this."""
    from gitmig.commands.hook import main as run_hook

    return run_hook([event, *arguments])


@click.command("serve-hook", context_settings={"ignore_unknown_options": True})
@click.argument("event", metavar="pre-receive|update")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def serve_hook(event: str, arguments: tuple[str, ...]) -> int:
    """Judge a push on the server that receives it; the Git hook of that name calls this."""
    from gitmig.commands.serve_hook import main as run_server_hook

    return run_server_hook([event, *arguments])


@click.command()
@click.argument("directory", required=False)
def demo(directory: str | None) -> int:
    """Play the story of two branches on a scratch repository."""
    from gitmig.commands.demo import demo as play

    return play(directory)
