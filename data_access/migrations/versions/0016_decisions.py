"""decisions, their cases, what was said of them, and verdicts that are kept; the right to decide"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

_ROLES = ('evaluator', 'administrator')


def upgrade() -> None:
    """Apply."""
    op.create_table('decision',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('what', sa.String(length=500), nullable=False),
    sa.Column('note', sa.String(length=1000), nullable=False),
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('department', sa.String(length=200), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('first_due_on', sa.Date(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('indicator', sa.String(length=64), nullable=False),
    sa.Column('direction', sa.String(length=8), nullable=False),
    sa.Column('promised', sa.Float(), nullable=True),
    sa.Column('is_of_department', sa.Boolean(), nullable=False),
    sa.Column('start_first', sa.String(length=7), nullable=False),
    sa.Column('start_last', sa.String(length=7), nullable=False),
    sa.Column('start_value', sa.Float(), nullable=True),
    sa.Column('start_numerator', sa.Float(), nullable=True),
    sa.Column('start_denominator', sa.Float(), nullable=True),
    sa.Column('entered_by', sa.String(length=120), nullable=False),
    sa.Column('entered_at', sa.DateTime(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision'))
    )
    with op.batch_alter_table('decision') as batch_op:
        batch_op.create_index(batch_op.f('ix_decision_due_on'), ['due_on'], unique=False)
    op.create_table('decision_case',
    sa.Column('decision_id', sa.String(length=64), nullable=False),
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('case_no', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_decision_case_decision_id')),
    sa.PrimaryKeyConstraint('decision_id', 'township_code', 'case_no', name=op.f('pk_decision_case'))
    )
    op.create_table('decision_event',
    sa.Column('decision_id', sa.String(length=64), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('told', sa.String(length=500), nullable=False),
    sa.Column('due_before', sa.Date(), nullable=True),
    sa.Column('due_after', sa.Date(), nullable=True),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('done_by', sa.String(length=120), nullable=False),
    sa.Column('done_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_decision_event_decision_id')),
    sa.PrimaryKeyConstraint('decision_id', 'number', name=op.f('pk_decision_event'))
    )
    op.create_table('decision_verdict',
    sa.Column('decision_id', sa.String(length=64), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('kept_at', sa.DateTime(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_decision_verdict_decision_id')),
    sa.PrimaryKeyConstraint('decision_id', name=op.f('pk_decision_verdict'))
    )
    role, role_right = sa.table('role', sa.column('code')), sa.table('role_right', sa.column('role_code'), sa.column('right_code'))
    known = set(op.get_bind().scalars(sa.select(role.c.code)))
    op.bulk_insert(role_right, [{'role_code': code, 'right_code': 'decide'} for code in _ROLES if code in known])


def downgrade() -> None:
    """Take back."""
    role_right = sa.table('role_right', sa.column('right_code'))
    op.execute(role_right.delete().where(role_right.c.right_code == 'decide'))
    op.drop_table('decision_verdict')
    op.drop_table('decision_event')
    op.drop_table('decision_case')
    op.drop_table('decision')
