"""The areas of work that the dashboard shows: what each is called, where it is shown, and what of it is shown first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# A case is signed in time within so many hours; closed wrongly when raised again within so many.
SIGNING_HOURS = 24
FALSE_CLOSURE_HOURS = 7 * 24
# A camera that has been down for longer, and a project whose schedule gap is lower, are to be acted on.
OFFLINE_HOURS = 24
BEHIND_POINTS = -10


@dataclass(frozen=True)
class ScreenView:
    """An area on the meeting-room screen: its figures, the indicator that ranks, and a count split by a dimension."""

    headlines: tuple[str, ...]
    ranked: str
    # Areas whose matters to decide stand above; "unreported": who did not report
    decisions: tuple[str, ...]
    split: tuple[str, str] | None = None
    split_zh: str = ""
    split_en: str = ""


@dataclass(frozen=True)
class Area:
    """One area. ``page`` is its script and address, ``icon`` a Material symbol, the others codes of indicators.

    ``source``: the family of rollup tables that it is counted in. ``headlines``: the cards of its page. ``volume``: what
    a township has only if it reported. ``reported_by``: by these it has reported a month, whatever is evaluated (what
    falls due in a month may be of earlier ones). ``key_figures``: by which a person sees whether a load makes sense.
    ``attention``: what of it asks for a decision, with the address of the rows. ``counts_people``: a small count of it
    could tell who is meant.
    """

    code: str
    zh: str
    en: str
    page: str
    icon: str
    source: str
    headlines: tuple[str, ...] = ()
    volume: str | None = None
    reported_by: tuple[str, ...] = ()
    key_figures: tuple[str, ...] = ()
    attention: str | None = None
    attention_address: Mapping[str, str] = field(default_factory=dict)
    screen: ScreenView | None = None
    counts_people: bool = False


_ALL = (
    Area(
        "petitions",
        "群众诉求",
        "Petitions",
        "petitions",
        "forum",
        "petition_month",
        ("received", "signed_in_time_rate", "on_time_rate", "satisfaction_rate", "handling_days", "overdue_open"),
        volume="received",
        reported_by=("received", "closed"),
        key_figures=("received", "closed", "on_time_rate", "satisfaction_rate", "overdue_open"),
        attention="overdue_open",
        attention_address={"tab": "rows", "state": "overdue"},
        screen=ScreenView(
            ("received", "on_time_rate", "resolved_rate", "satisfaction_rate", "false_closure_rate", "cases_per_10k"),
            "satisfaction_rate",
            ("petitions",),
            ("received", "category_1"),
            "诉求最多的类别",
            "Most frequent categories",
        ),
        counts_people=True,
    ),
    Area(
        "cameras",
        "雪亮监控",
        "Cameras",
        "cameras",
        "videocam",
        "camera_month",
        ("cameras", "online_rate", "working_rate", "offline_24h", "repair_hours", "village_coverage"),
        reported_by=("cameras",),
        key_figures=("cameras", "online_rate", "working_rate", "outages", "offline_24h"),
        attention="offline_24h",
        attention_address={"tab": "rows"},
        screen=ScreenView(
            ("cameras", "online_rate", "working_rate", "offline_24h", "repair_hours", "village_coverage"),
            "online_rate",
            ("cameras",),
            ("outages", "cause"),
            "故障原因",
            "Causes of outages",
        ),
    ),
    Area(
        "volunteers",
        "志愿队伍",
        "Volunteer teams",
        "volunteers",
        "volunteer_activism",
        "volunteer_month",
        ("teams", "volunteers", "active_team_rate", "activities", "service_hours", "hours_per_team"),
        volume="activities",
        reported_by=("activities",),
        key_figures=("teams", "volunteers", "activities", "service_hours", "active_team_rate"),
        screen=ScreenView(
            ("teams", "volunteers", "registered_rate", "active_team_rate", "activities", "hours_per_team"),
            "active_team_rate",
            ("unreported",),
        ),
    ),
    Area(
        "projects",
        "乡村项目",
        "Rural projects",
        "rural_projects",
        "agriculture",
        "project_month",
        ("projects", "started_rate", "completed_rate", "investment_rate", "schedule_gap", "behind"),
        volume="schedule_gap",
        reported_by=("schedule_gap",),
        key_figures=("projects", "started_rate", "progress", "schedule_gap", "behind"),
        attention="behind",
        attention_address={"tab": "rows"},
        screen=ScreenView(
            ("projects", "started_rate", "completed_rate", "investment_rate", "schedule_gap", "behind"),
            "schedule_gap",
            ("projects",),
        ),
    ),
    Area(
        "grid",
        "网格治理",
        "Grid governance",
        "grid",
        "grid_view",
        "grid_month",
        ("grids", "grid_workers", "grid_events", "grid_completion_rate", "grid_on_time_rate", "inactive_grid_rate"),
        volume="grid_events",
        reported_by=("grid_events",),
        key_figures=("grids", "grid_events", "grid_completion_rate", "inactive_grid_rate"),
        counts_people=True,
    ),
)
AREAS: dict[str, Area] = {area.code: area for area in _ALL}
# What townships report by hand is counted as it was reported; its indicators may belong to any area or to none of these.
REPORTS = Area("reports", "其他工作", "Other work", "other_work", "more_horiz", "indicator_report")
AREA_OF_SOURCE = {area.source: area.code for area in (*_ALL, REPORTS)}
# The figure by which each area has reported a month
VOLUMES = {area.code: area.volume for area in _ALL if area.volume}
# What the whole county is shown by first
OVERVIEW = ScreenView(
    ("received", "on_time_rate", "satisfaction_rate", "online_rate", "active_team_rate", "schedule_gap"),
    "on_time_rate",
    (*(area.code for area in _ALL if area.attention), "unreported"),
)
