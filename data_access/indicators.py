"""The indicators, each declared once.

From one record come the KPI card, the axis, the ranking order, the target line, the column heading of
exports, the row of the README's table and the formula card with live counts. A ratio is always a sum
over a sum at the grain asked for; a zero denominator is no data.
"""

from __future__ import annotations

from data_access.areas import AREAS
from data_access.areas.cameras import indicators as cameras
from data_access.areas.grid import indicators as grid
from data_access.areas.petitions import indicators as petitions
from data_access.areas.projects import indicators as projects
from data_access.areas.volunteers import indicators as volunteers
from data_access.model.indicator import Indicator

INDICATORS: dict[str, Indicator] = {
    indicator.code: indicator
    for area in (petitions, cameras, volunteers, projects, grid)
    for indicator in area.INDICATORS
}
# What only a question about the facts can be answered with: no page, no evaluation and no rollup has it.
QUESTION_INDICATORS: dict[str, Indicator] = {
    indicator.code: indicator for indicator in (*cameras.QUESTIONS, *volunteers.QUESTIONS)
}


def markdown_table() -> str:
    """The indicators as docs/indicators.md shows them; ``python -m data_access.indicators`` prints it."""
    lines = ["| 领域 Area | 指标 | Indicator | 公式 Rule | 单位 | 计入 | 目标 |", "|---|---|---|---|---|---|---|"]
    for indicator in (*INDICATORS.values(), *QUESTION_INDICATORS.values()):
        sign = {"higher": "≥ ", "lower": "≤ ", "neither": ""}[indicator.direction]
        target = "" if indicator.target is None else f"{sign}{indicator.target:g}"
        lines.append(
            f"| {AREAS[indicator.area].zh} | {indicator.zh} | {indicator.en} | {indicator.rule_zh} "
            f"| {indicator.unit_zh} | {indicator.counts_by_zh} | {target} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown_table())
