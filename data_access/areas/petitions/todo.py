"""Cases to be closed in time, and closed ones to be followed up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

import pandas as pd
from sqlalchemy import ColumnElement, Engine, and_, case, func, or_, select

from data_access.areas.petitions.closing import is_open_unless_closed
from data_access.areas.petitions.facts import FACTS
from data_access.areas.petitions.tables import petition, petition_department_month, petition_month
from data_access.exploring.listing import Listing, Which, listed_rows
from data_access.indicators import INDICATORS
from data_access.model.data_state import as_of_dates
from data_access.model.facts import read_page, span_of_moment
from data_access.model.narrowing import in_scope, is_named
from data_access.scope import Scope, month_offset
from data_access.todo.to_do import Rows, ToDo, Urgency, Way, by_urgency, none

SOON_DAYS = 3
_CASES = ("件", "cases")
_LISTED = ("township_code", "case_no", "title", "days_late", "due_at", "department", "status")
_CLOSED = ("township_code", "case_no", "title", "closed_at", "department", "satisfaction")
# Conditions on a case without a closing time
Conditions = Mapping[Urgency, ColumnElement[bool]]


def _due(as_of: datetime) -> Conditions:
    """When an open case is due: by the as-of second, later that day, within the days after it."""
    due_at = petition.c.due_at
    midnight = datetime.combine(as_of.date() + timedelta(days=1), time())
    return {
        "late": due_at <= as_of,
        "now": and_(due_at > as_of, due_at < midnight),
        "soon": and_(due_at >= midnight, due_at < midnight + timedelta(days=SOON_DAYS)),
    }


def _told(scope: Scope) -> Scope:
    """What is told of: the cases that the viewer may see, else whole townships."""
    return scope.of_cases() if scope.viewer.may("cases") else scope


def cases_to_close(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Open cases that are overdue, due today, or due within three days: ``to_do.COLUMNS``, ``longest`` in days.

    Of cases that the viewer may see; who may see none is told how many are overdue in a township.
    """
    c, scope, is_fine = petition.c, _told(scope), scope.viewer.may("cases")
    keys = ("township_code", "department") if is_fine else ("township_code",)
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get("petitions")
        if as_of is None:
            return none()
        due = {urgency: condition for urgency, condition in _due(as_of).items() if is_fine or urgency == "late"}
        # Out of the index. Whether they are open is asked of the groups, as in open_case_ages.
        groups = (
            select(
                *(c[key] for key in keys),
                c.status,
                c.recorded,
                *(func.count(case((condition, 1))).label(urgency) for urgency, condition in due.items()),
                func.min(c.due_at).label("first_due"),
            )
            .where(in_scope(petition, scope), c.closed_at.is_(None), c.invalid_reason.is_(None), or_(*due.values()))
            .group_by(*(c[key] for key in keys), c.status, c.recorded)
            .subquery()
        )
        is_open_group = is_open_unless_closed(groups.c)
        query = select(
            *(groups.c[key] for key in keys),
            *(func.sum(case((is_open_group, groups.c[urgency]), else_=0)).label(urgency) for urgency in due),
            func.min(case((is_open_group, groups.c.first_due))).label("first_due"),
        ).group_by(*(groups.c[key] for key in keys))
        found = pd.read_sql_query(query, connection, parse_dates=["first_due"])
    if "department" in found:
        found["department"] = found["department"].fillna("")
    found["longest"] = (as_of - found.pop("first_due")).dt.total_seconds() / 86400
    return by_urgency(found)


def list_cases_to_close(engine: Engine, scope: Scope, urgency: Urgency, limit: int) -> pd.DataFrame:
    """Such cases that the viewer may see, the first due first, as lists of cases have them."""
    c, scope = petition.c, scope.of_cases()
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get("petitions")
        if as_of is None:
            return pd.DataFrame()
        due = (
            in_scope(petition, scope),
            c.closed_at.is_(None),
            c.invalid_reason.is_(None),
            _due(as_of)[urgency],
            *(is_named(c[dimension], value) for dimension, value in scope.where),
        )
        rows, size = FACTS["cases_received"](span_of_moment(as_of)), 2 * limit
        while True:
            # First which, out of the index; whether they are open, which takes longest to say, of no more than these.
            first = (
                select(c.township_code, c.case_no, c.status, c.recorded)
                .where(*due)
                .order_by(c.due_at, c.case_no)
                .limit(size)
                .subquery()
            )
            own = and_(first.c.township_code == c.township_code, first.c.case_no == c.case_no)
            page = replace(rows, joined=petition.join(first, own)).page(
                (c.due_at, c.case_no), None, limit, is_descending=False
            )
            found = read_page(connection, page.where(is_open_unless_closed(first.c)), scope.viewer)
            if len(found) == limit or size >= (connection.scalar(select(func.count()).where(*due)) or 0):
                return found
            size *= 10


