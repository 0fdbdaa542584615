"""Which of several databases an env.py migrates: the name that it gives each run.  Used in the project's Python."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_BIND = "_gitmig_bind"


def note_bind(context: Any, given: Mapping[str, Any], named: Sequence[str]) -> None:
    """From the arguments of run_migrations: `engine_name` in the templates, else one that is a name of the ini file."""
    values = [given["engine_name"]] if "engine_name" in given else [one for one in given.values() if one in named]
    setattr(context, _BIND, next((str(value) for value in values), None))


def bind_of(context: Any) -> str | None:
    """None where env.py migrates one database; Flask-Migrate's default one is ""."""
    found: str | None = getattr(context, _BIND, None)
    return found
