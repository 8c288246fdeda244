"""where cases are, and an index of the open ones that say it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

_OPEN_AND_PLACED = sa.text('closed_at IS NULL AND longitude > 0')


def upgrade() -> None:
    """Apply."""
    op.add_column('petition', sa.Column('longitude', sa.Double(), nullable=True))
    op.add_column('petition', sa.Column('latitude', sa.Double(), nullable=True))
    op.add_column('petition', sa.Column('coordinate_system', sa.String(length=40), nullable=True))
    op.create_index('ix_petition_placed', 'petition', ['township_code', 'due_at', 'received_at', 'case_no', 'invalid_reason', 'channel', 'category_1', 'category_2', 'category_3', 'status', 'recorded'], sqlite_where=_OPEN_AND_PLACED, postgresql_where=_OPEN_AND_PLACED)


def downgrade() -> None:
    """Take back."""
    op.drop_index('ix_petition_placed', table_name='petition')
    for name in ('coordinate_system', 'latitude', 'longitude'):
        op.drop_column('petition', name)
