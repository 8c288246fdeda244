"""Petitions: what they are called, where they are shown, and what of them first."""

from __future__ import annotations

from data_access.areas.petitions.columns import COLUMNS
from data_access.model.area import Area, ScreenView

# The names of a case's category, the widest first, and what months are counted by besides
LEVELS = ("category_1", "category_2", "category_3")
CATEGORIES = ("channel", *LEVELS)
# A case is signed in time within so many hours; closed wrongly when raised again within so many.
SIGNING_HOURS = 24
FALSE_CLOSURE_HOURS = 7 * 24

AREA = Area(
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
    columns=COLUMNS,
    nouns={
        "received": "收了、新收、新收的、新收到、反映、诉求、群众诉求、工单、投诉、案件、案子、来电、来件、受理、件、件数、几件、多少件、case、complaint、complained、complain、petition、request",
        "closed": "办结、已办结、办完、办好、closes、closing、to close",
    },
)
