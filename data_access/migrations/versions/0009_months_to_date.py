"""earlier months as they stood at the same moment as an unfinished one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('camera_month_to_date',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('cameras', sa.Integer(), nullable=True),
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
    sa.Column('completed', sa.Integer(), nullable=True),
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


def downgrade() -> None:
    """Take back."""
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
