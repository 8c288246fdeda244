"""Who may not see cases cannot tell, from all that they are answered, how many of a few cases there are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, combinations, product
from math import inf
from typing import Any
from zlib import crc32

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert
from starlette.datastructures import QueryParams

from data_access.access import UNRESTRICTED, NotAllowed, Viewer
from data_access.areas.grid import lists as grid_lists
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.tables import (
    petition,
    petition_category_month,
    petition_month,
    petition_village_month,
)
from data_access.database import engine_for
from data_access.exploring import common_causes
from data_access.exploring.common_causes import Looked
from data_access.exploring.questions import Question, plan, put_together, sums
from data_access.indicators import INDICATORS
from data_access.model.data_state import data_state
from data_access.model.measured import WITHHELD, measured
from data_access.places.tables import township, village
from data_access.queries import county, measure
from data_access.rollups import refresh
from data_access.scope import Scope, month_range
from tests.counties import copied, memory_engine
from tests.page_contents import contents, page
from tests.roles import OWN, VIEWERS
from ui.explore.matches import matches
from ui.screen.frames import content
from ui.screen.settings import settings as screen_settings

# Who may see figures alone
FIGURES = Viewer("figures", rights=frozenset())
OFFICIAL = VIEWERS["township_official"]
RECEIVED = INDICATORS["received"]
# Their twelve months have all the places where the first five can begin.
MONTHS = month_range("2024-01", "2024-04")
Counts = tuple[int, ...]
# Some groups in some months
Cell = frozenset[tuple[str, str]]


def county_of(
    worlds: dict[str, dict[str, Counts]],
    rollup: Any,
    order: Sequence[str],
    last: str,
    as_of: datetime = datetime(2024, 12, 31),
) -> Engine:
    """A county whose townships have by month so many cases received in the first, second … group of a rollup.

    ``last``: the dimension that tells the groups apart.
    """
    engine = memory_engine()
    fine, whole = [], []
    for code, months in worlds.items():
        for month, counts in months.items():
            place = {"township_code": code, "month": month}
            whole.append({**place, "received": sum(counts) or None})
            for group, cases in enumerate(counts):
                named = {**dict.fromkeys(order, "x"), last: f"{group}"}
                fine.append({**place, **named, "received": cases})
    with engine.begin() as connection:
        places = [{"code": code, "name": code, "kind": "镇", "residents": 1000} for code in worlds]
        connection.execute(insert(township), places)
        connection.execute(insert(data_state).values(area="petitions", as_of=as_of, version=1))
        connection.execute(insert(petition_month), whole)
        for row in fine:
            # What nobody raised has no row.
            if row["received"]:
                connection.execute(insert(rollup).values(row))
    return engine


def subsets(groups: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(groups, size) for size in range(1, len(groups) + 1))


def compositions(total: int, groups: int) -> Iterator[Counts]:
    if groups == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in compositions(total - first, groups - 1):
            yield (first, *rest)


def like_codes(number: int) -> list[str]:
    """Codes of townships in which the first five of a month begin at the same place."""
    return [code for code in map(str, range(100_000_000, 100_010_000)) if crc32(code.encode()) % 5 == 0][:number]


ORDERS = {
    "village": (petition_village_month, ("village_code",), "village_code"),
    "category": (petition_category_month, ("channel", "category_1", "category_2", "category_3"), "category_3"),
    "channel": (petition_category_month, ("channel", "category_1", "category_2", "category_3"), "channel"),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("groups", "most"), [(2, 17), (3, 9), (4, 6)])
def test_no_answers_together_tell_a_count_under_5(order: str, groups: int, most: int) -> None:
    """Every county of a few cases, each as one township: to each small count there is another with the same answers.

    What is added up over townships and months, or subtracted, is made of these answers (the next test).
    """
    rollup, dimensions, dimension = ORDERS[order]
    every = [counts for total in range(most + 1) for counts in compositions(total, groups)]
    worlds = dict(zip(like_codes(len(every)), every, strict=True))
    engine = county_of(
        {code: dict.fromkeys(MONTHS, counts) for code, counts in worlds.items()}, rollup, dimensions, dimension
    )
    names = [str(group) for group in range(groups)]
    scope = Scope(FIGURES, None, MONTHS[0], MONTHS[-1])
    told: dict[tuple[str, str], list[object]] = defaultdict(list)

    def ask(asked: Scope, by: tuple[str, ...]) -> None:
        table = measure(engine, [RECEIVED], asked, ("township_code", "month", *by))
        for row in table.itertuples(index=False):
            told[row[0], row[1]].append((asked.where, by, tuple(map(str, row[2:]))))

    ask(scope, ())
    ask(scope, (dimension,))
    for chosen in subsets(names):
        ask(scope.narrowed((dimension, chosen)), ())
        ask(scope.narrowed((dimension, chosen)), (dimension,))
    for month in MONTHS:
        alike: dict[object, list[Counts]] = defaultdict(list)
        for code, counts in worlds.items():
            alike[tuple(told[code, month])].append(counts)
        for chosen in subsets(range(groups)):  # type: ignore[arg-type]  # of numbers as well
            if len(chosen) == groups:
                continue
            for same in alike.values():
                possible = {sum(counts[int(group)] for group in chosen) for counts in same}
                assert len(possible) > 1 or not possible & {1, 2, 3, 4}, (month, chosen, same)
    engine.dispose()


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_fine_figure_is_the_sum_of_those_of_its_months_townships_and_groups(data: st.DataObject) -> None:
    """What is answered of a whole tells nothing that its smallest parts do not tell; so neither do differences."""
    counts = st.tuples(*[st.integers(0, 14)] * 4)
    codes, groups = ("370883001", "370883002", "370883103"), ("0", "1", "2", "3")
    worlds = data.draw(
        st.fixed_dictionaries({code: st.fixed_dictionaries(dict.fromkeys(MONTHS, counts)) for code in codes})
    )
    engine = county_of(worlds, *ORDERS["village"])
    parts = measure(
        engine, [RECEIVED], Scope(FIGURES, None, MONTHS[0], MONTHS[-1]), ("township_code", "month", "village_code")
    )
    assert (parts["received"] % 5 == 0).all()
    first, last = sorted(data.draw(st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS))))
    chosen = data.draw(st.none() | st.lists(st.sampled_from(codes), min_size=1, unique=True).map(tuple))
    only = tuple(data.draw(st.lists(st.sampled_from(groups), min_size=1, unique=True)))
    by = data.draw(
        st.sampled_from([(), ("month",), ("township_code",), ("village_code",), ("township_code", "village_code")])
    )
    scope = Scope(FIGURES, chosen, first, last, (("village_code", only),))
    whole = measure(engine, [RECEIVED], scope, by)
    mine = parts[parts["month"].between(first, last) & parts["village_code"].isin(only)]
    mine = mine if chosen is None else mine[mine["township_code"].isin(chosen)]
    if not by:
        assert whole["received"].fillna(0).tolist() == [mine["received"].sum()]
    else:
        expected = mine.groupby(list(by))["received"].sum()
        found = whole.set_index(list(by))["received"]
        assert found[found > 0].to_dict() == expected[expected > 0].to_dict()
    engine.dispose()


def differing(answers: Mapping[Cell, tuple[float, float]]) -> dict[Cell, tuple[float, float]]:
    """What pairs of answers, each between two bounds, tell of what the one has more than the other."""
    found: dict[Cell, tuple[float, float]] = {}
    for (more, (low, high)), (less, (least, most)) in product(answers.items(), repeat=2):
        if less < more:
            before = found.get(more - less, (0.0, inf))
            found[more - less] = max(before[0], low - most), min(before[1], high - least)
    return found


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_two_figures_differ_by_a_count_under_5(data: st.DataObject) -> None:
    """The plain attack: of one township all ranges of months and groups, told in fives, and its exact months."""
    months = MONTHS[:3]
    counts = data.draw(st.fixed_dictionaries(dict.fromkeys(months, st.tuples(*[st.integers(0, 9)] * 3))))
    engine = county_of({"370883001": counts}, *ORDERS["village"])
    groups, ranges = ("0", "1", "2"), [months[first:last] for first in range(3) for last in range(first + 1, 4)]
    answers: dict[Cell, tuple[float, float]] = {}
    for asked in ranges:
        scope = Scope(FIGURES, None, asked[0], asked[-1])
        exact = float(measure(engine, [RECEIVED], scope)["received"].fillna(0).iloc[0])
        answers[frozenset(product(asked, groups))] = exact, exact
        for only in subsets(groups):
            told = float(
                measure(engine, [RECEIVED], scope.narrowed(("village_code", only)))["received"].fillna(0).iloc[0]
            )
            if len(only) < len(groups):
                # Of each month and group a figure is off by four at most.
                off = 4 * len(asked) * len(only)
                answers[frozenset(product(asked, only))] = max(told - off, 0), told + off
    engine.dispose()
    bounds = differing(answers)
    for cell, (low, high) in (answers | bounds).items():
        own = answers.get(cell, (0.0, inf))
        low, high = max(low, own[0], 0.0), min(high, own[1])
        cases = sum(counts[month][int(group)] for month, group in cell)
        assert low <= cases <= high
        is_of_whole_months = len(cell) == len(groups) * len({month for month, _ in cell})
        assert is_of_whole_months or high > low or not 0 < cases < 5, (cell, low, high)


# --- Who is told what -------------------------------------------------------------------------------


@pytest.mark.parametrize("role", VIEWERS)
def test_whole_townships_and_months_are_the_same_for_all(role: str, sample_engine: Engine) -> None:
    codes = ("received", "on_time_rate", "overdue_open", "grid_events", "hazards", "handling_days")
    indicators = [INDICATORS[code] for code in codes]
    for by in ((), ("month",), ("township_code",), ("township_code", "month")):
        for towns in (None, tuple(sorted(OWN))):
            pd.testing.assert_frame_equal(
                measure(sample_engine, indicators, Scope(VIEWERS[role], towns, "2023-01", "2023-08"), by),
                measure(sample_engine, indicators, Scope(UNRESTRICTED, towns, "2023-01", "2023-08"), by),
            )


@pytest.mark.parametrize("role", VIEWERS)
@pytest.mark.parametrize("dimension", ["village_code", "category_2", "channel"])
def test_fine_figures_are_exact_of_cases_that_may_be_seen(role: str, dimension: str, sample_engine: Engine) -> None:
    indicators = [INDICATORS[code] for code in ("received", "closed", "on_time_rate")]
    by = ("township_code", dimension)
    if VIEWERS[role].case_departments is not None:
        # From what is told in fives they could take the cases that they see.
        with pytest.raises(NotAllowed, match="全部承办单位"):
            measure(sample_engine, indicators, Scope(VIEWERS[role], tuple(OWN), "2023-07", "2023-08"), by)
        return
    told, true = (
        measure(sample_engine, indicators, Scope(viewer, None, "2023-07", "2023-08"), by).set_index(list(by))
        for viewer in (VIEWERS[role], UNRESTRICTED)
    )
    seen = VIEWERS[role].of_cases().townships
    is_open = true.index.get_level_values(0).isin(list(seen if seen is not None else OWN | set(true.index.levels[0])))
    own = true[is_open]
    columns = [name for name in true if name != "closed:k"]
    pd.testing.assert_frame_equal(told.loc[own.index, columns], own[columns])
    hidden = told.drop(index=own.index)
    assert len(hidden) == 0 if seen is None else len(hidden) > 0
    for code in ("received", "closed"):
        counts = true[code].reindex(hidden.index).fillna(0)
        assert (hidden[code] % 5 == 0).all()
        # Two months, each off by four at most
        assert (hidden[code] - counts).abs().max() <= 8 if len(hidden) else True
    assert [measured(INDICATORS["on_time_rate"], row).absent for row in hidden.to_dict("records")] == [WITHHELD] * len(
        hidden
    )


def test_townships_of_others_are_told_to_be_withheld(sample_engine: Engine) -> None:
    for codes in (["on_time_rate"], ["on_time_rate", "received"]):
        indicators = [INDICATORS[code] for code in codes]
        scope = Scope(OFFICIAL, None, "2023-07", "2023-08", (("category_1", "城乡建设"),))
        told = measure(sample_engine, indicators, scope, ("township_code",))
        assert len(told) == 16
        absent = {row["township_code"]: measured(indicators[0], row).absent for row in told.to_dict("records")}
        assert {code for code, why in absent.items() if why != WITHHELD} == OWN


def asked(engine: Engine, viewer: Viewer, question: Question, townships: tuple[str, ...] | None = None) -> Any:
    indicators = [INDICATORS[code] for code in question.indicators]
    known = county(engine, viewer)
    with engine.connect() as connection:
        parts = plan(question, indicators, Scope(viewer, townships, "2023-07", "2023-08"), known.kinds)
        answers = [sums(connection, part) for part in parts]
    return put_together(question, indicators, parts, answers, known.kind_of)


FINE = [
    Question(("received",), ("hour",)),
    Question(("received",), ("week",)),
    Question(("received",), ("department",)),
    Question(("received",), ("grid_code",)),
    Question(("received",), ("timeliness",)),
    Question(("received",), ("village_code", "category_1")),
    Question(("received",), ("channel",), (("category_1", ("城乡建设",)),)),
    Question(("received",), (), (("status", ("已办结",)),)),
    Question(("received",), (), (), "路灯"),
    Question(("on_time_rate",), ("category_1",)),
    Question(("handling_days",), (), (("village_code", ("370883001001",)),)),
    Question(("grid_events",), ("event_kind",)),
    Question(("grid_events",), ("village_code",)),
]


@pytest.mark.parametrize("question", FINE, ids=str)
def test_what_has_no_order_is_for_who_may_see_cases(question: Question, sample_engine: Engine) -> None:
    with pytest.raises(NotAllowed):
        asked(sample_engine, FIGURES, question)
    if not question.text:
        with pytest.raises(NotAllowed, match="只选您负责的镇街"):
            asked(sample_engine, OFFICIAL, question)
    own = tuple(sorted(OWN))
    for viewer, townships in ((OFFICIAL, own), (VIEWERS["duty_officer"], None)):
        told, true = (asked(sample_engine, one, question, townships) for one in (viewer, UNRESTRICTED))
        for margin, table in true.items():
            pd.testing.assert_frame_equal(told[margin], table)


def test_looks_at_single_moments_are_for_who_may_see_cases(sample_engine: Engine) -> None:
    scope = Scope(FIGURES, None, "2023-07", "2023-08")
    for refused in (
        lambda: petition_lists.open_case_ages(sample_engine, scope),
        lambda: petition_lists.duration_quantiles(sample_engine, scope, (0.5,)),
        lambda: petition_lists.overdue_by_township(sample_engine, scope.narrowed(("category_1", "城乡建设"))),
        lambda: measure(sample_engine, [RECEIVED], scope, ("weekday", "hour")),
        lambda: measure(sample_engine, [INDICATORS["closed"]], scope, ("two_hours",)),
        lambda: measure(sample_engine, [INDICATORS["grid_events"]], scope, ("kind",)),
    ):
        with pytest.raises(NotAllowed, match="单件"):
            refused()
    assert grid_lists.grid_activity(sample_engine, scope).empty
    own = replace(scope, viewer=OFFICIAL)
    assert set(grid_lists.grid_activity(sample_engine, own)["township_code"]) == OWN
    everywhere = Looked("township_code", "category_1", "month", scope)
    with sample_engine.connect() as connection:
        assert common_causes.raised_again(connection, (scope, 100)).empty
        again = common_causes.raised_again(connection, (own, 100))
        assert set(again["township_code"]) <= OWN
        with pytest.raises(NotAllowed, match="单件"):
            common_causes.people(connection, common_causes.parts(everywhere, "2022-01")[-1])


def test_a_month_up_to_a_day_is_compared_by_who_may_see_cases() -> None:
    """It is another order of the same cases, and two would tell more than one."""
    worlds: dict[str, dict[str, Counts]] = {"370883001": {"2024-03": (20, 30), "2024-04": (9, 11)}}
    engine = county_of(worlds, *ORDERS["village"], as_of=datetime(2024, 4, 10))
    kept = petition_village_month.info["to_date"]
    with engine.begin() as connection:
        connection.execute(
            insert(kept).values(township_code="370883001", month="2024-03", village_code="0", received=7)
        )
    for viewer, told in ((UNRESTRICTED, [7.0]), (FIGURES, [])):
        before = Scope(viewer, None, "2024-04", "2024-04", (("village_code", "0"),)).previous()
        for by in ((), ("month",), ("village_code",)):
            assert measure(engine, [RECEIVED], before, by)["received"].dropna().tolist() == told
    engine.dispose()


# --- Pages ------------------------------------------------------------------------------------------

PLANTED = "种植的类别"
TOWN = "370883103"


@pytest.fixture(scope="module")
def planted_url(sample_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample with two cases, of one kind and in one village, that nothing else is of."""
    url = copied(sample_engine, tmp_path_factory.mktemp("planted") / "county.sqlite")
    engine = engine_for(url)
    with engine.begin() as connection:
        connection.execute(insert(village).values(code=f"{TOWN}999", township_code=TOWN, name=PLANTED))
        for number in range(2):
            connection.execute(
                insert(petition).values(
                    township_code=TOWN,
                    case_no=f"planted-{number}",
                    channel=PLANTED,
                    **dict.fromkeys(("category_1", "category_2", "category_3"), PLANTED),
                    village_code=f"{TOWN}999",
                    received_at=datetime(2023, 8, 10 + number, 9),
                    title=PLANTED,
                )
            )
        refresh(connection, "petitions", start="2023-08", end="2023-08", townships=[TOWN])
    engine.dispose()
    return url


