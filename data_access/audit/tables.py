"""The table of the audit log."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, Integer, String, Table, Text

from data_access.model.tables import metadata

# Rows are only added. ``digest`` is the SHA-256 of the row's other columns and of the digest of the row before, so that
# what is changed or taken out later is seen.
deed = Table(
    "deed",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("done_at", DateTime, nullable=False),
    # The account; empty for commands, which only who runs the server can give
    Column("done_by", String(120), nullable=False),
    # The computer's address; empty for commands
    Column("done_from", String(64), nullable=False),
    # What kind of deed: see data_access.audit.deeds
    Column("kind", String(32), nullable=False),
    # What it was done to: a batch, a month, an account
    Column("subject", String(200), nullable=False),
    # JSON objects of what was and of what is; null: nothing
    Column("before", Text),
    Column("after", Text),
    Column("previous_digest", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Index(None, "done_at"),
    # Who loaded a batch
    Index(None, "subject"),
)
