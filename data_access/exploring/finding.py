"""Finds what a viewer types: townships, villages, categories … by their characters, their pinyin or its initials."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Any

from pypinyin import Style, pinyin
from sqlalchemy import Column, Connection, select

from data_access.access import Viewer, among
from data_access.areas.cameras.tables import camera, camera_outage
from data_access.areas.grid.tables import grid_event
from data_access.areas.petitions.area import LEVELS
from data_access.areas.petitions.tables import petition, petition_category_month
from data_access.areas.projects.tables import project, project_report
from data_access.areas.volunteers.tables import volunteer_activity, volunteer_team
from data_access.exploring.dimensions import DIMENSIONS
from data_access.model.narrowing import visible
from data_access.places.tables import grid, township, village
from data_access.settings.kept import kept_settings, leagues

# Where a dimension's values stand that no small table has: among the latest cases
_LATEST_CASES = 50_000
# Characters with several readings are looked up under these many of their combinations.
_MOST_READINGS = 8


@dataclass(frozen=True)
class Findable:
    """Something that can be chosen: its kind (a dimension, ``count`` or ``by``), value, name, and what it belongs to."""

    kind: str
    value: str
    name: str
    within: str = ""


def findable_values(connection: Connection, viewer: Viewer) -> tuple[Findable, ...]:
    """The values that dimensions have in the data that a viewer may see, each once."""
    found: list[Findable] = []

    seen_townships = among(township.c.code, viewer.within(None))
    names = dict(connection.execute(select(township.c.code, township.c.name).where(seen_townships)).all())
    own = leagues(kept_settings(connection))
    of_kinds = connection.execute(select(township.c.code, township.c.kind).where(seen_townships))
    found += [Findable("township_code", code, name) for code, name in names.items()]
    found += [Findable("league", kind, kind) for kind in sorted({own.get(code, kind) for code, kind in of_kinds})]
    v, is_own = village.c, visible(village, viewer)
    villages = connection.execute(select(v.code, v.name, v.township_code).where(is_own)).all()
    found += [Findable("village_code", code, name, names[within]) for code, name, within in villages]
    c = petition_category_month.c
    levels = select(*(c[level] for level in LEVELS)).where(visible(petition_category_month, viewer))
    for path in connection.execute(levels.distinct()).all():
        for level, name in enumerate(path):
            found.append(Findable(f"category_{level + 1}", name, name, " › ".join(path[:level])))
    # What only cases deleted as invalid have is never counted.
    is_counted = (visible(petition, viewer), petition.c.invalid_reason.is_(None))
    latest = select(petition.c.department, petition.c.status).where(*is_counted)
    cases = latest.order_by(petition.c.received_at.desc()).limit(_LATEST_CASES).subquery()
    columns: dict[str, Column[Any]] = {
        "channel": c.channel,
        "camera_kind": camera.c.kind,
        "cause": camera_outage.c.cause,
        "team_kind": volunteer_team.c.kind,
        "activity_kind": volunteer_activity.c.kind,
        "project_kind": project.c.kind,
        "stage": project_report.c.stage,
        "responsible": project.c.department,
        "event_kind": grid_event.c.kind,
    }
    present = {name: select(column).where(visible(column.table, viewer)) for name, column in columns.items()}
    present |= {"department": select(cases.c.department), "status": select(cases.c.status)}
    for dimension, values in present.items():
        found += [Findable(dimension, value, value) for value in connection.scalars(values.distinct()) if value]
    g = grid.c
    grids = connection.execute(select(g.township_code, g.grid_code, g.name).where(visible(grid, viewer))).all()
    found += [Findable("grid_code", f"{within}/{code}", name or code, names[within]) for within, code, name in grids]
    t = volunteer_team.c
    of_teams = select(t.township_code, t.team_id, t.name).where(visible(volunteer_team, viewer))
    teams = connection.execute(of_teams).all()
    found += [Findable("team", f"{within}/{code}", name, names[within]) for within, code, name in teams]
    return tuple(dict.fromkeys(one for one in found if one.name))


def cases_numbered(connection: Connection, asked: tuple[Viewer, str]) -> tuple[tuple[str, str, str], ...]:
    """The cases with just the number that was typed, that the viewer may see, of whatever period: township code, number
    and title. Several townships may have a number. Full-width characters and small letters stand for the usual ones.
    """
    viewer, typed = asked
    usual = unicodedata.normalize("NFKC", typed.strip())
    c = petition.c
    numbered = select(c.township_code, c.case_no, c.title).where(
        c.case_no.in_({typed.strip(), usual, usual.upper()}), visible(petition, viewer.of_cases())
    )
    found = connection.execute(numbered.order_by(c.township_code, c.case_no)).all()
    return tuple((township_code, case_no, title or "") for township_code, case_no, title in found)


@lru_cache(maxsize=50_000)
def _readings(name: str) -> tuple[tuple[str, str], ...]:
    """A name in pinyin and by its initials, in its possible readings."""
    sounds = pinyin(name, style=Style.NORMAL, heteronym=True)
    ways = islice(product(*sounds), _MOST_READINGS)
    return tuple(dict.fromkeys(("".join(way).lower(), "".join(sound[:1] for sound in way).lower()) for way in ways))


def sounds(name: str) -> tuple[str, ...]:
    """How a name is typed in pinyin, and by its initials."""
    return tuple(dict.fromkeys(sound for reading in _readings(name) for sound in reading))


def relevance(typed: str, name: str) -> int | None:
    """How well a name answers what was typed, 0 best; None where it does not.

    In this order: the same, the same initials, the begin of it in characters, pinyin or initials, within it.
    """
    wanted, own = typed.strip().lower().replace(" ", ""), name.lower().replace(" ", "")
    if not wanted:
        return None
    if own == wanted:
        return 0
    if own.startswith(wanted):
        return 2
    if wanted in own:
        return 4
    if not wanted.isascii():
        return None
    best: int | None = None
    for sound, initials in _readings(name):
        for score, fits in (
            (1, wanted in (initials, sound)),
            (3, sound.startswith(wanted) or initials.startswith(wanted)),
            (5, len(wanted) > 1 and wanted in initials),
            (6, len(wanted) > 2 and wanted in sound),
        ):
            if fits and (best is None or score < best):
                best = score
    return best


def found(typed: str, among: Iterable[Findable], limit: int = 12) -> list[Findable]:
    """What answers the typed words best, the most relevant first; then by kind and the shorter name."""
    kinds = ["count", "by", "last", "only", "from", *DIMENSIONS]
    scored: list[tuple[int, int, int, int, Findable]] = []
    for place, one in enumerate(among):
        score = relevance(typed, one.name)
        if score is not None:
            scored.append((score, _place(kinds, one.kind), len(one.name), place, one))
    return [one for *_, one in sorted(scored, key=lambda entry: entry[:4])[:limit]]


def _place(kinds: Sequence[str], kind: str) -> int:
    # Townships and categories before indicators: they are what is looked for most.
    first = ("township_code", "category_3", "category_2", "category_1", "village_code")
    return first.index(kind) if kind in first else len(first) + kinds.index(kind)
