"""Cameras, and the times they were down."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sample_data.county import (
    DAY,
    HOUR,
    MONTH_STARTS,
    MONTHS,
    NEVER,
    NOW,
    Array,
    Columns,
    PrintedFigure,
    Township,
    dates,
    draw,
    objects,
    printed,
    since,
    times,
)

_CAUSES = objects(["断电", "光纤中断", "设备故障", "雷击", "施工挖断", "其他"])
_POWER, _FIBRE, _DEVICE, _LIGHTNING, _DIGGING, _OTHER = range(6)
_CAUSE_WEIGHTS = np.array((30, 22, 27, 3, 11, 7))
_KINDS = objects(["枪机", "球机", "人脸识别", "车辆卡口", "高空瞭望"])
_KIND_WEIGHTS = np.array((56, 26, 8, 8, 2))
_PLACES = objects(
    [
        "村口",
        "主街",
        "文化广场",
        "路口",
        "学校门口",
        "东入口",
        "西入口",
        "南门",
        "北门",
        "停车场",
        "卫生室门口",
        "健身广场",
    ]
)
_FAR_PLACES = objects(["国道", "省道", "县道", "河堤", "山口", "桥头", "工业园", "车站"])
# The storm over one township: the evening it came and the share of cameras it took down
_STORM_AT = int(np.datetime64("2023-07-11T19:00:00", "s").astype(np.int64))
_STORM_SHARE = 0.58
_STORM_MONTH = MONTHS.index("2023-07")
_SPREAD = 1.15


def cameras(townships: list[Township], figures: list[PrintedFigure], seed: int) -> Iterator[tuple[Columns, Columns]]:
    """Columns of the camera and camera_outage tables, township by township."""
    networked = printed(figures, "networked_cameras")
    for place in townships:
        rng = np.random.default_rng((seed, 3, int(place.code)))
        yield _of_township(place, round(networked.get(place.code, place.cameras)), rng)


def _of_township(place: Township, networked: int, rng: np.random.Generator) -> tuple[Columns, Columns]:
    removed = round(networked * 0.012)
    count = networked + removed
    installed = since(rng, count, 0.84, "2018-03-01", "2023-07-15")
    gone = np.full(count, NEVER)
    # Some of the old ones were taken down again.
    old = rng.permutation(np.flatnonzero(installed < MONTH_STARTS[0]))[:removed]
    gone[old] = rng.integers(MONTH_STARTS[1] // DAY, NOW // DAY - 40, removed) * DAY
    in_use_to = np.where(gone == NEVER, NOW, gone)
    order = np.argsort(installed, kind="stable")
    installed, gone, in_use_to = installed[order], gone[order], in_use_to[order]
    village, dark_villages = _villages(place, gone, rng)
    ids = objects([f"{place.code}{number:05d}" for number in range(1, count + 1)])
    where = objects([*place.places, place.name])[village]
    spots = np.where(
        village >= 0, _PLACES[rng.integers(0, len(_PLACES), count)], _FAR_PLACES[rng.integers(0, 8, count)]
    )

    which, start, end, cause = _outages(place, installed, in_use_to, rng)
    if place.character == "storm":
        which, start, end, cause = _with_storm(installed, in_use_to, which, start, end, cause, rng)
    # Those down now: whole villages in the dark, and a few others, some of them only since today.
    able = np.flatnonzero((gone == NEVER) & ~np.isin(village, dark_villages))
    others = rng.choice(able, max(2, round(networked * 0.0022 * place.repair_hours / 50)), replace=False)
    down = np.concatenate((np.flatnonzero((gone == NEVER) & np.isin(village, dark_villages)), others))
    hours = np.maximum(rng.exponential(70, len(down)), 2)
    failed = np.maximum(NOW - (hours * HOUR).astype(np.int64), installed[down] + DAY)
    down_since = np.full(count, NOW + 1)
    down_since[down] = failed
    before = end < down_since[which]
    which, start, end, cause = (
        np.concatenate((which[before], down)),
        np.concatenate((start[before], failed)),
        np.concatenate((end[before], np.full(len(down), NEVER))),
        np.concatenate((cause[before], draw(rng, _CAUSE_WEIGHTS, len(down)))),
    )
    order = np.lexsort((which, start))
    which = which[order]
    return (
        {
            "township_code": [place.code] * count,
            "camera_id": ids.tolist(),
            "village_code": objects([*(code for code, _ in place.villages), None])[village].tolist(),
            "place": [f"{name}{spot}" for name, spot in zip(where, spots, strict=True)],
            "kind": _KINDS[draw(rng, _KIND_WEIGHTS, count)].tolist(),
            "installed_on": dates(installed),
            "removed_on": dates(gone),
        },
        {
            "township_code": [place.code] * len(which),
            "camera_id": ids[which].tolist(),
            "started_at": times(start[order]),
            "ended_at": times(end[order]),
            "cause": _CAUSES[cause[order]].tolist(),
        },
    )


def _villages(place: Township, gone: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Each camera's village (index; -1: none), and the villages where every camera is down now.

    Every village has a camera, but in the large rural townships one has none.
    """
    count, villages = len(gone), len(place.villages)
    sizes = rng.gamma(2.5, 1, villages) + 0.4
    village = np.where(rng.random(count) < 0.93, draw(rng, sizes, count), -1)
    dark = np.array([], dtype=np.int64)
    standing = rng.permutation(np.flatnonzero(gone == NEVER))
    village[standing[:villages]] = np.arange(villages)
    if not place.is_urban and villages > 30:
        poor = rng.permutation(villages)[:2]
        village[np.isin(village, poor)] = -1
        if villages > 60:
            dark = poor[:1]
            village[standing[:2]] = dark[0]
        else:
            village[standing[0]] = poor[0]
            village[standing[1]] = poor[1]
            dark = poor[:1] if place.repair_hours > 50 else dark
    return village, dark


