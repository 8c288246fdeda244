"""what a row's sources tell; earlier months as they stood at the same moment as an unfinished one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None
counted_anew = ("petitions", "cameras", "volunteers", "projects", "grid")

_OPEN = sa.text('closed_at IS NULL')
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
        batch_op.add_column(sa.Column('recorded', sa.Integer(), nullable=True))

    with op.batch_alter_table('grid_month', schema=None) as batch_op:
        batch_op.add_column(sa.Column('closing_recorded', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('deadlines_recorded', sa.Integer(), nullable=True))

    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fields', sa.Text(), nullable=True))

    op.add_column('petition', sa.Column('recorded', sa.Integer(), nullable=True))
    op.drop_index('ix_petition_open', table_name='petition')
    op.create_index('ix_petition_open', 'petition', ['township_code', 'due_at', 'received_at', 'case_no', 'invalid_reason', 'channel', 'category_1', 'category_2', 'category_3', 'status', 'recorded'], sqlite_where=_OPEN, postgresql_where=_OPEN)

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
        batch_op.add_column(sa.Column('recorded', sa.Integer(), nullable=True))

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
    op.drop_column('project_month', 'ends_recorded')
    op.drop_column('project_month', 'starts_recorded')

    op.drop_column('project', 'recorded')

    op.drop_column('petition_village_month', 'reopenable')
    op.drop_column('petition_village_month', 'callbacks_due')
    op.drop_column('petition_village_month', 'repeats_recorded')
    op.drop_column('petition_village_month', 'callbacks_recorded')
    op.drop_column('petition_village_month', 'closing_recorded')
    op.drop_column('petition_village_month', 'deadlines_recorded')
    op.drop_column('petition_village_month', 'signing_recorded')
    op.drop_column('petition_village_month', 'closing_known')

    op.drop_column('petition_month', 'reopenable')
    op.drop_column('petition_month', 'callbacks_due')
    op.drop_column('petition_month', 'repeats_recorded')
    op.drop_column('petition_month', 'callbacks_recorded')
    op.drop_column('petition_month', 'closing_recorded')
    op.drop_column('petition_month', 'deadlines_recorded')
    op.drop_column('petition_month', 'signing_recorded')
    op.drop_column('petition_month', 'closing_known')

    op.drop_column('petition_category_month', 'reopenable')
    op.drop_column('petition_category_month', 'callbacks_due')
    op.drop_column('petition_category_month', 'repeats_recorded')
    op.drop_column('petition_category_month', 'callbacks_recorded')
    op.drop_column('petition_category_month', 'closing_recorded')
    op.drop_column('petition_category_month', 'deadlines_recorded')
    op.drop_column('petition_category_month', 'signing_recorded')
    op.drop_column('petition_category_month', 'closing_known')

    op.drop_index('ix_petition_open', table_name='petition')
    op.drop_column('petition', 'recorded')
    op.create_index('ix_petition_open', 'petition', ['township_code', 'due_at', 'received_at', 'case_no', 'invalid_reason', 'channel', 'category_1', 'category_2', 'category_3'], sqlite_where=_OPEN, postgresql_where=_OPEN)

    op.drop_column('import_batch', 'fields')

    op.drop_column('grid_month', 'deadlines_recorded')
    op.drop_column('grid_month', 'closing_recorded')

    op.drop_column('grid_event', 'recorded')

    op.drop_column('camera_month', 'watched')

    op.drop_table('volunteer_month_to_date')
    op.drop_table('volunteer_kind_month_to_date')
    op.drop_table('petition_village_month_to_date')
    op.drop_table('petition_month_to_date')
    op.drop_table('petition_hour_month_to_date')
    op.drop_table('petition_duration_month_to_date')
    op.drop_table('petition_category_month_to_date')
    op.drop_table('grid_month_to_date')
    op.drop_table('grid_kind_month_to_date')
    op.drop_table('camera_outage_month_to_date')
    op.drop_table('camera_month_to_date')
