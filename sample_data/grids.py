"""Grids, micro-grids and the events they report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from data_access.areas.grid.register import GRID, MICRO_GRID
from data_access.areas.grid.rollup import DISPUTE, HAZARD
from sample_data.county import (
    DAY,
    FIRST_PRINTED,
    HOUR,
    MONTH_STARTS,
    MONTHS,
    NEVER,
    NOW,
    Array,
    Columns,
    PrintedFigure,
    Township,
    draw,
    objects,
    printed,
    times,
)

# The sixteen matters handled through the grid, and how often
_KINDS = {
    HAZARD: 17.5, DISPUTE: 0.7, "环境卫生": 22, "市容秩序": 9, "设施损坏": 8, "消防通道": 6, "违法建设": 2,
    "噪音扰民": 4, "民生诉求": 9, "特殊人群走访": 7, "流动人口": 4, "森林防火": 2, "河道巡查": 3, "秸秆禁烧": 2,
    "反诈宣传": 2.3, "政策宣传": 1.5,
}  # fmt: skip
_NAMES = objects(list(_KINDS))
_HAZARD, _DISPUTE = 0, 1
_WORKING_HOURS = np.array((0, 0, 0, 0, 0, 0, 2, 18, 70, 100, 92, 50, 12, 20, 72, 80, 60, 36, 20, 8, 4, 1, 0, 0))


def with_printed_counts(townships: list[Township], figures: list[PrintedFigure]) -> dict[str, tuple[int, int, int]]:
    """Grids, micro-grids and grid workers by township: as printed, or else as in the profile."""
    grids, micro_grids = printed(figures, "grids"), printed(figures, "micro_grids")
    workers = printed(figures, "grid_workers")
    counts = {}
    for place in townships:
        count = round(grids.get(place.code, place.grids))
        people = round(workers.get(place.code, count * (1 + place.extra_workers)))
        counts[place.code] = count, round(micro_grids.get(place.code, place.micro_grids)), people
    return counts


def grid_columns(place: Township, counts: tuple[int, int, int]) -> Columns:
    """Columns of the grid table: every village has a grid, the larger ones several."""
    grids, micro_grids, workers = counts
    places, villages = place.places, [code for code, _ in place.villages]
    codes, names, owners = [], [], []
    for index in range(grids):
        lap, village = divmod(index, len(villages))
        codes.append(f"{place.code}{index + 1:04d}")
        names.append(f"{places[village]}第{lap + 1}网格")
        owners.append(villages[village])
    parents = [index % grids for index in range(micro_grids)]
    count = grids + micro_grids
    return {
        "township_code": [place.code] * count,
        "grid_code": [*codes, *(f"{codes[grid]}{index // grids + 1:02d}" for index, grid in enumerate(parents))],
        "name": [*names, *(f"{names[grid]}{index // grids + 1}号微网格" for index, grid in enumerate(parents))],
        "kind": [GRID] * grids + [MICRO_GRID] * micro_grids,
        "parent_code": [None] * grids + [codes[grid] for grid in parents],
        "village_code": [*owners, *(owners[grid] for grid in parents)],
        "workers": [workers // grids + (index < workers % grids) for index in range(grids)] + [0] * micro_grids,
        "opened_on": [date(2021, 7, 1)] * count,
    }


def grid_events(
    townships: list[Township], figures: list[PrintedFigure], grids: dict[str, Columns], seed: int
) -> Iterator[Columns]:
    """Columns of the grid_event table, township by township."""
    handled, hazards = printed(figures, "events_handled"), printed(figures, "hazards_found")
    resolved = printed(figures, "disputes_resolved")
    for place in townships:
        rng = np.random.default_rng((seed, 2, int(place.code)))
        codes = grids[place.code]
        owners = [code for code, kind in zip(codes["grid_code"], codes["kind"], strict=True) if kind == GRID]
        events = np.full((len(owners), len(MONTHS)), place.events_a_grid)
        wanted = handled.get(place.code)
        if wanted is not None:
            # Somewhat more than printed; the surplus goes again.
            events[:, FIRST_PRINTED:] = wanted * 1.06 / (len(MONTHS) - FIRST_PRINTED) / len(owners)
        grid, reported, closed, kind = _reported(place, rng, events)
        if wanted is not None:
            kept = _without_surplus(rng, closed, round(wanted))
            grid, reported, closed, kind = grid[kept], reported[kept], closed[kept], kind[kept]
            _name_printed(rng, reported, closed, kind, round(hazards[place.code]), round(resolved[place.code]))
        order = np.argsort(reported, kind="stable")
        grid, reported, closed, kind = grid[order], reported[order], closed[order], kind[order]
        parents: dict[str, list[str]] = {}
        for code, parent in zip(codes["grid_code"], codes["parent_code"], strict=True):
            if parent:
                parents.setdefault(parent, []).append(code)
        micro = rng.random(len(grid)) < 0.3
        where = [owners[index] for index in grid.tolist()]
        days = np.where(np.isin(kind, (_HAZARD, _DISPUTE)), 7, 3)
        yield {
            "township_code": [place.code] * len(where),
            "event_id": [f"SJ{place.code}{index:06d}" for index in range(1, len(where) + 1)],
            "grid_code": [
                small[index % len(small)] if is_micro and (small := parents.get(owner)) else owner
                for index, (owner, is_micro) in enumerate(zip(where, micro.tolist(), strict=True))
            ],
            "kind": _NAMES[kind].tolist(),
            "reported_at": times(reported),
            "due_at": times(reported + days * DAY),
            "closed_at": times(closed),
        }


def _reported(place: Township, rng: np.random.Generator, events: Array) -> tuple[Array, Array, Array, Array]:
    """Grid (index), time reported, time closed and kind (index) of a township's events."""
    inactive = (place.inactive - place.month_shift(0.12)).clip(0, 0.5)
    # A few grids are quiet more often than the others.
    idle = rng.random(events.shape) < inactive * rng.gamma(1.2, 1 / 1.2, (len(events), 1))
    month_total = rng.normal(1, 0.05, len(MONTHS)).clip(0.85, 1.15)
    counts = 1 + rng.poisson(np.maximum(events * month_total - 1, 0))
    counts[idle] = 0
    counts[:, place.silent] = 0
    grid, month = np.repeat(np.argwhere(counts), counts[counts > 0], axis=0).T
    count = len(grid)
    day = (rng.random(count) * ((MONTH_STARTS[month + 1] - MONTH_STARTS[month]) // DAY)).astype(np.int64)
    reported = MONTH_STARTS[month] + day * DAY + draw(rng, _WORKING_HOURS, count) * HOUR + rng.integers(0, HOUR, count)
    closed = reported + (np.exp(rng.normal(np.log(9), 1.15, count)) * HOUR).astype(np.int64)
    unresolved = rng.random(count) < 0.012 + 0.3 * (0.975 - place.signed)
    closed = np.where((closed > NOW) | unresolved, NEVER, closed)
    return grid, reported, closed, draw(rng, np.array(list(_KINDS.values())), count)


def _without_surplus(rng: np.random.Generator, closed: Array, wanted: int) -> Array:
    """The events to keep for so many to be closed in the printed months."""
    in_period = np.flatnonzero(closed >= MONTH_STARTS[FIRST_PRINTED])
    kept = np.ones(len(closed), dtype=bool)
    kept[rng.permutation(in_period)[: len(in_period) - wanted]] = False
    return kept


def _name_printed(
    rng: np.random.Generator, reported: Array, closed: Array, kind: Array, hazards: int, resolved: int
) -> None:
    """Let the printed numbers of hazards found and disputes resolved be reported in the printed months."""
    in_period = reported >= MONTH_STARTS[FIRST_PRINTED]
    others = np.array([weight if index > _DISPUTE else 0.0 for index, weight in enumerate(_KINDS.values())])
    kind[in_period] = draw(rng, others, int(in_period.sum()))
    is_closed = rng.permutation(np.flatnonzero(in_period & (closed != NEVER)))
    is_open = np.flatnonzero(in_period & (closed == NEVER))
    kind[is_closed[:resolved]] = _DISPUTE
    kind[is_open[-1:]] = _DISPUTE
    kind[is_closed[resolved : resolved + hazards]] = _HAZARD
