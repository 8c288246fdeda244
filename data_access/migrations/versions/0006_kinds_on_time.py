"""events due and closed on time by kind of matter"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None
counted_anew = ("grid",)


def upgrade() -> None:
    """Apply. The caller counts the months that are there already."""
    op.add_column('grid_kind_month', sa.Column('due', sa.Integer(), nullable=True))
    op.add_column('grid_kind_month', sa.Column('closed_on_time', sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table('grid_kind_month') as table:
        table.drop_column('closed_on_time')
        table.drop_column('due')
