"""accounts, roles, keys of walls, and the record of deeds"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

_ROLES = (
    ('viewer', '查看', 'Viewer', ()),
    ('township_official', '镇街人员', 'Township official', ('cases', 'persons')),
    ('duty_officer', '值班人员', 'Duty officer', ('cases', 'export')),
    ('clerk', '数据员', 'Clerk', ('cases', 'export', 'import')),
    ('evaluator', '考评人员', 'Evaluator', ('cases', 'export', 'evaluate')),
    ('administrator', '管理员', 'Administrator', ('cases', 'export', 'persons', 'import', 'undo_any', 'evaluate', 'administer')),
)


def upgrade() -> None:
    """Apply."""
    role = op.create_table('role',
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('name_zh', sa.String(length=64), nullable=False),
    sa.Column('name_en', sa.String(length=64), nullable=False),
    sa.Column('is_of_townships', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_role'))
    )
    role_right = op.create_table('role_right',
    sa.Column('role_code', sa.String(length=64), nullable=False),
    sa.Column('right_code', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['role_code'], ['role.code'], name=op.f('fk_role_right_role_code')),
    sa.PrimaryKeyConstraint('role_code', 'right_code', name=op.f('pk_role_right'))
    )
    op.create_table('account',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('full_name', sa.String(length=64), nullable=False),
    sa.Column('role_code', sa.String(length=64), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('must_change', sa.Boolean(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(), nullable=True),
    sa.Column('is_locked', sa.Boolean(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('signed_in_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['role_code'], ['role.code'], name=op.f('fk_account_role_code')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_account'))
    )
    op.create_table('account_township',
    sa.Column('account_name', sa.String(length=120), nullable=False),
    sa.Column('township_code', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['account_name'], ['account.name'], name=op.f('fk_account_township_account_name')),
    sa.ForeignKeyConstraint(['township_code'], ['township.code'], name=op.f('fk_account_township_township_code')),
    sa.PrimaryKeyConstraint('account_name', 'township_code', name=op.f('pk_account_township'))
    )
    op.create_table('wall_key',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('revoked_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wall_key'))
    )
    op.create_table('deed',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('done_at', sa.DateTime(), nullable=False),
    sa.Column('done_by', sa.String(length=120), nullable=False),
    sa.Column('done_from', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('before', sa.Text(), nullable=True),
    sa.Column('after', sa.Text(), nullable=True),
    sa.Column('previous_digest', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_deed'))
    )
    with op.batch_alter_table('deed') as batch_op:
        batch_op.create_index(batch_op.f('ix_deed_done_at'), ['done_at'], unique=False)
    op.bulk_insert(role, [
        {
            'code': code,
            'name_zh': zh,
            'name_en': en,
            'is_of_townships': code == 'township_official',
            'position': position,
        }
        for position, (code, zh, en, _) in enumerate(_ROLES)
    ])
    op.bulk_insert(role_right, [
        {'role_code': code, 'right_code': right} for code, _, _, rights in _ROLES for right in rights
    ])


def downgrade() -> None:
    """Take back."""
    op.drop_table('deed')
    op.drop_table('wall_key')
    op.drop_table('account_township')
    op.drop_table('account')
    op.drop_table('role_right')
    op.drop_table('role')