def _followed_up(as_of: datetime) -> tuple[str, str]:
    """The months whose closings are followed up: that of the as-of moment and the one before."""
    month = f"{as_of:%Y-%m}"
    return month_offset(month, -1), month


def cases_to_follow_up(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Cases closed since the month before and dissatisfied, not called back, or raised again: COLUMNS and ``code``.

    Of cases that the viewer may see; who may see none is told how many there are in a township.
    """
    table, scope = petition_department_month if scope.viewer.may("cases") else petition_month, _told(scope)
    c = table.c
    keys = [c[name] for name in ("township_code", "department") if name in c]
    counted = {
        "dissatisfied": func.sum(c.satisfied_answers) - func.coalesce(func.sum(c.satisfied), 0),
        "not_called_back": func.sum(c.callbacks_due) - func.coalesce(func.sum(c.called_back), 0),
        # 假闭环
        "raised_again": func.sum(c.false_closed),
    }
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get("petitions")
        if as_of is None:
            return none()
        query = (
            select(*keys, *(count.label(code) for code, count in counted.items()))
            .where(in_scope(table, scope), c.month.between(*_followed_up(as_of)))
            .group_by(*keys)
        )
        found = pd.read_sql_query(query, connection)
    return pd.concat([by_urgency(found.rename(columns={code: "now"}), code) for code in counted], ignore_index=True)


def _rows_behind(indicator: str, which: Which) -> Rows:
    """The rows that an indicator counts, or does not, of these months: the last closed first, as its lists have them."""

    def rows(engine: Engine, scope: Scope, _urgency: Urgency, limit: int) -> pd.DataFrame:
        with engine.connect() as connection:
            first, last = _followed_up(as_of_dates(connection).get("petitions", datetime.max))
            asked = Listing(INDICATORS[indicator], replace(scope, start=first, end=last), which=which)
            return listed_rows(connection, asked, limit=limit)

    return rows


def _overdue_list(urgency: Urgency, _as_of: datetime) -> Way | None:
    return ("petitions", {"tab": ("rows",), "state": ("overdue",)}) if urgency == "late" else None


def _dissatisfied_list(_urgency: Urgency, as_of: datetime) -> Way | None:
    start, end = _followed_up(as_of)
    return "petitions", {"tab": ("rows",), "state": ("dissatisfied",), "from": (start,), "to": (end,)}


def _again_list(_urgency: Urgency, as_of: datetime) -> Way | None:
    start, end = _followed_up(as_of)
    return "explore", {"look": ("again",), "from": (start,), "to": (end,)}


TO_DO = (
    ToDo(
        "cases_to_close", "petitions", "到期诉求", "Cases due", _CASES,
        "至数据截至时未办结的有效诉求，不限受理月份：办理期限已过的，当天到期的，其后三天内到期的",
        "Valid cases open at the as-of moment, whenever received: past their due date, due that day, or within the three days after",
        {"late": ("已超期", "overdue"), "now": ("今天到期", "due today"), "soon": ("三天内到期", "due in three days")},
        cases_to_close, list_cases_to_close, _LISTED, way=_overdue_list,
        longest=("最长 {:.0f} 天", "longest {:.0f} days"), known_by="overdue_open", has_departments=True,
        needs_cases=frozenset({"now", "soon"}),
    ),
    ToDo(
        "dissatisfied", "petitions", "回访不满意", "Dissatisfied", _CASES,
        "上月以来办结、回访答“不满意”的诉求；之后是否再作回访，来源不记录",
        "Closed since the month before, dissatisfied when called back; whether they were called again no source records",
        {"now": ("待再次回访", "to call again")},
        cases_to_follow_up, _rows_behind("satisfaction_rate", "rest"), _CLOSED, way=_dissatisfied_list,
        known_by="satisfaction_rate", has_departments=True,
    ),
    ToDo(
        "not_called_back", "petitions", "办结未回访", "Not called back", _CASES,
        "上月以来办结、还没有回访的诉求", "Closed since the month before and not called back yet",
        {"now": ("待回访", "to call")},
        cases_to_follow_up, _rows_behind("callback_rate", "rest"), _CLOSED,
        known_by="callback_rate", has_departments=True,
    ),
    ToDo(
        "raised_again", "petitions", "七天内再次反映", "Raised again within 7 days", _CASES,
        "上月以来办结、办结后 7 天内再次反映的诉求（与“假闭环率”的分子相同）",
        "Closed since the month before and raised again within 7 days of closing (as the rate counts them)",
        {"now": ("待复查", "to look at again")},
        cases_to_follow_up, _rows_behind("false_closure_rate", "counted"), _CLOSED, way=_again_list,
        known_by="false_closure_rate", has_departments=True,
    ),
)  # fmt: skip
