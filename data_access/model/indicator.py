"""What an indicator is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["higher", "lower", "neither"]
OverMonths = Literal["sum", "last", "period"]
# The moment by which an indicator counts (zh, en)
RECEIVED = ("受理时间", "date received")
DUE = ("办理期限", "due date")
CLOSED = ("办结时间", "date closed")
MONTH_END = ("月末", "end of month")

CASES, PEOPLE, HOURS, YUAN = ("件", "cases"), ("人", "people"), ("小时", "hours"), ("元", "yuan")
PER_CENT, POINTS, REPORTED = ("%", "%"), ("个百分点", "points"), ("个", "projects")

# What a source must have for a measure to be known
NEEDS = {
    "signing_recorded": ("签收时间", "times of signing"),
    "closing_known": ("办结时间或办理状态", "closing times or a status"),
    "closing_recorded": ("办结时间", "closing times"),
    "deadlines_recorded": ("办理期限和办结时间", "due dates and closing times"),
    "callbacks_recorded": ("回访结果", "answers of callbacks"),
    "repeats_recorded": ("原工单编号（是否重复反映）", "number of the case that a case repeats"),
    "watched": ("离线记录", "outages"),
    "starts_recorded": ("实际开工日期", "days of actual start"),
    "ends_recorded": ("实际完工日期", "days of actual completion"),
}


@dataclass(frozen=True)
class Indicator:
    """One figure: ``scale × Σ numerator / Σ denominator``, or ``scale × Σ numerator`` without one.

    ``source`` names the family of rollup tables, ``numerator`` and ``denominator`` are measures (columns)
    of it. ``over_months`` says whether the months of a period add up (``sum``), the value at the period's end
    stands for it (``last``: stocks such as the number of cameras), or the period has to be counted as a whole
    (``period``: only :mod:`data_access.exploring` can, from the facts).
    """

    code: str
    area: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    source: str
    numerator: str
    denominator: str | None
    rule_zh: str
    rule_en: str
    counts_by_zh: str
    counts_by_en: str
    scale: float = 1.0
    decimals: int = 0
    direction: Direction = "neither"
    target: float | None = None
    over_months: OverMonths = "sum"
    # False where an earlier period has simply had more time (cases still open today were open longer ago)
    comparable: bool = True
    # The measure that counts the rows whose source has what the figure needs; 0: no source has it
    known_by: str | None = None
    # The units (zh, en) of numerator and denominator; None where both are of one kind, which the result does not need
    counted_in: tuple[tuple[str, str], tuple[str, str]] | None = None
    # Townships report it by hand, whatever area it belongs to
    by_hand: bool = False
    # Its counts are told in fives to this viewer (data_access.small_counts); 0 is few, or none
    in_fives: bool = False
    # Where it is told of several townships: what those have that differs from all, by name (data_access.model.target)
    own_targets: tuple[tuple[str, float | None], ...] = ()
    # What else people call it, in both languages, with 、 between them
    words: str = ""

    @property
    def needs(self) -> tuple[str, str] | None:
        """What a source must have for the figure to be known (zh, en); None: nothing beyond the rows."""
        return NEEDS[self.known_by] if self.known_by else None

    @property
    def data_area(self) -> str:
        """The area whose as-of moment says how far the figure reaches."""
        return "reports" if self.by_hand else self.area

    @property
    def is_ratio(self) -> bool:
        """Whether the figure has a denominator."""
        return self.denominator is not None

    @property
    def is_percentage(self) -> bool:
        """Whether it is a share in percent, so that changes are in percentage points."""
        return self.unit_zh == "%"

    def decimals_of(self, *amounts: float) -> int:
        """The decimals that amounts are told with; of figures reported by hand only where one of them has any."""
        return 0 if self.by_hand and all(float(amount).is_integer() for amount in amounts) else self.decimals

    @property
    def target_of_each(self) -> float | None:
        """What each of several is held to: a count's target is that of all together, unless there shall be none at all."""
        return self.target if self.is_ratio or self.target == 0 else None

    def target_of(self, name: str) -> float | None:
        """What one of several is held to, a township or another part."""
        return dict(self.own_targets).get(name, self.target_of_each)

    def misses_target(self, value: float, name: str | None = None) -> bool:
        """Whether the value, that of one of several where ``name`` says which, falls short of the target.

        False without a target, a direction or a value (NaN).
        """
        target = self.target if name is None else self.target_of(name)
        if target is None or self.direction == "neither":
            return False
        return value < target if self.direction == "higher" else value > target
