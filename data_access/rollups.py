"""Keeps the monthly rollups true: DELETE the months touched, INSERT … SELECT them anew.

Call :func:`refresh` in the transaction that wrote the facts. A measure is NULL where its source has no
row (a township that reported nothing), and 0 only where something was reported and nothing counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from data_access.areas.cameras.rollup import ROLLUP as _CAMERAS
from data_access.areas.grid.rollup import ROLLUP as _GRID
from data_access.areas.petitions.rollup import ROLLUP as _PETITIONS
from data_access.areas.projects.rollup import ROLLUP as _PROJECTS
from data_access.areas.reports.tables import indicator_report
from data_access.areas.volunteers.rollup import ROLLUP as _VOLUNTEERS
from data_access.model.data_state import data_state
from data_access.model.rollup import Expression, Rollup, Slice
from data_access.model.tables import to_date
from data_access.registers import NEVER, known_since
from data_access.scope import is_finished, month_end, month_offset, same_moment

ROLLUP_OF: Mapping[str, Rollup] = {
    "petitions": _PETITIONS,
    "cameras": _CAMERAS,
    "volunteers": _VOLUNTEERS,
    "projects": _PROJECTS,
    "grid": _GRID,
    # Figures reported by hand are monthly already: nothing to roll up.
    "reports": Rollup((), (indicator_report.c.month,), lambda _connection, _part: None),
}


def refresh(
    connection: Connection,
    area: str,
    *,
    townships: Collection[str] | None = None,
    start: str | None = None,
    end: str | None = None,
    as_of: datetime | None = None,
    registers_since: str | None = None,
) -> None:
    """Recompute an area's rollups for some townships (default: all) and months start to end (default: all).

    The months must span every date of the rows written, as they were and as they are; what else these
    change is found here. ``as_of`` says until when the data reach, where the loader knows; otherwise it is the latest time in
    the facts. It never moves back. When it moves, what depends on it is recomputed for every township.
    ``registers_since`` is the first month for which the sizes in the area's register hold, where the loader knows;
    otherwise it is the last month that was finished when the register was first there.
    """
    rollup = ROLLUP_OF[area]
    state = connection.execute(select(data_state).where(data_state.c.area == area)).one_or_none()
    before = state.as_of if state else None
    happened = _latest(connection, rollup.times)
    # Where nothing has happened yet that was recorded, a register reaches as far as its latest date.
    is_register_alone = happened is None and as_of is None
    if is_register_alone:
        happened = _latest(connection, rollup.register_dates)
    known = [moment for moment in (before, as_of, happened) if moment is not None]
    if not known:
        return
    now = max(known)
    if before is None or start is None or end is None:
        start, end, townships = "0001-01", "9999-12", None
    elif now > before:
        start, end, townships = min(start, f"{before:%Y-%m}"), max(end, f"{now:%Y-%m}"), None
    declared = state.registers_since if state else None
    since = registers_since
    if not is_register_alone:
        since = known_since(connection, area, now, registers_since or declared)
    if since != declared:
        start, end, townships = "0001-01", "9999-12", None
    if start > "0001-01":
        start, end = rollup.reach(start, end, now)
    counted_since = f"{now:%Y-%m}" if is_register_alone else since or NEVER
    rollup.build(connection, Slice(rollup.first_event, townships, start, end, now, counted_since))
    _count_to_date(connection, rollup, now, counted_since)
    if before is None:
        connection.execute(insert(data_state).values(area=area, as_of=now, version=1, registers_since=since))
    else:
        connection.execute(
            update(data_state)
            .where(data_state.c.area == area)
            .values(as_of=now, version=data_state.c.version + 1, registers_since=since)
        )


# How many months before an unfinished one those lie that it is compared with
COMPARED_MONTHS = (1, 12)


def _count_to_date(connection: Connection, rollup: Rollup, now: datetime, registers_since: str) -> None:
    """Count the months that the area's unfinished one is compared with, up to the same moment; none if it is finished."""
    month = f"{now:%Y-%m}"
    kept_tables = to_date(rollup.tables)
    for table in kept_tables:
        connection.execute(delete(table))
    if not kept_tables or is_finished(month, now):
        return
    for behind in COMPARED_MONTHS:
        compared = month_offset(month, -behind)
        moment = same_moment(now, behind)
        part = Slice(rollup.first_event, None, compared, compared, moment, registers_since, is_to_date=True)
        rollup.build(connection, part)


def _latest(connection: Connection, columns: Sequence[Expression]) -> datetime | None:
    """The latest moment in these columns, and not after now."""
    moments: list[datetime] = []
    # One statement, so that millions of rows are read once
    for latest in connection.execute(select(*map(func.max, columns))).one() if columns else ():
        if isinstance(latest, datetime):
            moments.append(latest)
        elif isinstance(latest, date):
            moments.append(datetime.combine(latest, datetime.max.time().replace(microsecond=0)))
        elif isinstance(latest, str):
            moments.append(month_end(latest) - timedelta(seconds=1))
    return min(max(moments), _tonight()) if moments else None


def _tonight() -> datetime:
    # Servers may stand in another time zone than the county.
    return (datetime.now() + timedelta(days=1)).replace(microsecond=0)
