"""petitions by category and department"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None
counted_anew = ("petitions",)


def upgrade() -> None:
    """Apply. The caller counts the months that are there already."""
    op.create_table('petition_department_month',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('category_1', sa.String(length=64), nullable=False),
    sa.Column('category_2', sa.String(length=64), nullable=False),
    sa.Column('category_3', sa.String(length=64), nullable=False),
    sa.Column('department', sa.String(length=120), nullable=False),
    sa.Column('received', sa.Integer(), nullable=True),
    sa.Column('completed', sa.Integer(), nullable=True),
    sa.Column('repeats', sa.Integer(), nullable=True),
    sa.Column('sign_expected', sa.Integer(), nullable=True),
    sa.Column('signed_in_time', sa.Integer(), nullable=True),
    sa.Column('due', sa.Integer(), nullable=True),
    sa.Column('closed_on_time', sa.Integer(), nullable=True),
    sa.Column('overdue_open', sa.Integer(), nullable=True),
    sa.Column('closed', sa.Integer(), nullable=True),
    sa.Column('called_back', sa.Integer(), nullable=True),
    sa.Column('resolved_answers', sa.Integer(), nullable=True),
    sa.Column('resolved', sa.Integer(), nullable=True),
    sa.Column('satisfied_answers', sa.Integer(), nullable=True),
    sa.Column('satisfied', sa.Integer(), nullable=True),
    sa.Column('false_closed', sa.Integer(), nullable=True),
    sa.Column('closing_known', sa.Integer(), nullable=True),
    sa.Column('signing_recorded', sa.Integer(), nullable=True),
    sa.Column('deadlines_recorded', sa.Integer(), nullable=True),
    sa.Column('closing_recorded', sa.Integer(), nullable=True),
    sa.Column('callbacks_recorded', sa.Integer(), nullable=True),
    sa.Column('repeats_recorded', sa.Integer(), nullable=True),
    sa.Column('callbacks_due', sa.Integer(), nullable=True),
    sa.Column('reopenable', sa.Integer(), nullable=True),
    sa.Column('handling_hours', sa.Float(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_petition_department_month_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', 'channel', 'category_1', 'category_2', 'category_3', 'department', name=op.f('pk_petition_department_month'))
    )
    with op.batch_alter_table('petition_department_month') as batch_op:
        batch_op.create_index(batch_op.f('ix_petition_department_month_month'), ['month'], unique=False)
    op.create_table('petition_department_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('category_1', sa.String(length=64), nullable=False),
    sa.Column('category_2', sa.String(length=64), nullable=False),
    sa.Column('category_3', sa.String(length=64), nullable=False),
    sa.Column('department', sa.String(length=120), nullable=False),
    sa.Column('received', sa.Integer(), nullable=True),
    sa.Column('completed', sa.Integer(), nullable=True),
    sa.Column('repeats', sa.Integer(), nullable=True),
    sa.Column('sign_expected', sa.Integer(), nullable=True),
    sa.Column('signed_in_time', sa.Integer(), nullable=True),
    sa.Column('due', sa.Integer(), nullable=True),
    sa.Column('closed_on_time', sa.Integer(), nullable=True),
    sa.Column('overdue_open', sa.Integer(), nullable=True),
    sa.Column('closed', sa.Integer(), nullable=True),
    sa.Column('called_back', sa.Integer(), nullable=True),
    sa.Column('resolved_answers', sa.Integer(), nullable=True),
    sa.Column('resolved', sa.Integer(), nullable=True),
    sa.Column('satisfied_answers', sa.Integer(), nullable=True),
    sa.Column('satisfied', sa.Integer(), nullable=True),
    sa.Column('false_closed', sa.Integer(), nullable=True),
    sa.Column('closing_known', sa.Integer(), nullable=True),
    sa.Column('signing_recorded', sa.Integer(), nullable=True),
    sa.Column('deadlines_recorded', sa.Integer(), nullable=True),
    sa.Column('closing_recorded', sa.Integer(), nullable=True),
    sa.Column('callbacks_recorded', sa.Integer(), nullable=True),
    sa.Column('repeats_recorded', sa.Integer(), nullable=True),
    sa.Column('callbacks_due', sa.Integer(), nullable=True),
    sa.Column('reopenable', sa.Integer(), nullable=True),
    sa.Column('handling_hours', sa.Float(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_petition_department_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', 'channel', 'category_1', 'category_2', 'category_3', 'department', name=op.f('pk_petition_department_month_to_date'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('petition_department_month_to_date')
    op.drop_table('petition_department_month')
