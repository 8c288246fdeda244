"""longer kinds, causes, stages, channels, categories, departments and names"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

_CATEGORIES = {name: (64, 120) for name in ('channel', 'category_1', 'category_2', 'category_3')}
# Table -> column -> length before and since; those of rollups are in their keys
_ROLLUPS = {
    'camera_outage_month': {'cause': (64, 200)},
    'grid_kind_month': {'kind': (64, 200)},
    'petition_category_month': _CATEGORIES,
    'petition_department_month': _CATEGORIES | {'department': (120, 200)},
    'volunteer_kind_month': {'kind': (64, 200)},
}
_KEYS = _ROLLUPS | {f'{name}_to_date': columns for name, columns in _ROLLUPS.items()} | {
    'project_month': {'kind': (64, 200), 'stage': (64, 200)},
    'township': {'kind': (16, 64)},
    'grid_event': {'kind': (64, 200)},
    'project': {'name': (200, 500)},
    'volunteer_team': {'name': (120, 200)},
}
_OTHERS = {
    'camera': {'place': (200, 500), 'kind': (32, 200)},
    'camera_outage': {'cause': (32, 200)},
    'petition': _CATEGORIES | {'department': (120, 200), 'status': (32, 64)},
    'project': {'kind': (32, 200), 'department': (120, 200)},
    'project_report': {'stage': (32, 200), 'delay_reason': (200, 1000)},
    'volunteer_team': {'kind': (32, 200)},
    'volunteer_activity': {'kind': (32, 200)},
}


def _alter(new: int) -> None:
    # SQLite holds nobody to a length, and would write whole tables anew to change one.
    if op.get_bind().dialect.name == 'sqlite':
        return
    for tables, nullable in ((_KEYS, False), (_OTHERS, True)):
        for table, columns in tables.items():
            for name, lengths in columns.items():
                op.alter_column(
                    table,
                    name,
                    type_=sa.String(lengths[new]),
                    existing_type=sa.String(lengths[1 - new]),
                    existing_nullable=nullable,
                )


def upgrade() -> None:
    """Apply."""
    _alter(1)


def downgrade() -> None:
    """Take back; fails where a text is longer than it may be."""
    _alter(0)
