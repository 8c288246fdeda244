"""Reporting figures by hand: what is asked for and missing, drafts, submitting, returning, and what was done before.

Only what is submitted stands in ``indicator_report`` and counts; so does what files bring. The steps stand beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, delete, func, insert, or_, select, update

from data_access.access import NotAllowed, Viewer, among
from data_access.areas.reports.definition import Definition, definitions_in
from data_access.areas.reports.tables import indicator_report, report_step
from data_access.audit.deeds import record
from data_access.database import begin_writing
from data_access.model.data_state import as_of_dates
from data_access.places.tables import township
from data_access.problems import Problem
from data_access.rollups import refresh
from data_access.scope import Scope, finished_month, month_end, month_offset

# open: nobody has reported it; draft: kept, not counted; submitted; imported: a file brought it; returned: to be done again
State = Literal["open", "draft", "submitted", "imported", "returned"]
_LONGEST_REASON = 200
# What counts is 15 digits of a number.
_MOST = 1e15


class ReportingProblem(Problem):
    """A figure that cannot be reported as it is."""


class Overtaken(ReportingProblem):
    """Somebody has reported one of the figures since."""


@dataclass(frozen=True)
class Number:
    """What is reported: one number, or the part and the whole of a share; ``at_least`` where it is a lower bound."""

    numerator: float
    denominator: float | None = None
    at_least: bool = False

    def __str__(self) -> str:
        of = "" if self.denominator is None else f" ÷ {self.denominator:,.10g}"
        return f"{'≥ ' if self.at_least else ''}{self.numerator:,.10g}{of}"


@dataclass(frozen=True)
class Standing:
    """How a figure of a township and a month stands.

    ``counted``: what counts, None: nothing. ``told``: what was said last, a draft or what was returned, else what counts.
    ``version``: of the last step, 0 without any. ``reason``: why it was returned or corrected.
    """

    state: State = "open"
    counted: Number | None = None
    told: Number | None = None
    version: int = 0
    reason: str = ""
    by: str = ""
    at: datetime | None = None

    def is_as(self, other: Standing) -> bool:
        """Whether nobody has done anything between the two."""
        return (self.version, self.counted) == (other.version, other.counted)


@dataclass(frozen=True)
class Reported:
    """What a form of figures came to: how many were kept as drafts or submitted, and how many of these are corrections."""

    figures: int
    corrected: int


# --- Who may ---------------------------------------------------------------------------------------


def reporting_townships(by: Viewer, codes: Collection[str]) -> tuple[str, ...]:
    """Those of the townships (codes) whose figures somebody may report: their own, for who has the right."""
    if not by.may("report"):
        return ()
    own = by.within(tuple(codes), "reports") or ()
    return tuple(code for code in own if by.case_townships is None or code in by.case_townships)


def may_return(by: Viewer) -> bool:
    """Whether somebody may return figures to who has reported them."""
    return by.may("evaluate") or by.may("administer")


# --- What is asked for -----------------------------------------------------------------------------


def last_asked(as_of: Collection[datetime], today: date) -> str:
    """The last month whose figures can be due: one that is over by the calendar, and that some area's data reach the end of.

    Of months that the county has no data of yet nobody is late: a county that loads its first figures, or the sample, owes
    nothing for the months up to the server's date. Without any data the calendar alone decides.
    """
    over = month_offset(f"{today:%Y-%m}", -1)
    return min(over, finished_month(max(as_of))) if as_of else over


def due_date(definition: Definition, month: str) -> date | None:
    """The last day on which a month's figure is on time, in the month after; None: nobody is asked for it."""
    return None if definition.due_day is None else month_end(month).date() + timedelta(days=definition.due_day - 1)


