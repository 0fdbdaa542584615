"""Keeps text from being obeyed by the runner of a CI system that reads what a program prints.

GitHub, Gitea and Forgejo obey a line that begins with `::`; GitHub `##[` and Azure `##vso[` anywhere in a line,
TeamCity `##teamcity[`.
"""

from __future__ import annotations

DOT = "\u00b7"


def without_commands(text: str) -> str:
    """The text with a dot where a runner would see a command."""
    text = without_hash_commands(text)
    if "::" not in text:
        return text
    return "\n".join(_harmless(line) for line in text.split("\n"))


def without_hash_commands(text: str) -> str:
    """The same for the commands that may stand anywhere in a line."""
    if "##" not in text:
        return text
    import re

    return re.sub(r"#(?=#[^\s\[]*\[)", f"#{DOT}", text)


def without_commands_in_json(text: str) -> str:
    """The same values, spelled so that no runner sees a command: a number sign only stands inside strings."""
    return text.replace("##", "#\\u0023")


def _harmless(line: str) -> str:
    stripped = line.lstrip()
    return line[: len(line) - len(stripped)] + DOT + stripped if stripped.startswith("::") else line
