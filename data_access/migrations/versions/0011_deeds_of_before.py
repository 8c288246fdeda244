"""exports and published months that are there already are in the record of deeds"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

_CHUNK = 1_000


def _canonical(content):
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(',', ':'))


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    tables = sa.MetaData()
    deed, export_log, frozen = (
        sa.Table(name, tables, autoload_with=connection) for name in ('deed', 'export_log', 'evaluation_freeze')
    )
    newest = sa.select(deed.c.number, deed.c.digest).order_by(deed.c.number.desc()).limit(1)
    number, digest = connection.execute(newest).one_or_none() or (0, '')
    rows = []

    def add(done_at, done_by, kind, subject, after):
        nonlocal number, digest
        number += 1
        row = {
            'number': number, 'done_at': done_at.isoformat(), 'done_by': done_by, 'done_from': '', 'kind': kind,
            'subject': subject[:200], 'before': None, 'after': _canonical(after), 'previous_digest': digest,
        }
        digest = hashlib.sha256(_canonical(row).encode()).hexdigest()
        rows.append({**row, 'done_at': done_at, 'digest': digest})
        if len(rows) >= _CHUNK:
            write()

    def write():
        if rows:
            connection.execute(sa.insert(deed), rows)
            rows.clear()

    e, f = export_log.c, frozen.c
    for one in connection.execute(sa.select(export_log).order_by(e.exported_at, e.id)).all():
        after = {'format': one.format, 'rows': one.rows, 'question': one.question}
        add(one.exported_at, one.exported_by, 'exported', one.question, after)
    # From now on: of what was before nobody can say whether it was rewritten.
    now = datetime.now().replace(microsecond=0)
    names = ('scheme', 'month', 'version', 'sha256', 'frozen_by', 'reason')
    kept = sa.select(*(f[name] for name in names)).order_by(f.frozen_at, f.scheme, f.month, f.version)
    for one in connection.execute(kept).mappings().all():
        add(now, '', 'frozen', f"{one['scheme']} {one['month']}", dict(one))
    write()
    op.drop_table('export_log')


def downgrade() -> None:
    """Take back: the exports stay in the record."""
    op.create_table('export_log',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('exported_at', sa.DateTime(), nullable=False),
    sa.Column('exported_by', sa.String(length=120), nullable=False),
    sa.Column('format', sa.String(length=16), nullable=False),
    sa.Column('question', sa.String(length=2000), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export_log'))
    )
    with op.batch_alter_table('export_log') as batch_op:
        batch_op.create_index(batch_op.f('ix_export_log_exported_at'), ['exported_at'], unique=False)
