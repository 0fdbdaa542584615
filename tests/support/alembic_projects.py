"""Small Alembic projects as files, and Alembic's own answer about the files of a tree."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

VERSIONS = "migrations/versions"
ENVIRONMENT = {
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    "migrations/env.py": "target_metadata = None\n",
}


def script(revision: str, parents: str | None, up: str = "pass", **more: str) -> str:
    """A revision file as Alembic writes it; `parents` is one id, or several with a comma between."""
    names = [name.strip() for name in (parents or "").split(",") if name.strip()]
    down = repr(names[0]) if len(names) == 1 else repr(tuple(names)) if names else "None"
    return f'''"""revision {revision}

Revision ID: {revision}
Revises: {", ".join(names)}
Create Date: {more.get("created", "2025-07-01 10:00:00")}

"""
import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {down}
branch_labels = {more.get("labels", "None")}
depends_on = {more.get("depends", "None")}


def upgrade():
    {up}


def downgrade():
    pass
'''


def scripts(table: dict[str, str | None], **up: str) -> dict[str, str]:
    """{id: parents} as files."""
    return {f"{VERSIONS}/{one}.py": script(one, parents, up.get(one, "pass")) for one, parents in table.items()}


def alembic_heads(top: Path, location: str = "migrations") -> list[str]:
    """What `alembic heads` says of the files on disk; it loads every one of them."""
    config = Config()
    config.set_main_option("script_location", str(top / location))
    config.set_main_option("path_separator", "os")
    return sorted(ScriptDirectory.from_config(config).get_heads())
