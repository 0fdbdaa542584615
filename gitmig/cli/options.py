"""Options that more than one command takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import rich_click as click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

versions_option = click.option(
    "--versions", multiple=True, metavar="PATH", help="A versions folder; each one is an environment."
)
color_option = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True
)
cache_option = click.option("--no-cache", is_flag=True, help="Neither read nor write what was parsed before.")
output_option = click.option("--output", metavar="FILE", help="Write to FILE what goes to standard output.")
outputs_option = click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="[FORMAT:]FILE",
    help="Write the report to FILE; with a FORMAT it goes there as well as to standard output.",
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say nothing when there is nothing to report.")


def format_option(*formats: str) -> Decorator:
    """`--format`, whose first one is the default."""
    return click.option("--format", "form", type=click.Choice(formats), default=formats[0], show_default=True)


def all_of(*options: Decorator) -> Decorator:
    """Several options as one decorator, in the order in which --help lists them."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


looking = all_of(versions_option, color_option, quiet_option, cache_option)
"""Of everything that reads revisions and prints."""
