"""Files of an Alembic project for a drawing of its revisions (see support/drawing.py)."""

from __future__ import annotations

from support.drawing import FOLDER, revision
from support.events import ENV, INI

PROJECT = {"alembic.ini": INI, "migrations/env.py": ENV, "migrations/script.py.mako": "${up_revision}\n"}


def sources(drawing: str, folder: str = FOLDER) -> dict[str, str]:
    """The revision files by path."""
    return dict(source(part, folder) for part in drawing.split(";") if part.strip())


def source(drawn: str, folder: str) -> tuple[str, str]:
    one = revision(drawn)
    words = drawn.split()
    said = {key: words[words.index(key) + 1] if key in words else "usual" for key in ("text", "way", "look")}
    doc = "".join(f"\n{label}: {value}" for label, value in one.stale)
    lines = [
        f'"""{one.id}\n{doc}\n"""',
        "from alembic import op",
        "",
        f"revision = {one.id!r}",
        f"down_revision = {values(one.down_revisions)}",
        f"branch_labels = {values(one.branch_labels)}",
        f"depends_on = {values(one.depends_on)}",
        "",
        "",
        "def upgrade():",
        f"    op.execute({said['text']!r})  # {said['look']}",
        "",
        "",
        "def downgrade():",
        f"    op.execute({said['way']!r})",
        *(["", "def broken(:"] if "broken" in words else []),
    ]
    return one.path.replace(f"{FOLDER}/", f"{folder}/", 1), "\n".join(lines) + "\n"


def values(names: tuple[str, ...]) -> str:
    """As Alembic writes them: None, one id, or a tuple."""
    if not names:
        return "None"
    return repr(names[0]) if len(names) == 1 else repr(names)


def project(drawing: str = "") -> dict[str, str]:
    """A whole project with these revisions."""
    return {**PROJECT, **sources(drawing)}


def between(old: str, new: str) -> dict[str, str | None]:
    """The files that make a project with the first drawing one with the second; None where one goes."""
    before, after = sources(old), sources(new)
    changed: dict[str, str | None] = {path: text for path, text in after.items() if before.get(path) != text}
    return {**{path: None for path in before if path not in after}, **changed}
