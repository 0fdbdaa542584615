"""add price to books

Revision ID: ad614606c75f
Revises: 045229b4d78f
Create Date: 2025-06-11 14:27:18.066479

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "ad614606c75f"
down_revision: str | Sequence[str] | None = "045229b4d78f"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("books", schema=None) as batch_op:
        batch_op.add_column(sa.Column("price", sa.Numeric(precision=8, scale=2), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("books", schema=None) as batch_op:
        batch_op.drop_column("price")
