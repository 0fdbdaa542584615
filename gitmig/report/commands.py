"""Keeps text from being obeyed by the runner of a CI system that reads what a program prints.

GitHub, Gitea and Forgejo obey a line that begins with `::`; GitHub `##[` and Azure `##vso[` anywhere in a line,
TeamCity `##teamcity[`.
"""

from __future__ import annotations

DOT = "\u00b7"


def without_commands(text: str) -> str:
    """The text with a dot where a runner would see a command."""
    if "::" not in text and "##" not in text:
        return text
    return "\n".join(_harmless(line) for line in text.replace("##", f"#{DOT}#").split("\n"))


def without_commands_in_json(text: str) -> str:
    """The same values, spelled so that no runner sees a command: a number sign only stands inside strings."""
    return text.replace("##", "#\\u0023")


def _harmless(line: str) -> str:
    stripped = line.lstrip()
    return line[: len(line) - len(stripped)] + DOT + stripped if stripped.startswith("::") else line
