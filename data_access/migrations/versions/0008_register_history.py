"""what registers said of past months; amounts that a source lacks are missing; both sides of a ratio of the same rows"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_AMOUNTS = {
    'volunteer_team': (('members', sa.Integer), ('registered', sa.Integer)),
    'volunteer_activity': (('participants', sa.Integer), ('hours', sa.Float)),
    'grid': (('workers', sa.Integer),),
}
_MEASURES = (
    ('petition_month', 'resident_cases', sa.Integer),
    ('volunteer_month', 'timed_team_months', sa.Integer),
    ('volunteer_month', 'timed_hours', sa.Float),
)


def upgrade() -> None:
    """Apply. The caller counts the months that are there already."""
    op.create_table('register_value',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('table_name', sa.String(length=64), nullable=False),
    sa.Column('row_code', sa.String(length=64), nullable=False),
    sa.Column('since', sa.String(length=7), nullable=False),
    sa.Column('until', sa.String(length=7), nullable=False),
    sa.Column('members', sa.Integer(), nullable=True),
    sa.Column('registered', sa.Integer(), nullable=True),
    sa.Column('workers', sa.Integer(), nullable=True),
    sa.Column('residents', sa.Integer(), nullable=True),
    sa.Column('batch_id', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_register_value_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'table_name', 'row_code', 'until', name=op.f('pk_register_value'))
    )
    with op.batch_alter_table('register_value') as batch_op:
        batch_op.create_index(batch_op.f('ix_register_value_batch_id'), ['batch_id'], unique=False)
    for table, name, kind in _MEASURES:
        op.add_column(table, sa.Column(name, kind(), nullable=True))
    op.add_column('data_state', sa.Column('registers_since', sa.String(length=7), nullable=True))
    for table, columns in _AMOUNTS.items():
        for name, kind in columns:
            _require(table, name, kind(), required=False)
            _empty_what_no_source_told(table, name)
    _date_registers()


def downgrade() -> None:
    """Take back."""
    for table, columns in _AMOUNTS.items():
        for name, kind in columns:
            op.execute(f'UPDATE {table} SET {name} = 0 WHERE {name} IS NULL')
            _require(table, name, kind(), required=True)
    with op.batch_alter_table('data_state') as batch_op:
        batch_op.drop_column('registers_since')
    for table, name, _ in _MEASURES:
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column(name)
    op.drop_table('register_value')


def _require(table: str, name: str, kind: sa.types.TypeEngine[object], *, required: bool) -> None:
    if op.get_bind().dialect.name != 'sqlite':
        op.alter_column(table, name, existing_type=kind, nullable=not required)
        return
    # SQLite can change a column only by making the table anew, which rows that refer to it forbid.
    default = '0' if required else None
    op.add_column(table, sa.Column(f'{name}_new', kind, nullable=not required, server_default=default))
    op.execute(f'UPDATE {table} SET {name}_new = {name}')
    op.execute(f'ALTER TABLE {table} DROP COLUMN {name}')
    op.execute(f'ALTER TABLE {table} RENAME COLUMN {name}_new TO {name}')


def _empty_what_no_source_told(table: str, name: str) -> None:
    """Where a whole file has 0 in a column, it had no such column."""
    connection = op.get_bind()
    rows = sa.table(table, sa.column(name), sa.column('batch_id'))
    amount = rows.c[name]
    if table == 'grid':
        if connection.scalar(sa.select(sa.func.max(amount))) == 0:
            connection.execute(sa.update(rows).values({name: None}))
        return
    batches = connection.scalars(sa.select(rows.c.batch_id).group_by(rows.c.batch_id).having(sa.func.max(amount) == 0)).all()
    for batch in batches:
        connection.execute(sa.update(rows).where(rows.c.batch_id.is_not_distinct_from(batch)).values({name: None}))


def _date_registers() -> None:
    """The sample's registers are known for all of its months, a county's for the month that it reached."""
    connection = op.get_bind()
    setting = sa.table('county_setting', sa.column('name'), sa.column('value'))
    state = sa.table('data_state', sa.column('area'), sa.column('as_of', sa.DateTime()), sa.column('registers_since'))
    is_sample = connection.scalar(sa.select(setting.c.value).where(setting.c.name == 'sample')) == '1'
    for area, as_of in connection.execute(sa.select(state.c.area, state.c.as_of)).all():
        if area in ('volunteers', 'grid'):
            after = as_of + timedelta(seconds=1)
            since = '0001-01' if is_sample else f'{after.replace(day=1) - timedelta(days=1):%Y-%m}'
            connection.execute(sa.update(state).where(state.c.area == area).values(registers_since=since))
