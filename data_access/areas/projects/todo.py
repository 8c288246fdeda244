"""Projects to be speeded up, and to be finished."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import Engine

from data_access.areas.projects.area import BEHIND_POINTS
from data_access.areas.projects.lists import projects
from data_access.model.data_state import as_of_dates
from data_access.scope import Scope
from data_access.todo.to_do import ToDo, Urgency, Way, by_urgency

# A schedule gap below this is near what makes a project behind.
NEAR_POINTS = -7
# A planned end within so many days is near.
NEAR_DAYS = 30
_PROJECTS = ("个", "projects")
_LISTED = (
    "project_name",
    "township_code",
    "responsible",
    "stage",
    "progress",
    "planned",
    "gap",
    "planned_end",
    "delay_reason",
)


def _projects(engine: Engine, scope: Scope) -> tuple[pd.DataFrame, pd.Timestamp]:
    """The projects at the as-of moment, of the viewer's departments or the one that is asked about, and its day."""
    with engine.connect() as connection:
        as_of = as_of_dates(connection).get("projects", datetime.max)
    month = f"{as_of:%Y-%m}"
    wanted = dict(scope.where).get("department")
    found = projects(engine, replace(scope, start=month, end=month, where=()))
    found["department"] = found["responsible"].fillna("")
    if scope.viewer.case_departments is not None:
        found = found[found["department"].isin(scope.viewer.case_departments)]
    if wanted is not None:
        found = found[found["department"].isin((wanted,) if isinstance(wanted, str) else wanted)]
    return found.copy(), pd.Timestamp(as_of.date())


def _behind(found: pd.DataFrame) -> pd.DataFrame:
    found = found.assign(late=found["is_behind"], longest=(-found["gap"]).clip(lower=0))
    is_near = found["gap"].between(BEHIND_POINTS, NEAR_POINTS, inclusive="left")
    found["soon"] = is_near & ~found["is_behind"] & ~found["is_completed"]
    return found


def _to_finish(found: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    # Of some sources nobody knows what is finished.
    found = found[found["tells_end"] & ~found["is_completed"]].sort_values("planned_end", kind="stable")
    found["late"] = found["planned_end"] < today
    found["now"] = found["planned_end"] == today
    found["soon"] = (found["planned_end"] > today) & (found["planned_end"] <= today + timedelta(days=NEAR_DAYS))
    found["longest"] = (today - found["planned_end"]).dt.days
    return found


def _counted(found: pd.DataFrame, code: str) -> pd.DataFrame:
    urgencies = [name for name in ("late", "now", "soon") if name in found]
    # The furthest of those that are late
    found["longest"] = found["longest"].where(found["late"])
    by = found.groupby(["township_code", "department"])
    return by_urgency(by[urgencies].sum().assign(longest=by["longest"].max()).reset_index(), code)


def projects_to_do(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Projects to speed up: behind (as 滞后项目 counts them) or near 10 points behind, ``longest`` in points; and to
    finish: past their planned end or near it, ``longest`` in days. COLUMNS and ``code``.
    """
    found, today = _projects(engine, scope)
    parts = [_counted(_behind(found), "projects_to_speed_up"), _counted(_to_finish(found, today), "projects_to_finish")]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def list_projects_to_speed_up(engine: Engine, scope: Scope, urgency: Urgency, limit: int) -> pd.DataFrame:
    """Such projects, the furthest behind first, as :func:`projects` has them."""
    found = _behind(_projects(engine, scope)[0])
    return found[found[urgency]].head(limit)


def list_projects_to_finish(engine: Engine, scope: Scope, urgency: Urgency, limit: int) -> pd.DataFrame:
    """Such projects, the first due first, as :func:`projects` has them."""
    found = _to_finish(*_projects(engine, scope))
    return found[found[urgency]].head(limit)


def _behind_list(urgency: Urgency, as_of: datetime) -> Way | None:
    month = f"{as_of:%Y-%m}"
    return ("rural_projects", {"tab": ("rows",), "from": (month,), "to": (month,)}) if urgency == "late" else None


TO_DO = (
    ToDo(
        "projects_to_speed_up", "projects", "滞后项目", "Projects behind", _PROJECTS,
        "有月报、未完工的项目：序时进度差低于 −10 个百分点或已过计划完工日的（同“滞后项目”），和在 −10 与 −7 之间的",
        "Unfinished projects that reported: over 10 points behind or past their planned end (as “Projects behind”), and 7 to 10 points behind",
        {"late": ("已滞后", "behind"), "soon": ("差 7 至 10 个百分点", "7 to 10 points behind")},
        projects_to_do, list_projects_to_speed_up, _LISTED, _behind_list,
        longest=("最多 {:.0f} 个百分点", "up to {:.0f} points"), known_by="behind", has_departments=True,
    ),
    ToDo(
        "projects_to_finish", "projects", "项目完工", "Projects to finish", _PROJECTS,
        "没有完工的项目，不论当月是否上报：已过计划完工日的，当天到期的，其后 30 天内到期的",
        "Projects that are not finished, whether or not they reported: past their planned end, due that day, or within the 30 days after",
        {"late": ("过期未完工", "past the end"), "now": ("今天到期", "due today"), "soon": ("30 天内到期", "due in 30 days")},
        projects_to_do, list_projects_to_finish, _LISTED,
        longest=("最长 {:.0f} 天", "longest {:.0f} days"), known_by="completed_rate", has_departments=True,
    ),
)  # fmt: skip
