"""Whether a case is closed or open, as far as its source tells, and how late it is."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, literal, not_, or_, type_coerce

from data_access.areas.petitions.tables import petition
from data_access.model.recorded import has_recorded, is_recorded, recorded_bits
from data_access.sql_functions import hours_between, seconds_between

Expression = ColumnElement[Any]
# The columns of cases, or of groups of them: status, recorded
Cases = Any

# Words of a status that mean that a case is done, unless one of the others stands before them, and that it is not
_DONE = ("办结", "结案", "归档", "完结", "办理完", "已完成", "已办理", "已处理", "已解决", "已关闭")
_NOT_YET = ("未", "待", "正在", "申请", "退回")
_UNDER_WAY = ("中", "在办", "受理", "签收", "转办", "交办", "派单", "派发", "督办", "延期", "审核")
# Seconds, more than until any due date
_NOT_URGENT = -(10**12)


# Of a status these are always the same: every question about cases says them five times, of seventeen comparisons each.
@lru_cache(maxsize=64)
def _says_done(status: Expression) -> Expression:
    negated = [status.like(f"%{word}%") for word in _NOT_YET]
    return and_(or_(*(status.like(f"%{word}%") for word in _DONE)), not_(or_(*negated)))


@lru_cache(maxsize=64)
def _says_under_way(status: Expression) -> Expression:
    return and_(status.is_not(None), or_(*(status.like(f"%{word}%") for word in (*_NOT_YET, *_UNDER_WAY))))


def is_understood(status: str) -> bool:
    """Whether the word of a status says that a case is closed, or that it is not."""
    return any(word in status for word in (*_DONE, *_NOT_YET, *_UNDER_WAY))


def is_done(closed_at: Expression) -> Expression:
    """Whether a case is closed: by its closing time or, without one, by what its status says; may be null."""
    return or_(closed_at.is_not(None), _says_done(petition.c.status))


def is_open(closed_at: Expression) -> Expression:
    """Whether a case is known to be open: its source has closing times and no status that says otherwise, or a status
    that says it is under way. False where nothing is known, never null: coalesce() would not go to a worker.
    """
    return and_(closed_at.is_(None), is_open_unless_closed(petition.c))


def is_open_unless_closed(cases: Cases) -> Expression:
    """The same of cases without a closing time, or of groups of them by status and recorded."""
    says_done = and_(cases.status.is_not(None), _says_done(cases.status))
    tells_closing = has_recorded(cases.recorded, recorded_bits(petition, ("closed_at",)))
    return and_(not_(says_done), or_(tells_closing, _says_under_way(cases.status)))


def is_timely_known(closed_at: Expression) -> Expression:
    """Whether it is known when a case was closed, or that it is open."""
    says_done = and_(petition.c.status.is_not(None), _says_done(petition.c.status))
    return or_(closed_at.is_not(None), and_(is_recorded(petition, "closed_at"), not_(says_done)))


def is_late(as_of: datetime) -> Expression:
    """Whether a case was closed after its due date, or is known to be open at the as-of moment and due by then; may be
    null.
    """
    c = petition.c
    return or_(c.closed_at > c.due_at, and_(c.due_at <= as_of, is_open(c.closed_at)))


def days_late(as_of: datetime) -> Expression:
    """超期天数: days from the due date to closing, of open cases to the as-of moment; null where a case is not late, and
    where nothing tells: no due date, or no closing time.
    """
    c = petition.c
    until = case((c.closed_at.is_not(None), c.closed_at), else_=literal(as_of))
    return case((is_late(as_of), hours_between(c.due_at, until) / 24))


def urgency(as_of: datetime) -> Expression:
    """What cases are sorted by, the greatest first: those late, the longest first, then the open ones by due date, then
    the rest; whole seconds past the due date, never null.
    """
    c = petition.c
    is_due = and_(is_open(c.closed_at), c.due_at.is_not(None))
    seconds = case(
        (c.closed_at > c.due_at, seconds_between(c.due_at, c.closed_at)),
        (is_due, seconds_between(c.due_at, literal(as_of))),
        else_=literal(_NOT_URGENT, BigInteger),
    )
    return type_coerce(seconds, BigInteger)
