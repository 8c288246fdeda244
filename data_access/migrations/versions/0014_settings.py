"""longer settings, targets by month, schemes in the database"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('county_setting') as batch_op:
        batch_op.alter_column('value', existing_type=sa.String(length=255), type_=sa.Text(), existing_nullable=False)
    op.create_table('indicator_target',
    sa.Column('indicator', sa.String(length=64), nullable=False),
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('first_month', sa.String(length=7), nullable=False),
    sa.Column('value', sa.Float(), nullable=True),
    sa.Column('document', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('indicator', 'township_code', 'first_month', name=op.f('pk_indicator_target'))
    )
    op.create_table('evaluation_scheme',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evaluation_scheme'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('evaluation_scheme')
    op.drop_table('indicator_target')
    with op.batch_alter_table('county_setting') as batch_op:
        batch_op.alter_column('value', existing_type=sa.Text(), type_=sa.String(length=255), existing_nullable=False)