def _outages(
    place: Township, installed: Array, to: Array, rng: np.random.Generator
) -> tuple[Array, Array, Array, Array]:
    """Camera (index), start, end and cause of ordinary outages; those of a camera do not overlap."""
    begin = np.maximum(installed + DAY, MONTH_STARTS[0])
    years = np.maximum(to - begin, 0) / (365 * DAY)
    # Some cameras fail again and again.
    times_down = rng.poisson(place.outages_a_year * years * rng.gamma(1.5, 1 / 1.5, len(installed)))
    which = np.repeat(np.arange(len(installed)), times_down)
    count = len(which)
    start = (begin[which] + rng.random(count) * (to - begin)[which]).astype(np.int64)
    order = np.lexsort((start, which))
    which, start = which[order], start[order]
    month = np.searchsorted(MONTH_STARTS, start, side="right") - 1
    slower = 1 - 4 * place.month_shift(0.15)
    hours = np.exp(rng.normal(np.log(place.repair_hours) - _SPREAD**2 / 2, _SPREAD, count)) * slower[month]
    end = start + (np.clip(hours, 0.2, 24 * 40) * HOUR).astype(np.int64)
    following = np.append(start[1:], 0)
    same_camera = np.append(which[1:] == which[:-1], False)
    end = np.where(same_camera, np.minimum(end, following - HOUR), end)
    summer = np.isin(month % 12, (5, 6, 7))
    cause = draw(rng, _CAUSE_WEIGHTS, count)
    cause = np.where(summer & (rng.random(count) < 0.18), _LIGHTNING, cause)
    kept = (end > start + 600) & (end < to[which])
    return which[kept], start[kept], end[kept], cause[kept]


def _with_storm(
    installed: Array, to: Array, which: Array, start: Array, end: Array, cause: Array, rng: np.random.Generator
) -> tuple[Array, Array, Array, Array]:
    """The outages with those of the storm, which came instead of the month's ordinary ones."""
    standing = np.flatnonzero((installed < _STORM_AT) & (to == NOW))
    hit = rng.choice(standing, round(len(standing) * _STORM_SHARE), replace=False)
    calm = ~np.isin(which, hit) | (end < MONTH_STARTS[_STORM_MONTH]) | (start >= MONTH_STARTS[_STORM_MONTH + 1])
    began = _STORM_AT + (rng.gamma(2, 1.2, len(hit)) * HOUR).astype(np.int64)
    lasted = np.clip(rng.gamma(2.2, 50, len(hit)), 4, 400) * HOUR
    reasons = draw(rng, np.array((46, 10, 6, 38, 0, 0)), len(hit))
    return (
        np.concatenate((which[calm], hit)),
        np.concatenate((start[calm], began)),
        np.concatenate((end[calm], began + lasted.astype(np.int64))),
        np.concatenate((cause[calm], reasons)),
    )
