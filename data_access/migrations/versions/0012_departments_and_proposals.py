"""departments of accounts, proposals to freeze, deeds by what they are about"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('account_department',
    sa.Column('account_name', sa.String(length=120), nullable=False),
    sa.Column('department', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['account_name'], ['account.name'], name=op.f('fk_account_department_account_name')),
    sa.PrimaryKeyConstraint('account_name', 'department', name=op.f('pk_account_department'))
    )
    op.create_table('evaluation_proposal',
    sa.Column('scheme', sa.String(length=64), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('proposed_by', sa.String(length=120), nullable=False),
    sa.Column('proposed_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('scheme', 'month', name=op.f('pk_evaluation_proposal'))
    )
    with op.batch_alter_table('deed') as batch_op:
        batch_op.create_index(batch_op.f('ix_deed_subject'), ['subject'], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table('deed') as batch_op:
        batch_op.drop_index(batch_op.f('ix_deed_subject'))
    op.drop_table('evaluation_proposal')
    op.drop_table('account_department')
