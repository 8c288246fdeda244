"""Imports, and what each replaced."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, Integer, String, Table, Text
from sqlalchemy.dialects.mysql import MEDIUMTEXT

from data_access.model.tables import code, metadata

import_batch = Table(
    "import_batch",
    metadata,
    code("id", primary_key=True),
    Column("table_name", String(64), nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("finished_at", DateTime, nullable=False),
    Column("read", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    # The order in which batches were written; null: by a version that kept no history, so that it cannot be undone
    Column("number", Integer),
    # Until when its area's data reached before it; null: there were none
    Column("as_of_before", DateTime),
    Column("undone_at", DateTime),
    # JSON: our columns that the file had (mapped), and those that were the same for all its rows (defaulted)
    Column("fields", Text),
    Index(None, "number", unique=True),
)

# What a batch replaced. Rows that it created are not listed if they carry its batch_id.
import_change = Table(
    "import_change",
    metadata,
    code("batch_id", primary_key=True),
    # The order in which the batch wrote
    Column("position", Integer, primary_key=True, autoincrement=False),
    # Empty where the row's primary key has no township
    Column("township_code", String(12), primary_key=True),
    Column("table_name", String(64), nullable=False),
    # JSON list of the primary key without the township
    Column("row_key", String(512), nullable=False),
    # Where the row went, if it left its township
    Column("moved_to", String(12)),
    # Who wrote the row before
    code("previous_batch"),
    # JSON object of the whole row; null: the batch created it
    Column("before", Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")),
    Index(None, "table_name", "row_key"),
    Index(None, "previous_batch"),
)
