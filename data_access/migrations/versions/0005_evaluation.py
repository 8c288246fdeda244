"""points by hand, exclusions and frozen results of the monthly evaluation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import MEDIUMTEXT

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('evaluation_item',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('scheme', sa.String(length=64), nullable=False),
    sa.Column('points', sa.Float(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('evidence', sa.String(length=500), nullable=False),
    sa.Column('entered_by', sa.String(length=64), nullable=False),
    sa.Column('entered_at', sa.DateTime(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_evaluation_item_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'id', name=op.f('pk_evaluation_item'))
    )
    op.create_index(op.f('ix_evaluation_item_month_scheme'), 'evaluation_item', ['month', 'scheme'])
    op.create_table('evaluation_exclusion',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('case_no', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('entered_by', sa.String(length=64), nullable=False),
    sa.Column('entered_at', sa.DateTime(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_evaluation_exclusion_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'id', name=op.f('pk_evaluation_exclusion'))
    )
    op.create_index(op.f('ix_evaluation_exclusion_month'), 'evaluation_exclusion', ['month'])
    op.create_table('evaluation_freeze',
    sa.Column('scheme', sa.String(length=64), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('frozen_at', sa.DateTime(), nullable=False),
    sa.Column('frozen_by', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('content', sa.Text().with_variant(MEDIUMTEXT(), 'mysql', 'mariadb'), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('scheme', 'month', 'version', name=op.f('pk_evaluation_freeze'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('evaluation_freeze')
    op.drop_index(op.f('ix_evaluation_exclusion_month'), table_name='evaluation_exclusion')
    op.drop_table('evaluation_exclusion')
    op.drop_index(op.f('ix_evaluation_item_month_scheme'), table_name='evaluation_item')
    op.drop_table('evaluation_item')
