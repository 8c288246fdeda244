"""How statements are narrowed to a scope."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    literal,
    or_,
)

from data_access.access import CASE_AREAS, Viewer, among
from data_access.scope import Scope


def in_scope(table: Table, scope: Scope) -> ColumnElement[bool]:
    """Whether a row is of the scope's townships and its viewer may see it; villages belong to no area."""
    return _seen(table, scope.viewer, scope.within(table.info.get("area")))


def visible(table: Table, viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer may see a row."""
    return _seen(table, viewer, viewer.within(None, table.info.get("area")))


def _seen(table: Table, viewer: Viewer, townships: tuple[str, ...] | None) -> ColumnElement[bool]:
    own = among(table.c.township_code, townships)
    if viewer.departments is None or table.info.get("area") not in CASE_AREAS:
        return own
    return and_(own, of_departments(table.c.get("department"), viewer))


def of_departments(department: ColumnElement[Any] | None, viewer: Viewer) -> ColumnElement[bool]:
    """Whether a row of cases is of the viewer's departments; what is told apart by none (None) is of nobody's."""
    return among(literal(""), ()) if department is None else among(department, viewer.departments)


def is_named(name: ColumnElement[Any], value: str | tuple[str, ...]) -> ColumnElement[bool]:
    """Whether a dimension has the value, or one of several; the empty one stands for none.

    Unlike coalesce() it can go to a worker.
    """
    if isinstance(value, tuple):
        return or_(*(is_named(name, one) for one in value)) if "" in value else name.in_(value)
    return name == value if value else or_(name.is_(None), name == "")
