"""aliases of villages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('village_alias',
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.Column('alias', sa.String(length=64), nullable=False),
    sa.Column('village_code', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_village_alias_township_code')),
    sa.ForeignKeyConstraint(['village_code'], ['village.code'], name=op.f('fk_village_alias_village_code')),
    sa.PrimaryKeyConstraint('township_code', 'alias', name=op.f('pk_village_alias'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('village_alias')
