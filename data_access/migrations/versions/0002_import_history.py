"""history of imports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import MEDIUMTEXT

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('import_change',
    sa.Column('batch_id', sa.String(length=64), nullable=False),
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('table_name', sa.String(length=64), nullable=False),
    sa.Column('row_key', sa.String(length=512), nullable=False),
    sa.Column('moved_to', sa.String(length=12), nullable=True),
    sa.Column('previous_batch', sa.String(length=64), nullable=True),
    sa.Column('before', sa.Text().with_variant(MEDIUMTEXT(), 'mysql', 'mariadb'), nullable=True),
    sa.PrimaryKeyConstraint('batch_id', 'position', 'township_code', name=op.f('pk_import_change'))
    )
    with op.batch_alter_table('import_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_change_table_name_row_key'), ['table_name', 'row_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_import_change_previous_batch'), ['previous_batch'], unique=False)

    # Nullable columns are added in place: recreating the table would gain nothing.
    op.add_column('import_batch', sa.Column('number', sa.Integer(), nullable=True))
    op.add_column('import_batch', sa.Column('as_of_before', sa.DateTime(), nullable=True))
    op.add_column('import_batch', sa.Column('undone_at', sa.DateTime(), nullable=True))
    op.create_index(op.f('ix_import_batch_number'), 'import_batch', ['number'], unique=True)


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f('ix_import_batch_number'), 'import_batch')
    for name in ('undone_at', 'as_of_before', 'number'):
        op.drop_column('import_batch', name)
    op.drop_table('import_change')
