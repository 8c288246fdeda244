"""how figures are asked for, who is asked, and the right to report them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

_COLUMNS = {
    'numerator_zh': sa.String(length=64),
    'numerator_en': sa.String(length=64),
    'denominator_zh': sa.String(length=64),
    'denominator_en': sa.String(length=64),
    'frequency': sa.String(length=8),
    'due_day': sa.Integer(),
    'first_month': sa.String(length=7),
    'last_month': sa.String(length=7),
    'direction': sa.String(length=8),
    'contact': sa.String(length=64),
    'source': sa.String(length=200),
    'counted_as': sa.String(length=64),
}
_REPORT = 'report'


def upgrade() -> None:
    """Apply."""
    for name, type_ in _COLUMNS.items():
        op.add_column('reported_indicator', sa.Column(name, type_, nullable=True))
    op.create_table('reporting_township',
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['code'], ['reported_indicator.code'], name=op.f('fk_reporting_township_code')),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_reporting_township_township_code')),
    sa.PrimaryKeyConstraint('code', 'township_code', name=op.f('pk_reporting_township'))
    )
    op.create_table('report_step',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('numerator', sa.Float(), nullable=True),
    sa.Column('denominator', sa.Float(), nullable=True),
    sa.Column('at_least', sa.Boolean(), nullable=False),
    sa.Column('was_numerator', sa.Float(), nullable=True),
    sa.Column('was_denominator', sa.Float(), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('done_by', sa.String(length=120), nullable=False),
    sa.Column('done_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['code'], ['reported_indicator.code'], name=op.f('fk_report_step_code')),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_report_step_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', 'code', 'version', name=op.f('pk_report_step'))
    )
    _grant()


def _grant() -> None:
    """Let townships report their figures, and whoever imports them may type them as well."""
    connection = op.get_bind()
    role = sa.table('role', sa.column('code'))
    right = sa.table('role_right', sa.column('role_code'), sa.column('right_code'))
    importing = sa.select(right.c.role_code).where(right.c.right_code == 'import')
    roles = {*connection.scalars(importing), *connection.scalars(sa.select(role.c.code).where(role.c.code == 'township_official'))}
    if roles:
        op.bulk_insert(right, [{'role_code': code, 'right_code': _REPORT} for code in sorted(roles)])


def downgrade() -> None:
    """Take back."""
    right = sa.table('role_right', sa.column('right_code'))
    op.execute(sa.delete(right).where(right.c.right_code == _REPORT))
    op.drop_table('report_step')
    op.drop_table('reporting_township')
    # Not in a batch: SQLite would write the table anew, which others refer to.
    for name in reversed(_COLUMNS):
        op.drop_column('reported_indicator', name)
