"""The table of notes."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, String, Table

from data_access.model.tables import code, metadata

dated_note = Table(
    "dated_note",
    metadata,
    # Empty: of the county. No foreign key: a load of townships may be undone.
    Column("township_code", String(12), primary_key=True),
    code("note_no", primary_key=True),
    # 2023-06-12, or 2023-05: from that month on
    Column("begins", String(10), nullable=False),
    # The last day or month; missing: a day alone, or nobody knows until when
    Column("ends", String(10)),
    Column("words", String(200), nullable=False),
    Column("kind", String(64)),
    # Missing: it came with a file
    Column("written_by", String(120)),
    Column("written_at", DateTime),
    code("batch_id"),
)
