"""What townships report by hand: counted as it was reported; its indicators may belong to any area or to none."""

from __future__ import annotations

from data_access.areas.reports.columns import COLUMNS
from data_access.model.area import Area

AREA = Area("reports", "其他工作", "Other work", "other_work", "more_horiz", "indicator_report", columns=COLUMNS)
