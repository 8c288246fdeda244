"""an index of the open cases by who handles them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

_OPEN = sa.text('closed_at IS NULL')


def upgrade() -> None:
    """Apply."""
    op.create_index('ix_petition_due', 'petition', ['township_code', 'department', 'status', 'recorded', 'due_at', 'invalid_reason', 'case_no'], sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    """Take back."""
    op.drop_index('ix_petition_due', table_name='petition')
