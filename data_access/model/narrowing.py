"""How statements are narrowed to a scope."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    or_,
)

from data_access.access import Viewer, among
from data_access.scope import Scope


def in_scope(table: Table, scope: Scope) -> ColumnElement[bool]:
    """Whether a row is of the scope's townships and its viewer may see it; villages belong to no area."""
    return among(table.c.township_code, scope.within(table.info.get("area")))


def visible(table: Table, viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer may see a row."""
    return among(table.c.township_code, viewer.within(None, table.info.get("area")))


def is_named(name: ColumnElement[Any], value: str | tuple[str, ...]) -> ColumnElement[bool]:
    """Whether a dimension has the value, or one of several; the empty one stands for none.

    Unlike coalesce() it can go to a worker.
    """
    if isinstance(value, tuple):
        return or_(*(is_named(name, one) for one in value)) if "" in value else name.in_(value)
    return name == value if value else or_(name.is_(None), name == "")
