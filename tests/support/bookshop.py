"""The example project as a repository: a bare origin has its main, the shared branch; gitmig's hooks are in."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.scratch import PROGRAMS, Scratch

from gitmig.bundled import find_bundled
from gitmig.repo.hook_install import apply_steps, plan_install, read_installation

FIRST, SECOND, THIRD, LAST = "6c63011297f8", "f3f7eee4ecc8", "045229b4d78f", "ad614606c75f"

_BEHIND = {
    "books": "    title: Mapped[str] = mapped_column(String(200))\n",
    "authors": "    born: Mapped[int | None]\n",
    "tags": "    name: Mapped[str] = mapped_column(String(40), unique=True)\n",
}
_REVISION = '''"""add {column} to {table}

Revision ID: {revision}
Revises: {revises}
Create Date: 2025-07-01 10:00:00

"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{revises}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("{table}", sa.Column("{column}", sa.String(length=80), nullable=True))


def downgrade() -> None:
    op.drop_column("{table}", "{column}")
'''


class Bookshop(Scratch):
    """The project on main, which origin has too."""

    def add_to_model(self, table: str, column: str) -> str:
        """A new column in the model only; answers the path that changed."""
        path = f"bookshop/models/{table.removesuffix('s')}.py"
        file = self.path / path
        text = file.read_text()
        anchor = _BEHIND[table]
        assert anchor in text
        file.write_text(text.replace(anchor, f"{anchor}    {column}: Mapped[str | None] = mapped_column(String(80))\n"))
        return path

    def add_revision(self, revision: str, revises: str, table: str, column: str) -> str:
        """The revision for that column; answers its path."""
        path = f"migrations/versions/{revision}_add_{column}.py"
        self.write(path, _REVISION.format(revision=revision, revises=revises, table=table, column=column))
        return path

    def add_column(self, revision: str, revises: str, table: str, column: str) -> str:
        """Model and revision, committed past the hooks."""
        self.add_to_model(table, column)
        self.add_revision(revision, revises, table, column)
        return self.commit(f"add {column}")

    def revision_path(self, revision: str) -> str:
        (found,) = (self.path / "migrations/versions").glob(f"{revision}_*.py")
        return str(found.relative_to(self.path))


def build_bookshop(place: Path) -> Bookshop:
    """`place`/work and `place`/origin.git."""
    made = Bookshop(place / "work")
    shutil.copytree(
        find_bundled("bookshop"), made.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.db")
    )
    made.commit("bookshop")
    made.git("init", "-q", "--bare", "--initial-branch=main", "../origin.git")
    made.git("remote", "add", "origin", "../origin.git")
    made.git("push", "-q", "--set-upstream", "origin", "main")
    made.git("remote", "set-head", "origin", "main")
    found = read_installation(str(made.path))
    apply_steps(found, plan_install(found, str(PROGRAMS / "gitmig"), "files"))
    return made


def copy_bookshop(original: Path, place: Path) -> Bookshop:
    """A copy of what `build_bookshop` made, in a few milliseconds."""
    for name in ("work", "origin.git"):
        shutil.copytree(original / name, place / name, symlinks=True)
    copy = Bookshop(place / "work", create=False)
    copy.git("update-index", "-q", "--refresh")
    return copy


# Two heads

COVER, COUNTRY = "b67ebb4c11e0", "1e73bf7a44f4"


def two_lines(shop: Bookshop, settings: str = "", *, same: bool = False) -> None:
    """
    main (shared)   LAST --- COVER
                       \\
    countries           COUNTRY        we stand here
    """
    if settings:
        shop.commit("settings", **{"gitmig.toml": settings})
    shop.git("branch", "countries")
    shop.add_column(COVER, LAST, "books", "cover")
    shop.git("push", "-q", "--no-verify", "origin", "main")
    shop.git("switch", "-q", "countries")
    shop.add_column(COUNTRY, LAST, *(("books", "cover") if same else ("authors", "country")))


def heads(shop: Bookshop) -> list[str]:
    return sorted(line.split()[0] for line in shop.run("alembic", "heads").stdout.splitlines())


def is_clean(shop: Bookshop) -> bool:
    return shop.git("status", "--porcelain").stdout == ""
