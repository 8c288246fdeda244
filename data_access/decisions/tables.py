"""The tables of decisions: what was promised, what was said since, and verdicts that are kept."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, DateTime, Float, ForeignKey, Index, Integer, String, Table, Text

from data_access.model.tables import code, metadata


def _of_decision() -> Column[str]:
    return Column("decision_id", String(64), ForeignKey("decision.id"), primary_key=True, nullable=False)


# A decision is withdrawn, never deleted.
decision = Table(
    "decision",
    metadata,
    code("id", primary_key=True),
    Column("what", String(500), nullable=False),
    Column("note", String(1000), nullable=False),
    # Whose it is: a township, or (empty) a department. No foreign key: a load of townships may be undone.
    Column("township_code", String(12), nullable=False),
    Column("department", String(200), nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    # Before any extension
    Column("first_due_on", Date, nullable=False),
    # indicator, cases or text: what the verdict goes by
    Column("kind", String(16), nullable=False),
    # Empty, and of no value, where it goes by something else
    Column("indicator", String(64), nullable=False),
    Column("direction", String(8), nullable=False),
    Column("promised", Float),
    # Whether the indicator counts the department's own cases, not all of the county
    Column("is_of_department", Boolean, nullable=False),
    # The months (YYYY-MM) whose value was known when it was decided, and that value; of cases how many were closed
    Column("start_first", String(7), nullable=False),
    Column("start_last", String(7), nullable=False),
    Column("start_value", Float),
    Column("start_numerator", Float),
    Column("start_denominator", Float),
    Column("entered_by", String(120), nullable=False),
    Column("entered_at", DateTime, nullable=False),
    Column("withdrawn_at", DateTime),
    # Grows with every change, so that nobody writes over what they have not seen
    Column("version", Integer, nullable=False),
    Index(None, "due_on"),
)

# The cases that a decision is about
decision_case = Table(
    "decision_case",
    metadata,
    _of_decision(),
    Column("township_code", String(12), primary_key=True, nullable=False),
    code("case_no", primary_key=True),
)

# What was said of it since; rows are only added.
decision_event = Table(
    "decision_event",
    metadata,
    _of_decision(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # extended, progress, judged or withdrawn
    Column("kind", String(16), nullable=False),
    # The reason, or the word of progress
    Column("told", String(500), nullable=False),
    # Of an extension
    Column("due_before", Date),
    Column("due_after", Date),
    # Of a judgement
    Column("outcome", String(16), nullable=False),
    Column("done_by", String(120), nullable=False),
    Column("done_at", DateTime, nullable=False),
)

# Verdicts as they were when the month of the due date was frozen; rows are only added.
decision_verdict = Table(
    "decision_verdict",
    metadata,
    _of_decision(),
    Column("month", String(7), nullable=False),
    Column("kept_at", DateTime, nullable=False),
    # JSON, see data_access.decisions.freezing
    Column("content", Text, nullable=False),
)