def told_of(app: Any, name: str) -> list[str]:
    """The numbers that stand beside a name in what is sent: in the same row of a chart, table or list, or after it."""
    found: list[str] = []

    def look(one: Any) -> None:
        if isinstance(one, dict):
            names = one.get("y") if isinstance(one.get("y"), list) else []
            for place, label in enumerate(names):
                if name in str(label):
                    found.extend(str(one[part][place]) for part in ("x", "text") if isinstance(one.get(part), list))
            for value in one.values():
                look(value)
        elif isinstance(one, list):
            if any(isinstance(cell, dict) and name in str(cell.get("text")) for cell in one):
                found.extend(str(cell.get("sort")) for cell in one[1:])
            for value in one:
                look(value)
        elif isinstance(one, str):
            found.extend(re.findall(rf"{name}\D{{0,9}}(\d[\d,.]*)", one))

    for kind in ("figure", "kpi_cards", "answer_table", "league_table", "attention"):
        look(contents(app, kind))
    for element in (*app.header, *app.markdown, *app.caption, *app.button):
        look(str(getattr(element, "value", "")) + str(getattr(element, "label", "")))
    return found


def notes_of(app: Any) -> list[str]:
    return [str(one.get("note")) for one in contents(app, "figure")] + [one.value for one in app.caption]


