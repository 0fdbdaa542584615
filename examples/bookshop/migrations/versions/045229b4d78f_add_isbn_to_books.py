"""add isbn to books

Revision ID: 045229b4d78f
Revises: f3f7eee4ecc8
Create Date: 2025-04-22 09:05:55.730016

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "045229b4d78f"
down_revision: str | Sequence[str] | None = "f3f7eee4ecc8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("books", schema=None) as batch_op:
        batch_op.add_column(sa.Column("isbn", sa.String(length=13), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_books_isbn"), ["isbn"])


def downgrade() -> None:
    with op.batch_alter_table("books", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_books_isbn"), type_="unique")
        batch_op.drop_column("isbn")
