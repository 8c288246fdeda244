"""What a figure reported by hand is: its names, its numbers, who is asked for it and until when."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import Connection, select

from data_access.areas.reports.area import AREA
from data_access.areas.reports.tables import reported_indicator, reporting_township
from data_access.model.indicator import PER_CENT, Direction, Indicator, OverMonths

Frequency = Literal["month", "once"]


@dataclass(frozen=True)
class Definition:
    """One row of ``reported_indicator``, with the codes of the townships that are asked for it (None: all).

    With a denominator the figure is the share, in per cent, of the numerator in it, and ``unit`` is what both are counted
    in; without one it is one number in ``unit``.
    """

    code: str
    area: str
    name_zh: str
    name_en: str
    unit: str
    over_months: OverMonths = "sum"
    numerator_zh: str | None = None
    numerator_en: str | None = None
    denominator_zh: str | None = None
    denominator_en: str | None = None
    frequency: Frequency = "month"
    due_day: int | None = None
    first_month: str | None = None
    last_month: str | None = None
    direction: Direction = "neither"
    contact: str | None = None
    source: str | None = None
    counted_as: str | None = None
    townships: frozenset[str] | None = None

    @property
    def is_ratio(self) -> bool:
        """Whether two numbers are reported."""
        return self.denominator_zh is not None

    @property
    def indicator(self) -> Indicator:
        """The indicator that the figure is everywhere else."""
        words = ("镇街填报数", "Figure reported by the township")
        if self.is_ratio:
            words = (
                f"{self.numerator_zh} ÷ {self.denominator_zh}，镇街填报",
                f"{self.numerator_en} / {self.denominator_en}, reported by the townships",
            )
        return Indicator(
            self.code,
            self.area,
            self.name_zh,
            self.name_en,
            *(PER_CENT if self.is_ratio else (self.unit, self.unit)),
            AREA.source,
            "numerator",
            "denominator" if self.is_ratio else None,
            *words,
            "填报月份",
            "month reported",
            scale=100 if self.is_ratio else 1,
            decimals=2,
            direction=self.direction,
            over_months=self.over_months,
            counted_in=((self.unit, self.unit), (self.unit, self.unit)) if self.is_ratio else None,
            by_hand=True,
        )

    def asks(self, township_code: str, month: str) -> bool:
        """Whether a township is asked for the figure of a month."""
        if self.due_day is None or (self.townships is not None and township_code not in self.townships):
            return False
        if self.frequency == "once":
            return month == self.first_month
        return (self.first_month or "") <= month <= (self.last_month or "9999-12")


def definitions_in(connection: Connection) -> dict[str, Definition]:
    """Every definition by its code, in the order of the codes."""
    asked: dict[str, set[str]] = {}
    for code, township_code in connection.execute(select(reporting_township)):
        asked.setdefault(code, set()).add(township_code)
    rows = connection.execute(select(reported_indicator).order_by(reported_indicator.c.code)).mappings()
    return {row["code"]: _definition(dict(row), asked.get(row["code"])) for row in rows}


def _definition(row: dict[str, Any], townships: set[str] | None) -> Definition:
    # What stands in no row has the default.
    given = {name: value for name, value in row.items() if value is not None}
    return Definition(**given, townships=frozenset(townships) if townships else None)


# The columns of a row, by the fields of the definition
COLUMNS = tuple(field.name for field in fields(Definition) if field.name != "townships")
