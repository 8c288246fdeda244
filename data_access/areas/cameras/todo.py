"""Cameras to be mended."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from sqlalchemy import Engine

from data_access.areas.cameras.area import OFFLINE_HOURS
from data_access.areas.cameras.lists import cameras_offline
from data_access.scope import Scope
from data_access.todo.to_do import ToDo, Urgency, Way, by_urgency

# So many hours down are near what is to be acted on.
NEAR_HOURS = 18


def _down(engine: Engine, scope: Scope) -> pd.DataFrame:
    """The cameras that are down, with late and soon: for longer than the limit, or for nearly as long."""
    found = cameras_offline(engine, scope)
    found["late"] = found["hours_down"] > OFFLINE_HOURS
    found["soon"] = ~found["late"] & (found["hours_down"] >= NEAR_HOURS)
    return found


def cameras_to_mend(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Cameras down at the as-of moment for over 24 hours, or for 18 and more: COLUMNS, ``longest`` in days."""
    found = _down(engine, scope)
    by_township = found.groupby("township_code").agg(
        late=("late", "sum"), soon=("soon", "sum"), longest=("hours_down", "max")
    )
    by_township["longest"] = by_township["longest"] / 24
    return by_urgency(by_township.reset_index())


def list_cameras_to_mend(engine: Engine, scope: Scope, urgency: Urgency, limit: int) -> pd.DataFrame:
    """Such cameras, the longest down first, as :func:`cameras_offline` has them."""
    found = _down(engine, scope)
    return found[found[urgency]].drop(columns=["late", "soon"]).head(limit)


def _offline_list(_urgency: Urgency, _as_of: datetime) -> Way | None:
    return "cameras", {"tab": ("rows",)}


TO_DO = (
    ToDo(
        "cameras_to_mend", "cameras", "离线摄像机", "Cameras down", ("个", "cameras"),
        "数据截至时仍离线的摄像机：已连续离线超过 24 小时的，和满 18 小时、将到 24 小时的",
        "Cameras down at the as-of moment: for more than 24 hours, and for 18 to 24",
        {"late": ("超 24 小时", "over 24 h"), "soon": ("满 18 小时", "18 to 24 h")},
        cameras_to_mend, list_cameras_to_mend, way=_offline_list,
        longest=("最长 {:.1f} 天", "longest {:.1f} days"), known_by="offline_24h",
    ),
)  # fmt: skip
