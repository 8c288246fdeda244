"""Rural projects and their monthly reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from data_access.areas.projects.area import BEHIND_POINTS
from data_access.scope import month_end, month_offset
from sample_data.county import AS_OF, MONTHS, Columns, Township, csv_rows

_REASONS = ("征地协调", "资金未到位", "雨季停工", "招标延期")
_EARLIEST, _LATEST = date(2021, 7, 1), date(2023, 12, 1)
# Months before the planned start when a project enters the register
_PREPARATION = 4
_URBAN_KINDS = ("基础设施", "人居环境", "公共服务", "产业发展")
_URBAN_ONLY = "老旧小区"


@dataclass(frozen=True)
class _Project:
    name: str
    kind: str
    village_code: str | None
    department: str
    budget_yuan: int
    planned_start: date
    planned_end: date
    actual_start: date | None
    # The day it is done, or would be at its pace; later than the as-of date while it goes on
    done_on: date | None
    note: str | None
    reason: str | None

    def progress(self, day: date) -> float:
        """Percent done at the end of a day: slow at first, slow towards the end."""
        if self.actual_start is None or self.done_on is None or day < self.actual_start:
            return 0.0
        time = min(1.0, (day - self.actual_start).days / (self.done_on - self.actual_start).days)
        # Half straight, half S-shaped, so that a punctual project never seems far behind.
        return round(100 * (0.5 * time + 0.5 * time * time * (3 - 2 * time)), 1)

    def planned(self, day: date) -> float:
        """Percent of the planned time gone."""
        return min(
            100.0, max(0.0, 100 * (day - self.planned_start).days / (self.planned_end - self.planned_start).days)
        )

    def stage(self, day: date) -> str:
        """储备, 前期, 在建 or 完工 at the end of a day."""
        if self.actual_start is not None and self.actual_start <= day:
            return "完工" if self.done_on is not None and self.done_on <= day else "在建"
        return "前期" if day >= self.planned_start - timedelta(days=75) else "储备"


def projects(townships: list[Township], seed: int) -> Iterator[tuple[Columns, Columns]]:
    """Columns of the project and project_report tables, township by township."""
    for place in townships:
        rng = np.random.default_rng((seed, 5, int(place.code)))
        register = _named(place) or _invented(place, rng)
        yield _columns(place, register), _reports(place, register, rng)


def _named(place: Township) -> list[_Project]:
    """The projects the newspaper names; a township it names any of has no others."""
    villages = {name: code for code, name in place.villages}
    found = []
    for row in csv_rows("named_projects.csv"):
        if row["township_code"] != place.code:
            continue
        start = date.fromisoformat(row["actual_start"]) if row["actual_start"] else None
        end = date.fromisoformat(row["planned_end"])
        done_on = date.fromisoformat(row["actual_end"]) if row["actual_end"] else start and end
        found.append(
            _Project(
                row["name"],
                row["kind"],
                villages[row["village"]],
                row["department"],
                int(row["budget_wan"]) * 10_000,
                date.fromisoformat(row["planned_start"]),
                end,
                start,
                done_on,
                row["note"],
                None,
            )
        )
    return found


def _invented(place: Township, rng: np.random.Generator) -> list[_Project]:
    types = [
        row
        for row in csv_rows("project_types.csv")
        if (row["kind"] in _URBAN_KINDS if place.is_urban else _URBAN_ONLY not in row["name"])
    ]
    chosen = rng.permutation(len(types))[: place.projects].tolist()
    villages = rng.permutation(len(place.villages))[: place.projects].tolist()
    register = []
    for number, (index, village) in enumerate(zip(chosen, villages, strict=True)):
        row = types[index]
        is_local = "{place}" in row["name"]
        low, high = int(row["low_wan"]), int(row["high_wan"])
        # Starts spread over the years, so that every stage occurs at any time.
        share = (number + rng.random()) / place.projects
        start = _EARLIEST + timedelta(days=int(share * (_LATEST - _EARLIEST).days))
        end = start + timedelta(days=int(int(row["months"]) * 30.4 * rng.uniform(0.85, 1.25)))
        register.append(
            _carried_out(
                place,
                _Project(
                    row["name"].format(place=place.places[village], town=place.name),
                    row["kind"],
                    place.villages[village][0] if is_local else None,
                    row["department"],
                    int(rng.triangular(low, low + (high - low) / 4, high)) * 10_000,
                    start,
                    end,
                    None,
                    None,
                    None,
                    None,
                ),
                rng,
            )
        )
    return register


def _carried_out(place: Township, plan: _Project, rng: np.random.Generator) -> _Project:
    """The project with its actual start and pace."""
    slips = rng.random() < (0.75 if place.character == "slipping" else 0.09)
    days = (plan.planned_end - plan.planned_start).days
    wait = int(rng.integers(20, 50)) if slips else int(rng.integers(-6, 16))
    slower = rng.uniform(1.2, 1.5) if slips else rng.uniform(0.9, 1.06)
    start = plan.planned_start + timedelta(days=wait)
    if start > AS_OF.date():
        return plan
    return replace(
        plan,
        actual_start=start,
        done_on=start + timedelta(days=int(days * slower)),
        reason=str(rng.choice(_REASONS)) if slips else None,
    )


def _columns(place: Township, register: list[_Project]) -> Columns:
    today = AS_OF.date()
    count = len(register)
    return {
        "township_code": [place.code] * count,
        "project_id": [_id(place, index) for index in range(count)],
        "name": [project.name for project in register],
        "kind": [project.kind for project in register],
        "village_code": [project.village_code for project in register],
        "department": [project.department for project in register],
        "budget_yuan": [project.budget_yuan for project in register],
        "planned_start": [project.planned_start for project in register],
        "planned_end": [project.planned_end for project in register],
        "actual_start": [project.actual_start for project in register],
        "actual_end": [
            project.done_on if project.done_on and project.done_on <= today else None for project in register
        ],
        "note": [project.note for project in register],
    }


def _id(place: Township, index: int) -> str:
    return f"XM{place.code}{index + 1:02d}"


def _reports(place: Township, register: list[_Project], rng: np.random.Generator) -> Columns:
    names = ("project_id", "month", "stage", "progress", "invested_yuan", "delay_reason")
    rows = []
    for index, project in enumerate(register):
        first = month_offset(f"{project.planned_start:%Y-%m}", -_PREPARATION)
        spent = rng.uniform(0.9, 1.03)
        for month in (
            month for month, silent in zip(MONTHS, place.silent, strict=True) if month >= first and not silent
        ):
            day = month_end(month).date() - timedelta(days=1)
            progress = project.progress(day)
            gap = progress - project.planned(day)
            rows.append(
                (
                    _id(place, index),
                    month,
                    project.stage(day),
                    progress,
                    # Money follows the work a little later.
                    round(project.budget_yuan * spent * (progress / 100) ** 1.08 / 100) * 100,
                    (project.reason or "雨季停工") if gap < BEHIND_POINTS else None,
                )
            )
    columns: Columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return {"township_code": [place.code] * len(rows), **columns}