def owed_figures(engine: Engine, scope: Scope, today: date | None = None) -> pd.DataFrame:
    """Figures of the scope's months that townships are asked for and that do not count: township_code, month, code, due, days_late.

    Months up to :func:`last_asked`; ``days_late`` is how many days the due day lies behind ``today`` (None: the
    server's; 0: it has not passed). Sorted by due day, township and code.
    """
    today = today or date.today()
    with engine.connect() as connection:
        asked = {code: one for code, one in definitions_in(connection).items() if one.due_day is not None}
        last = min(scope.end, last_asked(list(as_of_dates(connection).values()), today))
        codes = connection.scalars(select(township.c.code).where(among(township.c.code, scope.within("reports")))).all()
        t = indicator_report.c
        once = [code for code, one in asked.items() if one.frequency == "once"]
        in_months = and_(t.month.between(scope.start, last), t.code.in_(list(asked)))
        rows = select(t.code, t.month, t.township_code).where(
            among(t.township_code, scope.within("reports")), or_(in_months, t.code.in_(once))
        )
        counted: dict[tuple[str, str], set[str]] = {}
        for code, month, place in connection.execute(rows):
            # What is reported once may be reported in any month.
            counted.setdefault((code, "" if code in once else month), set()).add(place)
    owed = []
    for code, one in asked.items():
        for month in (month for month in scope.months if month <= last):
            due = due_date(one, month)
            told = counted.get((code, "" if code in once else month), set())
            if due is None:
                continue
            late = max((today - due).days, 0)
            owed += [(place, month, code, due, late) for place in codes if place not in told and one.asks(place, month)]
    table = pd.DataFrame(owed, columns=["township_code", "month", "code", "due", "days_late"])
    return table.sort_values(["due", "township_code", "code"], ignore_index=True)


# --- How figures stand -----------------------------------------------------------------------------


def standings(engine: Engine, viewer: Viewer, township_code: str, month: str) -> dict[str, Standing]:
    """How each figure of a township and a month stands, by its code; those that nobody has touched are left out."""
    if not viewer.within((township_code,), "reports"):
        return {}
    with engine.connect() as connection:
        return _standings(connection, township_code, month)


def counted_numbers(
    engine: Engine, viewer: Viewer, township_code: str, months: Sequence[str]
) -> dict[tuple[str, str], Number]:
    """What counts of a township in some months, by code and month."""
    if not viewer.within((township_code,), "reports"):
        return {}
    t = indicator_report.c
    with engine.connect() as connection:
        rows = connection.execute(
            select(indicator_report).where(t.township_code == township_code, t.month.in_(list(months)))
        ).all()
    return {(row.code, row.month): _number(row) for row in rows}


def steps(engine: Engine, viewer: Viewer, township_code: str, month: str) -> pd.DataFrame:
    """What was done to a township's figures of a month, the latest first: done_at, done_by, code, state, before, after, reason.

    ``before`` is what counted until then, ``after`` what was said; both are words, missing where there was nothing.
    """
    if not viewer.within((township_code,), "reports"):
        return pd.DataFrame()
    t = report_step.c
    with engine.connect() as connection:
        rows = connection.execute(
            select(report_step)
            .where(t.township_code == township_code, t.month == month)
            .order_by(t.done_at.desc(), t.code, t.version.desc())
        ).all()
    told = [
        (
            row.done_at,
            row.done_by,
            row.code,
            row.state,
            None if row.was_numerator is None else str(Number(row.was_numerator, row.was_denominator)),
            None if row.numerator is None else str(_number(row)),
            row.reason,
        )
        for row in rows
    ]
    return pd.DataFrame(told, columns=["done_at", "done_by", "code", "state", "before", "after", "reason"])


def _number(row: Row[Any]) -> Number:
    return Number(row.numerator, row.denominator, bool(row.at_least))


def _last_steps(township_code: str, month: str) -> Select[Any]:
    t = report_step.c
    here = and_(t.township_code == township_code, t.month == month)
    last = select(t.code, func.max(t.version).label("version")).where(here).group_by(t.code).subquery()
    is_last = and_(t.code == last.c.code, t.version == last.c.version)
    return select(report_step).join(last, is_last).where(here)


def _standings(connection: Connection, township_code: str, month: str) -> dict[str, Standing]:
    t = indicator_report.c
    here = connection.execute(select(indicator_report).where(t.township_code == township_code, t.month == month)).all()
    counted = {row.code: row for row in here}
    last = {row.code: row for row in connection.execute(_last_steps(township_code, month))}
    return {code: _standing(counted.get(code), last.get(code)) for code in {*counted, *last}}


def _standing(counted: Row[Any] | None, step: Row[Any] | None) -> Standing:
    number = _number(counted) if counted else None
    if step is None:
        return Standing("imported" if counted else "open", number, number)
    told = None if step.numerator is None else _number(step)
    of_step = (step.version, step.reason, step.done_by, step.done_at)
    if step.state == "draft" and told is not None:
        return Standing("draft", number, told, *of_step)
    if counted:
        # A file may have brought another number since.
        is_own = step.state == "submitted" and counted.batch_id is None
        return Standing("submitted" if is_own else "imported", number, number, *of_step)
    return Standing("returned" if step.state == "returned" else "open", None, told, *of_step)


