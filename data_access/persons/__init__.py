"""Who raised cases: shown one at a time with a reason, and forgotten when the time is over.

``python -m data_access.persons forget [--closed-before DATE]`` takes names, telephones, what was said and where
out of cases that were closed before that day, and out of what imports replaced in them. Figures stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, bindparam, func, or_, select, update

from data_access.access import Viewer
from data_access.areas.petitions.tables import petition
from data_access.audit.chain import months_ago
from data_access.audit.deeds import record
from data_access.database import begin_writing
from data_access.importing.history import key_of, replaced_rows, row_of, row_text
from data_access.model.batches import import_change
from data_access.problems import Problem

PERSONAL = tuple(column for column in petition.c if column.info.get("is_personal"))
_SHORTEST_REASON = 4
# The coordinate system alone tells nothing, but longitudes and latitudes nothing without it.
_SHOWN = (*PERSONAL, petition.c.coordinate_system)
# So many cases are looked at in a statement
_CHUNK = 500


def case_persons(engine: Engine, viewer: Viewer, township_code: str, case_no: str, reason: str) -> dict[str, str]:
    """Who raised a case, what was said and where, by column; that it was shown, to whom and why, is recorded first.

    Empty where the case tells nothing. Raises NotAllowed, and Problem without a reason.
    """
    viewer.require("persons")
    if len(reason.strip()) < _SHORTEST_REASON:
        raise Problem(
            f"请写明查看的原因（至少 {_SHORTEST_REASON} 个字），它会记入操作记录。",
            f"Say why ({_SHORTEST_REASON} characters or more); the reason goes into the audit log.",
        )
    with engine.begin() as connection:
        begin_writing(connection)
        of_case = and_(petition.c.township_code == township_code, petition.c.case_no == case_no)
        row = connection.execute(select(*_SHOWN, petition.c.department).where(of_case)).mappings().one_or_none()
        viewer.require_case(township_code, row["department"] if row else None)
        record(
            connection, viewer, "persons-shown", f"{township_code}/{case_no}", after={"reason": reason.strip()[:200]}
        )
    return {column.name: str(row[column.name]) for column in _SHOWN if row and row[column.name]}


def last_kept(months: int, today: date | None = None) -> date:
    """Cases closed before this day are over, where who raised them is kept for so many months."""
    return months_ago(today or date.today(), months)


def persons_due(connection: Connection, by: Viewer, closed_before: date) -> int:
    """How many cases closed before a day still tell who raised them. Raises NotAllowed."""
    by.require("administer")
    return int(connection.scalar(select(func.count()).select_from(petition).where(_tells_before(closed_before))) or 0)


def _tells_before(closed_before: date) -> ColumnElement[bool]:
    limit = datetime.combine(closed_before, datetime.min.time())
    return and_(petition.c.closed_at < limit, or_(*(column.is_not(None) for column in PERSONAL)))


def forget_persons(engine: Engine, by: Viewer, closed_before: date) -> int:
    """Take the personal columns out of the cases closed before a day, and out of their history; how many cases."""
    by.require("administer")
    forgotten = dict.fromkeys(column.name for column in PERSONAL)
    limit = datetime.combine(closed_before, datetime.min.time())
    over = _tells_before(closed_before)
    with engine.begin() as connection:
        begin_writing(connection)
        if connection.dialect.name == "sqlite":
            # Otherwise what was there could be read in the file until its place is needed.
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        count = int(connection.scalar(select(func.count()).select_from(petition).where(over)) or 0)
        _forget_history(connection, limit)
        connection.execute(update(petition).where(over).values(forgotten))
        record(connection, by, "persons-forgotten", f"{closed_before:%Y-%m-%d}", after={"cases": count})
    return count


def _forget_history(connection: Connection, limit: datetime) -> None:
    """Of what imports replaced: in rows that were closed by then, and in what came before of cases that are now."""
    c, t = petition.c, import_change.c
    kept = select(t.batch_id, t.position, t.township_code, t.row_key, t.before).where(
        t.table_name == petition.name, t.before.is_not(None)
    )
    emptied: dict[tuple[str, int, str], str] = {}
    numbers: set[str] = set()
    for change in connection.execute(kept).mappings():
        row = row_of(petition, change["before"])
        numbers.add(key_of(petition, dict(change))["case_no"])
        if row["closed_at"] is not None and row["closed_at"] < limit:
            _empty(emptied, change, row)
    cases = select(c.township_code, c.case_no, c.batch_id).where(c.closed_at < limit)
    for some in _parts(sorted(numbers)):
        for case in connection.execute(cases.where(c.case_no.in_(some))).mappings().all():
            for change, row in replaced_rows(connection, petition, dict(case), case["batch_id"]):
                _empty(emptied, change, row)
    if emptied:
        of_change = and_(
            t.batch_id == bindparam("batch"), t.position == bindparam("place"), t.township_code == bindparam("township")
        )
        connection.execute(
            update(import_change).where(of_change).values(before=bindparam("emptied")),
            [
                {"batch": batch, "place": place, "township": township, "emptied": text}
                for (batch, place, township), text in emptied.items()
            ],
        )


def _parts(numbers: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(numbers), _CHUNK):
        yield numbers[start : start + _CHUNK]


def _empty(emptied: dict[tuple[str, int, str], str], change: Any, row: dict[str, Any]) -> None:
    known = {column.name for column in PERSONAL} & {name for name, value in row.items() if value is not None}
    if known:
        emptied[change["batch_id"], change["position"], change["township_code"]] = row_text(row | dict.fromkeys(known))
