"""预警: the miss before the month's end, counted as the data stood, told only where it did better than the rate so far."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, insert

from data_access import cache
from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.grid.tables import grid_event
from data_access.database import engine_for
from data_access.model.recorded import recorded_bits
from data_access.model.target import NO_TARGETS, Target, Targets
from data_access.rollups import refresh
from data_access.scope import Scope, month_end, month_range, month_start
from data_access.warning.back_test import DAYS
from data_access.warning.counting import PROCESSES, MonthCounts, month_counts
from data_access.warning.open_cases import open_cases
from data_access.warning.outlook import Outlook, expected, outlook, parts_of
from data_access.warning.reaching import Reaching, needed, reaching
from data_access.warning.survival import chances, courses, hazards, to_come
from tests.browser import Opener, Server
from tests.counties import empty_county
from tests.page_contents import contents, page
from tests.running_month import (
    AS_OF,
    CODES,
    DAY,
    FIRST,
    HOUR,
    NAMES,
    Row,
    as_it_stood,
    cases,
    in_a_file,
    load,
    put,
)

MONTH = f"{AS_OF:%Y-%m}"
# Of cases; those of events go the same way.
INDICATORS = ("on_time_rate", "signed_in_time_rate", "completion_rate")

# --- Whole cases ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "won", "failed", "opened", "most_new", "told"),
    [
        # 95 % of 103 are 97.85: 98, of which 91 are certain.
        (95, 91, 0, 12, 0, Reaching("reachable", 7, 12, 5, 0, 9100 / 103, 100.0)),
        # 95 % of 100 are exactly 95.
        (95, 95, 2, 3, 0, Reaching("safe", 0, 3, 3, 0, 95.0, 98.0)),
        (95, 94, 5, 1, 0, Reaching("reachable", 1, 1, 0, 0, 94.0, 95.0)),
        # 94.4 % of 250 are 236, though 94.4 / 100 * 250 is a little more to a computer.
        (94.4, 236, 14, 0, 0, Reaching("safe", 0, 0, 0, 0, 94.4, 94.4)),
        # All five on time make 93 of 100, and with 40 more on time 133 of 140: exactly 95 %.
        (95, 88, 7, 5, 39, Reaching("out of reach", 7, 5, 0, 0, 88.0, 93.0)),
        (95, 88, 7, 5, 40, Reaching("with new ones", 7, 5, 0, 40, 88.0, 93.0)),
        (95, 88, 7, 5, None, Reaching("with new ones", 7, 5, 0, 40, 88.0, 93.0)),
        # One late case and nothing brings back 100 %.
        (100, 9, 1, 5, None, Reaching("out of reach", 6, 5, 0, 0, 60.0, 1400 / 15)),
        (0, 0, 3, 1, 0, Reaching("safe", 0, 1, 1, 0, 0.0, 25.0)),
        (None, 9, 1, 2, 0, Reaching("no target", 0, 2, 0, 0, 75.0, 1100 / 12)),
    ],
)
def test_what_a_target_takes_in_whole_cases(
    target: float | None, won: int, failed: int, opened: int, most_new: int | None, told: Reaching
) -> None:
    assert reaching(target, won, failed, opened, most_new) == told


def test_nothing_due_takes_nothing() -> None:
    assert reaching(95, 0, 0, 0).state == "nothing due"


def test_no_fewer_cases_would_do() -> None:
    for target in (50, 66.7, 94.4, 95, 99.9):
        for total in range(1, 260):
            least = next(n for n in range(total + 1) if 10 * n * 100 >= round(10 * target) * total)
            assert needed(target, total) == least


# --- As the data stood ----------------------------------------------------------------------------


def counted(engine: Engine, code: str, first: str = FIRST, as_of: datetime = AS_OF) -> list[MonthCounts]:
    with engine.connect() as connection:
        return [month_counts(connection, part) for part in parts_of(code, CODES, first, as_of)]


def told(counts: list[MonthCounts], code: str, targets: Targets = NO_TARGETS) -> Outlook:
    return expected(code, CODES, counts, targets, AS_OF.day, is_running=True)


def state_of(row: Row, code: str, moment: datetime) -> tuple[str, bool] | None:
    """What a case of March is at a moment (known, won, open, later), and whether it will be a success; None: of another month."""
    first, after = month_start("2024-03"), month_end("2024-03")
    received, closed, due = row["received_at"], row["closed_at"], row["due_at"]
    if not first <= (due if code == "on_time_rate" else received) < after:
        return None
    succeeded_at, decided_at = {
        "on_time_rate": (closed if closed <= due else None, due),
        "completion_rate": (closed if closed < after else None, received),
        "signed_in_time_rate": (
            row["signed_at"] if row["signed_at"] <= received + DAY else None,
            min(row["signed_at"], received + DAY),
        ),
    }[code]
    if received >= moment:
        return "later", succeeded_at is not None
    if decided_at < moment:
        return "known", succeeded_at is not None and succeeded_at < moment
    return "won" if succeeded_at and succeeded_at < moment else "open", True


def raw(rows: list[Row], code: str, day: int) -> dict[str, list[int]]:
    """The same counts of March at the end of a day, by township, case by case."""
    names = ("known_n", "known_d", "won", "open", "later_n", "later_d")
    found = {name: [0] * len(CODES) for name in names}
    for row in rows:
        told_of = state_of(row, code, month_start("2024-03") + day * DAY)
        if told_of is None:
            continue
        state, is_success = told_of
        place = CODES.index(row["township_code"])
        counted_in = [state] if state in found else [f"{state}_d", *([f"{state}_n"] if is_success else [])]
        for name in counted_in:
            found[name][place] += 1
        # Until the month ends, what is not closed is open, and in the rate.
        if code == "completion_rate" and state == "known" and not is_success:
            found["open"][place] += 1
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_day_is_counted_as_the_data_stood(kind: str, request: pytest.FixtureRequest) -> None:
    rows = cases("2024-01")
    with empty_county(request, kind) as engine:
        put(engine, as_it_stood(rows, AS_OF))
        for code in INDICATORS:
            march = counted(engine, code, "2024-01")[2]
            assert march.month == "2024-03"
            for day in DAYS:
                mine = raw(rows, code, day)
                opened = march.open[day].sum(axis=(1, 2)).tolist()
                assert opened == mine.pop("open"), (code, day)
                assert {name: getattr(march, name)[day].tolist() for name in mine} == mine, (code, day)


def test_what_is_told_of_a_day_knows_nothing_of_the_days_after_it(request: pytest.FixtureRequest) -> None:
    rows, moment = cases(), datetime(2024, 3, 20, 23, 59, 59)
    outlooks = []
    for known, as_of in ((as_it_stood(rows, AS_OF), AS_OF), (as_it_stood(rows, moment), moment)):
        with empty_county(request, "sqlite") as engine:
            put(engine, known)
            for code in INDICATORS:
                counts = [month for month in counted(engine, code, as_of=as_of) if month.month <= "2024-03"]
                found = expected(code, CODES, counts, NO_TARGETS, 20, is_running=True).table.drop(columns="final")
                assert found["likely"].notna().all()
                outlooks.append(found)
    for then, now in zip(outlooks[:3], outlooks[3:], strict=True):
        pd.testing.assert_frame_equal(then, now)


def numbers(month: MonthCounts) -> dict[str, Any]:
    """All that is counted, as lists."""
    return {
        name: {day: cells.tolist() for day, cells in found.items()}
        if isinstance(found, dict)
        else np.asarray(found).tolist()
        for name, found in vars(month).items()
    }


def test_events_are_counted_as_cases_are(request: pytest.FixtureRequest) -> None:
    rows = as_it_stood(cases("2024-01"), AS_OF)
    with empty_county(request, "sqlite") as engine:
        load(engine, rows)
        events = [
            {
                **{name: row[name] for name in ("township_code", "due_at", "closed_at")},
                **{"event_id": row["case_no"], "reported_at": row["received_at"], "grid_code": "1", "kind": "巡查"},
                "recorded": recorded_bits(grid_event, ("due_at", "closed_at")),
            }
            for row in rows
        ]
        with engine.begin() as connection:
            connection.execute(insert(grid_event), events)
            refresh(connection, "grid", as_of=AS_OF)
        everywhere = Scope(UNRESTRICTED, None, MONTH, MONTH)
        for code in ("on_time_rate", "completion_rate"):
            of_cases, of_events = counted(engine, code, "2024-01"), counted(engine, f"grid_{code}", "2024-01")
            for one, other in zip(of_cases, of_events, strict=True):
                assert numbers(one) == numbers(other)
            found = open_cases(engine, everywhere, f"grid_{code}", 10_000)
            assert found["event_id"].tolist() == open_cases(engine, everywhere, code, 10_000)["case_no"].tolist()


# --- The method that is used ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def counts(running_url: str) -> list[MonthCounts]:
    return counted(engine_for(running_url), "on_time_rate")


def test_survival_is_used_where_it_beats_the_rate_so_far(counts: list[MonthCounts]) -> None:
    found = told(counts, "on_time_rate")
    tried = found.back_test
    assert tried is not None
    survival, rate = tried.scores["survival", 0], tried.scores["so_far", 0]
    assert tried.method == "survival"
    assert survival.tried == rate.tried == tried.months * len(DAYS) * len(CODES)
    assert 0 < survival.misses < survival.tried
    assert survival.error < 0.85 * rate.error
    assert survival.brier < rate.brier
    assert survival.balance >= rate.balance
    assert 0.85 <= survival.inside <= 0.95
    likely = found.table.set_index("township_code")["likely"]
    # The slow one is told to be slow.
    assert likely.idxmin() == CODES[0]


def test_the_rate_so_far_is_told_where_nothing_beats_it(request: pytest.FixtureRequest) -> None:
    # Everything is closed on its last day: what is open says nothing, and every month ends as it began.
    rows = [{**row, "closed_at": row["due_at"] - HOUR} for row in cases()]
    with empty_county(request, "sqlite") as engine:
        put(engine, as_it_stood(rows, AS_OF))
        found = told(counted(engine, "on_time_rate"), "on_time_rate")
    assert found.back_test is not None
    assert found.back_test.method == "so_far"
    assert found.table["likely"].tolist() == [100.0] * len(CODES)
    assert (found.table["chance"] == 0).all()


def test_under_six_months_nothing_is_expected(counts: list[MonthCounts]) -> None:
    short = told(counts[-6:], "on_time_rate")
    assert (short.history, short.back_test) == (5, None)
    assert short.table[["likely", "low", "high", "chance"]].isna().all(axis=None)
    # What is due is arithmetic, whatever the history.
    assert set(short.table["state"]) <= {"safe", "reachable", "with new ones", "out of reach"}
    assert told(counts[-7:], "on_time_rate").back_test is not None


def test_an_open_case_has_the_chance_of_the_steps_that_are_left() -> None:
    # Of the open ones a half is closed on the due date, a fifth on the day before, a tenth two days before.
    hazard = np.array([[0.5, 0.2, 0.1]])
    to_due_date = chances(hazard, PROCESSES["on_time_rate"], 10)
    assert to_due_date[0].tolist() == pytest.approx([0, 0.5, 1 - 0.5 * 0.8])
    # Since receipt: of those open on the first day a fifth is closed on the second, and a tenth of the rest on the third.
    of_month = chances(hazard, PROCESSES["completion_rate"], 2)
    assert of_month[0].tolist() == pytest.approx([1 - 0.8 * 0.9, 0.1, 0])
    assert chances(hazard, PROCESSES["completion_rate"], 1)[0].tolist() == pytest.approx([0.2, 0.1, 0])


def test_few_cases_have_the_hazard_of_all_kinds_and_the_course_of_all_townships() -> None:
    events, exposed = np.array([[900.0], [0.0]]), np.array([[1000.0], [0.0]])
    assert hazards(events, exposed)[:, 0].tolist() == pytest.approx([(900 + 20 * 0.9) / 1020, 0.9])
    # Three alike, one twice as fast: it is, as far as its cases tell.
    per_township = np.array([[[100.0]], [[100.0]], [[100.0]], [[200.0]]])
    course = courses(per_township, np.full((4, 1, 1), 1000.0), np.array([[0.1]]))
    assert 1.9 < course[3] < 2
    assert course[:3].tolist() == pytest.approx([course[0]] * 3)
    few = courses(per_township / 100, np.full((4, 1, 1), 10.0), np.array([[0.1]]))
    assert few.tolist() == [1, 1, 1, 1]


def test_what_is_to_come_follows_the_pace_and_the_season() -> None:
    def month(name: str, later: int) -> MonthCounts:
        days = 31
        coming = np.repeat(np.array([[later]]), days + 1, axis=0)
        nothing = np.zeros_like(coming)
        return MonthCounts(name, nothing, nothing, nothing, nothing, coming // 2, coming, {}, {}, {})

    names = month_range("2023-01", "2024-05")
    steady = [month(name, 30) for name in names]
    assert to_come(steady, 20)[0].tolist() == [30]
    assert to_come(steady, 20)[1].tolist() == [0.5]
    # In the May before as many again came as in the three months before it.
    of_may = [month(name, 60 if name == "2023-05" else 30) for name in names]
    assert to_come(of_may, 20)[0].tolist() == [60]
    # Without the year before there is no season.
    assert to_come(of_may[5:], 20)[0].tolist() == [30]
    # Once in a lifetime is no season.
    flood = [month(name, 900 if name == "2023-05" else 30) for name in names]
    assert to_come(flood, 20)[0].tolist() == [60]


def test_a_gap_ends_the_history(counts: list[MonthCounts]) -> None:
    gone = counts[4]
    nothing = MonthCounts(
        gone.month,
        *(np.zeros_like(getattr(gone, name)) for name in ("known_n", "known_d", "failed", "won", "later_n", "later_d")),
        gone.open,
        gone.events,
        gone.exposed,
    )
    assert told([*counts[:4], nothing, *counts[5:]], "on_time_rate").history == 5


def test_a_target_of_its_own_is_what_a_township_is_warned_of(counts: list[MonthCounts]) -> None:
    own = Targets((Target("on_time_rate", CODES[1], MONTH, 10.0, "文件"),))
    usual, easier = (
        told(counts, "on_time_rate", targets).table.set_index("township_code") for targets in (NO_TARGETS, own)
    )
    assert easier.loc[CODES[1], "chance"] < 0.01 < usual.loc[CODES[1], "chance"]
    assert easier.loc[CODES[1], "state"] == "safe"
    pd.testing.assert_frame_equal(usual.drop(index=CODES[1]), easier.drop(index=CODES[1]))


def test_one_township_is_told_of_by_itself(counts: list[MonthCounts]) -> None:
    def alone(month: MonthCounts) -> MonthCounts:
        given = {
            name: getattr(month, name)[:, :1] for name in ("known_n", "known_d", "failed", "won", "later_n", "later_d")
        }
        by_day = {
            name: {day: cells[:1] for day, cells in getattr(month, name).items()}
            for name in ("open", "events", "exposed")
        }
        return MonthCounts(month=month.month, **given, **by_day)

    found = expected("on_time_rate", CODES[:1], [alone(month) for month in counts], NO_TARGETS, 20, is_running=True)
    assert found.table["likely"].notna().all()


# --- Who sees what --------------------------------------------------------------------------------


def asked(code: str, viewer: Viewer = UNRESTRICTED) -> Outlook:
    found = outlook(code, cache.county(viewer), Scope(viewer, None, MONTH, MONTH), lambda _done: None)
    assert found is not None
    return found


@pytest.mark.parametrize("code", INDICATORS)
def test_the_rate_so_far_is_the_indicators(code: str, running_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", running_url)
    assert not asked(code).table["unlike"].any()
    assert asked(code).table["likely"].notna().all()


def test_a_viewer_of_one_township_is_told_the_same_of_it_and_nothing_of_others(
    running_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", running_url)
    own = asked("on_time_rate", Viewer(townships=frozenset(CODES[:1]))).table
    whole = asked("on_time_rate").table
    assert own["township_code"].tolist() == [CODES[0]]
    pd.testing.assert_frame_equal(own, whole[whole["township_code"] == CODES[0]])
    assert (
        outlook("on_time_rate", cache.county(Viewer(areas=frozenset())), Scope(UNRESTRICTED, None, MONTH, MONTH), print)
        is None
    )


@pytest.mark.parametrize("code", INDICATORS)
def test_the_open_cases_are_those_that_are_counted(code: str, running_url: str) -> None:
    engine = engine_for(running_url)
    opened = told(counted(engine, code), code).table.set_index("township_code")["open"]
    found = open_cases(engine, Scope(UNRESTRICTED, None, MONTH, MONTH), code, 10_000)
    assert found["township_code"].value_counts().reindex(CODES).fillna(0).astype(int).tolist() == opened.tolist()
    order = found["due_at" if code == "on_time_rate" else "received_at"]
    assert order.is_monotonic_increasing
    assert found["closed_at"].isna().all()
    of_one = Scope(Viewer(townships=frozenset(CODES[:1])), None, MONTH, MONTH)
    assert set(open_cases(engine, of_one, code)["township_code"]) <= {CODES[0]}
    no_cases = Scope(Viewer(rights=frozenset()), None, MONTH, MONTH)
    assert open_cases(engine, no_cases, code).empty


# --- The page -------------------------------------------------------------------------------------


def rows_of(app: Any) -> dict[str, list[str]]:
    (table,) = contents(app, "league_table")
    return {row["key"]: row["cells"] for row in table["rows"]}


def test_a_running_month_is_told_by_township(running_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("warning", running_url, monkeypatch)
    rows = rows_of(app)
    assert set(rows) == set(NAMES)
    (table,) = contents(app, "league_table")
    assert "唐村镇" in table["title"]
    assert "多半达不到目标的有" in table["title"]
    assert [column["title"] for column in table["columns"]] == [
        "镇街",
        "目前",
        "月末多半",
        "达不到 95% 的可能",
        "还差什么",
    ]
    assert any(cells[-1].startswith("再按期 ") and cells[-1].endswith(" 日内）") for cells in rows.values())
    (tried,) = contents(app, "answer_table")
    assert [row[0]["text"] for row in tried["rows"]] == ["10 日", "15 日", "20 日", "25 日", "合计"]
    assert "个百分点" in app.caption[-1].value
    one = page("warning", running_url, monkeypatch, street=["太平镇"], indicator=["on_time_rate"])
    assert any("  \n再按期 6 件即达标，现有 8 件 9 日内到期" in words.value for words in one.markdown)
    one = page("warning", running_url, monkeypatch, street=["唐村镇"], indicator=["on_time_rate"])
    assert any(words.value.startswith("**唐村镇**：月末多半") for words in one.markdown)
    assert one.dataframe[0].value["镇街"].eq("唐村镇").all()
    english = page("warning", running_url, monkeypatch, street=["唐村镇"], indicator=["completion_rate"], lang=["en"])
    assert not english.exception
    # All end below their target in every month, which no chance tells anything about.
    assert "Look" not in english.caption[-1].value
    assert not [
        one
        for one in english.caption
        if any("\u4e00" <= sign <= "\u9fff" for sign in one.value) and "唐村镇" not in one.value
    ]


def test_who_may_not_see_cases_sees_the_figures_alone(running_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: Viewer(rights=frozenset()))
    app = page("warning", running_url, monkeypatch)
    assert set(rows_of(app)) == set(NAMES)
    assert not app.dataframe
    assert "权限" in app.info[0].value


def test_where_no_month_runs_the_last_one_is_named_as_such(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("warning", sample_url, monkeypatch)
    assert "现在没有进行中的月份" in app.info[0].value
    (table,) = contents(app, "league_table")
    assert table["columns"][-2]["title"] == "后来实际"
    assert "2023年8月20日时" in table["title"]
    assert not app.dataframe
    # Of events one township has none.
    rows = rows_of(page("warning", sample_url, monkeypatch, indicator=["grid_completion_rate"]))
    assert [name for name, cells in rows.items() if cells[-1] == "本月没有应计的件"] == ["郭里镇"]


def test_a_short_history_says_why_nothing_is_expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = as_it_stood(cases("2023-12", a_day=0.5), AS_OF)
    with in_a_file(tmp_path / "short.sqlite", rows) as url:
        app = page("warning", url, monkeypatch)
        assert "之前完整的月份有 4 个，要有 6 个以上" in app.info[0].value
        (table,) = contents(app, "league_table")
        assert [column["title"] for column in table["columns"]] == ["镇街", "目标", "目前", "还差什么"]
        assert not contents(app, "answer_table")


def test_without_due_dates_nothing_is_told_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = as_it_stood(cases("2024-02", a_day=0.5), AS_OF)
    with in_a_file(tmp_path / "without.sqlite", rows, telling=("signed_at", "closed_at")) as url:
        app = page("warning", url, monkeypatch)
        assert "来源没有办理期限" in app.info[0].value
        assert not contents(app, "league_table")


def test_of_a_township_that_fell_silent_nothing_is_expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [
        row
        for row in cases(a_day=1.0)
        if row["township_code"] != CODES[1] or row["received_at"].date() < AS_OF.date() - 9 * DAY
    ]
    with in_a_file(tmp_path / "late.sqlite", as_it_stood(known, AS_OF)) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        table = asked("on_time_rate").table.set_index("township_code")
        assert table["late"].dropna().index.tolist() == [CODES[1]]
        assert math.isnan(table.loc[CODES[1], "likely"])
        assert table["likely"].drop(CODES[1]).notna().all()
        cells = rows_of(page("warning", url, monkeypatch))[NAMES[1]]
    assert cells[2:4] == ["—", "—"]
    assert cells[-1].startswith("数据只到 ")


def test_will_a_township_miss_this_month_takes_three_presses(
    serve: Callable[[str], Server], running_url: str, open_page: Opener
) -> None:
    shown = open_page("/", host=serve(running_url).url)
    shown.get_by_role("link", name="预警").click()
    shown.locator(".st-key-warning-townships tr", has_text="唐村镇").click()
    expect(shown.get_by_text(re.compile("唐村镇：月末多半.*，达不到 95% 的可能"))).to_be_visible()
    expect(shown.locator(".st-key-warning-townships tr.chosen")).to_contain_text("唐村镇")
