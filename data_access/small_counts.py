"""Counts of few cases, for who may not see the cases: what is told of them cannot be told apart by any subtraction.

What is counted of a whole township and month is exact for everybody, and so are sums of it. A figure narrowed further (by
category, channel, village …) is fine. Who may not see the cases behind it gets it in fives: the cases of a township and
month stand in a fixed order, by category or by village, and of every fifth one its group is told five. A fine figure,
of whatever townships, months and groups, is the sum of these.

So all of them together tell no more than in which run of five cases a group begins and ends, and the exact total of
the township and month (under five cases it has no fives at all). A group of 1 to 4 cases lies within one run, and could
have none, or across the border of two, and could have up to nine: at least two counts are always possible, however many
figures are added and subtracted. tests/test_small_counts.py tries all counties of a few cases.

That holds of one state of the data (who notes each day's changes can tell more), and because a case has one place in one
order. What has no order here (other dimensions, categories with channels, single moments) and what two counts are made of
(rates, means) is refused; so is every fine figure to who sees the cases of some departments, and could take these off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from zlib import crc32

from sqlalchemy import ColumnElement, FromClause, Integer, case, cast, func, literal, select

from data_access.access import CASE_AREAS, NotAllowed, Viewer, among
from data_access.areas.petitions.area import LEVELS
from data_access.areas.petitions.tables import petition_category_month, petition_village_month
from data_access.model.indicator import Indicator
from data_access.scope import Scope

# Figures are told in steps of so many cases.
STEP = 5
# What every viewer may count cases by and narrow them to; the kind of township stands for its townships.
WHOLE = frozenset({"township_code", "month", "league"})
# The orders that cases stand in, by the rollup that counts them: by one of these alone
_ORDERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    petition_category_month.name: (LEVELS, ("channel",)),
    petition_village_month.name: (("village_code",),),
}
OPEN_TO_ALL = WHOLE | {dimension for orders in _ORDERS.values() for order in orders for dimension in order}


def is_fine(indicator: Indicator, dimensions: Iterable[str]) -> bool:
    """Whether a figure is of cases, and told apart by or narrowed to more than townships and months."""
    return indicator.area in CASE_AREAS and not WHOLE.issuperset(dimensions)


def is_withheld(indicator: Indicator, scope: Scope, by: Iterable[str] = ()) -> bool:
    """Whether there is no such figure for the viewer: what two counts are made of is not told in fives."""
    return indicator.is_ratio and is_in_fives(indicator, scope, by)


def is_in_fives(indicator: Indicator, scope: Scope, by: Iterable[str] = ()) -> bool:
    """Whether a figure is told in fives: a fine one, of townships whose cases the viewer may not all see."""
    return is_fine(indicator, (*by, *(name for name, _ in scope.where))) and hides_cases(scope, indicator.area)


def hides_cases(scope: Scope, area: str) -> bool:
    """Whether a scope holds townships whose cases the viewer may not see."""
    return area in CASE_AREAS and scope.within(area) != open_townships(scope, area)


def open_townships(scope: Scope, area: str) -> tuple[str, ...] | None:
    """Those of a scope's townships all of whose cases the viewer may see (None: all)."""
    return scope.of_cases().within(area) if scope.viewer.case_departments is None else ()


def tells_fives(viewer: Viewer) -> bool:
    """Whether there are fine figures for who may not see all cases: whoever knows some of them could take these off."""
    return viewer.case_departments is None


def require_cases(scope: Scope, area: str) -> None:
    """Raise NotAllowed to whoever may not see the cases behind all of a scope."""
    if hides_cases(scope, area):
        raise too_fine(scope.viewer)


def too_fine(viewer: Viewer) -> NotAllowed:
    """That this could tell of single persons, and who may see it."""
    if not tells_fives(viewer):
        return NotAllowed(
            "这里细到能看出单件诉求或事件，只给可以查看全部承办单位诉求的人看。",
            "This is so fine that it tells of single cases: it is for who may see the cases of all departments.",
        )
    if viewer.may("cases"):
        return NotAllowed(
            "这里细到能看出单件诉求或事件，只有负责的镇街可以这样看：请在左侧只选您负责的镇街。",
            "This is so fine that it tells of single cases: choose your own townships alone on the left.",
        )
    return NotAllowed(
        "这里细到能看出单件诉求或事件，只给有“查看诉求和事件的清单、卡片”权限的人看；件数可以按镇街、月份、类别、渠道或村（社区）看。",
        "This is so fine that it tells of single cases: it takes the right to see lists and cards of cases. Counts are "
        "there by township, month, category, channel or village.",
    )


def in_fives(
    table: FromClause,
    name: str,
    dimensions: Collection[str],
    measures: Collection[str],
    scope: Scope,
    townships: Collection[str],
) -> FromClause:
    """The rows of a rollup (``name``) with these measures in fives, but for townships whose cases the viewer may see.

    ``townships``: the codes of all. Raises NotAllowed where the dimensions are of no one order.
    """
    order = next((one for one in _ORDERS.get(name, ()) if set(one).issuperset(dimensions)), None)
    if order is None or not tells_fives(scope.viewer):
        raise too_fine(scope.viewer)
    area = "petitions"
    found = (
        select(
            table.c.township_code,
            table.c.month,
            *(table.c[one] for one in order),
            *(func.sum(table.c[measure]).label(measure) for measure in measures),
        )
        .where(table.c.month.between(scope.start, scope.end), among(table.c.township_code, scope.within(area)))
        .group_by(table.c.township_code, table.c.month, *(table.c[one] for one in order))
        .subquery()
    )
    place = (found.c.township_code, found.c.month)
    # Where the first five begin differs by township and month, so that the first groups are not always the short ones.
    number = case({code: crc32(code.encode()) % STEP for code in townships}, value=found.c.township_code, else_=0)
    begins = (number + cast(func.substr(found.c.month, 6, 2), Integer)) % STEP
    is_open = among(found.c.township_code, open_townships(scope, area))

    def told(measure: str) -> ColumnElement[int]:
        cases = func.coalesce(found.c[measure], 0)
        everything = cast(func.sum(cases).over(partition_by=place), Integer)
        until = cast(func.sum(cases).over(partition_by=place, order_by=[found.c[one] for one in order]), Integer)
        fives = (until + begins) // STEP - (until - cases + begins) // STEP
        return case((is_open, found.c[measure]), (everything >= STEP, STEP * fives), else_=literal(0)).label(measure)

    return select(*place, *(found.c[one] for one in order), *map(told, measures)).subquery(name)
