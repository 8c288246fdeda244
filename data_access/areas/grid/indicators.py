"""The indicators of grid."""

from __future__ import annotations

from data_access.areas.grid.area import AREA
from data_access.model.indicator import CLOSED, DUE, MONTH_END, Indicator

INDICATORS = (
    Indicator(
        "villages", "grid", "村居数", "Villages and communities", "个", "villages", AREA.source, "villages", None,
        "村（社区）总数", "Villages and communities",
        *MONTH_END, over_months="last",
        words="村数、村居数量、村社区数、村庄数、number of villages、village count",
    ),
    Indicator(
        "grids", "grid", "网格数", "Grids", "个", "grids", AREA.source, "grids", None,
        "月末在用的网格数", "Grids in use at the end of the month",
        *MONTH_END, over_months="last",
        words="网格数量、网格个数、number of grids、grid count",
    ),
    Indicator(
        "micro_grids", "grid", "微网格数", "Micro-grids", "个", "micro-grids", AREA.source, "micro_grids", None,
        "月末在用的微网格数", "Micro-grids in use at the end of the month",
        *MONTH_END, over_months="last",
        words="微网格数量、number of micro grids",
    ),
    Indicator(
        "grid_workers", "grid", "网格员数", "Grid workers", "名", "people", AREA.source, "workers", None,
        "月末在岗的网格员数；登记册首次装入之前的月份不详",
        "Grid workers at the end of the month; not known for months before the register was first loaded",
        *MONTH_END, over_months="last",
        words="网格员人数、网格员数量、number of grid workers",
    ),
    Indicator(
        "grid_events", "grid", "事件上报量", "Events reported", "条", "events", AREA.source, "events", None,
        "当期网格上报的事件数", "Events reported by the grids in the period",
        "上报时间", "date reported",
        words="网格事件数、事件数、上报事件、上报事件数、事件上报数、网格上报量、事件量、网格上报事件、events reported、grid events reported、number of events",
    ),
    Indicator(
        "grid_events_closed", "grid", "事件办结量", "Events closed", "条", "events", AREA.source, "closed", None,
        "当期办结的事件数", "Events closed in the period",
        *CLOSED, known_by="closing_recorded",
        words="办结事件、事件办结数、网格事件办结量、办结事件数、closed events、grid events closed",
    ),
    Indicator(
        "grid_completion_rate", "grid", "事件办结率", "Events completed", "%", "%", AREA.source, "completed", "closing_recorded",
        "当期上报事件中已办结数 ÷ 上报数", "Events reported in the period and closed by now / events reported",
        "上报时间", "date reported", scale=100, decimals=1, direction="higher", target=98, comparable=False, known_by="closing_recorded",
        words="网格事件办结率、网格办结率、event completion rate、grid completion rate、event completion",
    ),
    Indicator(
        "grid_on_time_rate", "grid", "事件按期办结率", "Events closed on time", "%", "%", AREA.source, "closed_on_time", "due",
        "期限内办结事件数 ÷ 当期到期事件数", "Events closed by the due date / due in the period",
        *DUE, scale=100, decimals=1, direction="higher", target=95, known_by="deadlines_recorded",
        words="网格事件按期办结率、事件按期率、网格按期率、网格按期办结率、事件及时办结率、event on time rate",
    ),
    Indicator(
        "inactive_grid_rate", "grid", "不活跃网格率", "Inactive grids", "%", "%", AREA.source,
        "inactive_grid_months", "grid_months",
        "当月没有上报事件的网格数 ÷ 网格数；多月按网格·月累计",
        "Grids without an event in the month / grids; several months add up as grid-months",
        "上报时间", "date reported", scale=100, decimals=1, direction="lower", target=0,
        words="网格不活跃率、不活跃率、inactive rate、inactive grid rate",
    ),
    Indicator(
        "hazards", "grid", "隐患排查", "Hazards found", "条", "hazards", AREA.source, "hazards", None,
        "当期上报的安全隐患数", "Hazards reported in the period",
        "上报时间", "date reported",
        words="隐患数、安全隐患数、排查隐患、隐患排查数、number of hazards",
    ),
    Indicator(
        "disputes_resolved", "grid", "化解矛盾", "Disputes resolved", "条", "disputes", AREA.source, "disputes_closed", None,
        "当期上报的矛盾纠纷中已化解数", "Disputes reported in the period and resolved by now",
        "上报时间", "date reported", known_by="closing_recorded",
        words="矛盾化解数、化解矛盾数、化解纠纷、矛盾纠纷化解数、resolved disputes",
    ),
    Indicator(
        "dispute_resolution_rate", "grid", "矛盾化解率", "Dispute resolution", "%", "%", AREA.source,
        "disputes_closed", "disputes",
        "当期上报的矛盾纠纷中已化解数 ÷ 上报数", "Disputes reported in the period and resolved by now / disputes reported",
        "上报时间", "date reported", scale=100, decimals=1, direction="higher", target=95, comparable=False, known_by="closing_recorded",
        words="化解率、纠纷化解率、矛盾纠纷化解率、dispute resolution rate",
    ),
)  # fmt: skip
