"""Volunteer teams and what they did."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data_access.areas.grid.register import GRID
from data_access.areas.volunteers.rollup import GRID_TEAM
from sample_data.county import (
    DAY,
    MONTH_STARTS,
    MONTHS,
    Columns,
    PrintedFigure,
    Township,
    dates,
    draw,
    objects,
    printed,
    since,
)

_STATION, _OFFICE = "文明实践站志愿队", "文明实践所志愿队"
# What the newspaper's volunteers do: 人居环境整治
_SURROUNDINGS = "人居环境整治志愿队"
_SPECIAL = (
    "医疗健康志愿队", "平安巡防志愿队", "助老助残志愿队", "环境保护志愿队", "文艺宣传志愿队", "助学支教志愿队",
)  # fmt: skip
_ACTIVITIES = objects(
    [
        "环境整治",
        "平安巡防",
        "关爱老人",
        "政策宣讲",
        "文明劝导",
        "矛盾调解",
        "助学支教",
        "健康义诊",
        "文艺演出",
        "防汛救灾",
    ]
)
_ACTIVITY_WEIGHTS = np.array((28, 14, 14, 12, 9, 6, 4, 5, 6, 0))
_SUMMER_WEIGHTS = np.array((26, 13, 12, 10, 8, 6, 8, 5, 6, 8))
_WEEK = np.array((0.8, 0.8, 0.9, 0.9, 1.3, 1.8, 1.3))


def volunteers(
    townships: list[Township], figures: list[PrintedFigure], grids: dict[str, Columns], seed: int
) -> Iterator[tuple[Columns, Columns]]:
    """Columns of the volunteer_team and volunteer_activity tables, township by township."""
    grid_teams, named = printed(figures, "grid_volunteer_teams"), printed(figures, "volunteers")
    for place in townships:
        rng = np.random.default_rng((seed, 4, int(place.code)))
        count = round(grid_teams.get(place.code, place.grid_teams))
        teams = _teams(place, count, named.get(place.code), grids[place.code], rng)
        yield teams, _activities(place, teams, rng)


def _teams(place: Township, grid_teams: int, named: float | None, grids: Columns, rng: np.random.Generator) -> Columns:
    """The teams of a township; ``named``: how many at least the newspaper names as one team of volunteers."""
    names, kinds, villages, owners, members = [], [], [], [], []
    own = [index for index, kind in enumerate(grids["kind"]) if kind == GRID]
    for index in rng.permutation(own)[:grid_teams].tolist():
        names.append(f"{grids['name'][index]}志愿服务队")
        kinds.append(GRID_TEAM)
        villages.append(grids["village_code"][index])
        owners.append(grids["grid_code"][index])
        members.append(int(rng.integers(12, 60)))
    special = rng.permutation(_SPECIAL)[: max(2, place.other_teams // 4)].tolist()
    for name in special:
        names.append(f"{place.name}{name}")
        kinds.append(name)
        members.append(int(rng.integers(25, 160)))
    if named:
        names.append(f"{place.name}{_SURROUNDINGS}")
        kinds.append(_SURROUNDINGS)
        members.append(round(named * 1.03))
        villages.append(None)
    stations = rng.permutation(len(place.villages))[: place.other_teams - len(special)].tolist()
    villages += [None] * len(special) + [place.villages[index][0] for index in stations]
    names += [f"{place.places[index]}新时代{_STATION}" for index in stations]
    kinds += [_STATION] * len(stations)
    members += rng.integers(30, 180, len(stations)).tolist()
    # The township's own roster holds everyone who registered without joining another team.
    names.append(f"{place.name}新时代{_OFFICE}")
    kinds.append(_OFFICE)
    villages.append(None)
    members.append(max(round(place.residents * place.registered * 1.06) - sum(members), 500))
    count = len(names)
    owners += [None] * (count - len(owners))
    founded = since(rng, count, 0.82, "2019-03-01", "2023-07-01")
    founded[-1] = founded.min()
    return {
        "township_code": [place.code] * count,
        "team_id": [f"ZY{place.code}{number:03d}" for number in range(1, count + 1)],
        "name": names,
        "kind": kinds,
        "village_code": villages,
        "grid_code": owners,
        "members": members,
        "registered": [
            round(people * share) for people, share in zip(members, rng.uniform(0.9, 0.98, count), strict=True)
        ],
        "founded_on": dates(founded),
    }


def _activities(place: Township, teams: Columns, rng: np.random.Generator) -> Columns:
    count = len(teams["team_id"])
    founded = np.array(teams["founded_on"], dtype="datetime64[s]").astype(np.int64)
    # Most teams are more regular than their township's mean, a few do next to nothing.
    eager = np.where(rng.random(count) < 0.06, 0.12, 1.06)
    eager[-1] = 1.06
    share = np.clip(np.outer(eager, place.active_teams + place.month_shift(0.2)), 0, 0.98)
    # Winter is quieter.
    share *= np.array([0.93 if month[5:] in ("01", "02", "12") else 1.01 for month in MONTHS])
    active = rng.random(share.shape) < np.minimum(share, 0.985)
    active &= founded[:, None] < MONTH_STARTS[None, :-1]
    active[:, place.silent] = False
    held = np.where(active, 1 + rng.poisson(0.8, share.shape), 0)
    team, month = np.repeat(np.argwhere(held), held[held > 0], axis=0).T
    total = len(team)
    length = (MONTH_STARTS[month + 1] - MONTH_STARTS[month]) // DAY
    # Of the month's days one with the right weekday, as far as the month has it
    wish, first = draw(rng, _WEEK, total), (MONTH_STARTS[month] // DAY + 3) % 7
    day = np.minimum((wish - first) % 7 + 7 * rng.integers(0, 5, total), length - 1)
    members = np.array(teams["members"])[team]
    people = np.maximum(np.round(np.minimum(members, 90) * rng.beta(2.2, 3.4, total)), 3).astype(int)
    hours = np.round(
        people * rng.choice((1.0, 1.5, 2.0, 2.5, 3.0, 4.0), total, p=(0.12, 0.22, 0.32, 0.16, 0.12, 0.06)), 1
    )
    summer = np.isin(month % 12, (5, 6, 7))
    kind = np.where(summer, draw(rng, _SUMMER_WEIGHTS, total), draw(rng, _ACTIVITY_WEIGHTS, total))
    held_on = MONTH_STARTS[month] + day * DAY
    order = np.argsort(held_on, kind="stable")
    return {
        "township_code": [place.code] * total,
        "activity_id": [f"HD{place.code}{number:05d}" for number in range(1, total + 1)],
        "team_id": objects(teams["team_id"])[team[order]].tolist(),
        "held_on": dates(held_on[order]),
        "kind": _ACTIVITIES[kind[order]].tolist(),
        "participants": people[order].tolist(),
        "hours": hours[order].tolist(),
    }