# --- Reporting them --------------------------------------------------------------------------------


def report_figures(
    engine: Engine,
    by: Viewer,
    township_code: str,
    month: str,
    given: Mapping[str, Number | None],
    seen: Mapping[str, Standing],
    *,
    is_submitted: bool,
    reason: str = "",
) -> Reported:
    """Keep a township's figures of a month as drafts, or submit them, all or none; those that say nothing new stay as they are.

    ``given``: by code; None takes a draft back. ``seen``: how they stood when they were typed; where somebody has done
    something since, Overtaken is raised. ``reason``: why something that counts is corrected. Raises NotAllowed,
    ReportingProblem.
    """
    by.require("report")
    if not reporting_townships(by, (township_code,)):
        raise NotAllowed("您只能填报自己镇街的指标。", "You may report the figures of your own townships only.")
    if month > f"{date.today():%Y-%m}":
        raise ReportingProblem(f"{month} 还没有到。", f"{month} has not come yet.")
    with engine.begin() as connection:
        begin_writing(connection)
        definitions = definitions_in(connection)
        now = _standings(connection, township_code, month)
        changed = {
            code: number
            for code, number in given.items()
            if _is_news(number, now.get(code, Standing()), is_submitted=is_submitted)
        }
        _refuse_overtaken(definitions, changed, now, seen)
        for code, number in changed.items():
            _require(definitions, code, month, number, now.get(code, Standing()))
        corrected = {code for code in changed if is_submitted and now.get(code, Standing()).counted is not None}
        if corrected and not 0 < len(reason.strip()) <= _LONGEST_REASON:
            names = [definitions[code] for code in sorted(corrected)]
            raise ReportingProblem(
                f"{'、'.join(one.name_zh for one in names)}已经提交过，更正要写明原因（最多 {_LONGEST_REASON} 个字）。",
                f"{', '.join(one.name_en for one in names)} were submitted before: say why they are corrected (up to "
                f"{_LONGEST_REASON} characters).",
            )
        for code, number in changed.items():
            why = reason.strip() if code in corrected else ""
            state: State = "submitted" if is_submitted else "draft"
            _step(connection, by, (township_code, month, code), state, number, now.get(code, Standing()), why)
            if is_submitted and number is not None:
                _count(connection, (township_code, month, code), number)
        if changed:
            if is_submitted:
                refresh(connection, "reports", townships=[township_code], start=month, end=month)
            _record(
                connection,
                by,
                "figures-submitted" if is_submitted else "figures-drafted",
                township_code,
                month,
                changed,
                now,
                reason if corrected else "",
            )
    return Reported(len(changed), len(corrected))


def return_figures(
    engine: Engine, by: Viewer, township_code: str, month: str, codes: Collection[str], reason: str
) -> int:
    """Return figures that count to the township: they count no more, and it reports them again. How many.

    For who evaluates or administers. Raises NotAllowed, ReportingProblem.
    """
    if not may_return(by):
        by.require("evaluate")
    if not by.within((township_code,), "reports"):
        raise NotAllowed("这个镇街不在您可查看的范围内。", "This township is not among those that you may see.")
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise ReportingProblem(
            f"请写明退回的原因（最多 {_LONGEST_REASON} 个字）。",
            f"Say why they are returned (up to {_LONGEST_REASON} characters).",
        )
    with engine.begin() as connection:
        begin_writing(connection)
        now = _standings(connection, township_code, month)
        counting = [code for code in codes if code in now and now[code].counted is not None]
        for code in counting:
            place = (township_code, month, code)
            _step(connection, by, place, "returned", now[code].counted, now[code], reason.strip())
            connection.execute(delete(indicator_report).where(_is_figure(*place)))
        if counting:
            refresh(connection, "reports", townships=[township_code], start=month, end=month)
            _record(connection, by, "figures-returned", township_code, month, dict.fromkeys(counting), now, reason)
    return len(counting)


def _is_news(number: Number | None, now: Standing, *, is_submitted: bool) -> bool:
    if number is None:
        return now.told is not None and now.state in ("draft", "submitted", "imported")
    if is_submitted or now.state not in ("draft", "returned"):
        return number != now.counted
    return number != now.told


