"""The kinds of events, the bands of grids, how long who raised a case is kept, and what the wall rotates."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from sqlalchemy import Engine

from data_access.access import Viewer
from data_access.areas.grid.bands import Band
from data_access.settings.changing import Changed, SettingProblem, changing
from data_access.settings.kept import Rotation, grid_bands, kept_settings, own_event_kinds, persons_months, rotation

_LONGEST_KIND = 200
_MOST_KINDS = 100
_LONGEST_KEPT = 1200
_MOST_BANDS, _LONGEST_BAND, _MOST_YUAN = 10, 20, 1_000_000
_SHORTEST_FRAME, _LONGEST_FRAME = 5, 3600


def set_event_kinds(engine: Engine, by: Viewer, kinds: Sequence[str], seen: int | None = None) -> Changed | None:
    """Have these kinds of events in this order; none: those of the file. None: nothing is new.

    Raises SettingProblem, NotAllowed.
    """
    own = list(dict.fromkeys(kind.strip() for kind in kinds if kind.strip()))
    if len(own) > _MOST_KINDS or any(len(kind) > _LONGEST_KIND or not kind.isprintable() for kind in own):
        raise SettingProblem(
            f"事项一行一个，每个最多 {_LONGEST_KIND} 个字，最多 {_MOST_KINDS} 个。",
            f"A kind stands in a line, with up to {_LONGEST_KIND} characters; there are up to {_MOST_KINDS}.",
        )
    with changing(engine, by, "event_kinds", seen) as change:
        before = list(own_event_kinds(kept_settings(change.connection)))
        change.keep("event_kinds", own or None)
        return change.told({"event_kinds": before}, {"event_kinds": own})


def set_persons_months(engine: Engine, by: Viewer, months: int | None, seen: int | None = None) -> Changed | None:
    """Say for how many months after closing who raised a case is kept; None: for ever. None: nothing is new.

    Nothing is deleted by this. Raises SettingProblem, NotAllowed.
    """
    if months is not None and not 1 <= months <= _LONGEST_KEPT:
        raise SettingProblem(f"保存期限是 1 至 {_LONGEST_KEPT} 个月。", f"It is kept for 1 to {_LONGEST_KEPT} months.")
    with changing(engine, by, "persons_months", seen) as change:
        before = persons_months(kept_settings(change.connection))
        change.keep("persons_months", months)
        return change.told({"persons_months": before}, {"persons_months": months})


def set_grid_bands(engine: Engine, by: Viewer, bands: Sequence[Band], seen: int | None = None) -> Changed | None:
    """Put grids in these bands by the month, from the best one; none: in no bands. None: nothing is new.

    Raises SettingProblem, NotAllowed.
    """
    names = {band.name.strip() for band in bands}
    starts = [band.at_least for band in bands]
    if len(names) < len(bands) or len(bands) > _MOST_BANDS or any(not 0 < len(name) <= _LONGEST_BAND for name in names):
        raise SettingProblem(
            f"等次最多 {_MOST_BANDS} 个，名称不同，每个 1 至 {_LONGEST_BAND} 个字。",
            f"There are up to {_MOST_BANDS} bands with different names of 1 to {_LONGEST_BAND} characters.",
        )
    if (
        any(not 0 <= start <= 100 for start in starts)
        or any(a <= b for a, b in pairwise(starts))
        or starts[-1:] not in ([], [0])
    ):
        raise SettingProblem(
            "各等次的起点（按期办结率 %）从高到低，最后一个是 0。",
            "The bands begin at falling shares (per cent on time), the last one at 0.",
        )
    if any(not 0 <= band.yuan <= _MOST_YUAN for band in bands):
        raise SettingProblem(f"奖补是 0 至 {_MOST_YUAN:,} 元。", f"A bonus is 0 to {_MOST_YUAN:,} yuan.")
    with changing(engine, by, "grid_bands", seen) as change:
        before = grid_bands(kept_settings(change.connection))
        kept = [[band.name.strip(), band.at_least, band.yuan] for band in bands]
        change.keep("grid_bands", kept or None)
        return change.told({"grid_bands": list(map(str, before))}, {"grid_bands": list(map(str, bands))})


def set_rotation(
    engine: Engine, by: Viewer, wanted: Rotation, known: Collection[str], seen: int | None = None
) -> Changed | None:
    """Have the wall rotate so where its address does not say otherwise; ``known``: what it can show. None: nothing is new.

    Raises SettingProblem, NotAllowed.
    """
    if not set(wanted.show) <= set(known) or not _SHORTEST_FRAME <= wanted.every <= _LONGEST_FRAME:
        raise SettingProblem(
            f"每个画面停 {_SHORTEST_FRAME} 至 {_LONGEST_FRAME} 秒，画面从列出的里选。",
            f"A frame stays for {_SHORTEST_FRAME} to {_LONGEST_FRAME} seconds and is one of those listed.",
        )
    with changing(engine, by, "rotation", seen) as change:
        before = rotation(kept_settings(change.connection))
        change.keep("rotation", {"show": wanted.show, "every": wanted.every} if wanted != Rotation() else None)
        was, now = ({"show": list(one.show), "every": one.every} for one in (before, wanted))
        return change.told(was, now)
