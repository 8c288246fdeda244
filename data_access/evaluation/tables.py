"""What people enter for the monthly evaluation, and its published results."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Float, Index, Integer, String, Table, Text
from sqlalchemy.dialects.mysql import MEDIUMTEXT

from data_access.model.tables import code, metadata, township_code

# The county's own schemes as TOML, the text that files of them hold; they take the place of files of the same name.
evaluation_scheme = Table(
    "evaluation_scheme",
    metadata,
    code("id", primary_key=True),
    Column("content", Text, nullable=False),
)

# Points given or taken by hand. What was entered wrong is withdrawn; nothing is deleted.
evaluation_item = Table(
    "evaluation_item",
    metadata,
    township_code(),
    code("id", primary_key=True),
    Column("month", String(7), nullable=False),
    code("scheme", nullable=False),
    # Negative: taken away
    Column("points", Float, nullable=False),
    Column("reason", String(200), nullable=False),
    # Where the proof is: a document's number, a link
    Column("evidence", String(500), nullable=False),
    Column("entered_by", String(64), nullable=False),
    Column("entered_at", DateTime, nullable=False),
    Column("withdrawn_at", DateTime),
    Index(None, "month", "scheme"),
)

# Cases that do not count in a month's evaluation.
evaluation_exclusion = Table(
    "evaluation_exclusion",
    metadata,
    township_code(),
    code("id", primary_key=True),
    Column("month", String(7), nullable=False),
    code("case_no", nullable=False),
    Column("reason", String(200), nullable=False),
    Column("entered_by", String(64), nullable=False),
    Column("entered_at", DateTime, nullable=False),
    Column("withdrawn_at", DateTime),
    Index(None, "month"),
)

# Published results. Rows are only added: a correction is a further version.
evaluation_freeze = Table(
    "evaluation_freeze",
    metadata,
    code("scheme", primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("frozen_at", DateTime, nullable=False),
    Column("frozen_by", String(64), nullable=False),
    # Why it supersedes the version before; empty for the first
    Column("reason", String(200), nullable=False),
    # JSON: scheme, inputs, items, exclusions and scores, written so that equal contents are equal texts
    Column("content", Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb"), nullable=False),
    Column("sha256", String(64), nullable=False),
)

# What somebody proposes to freeze, until another confirms it or either takes it back: one for a scheme's month. The record
# of deeds keeps what became of it.
evaluation_proposal = Table(
    "evaluation_proposal",
    metadata,
    code("scheme", primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("version", Integer, nullable=False),
    # draft or final
    Column("stage", String(16), nullable=False),
    Column("reason", String(200), nullable=False),
    # Of what would be frozen: scheme, inputs, items, exclusions, scores, version, stage and reason
    Column("sha256", String(64), nullable=False),
    Column("proposed_by", String(120), nullable=False),
    Column("proposed_at", DateTime, nullable=False),
)