def _refuse_overtaken(
    definitions: Mapping[str, Definition],
    codes: Collection[str],
    now: Mapping[str, Standing],
    seen: Mapping[str, Standing],
) -> None:
    others = {
        code: now.get(code, Standing())
        for code in codes
        if not now.get(code, Standing()).is_as(seen.get(code, Standing()))
    }
    if not others:
        return
    zh, en = [], []
    for code, one in others.items():
        when = f"{one.at:%Y-%m-%d %H:%M} " if one.at else ""
        said = "—" if one.told is None else str(one.told)
        zh.append(f"{definitions[code].name_zh}（{one.by or '导入'} {when}填的是 {said}）")
        en.append(f"{definitions[code].name_en} ({one.by or 'an import'} {when}said {said})")
    raise Overtaken(
        f"没有保存：您打开以后，别人动过{'、'.join(zh)}。您填的还在，看过再点一次就按您填的保存。",
        f"Nothing was saved. Since you opened this, others have reported {', '.join(en)}. What you typed is still here; press "
        "again to save it all the same.",
    )


def _require(
    definitions: Mapping[str, Definition], code: str, month: str, number: Number | None, now: Standing
) -> None:
    one = definitions.get(code)
    if one is None:
        raise ReportingProblem(f"没有填报指标 {code}。", f"There is no figure {code}.")
    if one.last_month and month > one.last_month:
        raise ReportingProblem(
            f"{one.name_zh}只报到 {one.last_month}，{month} 不用报。",
            f"{one.name_en} is reported up to {one.last_month}, not for {month}.",
        )
    if number is None:
        if now.counted is not None:
            raise ReportingProblem(
                f"{one.name_zh}已经提交，不能清空；填错了请改成对的数，不该报的请考评人员退回。",
                f"{one.name_en} was submitted and cannot be emptied: correct it, or ask an evaluator to return it.",
            )
        return
    amounts = [number.numerator, *([] if number.denominator is None else [number.denominator])]
    if not all(0 <= amount < _MOST for amount in amounts):
        raise ReportingProblem(f"{one.name_zh}要写成不小于 0 的数。", f"{one.name_en} is a number of at least 0.")
    if one.is_ratio != (number.denominator is not None):
        raise ReportingProblem(
            f"{one.name_zh}要报{one.numerator_zh}和{one.denominator_zh}两个数。"
            if one.is_ratio
            else f"{one.name_zh}只报一个数。",
            f"{one.name_en} takes two numbers: {one.numerator_en} and {one.denominator_en}."
            if one.is_ratio
            else f"{one.name_en} is one number.",
        )


def _is_figure(township_code: str, month: str, code: str) -> ColumnElement[bool]:
    t = indicator_report.c
    return and_(t.township_code == township_code, t.month == month, t.code == code)


def _step(
    connection: Connection,
    by: Viewer,
    figure: tuple[str, str, str],
    state: State,
    number: Number | None,
    now: Standing,
    reason: str,
) -> None:
    township_code, month, code = figure
    connection.execute(
        insert(report_step).values(
            township_code=township_code,
            month=month,
            code=code,
            version=now.version + 1,
            state=state,
            numerator=number.numerator if number else None,
            denominator=number.denominator if number else None,
            at_least=bool(number and number.at_least),
            was_numerator=now.counted.numerator if now.counted else None,
            was_denominator=now.counted.denominator if now.counted else None,
            reason=reason,
            done_by=by.name[:120],
            done_at=datetime.now().replace(microsecond=0),
        )
    )


def _count(connection: Connection, figure: tuple[str, str, str], number: Number) -> None:
    """Let a figure count as it was submitted; it is of no file any longer."""
    township_code, month, code = figure
    values = {
        "numerator": number.numerator,
        "denominator": number.denominator,
        "at_least": number.at_least,
        "batch_id": None,
    }
    is_figure = _is_figure(*figure)
    if connection.scalar(select(indicator_report.c.code).where(is_figure)) is None:
        row = {"township_code": township_code, "month": month, "code": code, **values}
        connection.execute(insert(indicator_report).values(row))
    else:
        connection.execute(update(indicator_report).where(is_figure).values(values))


def _record(
    connection: Connection,
    by: Viewer,
    kind: str,
    township_code: str,
    month: str,
    changed: Mapping[str, Number | None],
    now: Mapping[str, Standing],
    reason: str,
) -> None:
    before = {code: str(now[code].counted) for code in changed if code in now and now[code].counted is not None}
    after = {code: str(number) for code, number in changed.items() if number is not None}
    record(
        connection,
        by,
        kind,
        f"{township_code} {month}",
        {"figures": before} if before else None,
        {**({"figures": after} if after else {}), **({"reason": reason.strip()} if reason.strip() else {})},
    )
