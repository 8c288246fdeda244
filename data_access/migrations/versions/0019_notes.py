"""dated notes on the county or a township"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('dated_note',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('note_no', sa.String(length=64), nullable=False),
    sa.Column('begins', sa.String(length=10), nullable=False),
    sa.Column('ends', sa.String(length=10), nullable=True),
    sa.Column('words', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=True),
    sa.Column('written_by', sa.String(length=120), nullable=True),
    sa.Column('written_at', sa.DateTime(), nullable=True),
    sa.Column('batch_id', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('township_code', 'note_no', name=op.f('pk_dated_note'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('dated_note')
