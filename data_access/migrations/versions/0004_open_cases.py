"""indexes of the open cases, of repeats and of the latest cases of all townships"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

_OPEN = sa.text('closed_at IS NULL')
_REPEATS = sa.text('repeat_of IS NOT NULL')


def upgrade() -> None:
    """Apply."""
    op.drop_index(op.f('ix_petition_township_code_closed_at_received_at_due_at_invalid_reason'), table_name='petition')
    op.drop_index(op.f('ix_petition_township_code_repeat_of'), table_name='petition')
    op.create_index(op.f('ix_petition_township_code_closed_at'), 'petition', ['township_code', 'closed_at'])
    op.create_index(op.f('ix_petition_received_at_case_no'), 'petition', ['received_at', 'case_no'])
    op.create_index('ix_petition_repeats', 'petition', ['township_code', 'repeat_of'], sqlite_where=_REPEATS, postgresql_where=_REPEATS)
    op.create_index('ix_petition_open', 'petition', ['township_code', 'due_at', 'received_at', 'case_no', 'invalid_reason', 'channel', 'category_1', 'category_2', 'category_3'], sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    """Take back."""
    op.drop_index('ix_petition_open', table_name='petition')
    op.drop_index('ix_petition_repeats', table_name='petition')
    op.drop_index(op.f('ix_petition_received_at_case_no'), table_name='petition')
    op.drop_index(op.f('ix_petition_township_code_closed_at'), table_name='petition')
    op.create_index(op.f('ix_petition_township_code_repeat_of'), 'petition', ['township_code', 'repeat_of'])
    op.create_index(op.f('ix_petition_township_code_closed_at_received_at_due_at_invalid_reason'), 'petition', ['township_code', 'closed_at', 'received_at', 'due_at', 'invalid_reason'])

