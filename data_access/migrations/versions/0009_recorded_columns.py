"""what a row's sources tell; earlier months as they stood at the same moment as an unfinished one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

_TELLING = {
    'petition': ('signed_at', 'due_at', 'closed_at', 'called_back', 'repeat_of'),
    'project': ('actual_start', 'actual_end'),
    'grid_event': ('due_at', 'closed_at'),
}


def upgrade() -> None:
    """Apply. The caller counts the months that are there already."""
    op.create_table('camera_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('cameras', sa.Integer(), nullable=True),
    sa.Column('watched', sa.Integer(), nullable=True),
    sa.Column('working', sa.Integer(), nullable=True),
    sa.Column('offline_24h', sa.Integer(), nullable=True),
    sa.Column('villages', sa.Integer(), nullable=True),
    sa.Column('villages_covered', sa.Integer(), nullable=True),
    sa.Column('outages', sa.Integer(), nullable=True),
    sa.Column('repairs', sa.Integer(), nullable=True),
    sa.Column('hours_due', sa.Float(), nullable=True),
    sa.Column('hours_up', sa.Float(), nullable=True),
    sa.Column('repair_hours', sa.Float(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_camera_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', name=op.f('pk_camera_month_to_date'))
    )
    op.create_table('camera_outage_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('cause', sa.String(length=64), nullable=False),
    sa.Column('outages', sa.Integer(), nullable=True),
    sa.Column('hours_down', sa.Float(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_camera_outage_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', 'cause', name=op.f('pk_camera_outage_month_to_date'))
    )
    op.create_table('grid_kind_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('events', sa.Integer(), nullable=True),
    sa.Column('closed', sa.Integer(), nullable=True),
    sa.Column('due', sa.Integer(), nullable=True),
    sa.Column('closed_on_time', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_grid_kind_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', 'kind', name=op.f('pk_grid_kind_month_to_date'))
    )
    op.create_table('grid_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('villages', sa.Integer(), nullable=True),
    sa.Column('grids', sa.Integer(), nullable=True),
    sa.Column('micro_grids', sa.Integer(), nullable=True),
    sa.Column('workers', sa.Integer(), nullable=True),
    sa.Column('events', sa.Integer(), nullable=True),
    sa.Column('completed', sa.Integer(), nullable=True),
    sa.Column('closed', sa.Integer(), nullable=True),
    sa.Column('due', sa.Integer(), nullable=True),
    sa.Column('closed_on_time', sa.Integer(), nullable=True),
    sa.Column('hazards', sa.Integer(), nullable=True),
    sa.Column('disputes', sa.Integer(), nullable=True),
    sa.Column('disputes_closed', sa.Integer(), nullable=True),
    sa.Column('closing_recorded', sa.Integer(), nullable=True),
    sa.Column('deadlines_recorded', sa.Integer(), nullable=True),
    sa.Column('grid_months', sa.Integer(), nullable=True),
    sa.Column('inactive_grid_months', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_grid_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', name=op.f('pk_grid_month_to_date'))
    )
    op.create_table('petition_category_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('category_1', sa.String(length=64), nullable=False),
    sa.Column('category_2', sa.String(length=64), nullable=False),
    sa.Column('category_3', sa.String(length=64), nullable=False),
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
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_petition_category_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', 'channel', 'category_1', 'category_2', 'category_3', name=op.f('pk_petition_category_month_to_date'))
    )
    op.create_table('petition_duration_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('two_hours', sa.SmallInteger(), nullable=False),
    sa.Column('closed', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_petition_duration_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', 'two_hours', name=op.f('pk_petition_duration_month_to_date'))
    )
    op.create_table('petition_hour_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('weekday', sa.SmallInteger(), nullable=False),
    sa.Column('hour', sa.SmallInteger(), nullable=False),
    sa.Column('received', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_petition_hour_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', 'weekday', 'hour', name=op.f('pk_petition_hour_month_to_date'))
    )
    op.create_table('petition_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
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
    sa.Column('resident_cases', sa.Integer(), nullable=True),
    sa.Column('residents', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_petition_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', name=op.f('pk_petition_month_to_date'))
    )
    op.create_table('petition_village_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('village_code', sa.String(length=64), nullable=False),
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
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_petition_village_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', 'village_code', name=op.f('pk_petition_village_month_to_date'))
    )
    op.create_table('project_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('stage', sa.String(length=64), nullable=False),
    sa.Column('projects', sa.Integer(), nullable=True),
    sa.Column('started', sa.Integer(), nullable=True),
    sa.Column('starts_recorded', sa.Integer(), nullable=True),
    sa.Column('completed', sa.Integer(), nullable=True),
    sa.Column('ends_recorded', sa.Integer(), nullable=True),
    sa.Column('reported', sa.Integer(), nullable=True),
    sa.Column('behind', sa.Integer(), nullable=True),
    sa.Column('gap_points', sa.Float(), nullable=True),
    sa.Column('done_points', sa.Float(), nullable=True),
    sa.Column('planned_points', sa.Float(), nullable=True),
    sa.Column('budget_yuan', sa.BigInteger(), nullable=True),
    sa.Column('invested_yuan', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_project_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', 'kind', 'stage', name=op.f('pk_project_month_to_date'))
    )
    op.create_table('volunteer_kind_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('activities', sa.Integer(), nullable=True),
    sa.Column('hours', sa.Float(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_volunteer_kind_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', 'kind', name=op.f('pk_volunteer_kind_month_to_date'))
    )
    op.create_table('volunteer_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('teams', sa.Integer(), nullable=True),
    sa.Column('grid_teams', sa.Integer(), nullable=True),
    sa.Column('members', sa.Integer(), nullable=True),
    sa.Column('registered', sa.Integer(), nullable=True),
    sa.Column('residents', sa.Integer(), nullable=True),
    sa.Column('grids', sa.Integer(), nullable=True),
    sa.Column('grids_covered', sa.Integer(), nullable=True),
    sa.Column('team_months', sa.Integer(), nullable=True),
    sa.Column('active_team_months', sa.Integer(), nullable=True),
    sa.Column('timed_team_months', sa.Integer(), nullable=True),
    sa.Column('activities', sa.Integer(), nullable=True),
    sa.Column('participants', sa.Integer(), nullable=True),
    sa.Column('hours', sa.Float(), nullable=True),
    sa.Column('timed_hours', sa.Float(), nullable=True),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_volunteer_month_to_date_township_code')),
    sa.PrimaryKeyConstraint('township_code', 'month', name=op.f('pk_volunteer_month_to_date'))
    )
    with op.batch_alter_table('camera_month', schema=None) as batch_op:
        batch_op.add_column(sa.Column('watched', sa.Integer(), nullable=True))

    with op.batch_alter_table('grid_event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('recorded', sa.Integer(), server_default='3', nullable=False))

    with op.batch_alter_table('grid_month', schema=None) as batch_op:
        batch_op.add_column(sa.Column('closing_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('deadlines_recorded', sa.Integer(), nullable=True))

    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fields', sa.Text(), nullable=True))

    with op.batch_alter_table('petition', schema=None) as batch_op:
        batch_op.add_column(sa.Column('recorded', sa.Integer(), server_default='31', nullable=False))
        batch_op.drop_index(batch_op.f('ix_petition_open'), sqlite_where=sa.text('closed_at IS NULL'))
        batch_op.create_index('ix_petition_open', ['township_code', 'due_at', 'received_at', 'case_no', 'invalid_reason', 'channel', 'category_1', 'category_2', 'category_3', 'status', 'recorded'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    with op.batch_alter_table('petition_category_month', schema=None) as batch_op:
        batch_op.add_column(sa.Column('closing_known', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('signing_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('deadlines_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('closing_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('callbacks_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('repeats_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('callbacks_due', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('reopenable', sa.Integer(), nullable=True))

    with op.batch_alter_table('petition_month', schema=None) as batch_op:
        batch_op.add_column(sa.Column('closing_known', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('signing_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('deadlines_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('closing_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('callbacks_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('repeats_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('callbacks_due', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('reopenable', sa.Integer(), nullable=True))

    with op.batch_alter_table('petition_village_month', schema=None) as batch_op:
        batch_op.add_column(sa.Column('closing_known', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('signing_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('deadlines_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('closing_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('callbacks_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('repeats_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('callbacks_due', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('reopenable', sa.Integer(), nullable=True))

    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.add_column(sa.Column('recorded', sa.Integer(), server_default='3', nullable=False))

    with op.batch_alter_table('project_month', schema=None) as batch_op:
        batch_op.add_column(sa.Column('starts_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('ends_recorded', sa.Integer(), nullable=True))


    _forget_what_no_source_told()


def _forget_what_no_source_told() -> None:
    """A column that is empty in all rows was in none of the files: nothing is known of it."""
    connection = op.get_bind()
    for table, columns in _TELLING.items():
        rows = sa.table(table, sa.column('recorded'), *map(sa.column, columns))
        given = connection.execute(sa.select(*(sa.func.max(sa.case((rows.c[name].is_not(None), 1))) for name in columns))).one()
        bits = sum(1 << place for place, value in enumerate(given) if value is not None)
        if bits < (1 << len(columns)) - 1:
            connection.execute(sa.update(rows).values(recorded=bits))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table('project_month', schema=None) as batch_op:
        batch_op.drop_column('ends_recorded')
        batch_op.drop_column('starts_recorded')

    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.drop_column('recorded')

    with op.batch_alter_table('petition_village_month', schema=None) as batch_op:
        batch_op.drop_column('reopenable')
        batch_op.drop_column('callbacks_due')
        batch_op.drop_column('repeats_recorded')
        batch_op.drop_column('callbacks_recorded')
        batch_op.drop_column('closing_recorded')
        batch_op.drop_column('deadlines_recorded')
        batch_op.drop_column('signing_recorded')
        batch_op.drop_column('closing_known')

    with op.batch_alter_table('petition_month', schema=None) as batch_op:
        batch_op.drop_column('reopenable')
        batch_op.drop_column('callbacks_due')
        batch_op.drop_column('repeats_recorded')
        batch_op.drop_column('callbacks_recorded')
        batch_op.drop_column('closing_recorded')
        batch_op.drop_column('deadlines_recorded')
        batch_op.drop_column('signing_recorded')
        batch_op.drop_column('closing_known')

    with op.batch_alter_table('petition_category_month', schema=None) as batch_op:
        batch_op.drop_column('reopenable')
        batch_op.drop_column('callbacks_due')
        batch_op.drop_column('repeats_recorded')
        batch_op.drop_column('callbacks_recorded')
        batch_op.drop_column('closing_recorded')
        batch_op.drop_column('deadlines_recorded')
        batch_op.drop_column('signing_recorded')
        batch_op.drop_column('closing_known')

    with op.batch_alter_table('petition', schema=None) as batch_op:
        batch_op.drop_index('ix_petition_open', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_petition_open'), ['township_code', 'due_at', 'received_at', 'case_no', 'invalid_reason', 'channel', 'category_1', 'category_2', 'category_3'], unique=False, sqlite_where=sa.text('closed_at IS NULL'))
        batch_op.drop_column('recorded')

    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.drop_column('fields')

    with op.batch_alter_table('grid_month', schema=None) as batch_op:
        batch_op.drop_column('deadlines_recorded')
        batch_op.drop_column('closing_recorded')

    with op.batch_alter_table('grid_event', schema=None) as batch_op:
        batch_op.drop_column('recorded')

    with op.batch_alter_table('camera_month', schema=None) as batch_op:
        batch_op.drop_column('watched')

    op.drop_table('volunteer_month_to_date')
    op.drop_table('volunteer_kind_month_to_date')
    op.drop_table('project_month_to_date')
    op.drop_table('petition_village_month_to_date')
    op.drop_table('petition_month_to_date')
    op.drop_table('petition_hour_month_to_date')
    op.drop_table('petition_duration_month_to_date')
    op.drop_table('petition_category_month_to_date')
    op.drop_table('grid_month_to_date')
    op.drop_table('grid_kind_month_to_date')
    op.drop_table('camera_outage_month_to_date')
    op.drop_table('camera_month_to_date')