QUESTIONS: dict[str, tuple[str, dict[str, list[str]]]] = {
    "petitions": ("petitions", {}),
    "petitions of the kind": ("petitions", {"category": [PLANTED]}),
    "by kind": ("explore", {"by": ["category_3"]}),
    "by month and kind": ("explore", {"by": ["month", "category_1"]}),
    "by village": ("explore", {"by": ["village_code"]}),
    "by channel": ("explore", {"by": ["channel"]}),
    "of the village": ("explore", {"is": [f"village_code:{TOWN}999"]}),
}


@pytest.mark.parametrize("asked_for", QUESTIONS)
@pytest.mark.parametrize("role", ["viewer", "duty_officer"])
def test_a_village_with_two_cases_shows_them_to_who_may_see_cases(
    asked_for: str, role: str, planted_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: VIEWERS[role])
    name, parameters = QUESTIONS[asked_for]
    app = page(
        name, planted_url, monkeypatch, street=["大束镇"], **{"from": ["2023-08"], "to": ["2023-08"]}, **parameters
    )
    told = told_of(app, PLANTED)
    values = [value for card in contents(app, "kpi_cards") for one in card["cards"] for value in [one["value"]]]
    if role == "viewer":
        assert not {"2", "2.0"} & {*told, *values}
        assert any("约数，取整到 5" in note for note in notes_of(app))
    else:
        assert {"2", "2.0", "2 件"} & {*told, *values}
        assert not any("约" in note for note in notes_of(app))


def test_what_is_found_and_the_wall_tell_in_fives(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sample_url)
    wall = Viewer("wall", case_townships=frozenset(), rights=frozenset())
    frames = content(screen_settings(QueryParams("show=petitions")), wall)["frames"]
    (kinds,) = [chart for frame in frames for chart in frame["charts"] if chart["kind"] == "bars"]
    assert kinds["rows"]
    assert all(re.fullmatch(r"约 [\d,]*[05]", row["text"]) for row in kinds["rows"])
    found = matches(QueryParams({"q": "sj"}), FIGURES)["rows"]
    villages = [row["count"] for row in found if row["kind"] == "村（社区）"]
    assert villages
    assert all(re.fullmatch(r"约 [\d,]*[05] 件|很少", count) for count in villages)
    assert not {"文字", "网格", "承办单位"} & {row["kind"] for row in found}
    assert {row["kind"] for row in matches(QueryParams({"q": "sj"}), OFFICIAL)["rows"]} > {"文字"}
