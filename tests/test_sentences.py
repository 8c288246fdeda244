"""Every title that is a sentence holds: its claim counted again in pandas, over ties, gaps, one of a kind, and zero."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert

from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.areas.cameras.tables import camera
from data_access.areas.petitions.tables import petition
from data_access.areas.projects.tables import project, project_report
from data_access.areas.reports.definition import Definition
from data_access.indicators import INDICATORS
from data_access.places.tables import township
from data_access.queries import County
from data_access.rollups import refresh
from data_access.scope import Scope
from tests.counties import memory_engine
from ui import text
from ui.asking.view import View
from ui.cards.attention import attention_items
from ui.cards.indicators import ranked
from ui.explore.answer import OTHERS, Answer
from ui.explore.choice import Choice
from ui.explore.figures import _title
from ui.text import titles

NAN = float("nan")
NAMES = ("甲镇", "乙镇", "丙镇", "丁镇", "戊镇", "己镇", "庚镇")
CODES = ("on_time_rate", "repeat_rate", "received", "schedule_gap", "activities", "behind")

# Few values, so that ties are many; two that differ by less than is shown; missing ones, zero and negative ones.
amounts = st.sampled_from([NAN, 0.0, 1.0, 2.0, 50.0, 94.96, 95.01, 95.04, 100.0, -3.0, 123_456.0, 123_470.0])
counts = st.sampled_from([0.0, 1.0, 1.0, 2.0, 3.0, 10.0, 400.0])


@pytest.fixture(autouse=True, scope="module", params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with text.written_in(request.param):
        yield request.param


def view_of(names: tuple[str, ...], chosen: tuple[str, ...] = ()) -> View:
    codes = [str(number) for number in range(len(names))]
    townships = pd.DataFrame({"code": codes, "name": names, "kind": "镇"})
    county = County("", False, townships, ("2024-01",), {"petitions": datetime(2024, 1, 31)}, {})
    scope = Scope(
        UNRESTRICTED,
        tuple(code for code, name in zip(codes, names, strict=True) if name in chosen) or None,
        "2024-01",
        "2024-01",
    )
    return View(county, 0, "zh", scope, "none")


# --- Who stands out -------------------------------------------------------------------------------


def at_the_end(values: pd.Series[float], shown: Callable[[float], str], *, lowest: bool) -> set[str]:
    """Who has the highest (lowest) figure as it is shown; nobody where that is everybody, or there is one."""
    known = values.dropna()
    amount = shown(known.min() if lowest else known.max())
    found = {str(name) for name, value in known.items() if shown(value) == amount}
    return set() if len(found) == len(known) else found


def agrees(said: str, expected: set[str]) -> None:
    """Whether a part of a sentence names just these: all of up to three, the number of more."""
    if len(expected) > 3:
        assert re.fullmatch(rf"{len(expected)} \D+(并列|alike)", said), (said, expected)
        return
    assert said.endswith("并列") == (len(expected) > 1 and not text.is_english())
    assert set(re.split("、|, | and ", said.removesuffix("并列"))) == expected


def between(said: str, pattern: str) -> str:
    found = re.search(pattern, said)
    assert found, said
    return found[1]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(amounts, min_size=1, max_size=7),
    st.sampled_from(CODES),
    st.sampled_from(["", "one", "some"]),
    st.sets(st.integers(0, 6), max_size=2),
)
def test_townships(values: list[float], code: str, filtered: str, incomplete: set[int]) -> None:
    indicator, shown = INDICATORS[code], partial(text.value, INDICATORS[code])
    names = NAMES[: len(values)]
    # A filter of some townships leaves only these in the table.
    everyone = (*names, "辛镇") if filtered == "some" else names
    view = view_of(everyone, {"": (), "one": names[:1], "some": names}[filtered] if len(everyone) > 1 else ())
    table = pd.DataFrame({"township_code": [str(n) for n in range(len(names))], "name": names, code: values})
    # Who left out a month of the period is not ranked over it.
    table[f"{code}:missing"] = [("2024-01",) if place in incomplete else () for place in range(len(names))]
    table = ranked(table, indicator)
    said = titles.ranking(view, indicator, table)
    figures = pd.Series(values, index=list(names))
    known = figures[[place not in incomplete for place in range(len(names))]].dropna()
    lower = indicator.direction == "lower"
    best = at_the_end(known, shown, lowest=lower) if len(known) else set()
    worst = at_the_end(known, shown, lowest=not lower) if len(known) else set()
    assert "nan" not in said
    if known.empty:
        assert re.search("没有数据|no data", said)
        return
    if view.chosen is not None:
        own = values[0]
        if 0 in incomplete and not pd.isna(own):
            assert re.search("缺1月，不排名|Jan missing, not ranked", said)
            assert not re.search(r"第 \d+ 名|no\. \d", said)
            return
        better = {shown(value) for value in known if (value < own if lower else value > own)} - {shown(own)}
        place = 1 + sum(shown(value) in better for value in known)
        told = re.search(r"第 (\d+) 名|no\. (\d+)", said)
        if told:
            assert int(told[1] or told[2]) == place
            assert bool(re.search("并列|joint", said)) == (sum(shown(value) == shown(own) for value in known) > 1)
        else:
            assert pd.isna(own) or len({shown(value) for value in known}) == 1
        return
    if re.search("各镇街|all townships", said):
        assert view.scope.townships is None
        assert len(known) == len(values)
    if re.search("所选镇街|townships chosen", said):
        assert view.scope.townships
        assert len(known) == len(values)
    if match := re.search(r"有数据的 (\d+)|the (\d+) townships", said):
        assert int(match[1] or match[2]) == len(known) < len(values)
    short = sum(map(indicator.misses_target, known))
    if indicator.target is not None and indicator.direction != "neither":
        missing = re.search("未达目标|short of target", said)
        assert bool(missing) == (short > 0)
        if match := re.search(r"(\d+) (?:个镇街|个)?未达目标|(\d+) short", said):
            assert int(match[1] or match[2]) == short
        elif missing:
            assert short == len(known)
    for zh, en, expected in (
        (r"[：，]([^：，]+?)最需关注（", r"furthest: (.+?) \(", worst),
        (r"，([^：，]+?)最好$", r"best: (.+)$", best),
        (r"：([^：，]+?)(?:第一|最高)（", r": (.+?) (?:first|highest) \(", best),
        (r"），([^：，]+?)(?:末位|最低)$", r"\), (.+?) (?:last|lowest)$", worst),
    ):
        if match := re.search(en if text.is_english() else zh, said):
            assert expected
            agrees(match[1], expected)
    if not worst:
        assert not re.search("最|第一|末位|best|furthest|first|last", said.replace("最低", "最"))


@settings(deadline=None, max_examples=60)
@given(st.lists(amounts, min_size=1, max_size=7), st.sampled_from(CODES))
def test_months(values: list[float], code: str) -> None:
    indicator, shown = INDICATORS[code], partial(text.value, INDICATORS[code])
    now = pd.Series(values, index=[f"2024-{month:02}" for month in range(1, len(values) + 1)])
    said = titles.course(indicator, now)
    known = now.dropna().set_axis([text.month_name(month) for month in now.dropna().index])
    assert "nan" not in said
    if known.empty:
        assert re.search("没有数据|no data", said)
        return
    assert shown(known.iloc[-1]) in said
    if pd.isna(values[-1]):
        assert re.search("没有数据|no data", said)
        return
    lowest = indicator.direction == "higher"
    expected = at_the_end(known, shown, lowest=lowest)
    word = r"(?:最低|最高|lowest|highest)"
    assert bool(re.search(word, said)) == bool(expected)
    if re.search(rf"为(?:有数据的)?各月{word}|, the {word}", said):
        assert expected == {known.index[-1]}
    elif expected:
        agrees(between(said, rf"{word}: (.+?) \(" if text.is_english() else rf"，(.+?){word}（"), expected)
    if re.search("各月|all months|months with data", said):
        assert bool(re.search("有数据的各月|months with data", said)) == bool(now.isna().any())


parts = st.dictionaries(st.sampled_from(["", "供水", "道路", "噪声", "物业", "绿化", "停车"]), counts, min_size=1)


def leading_share(said: str, of: dict[str, float]) -> None:
    """Whether the part that a sentence says to be the largest is, with its share of the whole."""
    whole = sum(of.values())
    named = pd.Series({name: amount for name, amount in of.items() if name and amount}, dtype=float)
    expected = at_the_end(named, titles.count, lowest=False)
    assert bool(re.search("最多|[Mm]ost:|为第一|more than any", said)) == bool(expected)
    if not expected:
        return
    if match := re.search(r"(\S+?)占 (.+?)，为第一渠道|^(.+?) brings (.+?), more", said):
        agrees(match[1] or match[3], expected)
        # The first of all, also of what has no name
        assert named.max() >= whole - named.sum()
    else:
        agrees(between(said, r"[Mm]ost: (.+?) \(" if text.is_english() else r"([^：]+?)最多（"), expected)
        assert bool(re.search("另有|; .*(unclassified|unknown|channel)", said)) == (whole - named.sum() > named.max())
    assert text.share(named.max(), whole) in said


@settings(deadline=None, max_examples=60)
@given(parts)
def test_categories(of: dict[str, float]) -> None:
    said = titles.categories(pd.Series(of))
    named = sorted((amount for name, amount in of.items() if name and amount), reverse=True)
    assert bool(said) == bool(named)
    if not named:
        return
    assert not said.startswith(("most", "all"))
    leading_share(said, of)
    if match := re.search(r"(\d+) 类中前 (\d+) 类占八成|(\d+) of (\d+) categories", said):
        count, few = (int(match[1]), int(match[2])) if match[1] else (int(match[4]), int(match[3]))
        drawn = sorted((amount for name, amount in of.items() if name), reverse=True)
        assert count == len(drawn) >= 2 * few
        assert sum(drawn[:few]) >= 0.8 * sum(of.values()) > sum(drawn[: few - 1])


@settings(deadline=None, max_examples=60)
@given(parts)
def test_channels(of: dict[str, float]) -> None:
    said = titles.channels(pd.Series(of))
    assert bool(said) == any(name and amount for name, amount in of.items())
    assert not said.startswith(("most", "all"))
    if said:
        leading_share(said, of)


@settings(deadline=None, max_examples=60)
@given(parts, st.lists(counts, min_size=1, max_size=5), st.booleans())
def test_parts_by_month(of: dict[str, float], months: list[float], gap: bool) -> None:
    outages = INDICATORS["outages"]
    by_month = pd.Series([*months, *([NAN] if gap else [])])
    by_month = by_month.set_axis([f"2024-{number + 1:02}" for number in by_month.index])
    said = titles.stacked(outages, pd.Series(of), by_month)
    body = said.split("：" if not text.is_english() else ": ", 1)[1]
    first, peak = body.split("；" if not text.is_english() else "; ")[
        :: (2 if body.count("；") + body.count("; ") > 1 else 1)
    ]
    if any(name and amount for name, amount in of.items()):
        leading_share(body[: -len(peak)], of)
    else:
        assert first in ("均不详", "all unknown")
    named = by_month.dropna().set_axis([text.month_name(month) for month in by_month.dropna().index])
    expected = at_the_end(named, partial(text.value, outages), lowest=False)
    assert bool(re.search("最多|most", peak)) == bool(expected)
    if expected:
        agrees(between(peak, r"most: (.+?) \(" if text.is_english() else "^(.+?)最多（"), expected)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 90), min_size=1, max_size=40))
def test_handling_times(spans: list[float]) -> None:
    # Each is told to two hours, as the end of these (petition_lists.duration_quantiles).
    steps = pd.Series([int(span * 12) for span in spans]).sort_values()
    reached = [(float(steps.iloc[-(-len(steps) * share // 10) - 1]) + 1) / 12 for share in (5, 9)]
    said = [float(number) for number in re.findall(r"(\d+\.\d)", titles.handling(*reached))]
    for share, days in zip((0.5, 0.9), said, strict=True):
        assert sum(span <= days for span in spans) >= share * len(spans)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 5000), st.none() | st.integers(0, 5000))
def test_open_cases(count: int, overdue: int | None) -> None:
    said = titles.open_cases(count, overdue)
    told = [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", said)]
    assert told == [count, *([] if overdue is None else [overdue])]
    assert bool(re.search("没有办理期限|no due dates", said)) == (overdue is None)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.tuples(st.integers(1, 7), st.integers(0, 23)), counts, min_size=1, max_size=8))
def test_hours(of: dict[tuple[int, int], float]) -> None:
    if not any(of.values()):
        of[(3, 4)] = 1.0
    hours = pd.DataFrame(
        [(day, hour, amount) for (day, hour), amount in of.items()], columns=["weekday", "hour", "amount"]
    )
    said = titles.week(hours)
    most = max(of.values())
    names = {
        text.weekday_name(day) + text.say(f" {hour} 时", f" {hour}:00")
        for (day, hour), amount in of.items()
        if amount == most
    }
    if re.search("都在|All cases", said):
        assert sum(amount > 0 for amount in of.values()) == 1
        assert all(name in said for name in names)
    else:
        agrees(between(said, "arrive on (.+)$" if text.is_english() else "^(.+?)诉求最集中"), names)


@settings(deadline=None, max_examples=60)
@given(st.lists(counts, min_size=1, max_size=7))
def test_villages(values: list[float]) -> None:
    of = pd.Series(values, index=list(NAMES[: len(values)]))
    said = titles.villages(of, "件")
    expected = at_the_end(of, titles.count, lowest=False)
    assert bool(re.search("最多|most", said)) == bool(expected)
    if expected:
        agrees(between(said, r"most: (.+?) \(" if text.is_english() else "：(.+?)最多（"), expected)


@settings(deadline=None, max_examples=60)
@given(parts, st.sampled_from(["stage", "kind"]))
def test_projects_by_stage_and_kind(of: dict[str, float], dimension: str) -> None:
    said = titles.projects_by(pd.Series(of), dimension)
    named = pd.Series({name: amount for name, amount in of.items() if name}, dtype=float)
    assert bool(said) == bool(len(named))
    if not said:
        return
    expected = at_the_end(named, titles.count, lowest=False)
    assert bool(re.search("最多|most", said)) == bool(expected)
    if expected:
        agrees(between(said, r"most: (.+?) \(" if text.is_english() else "：(.+?)最多（"), expected)
    rest = re.search(r"另有 (\d+) 个|; (\d+) unknown", said)
    assert bool(rest) == (of.get("", 0) > named.max())


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([-12.34, -0.05, -0.04, 0.0, 0.04, 0.06, 7.0]))
def test_progress_against_plan(gap: float) -> None:
    said = titles.against_plan(INDICATORS["schedule_gap"], "2024-01", gap)
    if round(gap, 1) == 0:
        assert re.search("持平|on plan", said)
    else:
        assert bool(re.search("落后|behind", said)) == (gap < 0)
        assert f"{abs(gap):.1f}" in said


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(["供水", "道路", "噪声", "别的", ""]), counts, min_size=1))
def test_kinds_of_events(of: dict[str, float]) -> None:
    listed = ["供水", "道路", "噪声"]
    said = titles.event_kinds(pd.Series(of), listed)
    on_list = {name: amount for name, amount in of.items() if name in listed and amount}
    if not on_list:
        assert bool(said) == any(of.values())
        assert not re.search("最|most", said)
        return
    whole = sum(of.values())
    values = pd.Series(on_list)
    expected = at_the_end(values, titles.count, lowest=False)
    assert bool(re.search("最多|most", said)) == bool(expected)
    if expected:
        agrees(between(said, r"most: (.+?) \(" if text.is_english() else "：(.+?)最多（"), expected)
        assert text.share(values.max(), whole) in said
    assert bool(re.search("在清单以外|not on the list", said)) == (whole - values.sum() > values.max())


@settings(deadline=None, max_examples=60)
@given(st.lists(counts, min_size=1, max_size=45).filter(any))
def test_how_evenly_grids_report(values: list[float]) -> None:
    said = titles.spread(pd.Series(values))
    assert int(between(said, r"^(\d+) ")) == values.count(0)
    busy = re.search(r"最忙的 (\d+) 个（一成）报了 (.+)$|busiest (\d+) \(a tenth\) reported (.+)$", said)
    assert bool(busy) == (len(values) >= 10)
    if busy:
        count, share = int(busy[1] or busy[3]), busy[2] or busy[4]
        assert count == len(values) // 10
        assert share == text.share(sum(sorted(values)[-count:]), sum(values))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([0.0, 1.0, 2.5, 7.0]), min_size=1, max_size=6), st.data())
def test_figures_reported_by_hand(values: list[float], data: st.DataObject) -> None:
    names = NAMES[: len(values)]
    indicator = Definition("x", "x", "走访", "Visits", "户", "sum").indicator
    bounds = data.draw(st.sets(st.sampled_from(names)))
    of = pd.Series(values, index=list(names))
    said = titles.reported(view_of(names), indicator, of, bounds)
    expected = at_the_end(of, partial(text.value, indicator), lowest=False)
    if re.search("最多|most", said):
        agrees(between(said, r"most: (.+?) \(" if text.is_english() else "：(.+?)最多（"), expected)
        # Others may have more than their lower bound.
        assert bounds <= expected and (len(expected) == 1 or not bounds)
    elif len(values) > 1:
        assert bounds or not expected


# --- Answers of 自由筛选 -----------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.lists(amounts, min_size=1, max_size=6), st.sampled_from(CODES[:3]), st.integers(1, 6), st.booleans())
def test_answers(values: list[float], code: str, kept: int, unnamed: bool) -> None:
    indicator, shown = INDICATORS[code], partial(text.value, INDICATORS[code])
    view = view_of(NAMES)
    index = [*(str(number) for number in range(len(values))), *([""] if unnamed else [])]
    everything = pd.DataFrame({code: [*values, *([1e6] if unnamed else [])]}, index=index)
    total = pd.DataFrame({code: [95.0]})
    drawn = everything.iloc[:kept]
    if kept < len(everything):
        drawn = pd.concat([drawn, pd.DataFrame({code: [0.5]}, index=[OTHERS])])
    choice = Choice((code,), ("township_code",))
    answer = Answer(view, choice, [indicator], {("township_code",): everything, (): total}, None, {})
    said = _title(answer, indicator, drawn)
    names = dict(zip(map(str, range(7)), NAMES, strict=True))
    those = pd.Series({names[key]: value for key, value in drawn[code].items() if key in names}, dtype=float).dropna()
    lowest = code == "on_time_rate"
    expected = at_the_end(those, shown, lowest=lowest) if len(those) else set()
    word = "最低|lowest" if lowest else "最高|highest"
    assert bool(re.search(word, said)) == bool(expected)
    assert "nan" not in said
    if expected:
        pattern = rf"(?:{word}): (.+?) \(" if text.is_english() else rf"[：中]([^：中]+?)(?:{word})（"
        agrees(between(said, pattern), expected)
        of_all = everything[code].drop("", errors="ignore").dropna()
        of_all.index = [names[str(key)] for key in of_all.index]
        if expected != at_the_end(of_all, shown, lowest=lowest):
            assert re.search(r"所列 \d+ 个中|of the \d+ shown", said)


@pytest.mark.parametrize("nameless", ["其他", "不详", "未分类", "", OTHERS])
def test_what_has_no_name_does_not_stand_out(nameless: str) -> None:
    received = INDICATORS["received"]
    table = pd.DataFrame({"received": [900.0, 30.0, 20.0]}, index=[nameless, "供水", "道路"])
    total = pd.DataFrame({"received": [950.0]})
    choice = Choice(("received",), ("channel",))
    answer = Answer(view_of(NAMES), choice, [received], {("channel",): table, (): total}, None, {})
    said = _title(answer, received, table)
    assert re.search("供水最高（30|highest: 供水 .30", said), said


# --- What needs attention ---------------------------------------------------------------------------


def attention(engine: Engine, monkeypatch: pytest.MonkeyPatch, *chosen: str) -> dict[str, dict[str, str]]:
    county = queries.county(engine, UNRESTRICTED)
    monkeypatch.setattr("ui.asking.view.answer", lambda question, *given: question(engine, *given))
    view = View(
        county, id(engine), "zh", Scope(UNRESTRICTED, chosen or None, county.months[-1], county.months[-1]), "none"
    )
    return {item["name"]: item for item in attention_items(view)}


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = memory_engine()
    with engine.begin() as connection:
        connection.execute(
            insert(township), [{"code": c, "name": n, "kind": "镇"} for c, n in zip("123", NAMES, strict=False)]
        )
    yield engine
    engine.dispose()


def load(engine: Engine, area: str, table: object, *rows: dict[str, object]) -> None:
    with engine.begin() as connection:
        for row in rows:
            connection.execute(insert(table), row)  # type: ignore[arg-type]
        refresh(connection, area, as_of=datetime(2024, 3, 31, 12))


def case(number: int, place: str, **given: object) -> dict[str, object]:
    row = {"township_code": place, "case_no": f"N{number}", "received_at": datetime(2024, 3, 1), "status": "x"}
    return row | {"title": "停水"} | given


def test_no_tick_on_what_is_not_known(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    load(engine, "petitions", petition, case(1, "1"), case(2, "2"))
    items = attention(engine, monkeypatch)
    assert {name: item["state"] for name, item in items.items()} == {
        "petitions": "missing",
        "cameras": "missing",
        "projects": "missing",
        "unreported": "act",
    }
    # The township that recorded due dates is known to have nothing overdue, the others are not.
    kept = {"due_at": datetime(2024, 3, 9), "closed_at": datetime(2024, 3, 8)}
    load(engine, "petitions", petition, case(3, "1", **kept))
    assert attention(engine, monkeypatch, "1")["petitions"]["state"] == "good"
    assert attention(engine, monkeypatch, "2")["petitions"]["state"] == "missing"
    assert re.search("有记录的 1 个镇街|in the 1 ", attention(engine, monkeypatch)["petitions"]["found"])


def test_all_reported_is_said_of_the_townships_chosen(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    load(engine, "petitions", petition, case(1, "1"), case(2, "2"), case(3, "3"))
    everybody = attention(engine, monkeypatch)["unreported"]
    some = attention(engine, monkeypatch, "1", "2")["unreported"]
    assert everybody["state"] == some["state"] == "good"
    assert re.search("各镇街均已上报群众诉求|All townships reported petitions", everybody["found"])
    assert re.search("所选镇街均已上报群众诉求|The townships chosen reported petitions", some["found"])
    assert "甲镇" in attention(engine, monkeypatch, "1")["unreported"]["found"]


def test_nothing_behind_is_said_of_projects_that_reported(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = {"name": "路", "planned_start": datetime(2024, 1, 1).date(), "planned_end": datetime(2024, 3, 30).date()}
    rows = [{"township_code": "1", "project_id": one, **plan} for one in ("a", "b")]
    load(engine, "petitions", petition, case(1, "1"))  # a month to speak of
    load(engine, "projects", project, *rows)
    assert attention(engine, monkeypatch)["projects"]["state"] == "missing"
    # Past its planned end, though five points from done
    load(
        engine,
        "projects",
        project_report,
        {"township_code": "1", "project_id": "a", "month": "2024-03", "progress": 95.0},
    )
    item = attention(engine, monkeypatch)["projects"]
    assert item["state"] == "act"
    assert re.search("滞后项目 1 个|1 project behind", item["found"])
    with engine.begin() as connection:
        connection.execute(project.update().values(actual_end=datetime(2024, 3, 20).date()))
        refresh(connection, "projects", as_of=datetime(2024, 3, 31, 12))
    assert attention(engine, monkeypatch)["projects"]["state"] == "good"


def test_cameras_without_records_of_outages(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    load(
        engine, "cameras", camera, {"township_code": "1", "camera_id": "c", "installed_on": datetime(2024, 1, 1).date()}
    )
    state = attention(engine, monkeypatch)["cameras"]["state"]
    known = queries.measure(engine, [INDICATORS["offline_24h"]], Scope(UNRESTRICTED, None, "2024-03", "2024-03"))[
        "offline_24h"
    ]
    assert state == ("good" if known.notna().any() else "missing")
