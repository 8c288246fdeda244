"""the index of open cases stands in the order in which they are due"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

_OPEN = sa.text('closed_at IS NULL')
_OPEN_AND_VALID = sa.text('closed_at IS NULL AND invalid_reason IS NULL')


def upgrade() -> None:
    """Apply."""
    op.drop_index('ix_petition_due', table_name='petition')
    op.create_index('ix_petition_due', 'petition', ['closed_at', 'due_at', 'case_no', 'township_code', 'department', 'status', 'recorded'], sqlite_where=_OPEN_AND_VALID, postgresql_where=_OPEN_AND_VALID)


def downgrade() -> None:
    """Take back."""
    op.drop_index('ix_petition_due', table_name='petition')
    op.create_index('ix_petition_due', 'petition', ['township_code', 'department', 'status', 'recorded', 'due_at', 'invalid_reason', 'case_no'], sqlite_where=_OPEN, postgresql_where=_OPEN)
