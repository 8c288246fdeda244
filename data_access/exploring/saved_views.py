"""Questions that viewers keep: under a name, for themselves or for all, on the overview or the meeting-room screen."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import choice as drawn
from typing import Any, Literal

from rapidfuzz import fuzz
from sqlalchemy import Connection, Engine, insert, select, update

from data_access.access import NotAllowed, Viewer
from data_access.audit.deeds import record, told_by
from data_access.database import begin_writing
from data_access.exploring.finding import Findable
from data_access.exploring.tables import saved_view
from data_access.problems import Problem

SavedPlace = Literal["", "overview", "screen"]
PLACES: tuple[SavedPlace, ...] = ("", "overview", "screen")
# Without what is easily taken for another when read aloud
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
# A name this much alike may be the new one of something that is gone.
_ALIKE = 50
# The dimensions whose values the data list completely; of others nobody can say that a value is gone.
LISTED = frozenset(
    {
        "township_code",
        "league",
        "village_code",
        "category_1",
        "category_2",
        "category_3",
        "channel",
        "camera_kind",
        "cause",
        "team_kind",
        "activity_kind",
        "project_kind",
        "stage",
        "responsible",
        "event_kind",
    }
)


class ViewProblem(Problem):
    """A view cannot be saved."""


@dataclass(frozen=True)
class SavedView:
    """A kept question. ``question`` is what :func:`save_view` was given."""

    id: str
    name: str
    description: str
    question: Mapping[str, Any]
    is_shared: bool
    place: SavedPlace
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True)
class Gone:
    """A value of a filter that is not in the data: what it was called, and what may be its new name (or None)."""

    dimension: str
    value: str
    name: str
    now: Findable | None


def save_view(
    engine: Engine, *, name: str, description: str, question: Mapping[str, Any], is_shared: bool, by: Viewer
) -> str:
    """Keep a question and return its id. Raises ViewProblem for a missing or too long name."""
    name, description = name.strip(), description.strip()
    if not name or len(name) > 80:
        raise ViewProblem("请填写名称，不超过 80 个字。", "Give it a name of at most 80 characters.")
    if len(description) > 500:
        raise ViewProblem("说明请不超过 500 个字。", "The description may have 500 characters.")
    view_id = "".join(drawn(_LETTERS) for _ in range(8))
    with engine.begin() as connection:
        begin_writing(connection)
        connection.execute(
            insert(saved_view).values(
                id=view_id,
                name=name,
                description=description,
                question=json.dumps(question, ensure_ascii=False),
                is_shared=is_shared,
                place="",
                saved_by=by.name[:120],
                saved_at=datetime.now().replace(microsecond=0),
            )
        )
        record(connection, by, "view-saved", view_id, after={"name": name, "is_shared": is_shared})
    return view_id


def may_change(viewer: Viewer, view: SavedView) -> bool:
    """Whether a view is somebody's to place and to remove: their own, or anybody's for who administers."""
    return viewer.may("administer") or view.saved_by == viewer.name


def place_view(engine: Engine, view_id: str, place: SavedPlace, *, by: Viewer, was: SavedPlace | None = None) -> None:
    """Show a view on the overview or the screen too, or (empty) no more. Raises ViewProblem and NotAllowed.

    ``was``: where whoever does so sees it; if somebody has placed it elsewhere since, that stays.
    """
    _change(engine, view_id, by, "setting-changed", {"place": place}, was)


def remove_view(engine: Engine, view_id: str, *, by: Viewer) -> None:
    """Take a view out of all lists; its link says so. Raises ViewProblem and NotAllowed."""
    _change(engine, view_id, by, "view-removed", {"removed_at": datetime.now().replace(microsecond=0)})


def _change(
    engine: Engine, view_id: str, by: Viewer, kind: str, values: Mapping[str, Any], was: SavedPlace | None = None
) -> None:
    with engine.begin() as connection:
        begin_writing(connection)
        view = saved_view_of(connection, view_id)
        if view is None:
            zh, en = told_by(connection, ["view-removed"], view_id, "删除", "removed it")
            raise ViewProblem(f"这个视图已经没有了：{zh}。", f"This view is gone: {en}.")
        if not may_change(by, view):
            raise NotAllowed("这是别人存的视图。", "This is somebody else's view.")
        if was is not None and view.place != was:
            zh, en = told_by(connection, [kind], view_id, "改了它显示在哪里", "has chosen where it is shown")
            raise ViewProblem(f"没有再改：{zh}，请看过再来。", f"Nothing was changed: {en}. Look again first.")
        connection.execute(update(saved_view).where(saved_view.c.id == view_id).values(**values))
        told = {"name": view.name, "saved_by": view.saved_by, "place": view.place}
        record(connection, by, kind, view_id, before=told, after=values)


def saved_views(connection: Connection, viewer: Viewer) -> list[SavedView]:
    """The shared views and the viewer's own, by name."""
    t = saved_view.c
    query = select(saved_view).where(t.removed_at.is_(None)).order_by(t.name, t.id)
    found = [_view(row) for row in connection.execute(query).mappings()]
    return [view for view in found if view.is_shared or view.saved_by == viewer.name]


def saved_view_of(connection: Connection, view_id: str) -> SavedView | None:
    """The view with this id; None where there is none or it was removed.

    For whoever knows its link: it is a question, and what it answers is the viewer's.
    """
    t = saved_view.c
    row = connection.execute(select(saved_view).where(t.id == view_id, t.removed_at.is_(None))).mappings().one_or_none()
    return None if row is None else _view(row)


def _view(row: Mapping[Any, Any]) -> SavedView:
    return SavedView(
        row["id"],
        row["name"],
        row["description"],
        json.loads(row["question"]),
        row["is_shared"],
        row["place"],
        row["saved_by"],
        row["saved_at"],
    )


def gone_values(
    where: Collection[tuple[str, Collection[str]]], names: Mapping[str, Mapping[str, str]], known: Collection[Findable]
) -> list[Gone]:
    """The filters' values that the data do not have (any more).

    ``names``: what they were called, by dimension and value. What is now called so, or much alike, is offered instead.
    """
    gone = []
    for dimension, values in where:
        if dimension not in LISTED:
            continue
        present = {one.value: one for one in known if one.kind == dimension}
        if not present:
            continue
        for value in values:
            if value in present or not value:
                continue
            name = names.get(dimension, {}).get(value, value)
            same = [one for one in present.values() if one.name == name]
            alike = sorted(present.values(), key=lambda one, name=name: -fuzz.ratio(name, one.name))  # type: ignore[misc]  # a default fixes the name of this turn
            best = same[:1] or [one for one in alike[:1] if fuzz.ratio(name, one.name) >= _ALIKE]
            gone.append(Gone(dimension, value, name, best[0] if best else None))
    return gone
