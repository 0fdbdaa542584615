"""A new revision as a value, and the template for projects without one or for places where theirs may not run."""

from __future__ import annotations

from gitmig.errors import Refused
from gitmig.frozen import Frozen
from gitmig.revisions.naming import id_problems, render_file_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.environments.environment import Environment
    from gitmig.revisions.naming import Moment


# What the multidb templates call the name of a database.
NAME = "engine_name"


class Draft(Frozen):
    """A revision that is not written yet; `created` is the text of `Create Date`.

    `arguments` are what env.py gives every upgrade().  `databases` are (name, upgrade, downgrade) where each of several
    databases has functions of its own, found by the first argument.
    """

    id: str
    message: str
    down_revisions: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    created: str = ""
    upgrade: str = ""
    downgrade: str = ""
    imports: str = ""
    arguments: tuple[str, ...] = ()
    databases: tuple[tuple[str, str, str], ...] = ()


def as_scalar(names: tuple[str, ...]) -> str | tuple[str, ...] | None:
    """One name as itself, several as a tuple, none as None: what Alembic gives its templates."""
    return None if not names else names[0] if len(names) == 1 else names


def path_of(draft: Draft, environment: Environment, moment: Moment, beside: str = "") -> str:
    """Where the file goes: as Alembic, in the only versions folder, or in the one that holds the file `beside`.

    UsageError for a `file_template` that leads out of the folder.
    """
    problems = id_problems(draft.id)
    if problems:
        raise Refused(f"{draft.id!r} cannot be a revision id: {', '.join(problems)}")
    name = render_file_name(
        environment.file_template, draft.id, draft.message, moment, environment.truncate_slug_length
    )
    folders = environment.versions
    holding = [folder for folder in folders if not folder or beside.startswith(f"{folder}/")]
    folder = max(holding, key=len) if holding else folders[0]
    return f"{folder}/{name}" if folder else name


def render_draft(draft: Draft) -> bytes:
    """The revision file from gitmig's own template; no text of the draft can become code or end the docstring."""
    parents = ", ".join(draft.down_revisions)
    quoted = [
        ("revision: str", draft.id),
        ("down_revision: str | Sequence[str] | None", as_scalar(draft.down_revisions)),
        ("branch_labels: str | Sequence[str] | None", draft.branch_labels or None),
        ("depends_on: str | Sequence[str] | None", as_scalar(draft.depends_on)),
    ]
    assignments = "\n".join(f"{name} = {_literal(value)}" for name, value in quoted)
    imports = draft.imports.rstrip("\n")
    operations = (
        "import sqlalchemy as sa\nfrom alembic import op\n"
        if draft.upgrade or draft.downgrade or draft.databases
        else ""
    )
    return f'''"""{_docstring_text(draft.message)}

Revision ID: {draft.id}
Revises: {parents}
Create Date: {draft.created}

"""

from __future__ import annotations

from collections.abc import Sequence

{operations}{imports}{
        """

"""
        if operations or imports
        else ""
    }{assignments}
{_functions(draft)}'''.encode()


def _functions(draft: Draft) -> str:
    ways = [("upgrade", draft.upgrade), ("downgrade", draft.downgrade)]
    arguments = ", ".join(f"{name}: str" if name == NAME else name for name in draft.arguments)
    if not draft.databases:
        return "".join(_function(way, arguments, code) for way, code in ways)
    # As Alembic's multidb template has them; env.py calls the first two with the name of a database.
    name = draft.arguments[0] if draft.arguments else NAME
    entries = [_function(way, arguments or f"{NAME}: str", f'globals()["{way}_%s" % {name}]()') for way, _ in ways]
    named = [
        _function(f"{way}_{database}", "", code)
        for database, *codes in draft.databases
        for (way, _), code in zip(ways, codes, strict=True)
    ]
    return "".join([*entries, *named])


def _function(name: str, arguments: str, code: str) -> str:
    return f"\n\ndef {name}({arguments}) -> None:\n{_body(code)}\n"


def _literal(value: str | tuple[str, ...] | None) -> str:
    """Double quotes, as formatters write them; anything that needs an escape as Python writes it."""
    if value is None:
        return "None"
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
    plain = value.isascii() and value.isprintable() and not any(sign in value for sign in "\"'\\")
    return f'"{value}"' if plain else repr(value)


def _docstring_text(message: str) -> str:
    """A message that stays inside the docstring whatever it contains."""
    shown = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in message).strip()
    shown = shown.replace("\\", "\\\\").replace('"', '\\"' if '"""' in shown or shown.endswith('"') else '"')
    return shown.encode("utf-8", "replace").decode("utf-8") or "empty message"


def _body(code: str) -> str:
    lines = code.splitlines() or ["pass"]
    return "\n".join(f"    {line}" if line.strip() else "" for line in lines)
