"""boundaries of townships and villages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import MEDIUMTEXT

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('boundary_file',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('system', sa.String(length=40), nullable=False),
    sa.Column('is_stated', sa.Boolean(), nullable=False),
    sa.Column('loaded_by', sa.String(length=120), nullable=False),
    sa.Column('loaded_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_boundary_file'))
    )
    op.create_table('boundary',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('file_number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('outline', sa.Text().with_variant(MEDIUMTEXT(), 'mysql', 'mariadb'), nullable=False),
    sa.Column('label_lon', sa.Double(), nullable=False),
    sa.Column('label_lat', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('township_code', 'level', 'code', 'file_number', name=op.f('pk_boundary'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('boundary')
    op.drop_table('boundary_file')
