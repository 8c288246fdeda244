"""Questions that viewers keep and send on."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, String, Table, Text

from data_access.model.tables import code, metadata

saved_view = Table(
    "saved_view",
    metadata,
    code("id", primary_key=True),
    Column("name", String(80), nullable=False),
    Column("description", String(500), nullable=False),
    # JSON object: query parameters, each a list of texts; places by their codes and names
    Column("question", Text, nullable=False),
    # False: only whoever saved it is shown it in lists
    Column("is_shared", Boolean, nullable=False),
    # Where else it is shown: empty, overview or screen
    Column("place", String(16), nullable=False),
    Column("saved_by", String(120), nullable=False),
    Column("saved_at", DateTime, nullable=False),
    Column("removed_at", DateTime),
)
