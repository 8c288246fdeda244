"""What a month's bulletin tells, read from the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import Engine

from data_access import queries
from data_access.access import Viewer
from data_access.areas.cameras import lists as camera_lists
from data_access.areas.cameras.area import OFFLINE_HOURS
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.projects import lists as project_lists
from data_access.decisions.items import Item, items
from data_access.evaluation.finished import in_words, last_finished
from data_access.evaluation.finished import unfinished as unfinished_areas
from data_access.evaluation.monthly import Month, course, offered
from data_access.evaluation.records import Frozen
from data_access.evaluation.schemes import Scheme, load_schemes
from data_access.evaluation.scoring import Evaluation
from data_access.indicators import INDICATORS
from data_access.notes.kept import Note
from data_access.queries import County
from data_access.scope import Scope, month_end, month_start
from data_access.settings.kept import kept_schemes


@dataclass(frozen=True)
class Bulletin:
    """What a bulletin tells: the month's evaluation, the one before, and what is to be handled."""

    county: County
    scheme: Scheme
    shown: Evaluation
    before: Evaluation | None
    now: Month
    frozen: Frozen | None
    overdue: pd.DataFrame
    offline: pd.DataFrame
    late: pd.DataFrame
    # What was decided in the month, and what was due in it
    decisions: tuple[Item, ...] = ()

    @property
    def month(self) -> str:
        """The month as 2023年8月."""
        return f"{self.shown.month[:4]}年{int(self.shown.month[5:])}月"

    @property
    def unfinished(self) -> str:
        """（未完，群众诉求本月数据只到 6 日）; empty for a finished month."""
        if self.shown.unfinished is None:
            return ""
        words, _ = in_words(self.shown.month, unfinished_areas(self.scheme, self.shown.month, self.county.as_of))
        return f"（未完，{words}）"

    @property
    def state(self) -> str:
        """Whether it is final, a draft for objections, or follows the data."""
        if self.frozen is None:
            return "未定版，数字以定版为准"
        if self.frozen.stage == "draft":
            return f"第 {self.frozen.version} 版，公示稿，{self.frozen.objections_until:%Y-%m-%d} 前可提异议"
        return f"第 {self.frozen.version} 版，已定版"

    @property
    def items(self) -> pd.DataFrame:
        """The points by hand that the shown result counts."""
        return self.now.items if self.frozen is None else self.frozen.items

    @property
    def exclusions(self) -> pd.DataFrame:
        """The cases that the shown result leaves out."""
        return self.now.exclusions if self.frozen is None else self.frozen.exclusions

    @property
    def notes(self) -> list[Note]:
        """The dated notes within the month, as they stand now."""
        start, end = month_start(self.shown.month).date(), month_end(self.shown.month).date() - timedelta(days=1)
        return [note for note in self.county.notes if note.is_within(start, end)]

    @property
    def as_of(self) -> datetime:
        """Until when the data of all the scheme's areas reach, as they were when the result was kept."""
        reached = (self.frozen.as_of if self.frozen else {}) or {
            area: moment for area, moment in self.county.as_of.items() if area in self.scheme.areas
        }
        return min((reached or self.county.as_of).values())


def bulletin(engine: Engine, viewer: Viewer, month: str | None = None, scheme_id: str | None = None) -> Bulletin:
    """Read what a month's bulletin tells (default: of the last month that is finished in the scheme's areas).

    Raises ValueError in words when there is nothing to tell, NotAllowed where the viewer may not see it all.
    """
    county = queries.county(engine, viewer)
    if month is None:
        month = _default_month(engine, county, scheme_id)
    if month not in county.months:
        first, last = (county.months[0], county.months[-1]) if county.months else ("—", "—")
        raise ValueError(f"没有 {month} 的数据，可选 {first} 至 {last}。No data for {month}.")
    indicators = {**INDICATORS, **county.reported}
    schemes = load_schemes(indicators, kept_schemes(engine))
    valid = {scheme.id: scheme for scheme in offered(engine, viewer, schemes, month, indicators)}
    if not valid or scheme_id not in (None, *valid):
        raise ValueError(f"{month} 没有方案 {scheme_id or ''}，可选：{'、'.join(valid)}。Schemes: {', '.join(valid)}.")
    scheme = valid[scheme_id or next(iter(valid))]
    found = course(engine, viewer, schemes, scheme, month, indicators)
    if found.kept is not None and not found.kept.is_intact:
        raise ValueError(f"{month} 的定版内容已被改动，不能作为依据。The frozen result was tampered with.")
    scope = Scope(viewer, None, month, month)
    projects = project_lists.projects(engine, scope)
    offline = camera_lists.cameras_offline(engine, scope)
    return Bulletin(
        county,
        scheme,
        found.shown,
        found.previous,
        found.now,
        found.kept,
        petition_lists.overdue_by_township(engine, scope),
        offline[offline["hours_down"] > OFFLINE_HOURS],
        projects[projects["is_behind"]],
        tuple(one for one in items(engine, viewer) if _is_of_month(one, month)),
    )


def _is_of_month(item: Item, month: str) -> bool:
    is_its = month in (item.decision.month, f"{item.decision.due_on:%Y-%m}")
    return is_its and item.state != "withdrawn"


def _default_month(engine: Engine, county: County, scheme_id: str | None) -> str:
    schemes = load_schemes({**INDICATORS, **county.reported}, kept_schemes(engine))
    chosen = next((one for one in schemes if scheme_id in (None, one.id)), None)
    month = None if chosen is None else last_finished(chosen, county.months, county.as_of)
    if month is None:
        raise ValueError("还没有完整的月份，请写明月份。No month is finished yet; give one.")
    return month
