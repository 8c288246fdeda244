"""where cameras stand"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column('camera', sa.Column('longitude', sa.Double(), nullable=True))
    op.add_column('camera', sa.Column('latitude', sa.Double(), nullable=True))
    op.add_column('camera', sa.Column('coordinate_system', sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Take back."""
    for name in ('coordinate_system', 'latitude', 'longitude'):
        op.drop_column('camera', name)
