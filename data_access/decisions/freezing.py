"""Verdicts are kept with the month that is frozen: of what was due in it, as far as its data told then."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Connection, insert

from data_access.access import UNRESTRICTED, Viewer
from data_access.audit.deeds import record
from data_access.decisions.items import with_verdicts, written_verdict
from data_access.decisions.records import decisions
from data_access.decisions.tables import decision_verdict


def keep_verdicts(connection: Connection, by: Viewer, month: str, moment: datetime) -> int:
    """Keep the verdicts on what was due in a month, in the transaction that freezes it; how many.

    One that is kept stays, whatever is frozen or loaded later. What the data do not reach yet, and a text that nobody has
    judged, stays open; the next version of the month that is frozen keeps it.
    """
    by.require("evaluate")
    told = [
        item
        for item in with_verdicts(connection, UNRESTRICTED, decisions(connection, UNRESTRICTED, due_month=month))
        if not item.kept_month and item.state != "withdrawn" and item.verdict.is_final
    ]
    if not told:
        return 0
    rows = [
        {"decision_id": item.decision.id, "month": month, "kept_at": moment, "content": written_verdict(item.verdict)}
        for item in sorted(told, key=lambda one: one.decision.id)
    ]
    connection.execute(insert(decision_verdict), rows)
    digest = hashlib.sha256("\n".join(f"{row['decision_id']} {row['content']}" for row in rows).encode()).hexdigest()
    record(connection, by, "verdicts-kept", month, after={"decisions": len(rows), "sha256": digest})
    return len(rows)
