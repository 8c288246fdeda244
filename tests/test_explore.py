"""自由筛选 without a browser: any question in the address, in both languages; the search box; views; files."""

from __future__ import annotations

import csv
import io
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, insert, select, text, update
from sqlalchemy.exc import OperationalError
from starlette.datastructures import QueryParams
from streamlit.testing.v1 import AppTest

from data_access import cache, queries
from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.petitions.tables import petition
from data_access.audit.search import Wanted, deeds
from data_access.database import engine_for, reading_engine_for
from data_access.exploring import saved_views
from data_access.exploring.dimensions import DIMENSIONS
from data_access.exploring.export_log import record_export
from data_access.exploring.finding import Findable
from data_access.exploring.questions import can_be_searched, dimensions_for
from data_access.exploring.tables import saved_view
from data_access.indicators import INDICATORS, QUESTION_INDICATORS
from data_access.rollups import refresh
from data_access.spreadsheets import Sheet, guarded, write_csv, write_workbook
from sample_data.build import build
from tests.counties import sqlite_url
from tests.page_contents import contents
from ui.explore.choice import MOST_VALUES, SHOWN, TOPS, Choice, choice_from, explore_address, parameters
from ui.explore.matches import matches
from ui.explore.saved_views import restored
from ui.files.exports import Advance, ExportStopped, start_export, stop_export
from ui.text import plain

ROOT = Path(__file__).resolve().parent.parent
EVERY = {**INDICATORS, **QUESTION_INDICATORS}
STREET_LAMPS = "路灯不亮"


@pytest.fixture
def url(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", sample_url)
    return sample_url


@pytest.fixture(scope="module")
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small") / "county.sqlite"
    build(sqlite_url(path), 3000)
    return path


@pytest.fixture
def own_url(small_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small county of one's own, to write to."""
    url = sqlite_url(shutil.copy(small_file, tmp_path / "county.sqlite"))
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def page(**asked: Any) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "frame" / "app.py"), default_timeout=60)
    for name, value in asked.items():
        app.query_params[name] = value
    app.switch_page("../../pages/explore.py").run()
    assert not app.exception
    return app


def listed(app: AppTest, name: str) -> list[str]:
    """A query parameter's values."""
    value = app.query_params[name]
    return value if isinstance(value, list) else [value]


# --- The address ----------------------------------------------------------------------------------


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    area = draw(st.sampled_from(sorted({indicator.area for indicator in EVERY.values()})))
    own = [code for code, indicator in EVERY.items() if indicator.area == area]
    count = tuple(draw(st.lists(st.sampled_from(own), min_size=1, max_size=4, unique=True)))
    known = dimensions_for([EVERY[code] for code in count])
    by = tuple(draw(st.lists(st.sampled_from(known), max_size=2, unique=True)))

    def value(name: str) -> st.SearchStrategy[str]:
        if DIMENSIONS[name].answers:
            return st.sampled_from([code for code, *_ in DIMENSIONS[name].answers])
        if name in ("weekday", "hour"):
            return st.integers(0, 23).map(str)
        return st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12)

    where = tuple(
        (name, tuple(draw(st.lists(value(name), min_size=1, max_size=3, unique=True))))
        for name in draw(st.lists(st.sampled_from(known), max_size=3, unique=True))
    )
    is_searched = can_be_searched([EVERY[code] for code in count])
    words = draw(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=10)) if is_searched else ""
    cell = tuple((name, draw(value(name))) for name in by) if draw(st.booleans()) else None
    return Choice(
        count,
        by,
        where,
        words,
        draw(st.sampled_from(SHOWN)),
        draw(st.sampled_from(TOPS)),
        cell,
        draw(st.sampled_from(count)) if cell is not None else "",
        draw(st.sampled_from(["all", "counted", "rest"])) if cell is not None else "all",
        draw(st.sampled_from(["", "time", "urgency"])) if cell is not None else "",
        draw(st.sampled_from(["", "370883103/SQ1"])),
        draw(st.sampled_from(["ask", "causes", "again", "forecast"])),
    )


@given(choice=choices())
@settings(max_examples=300, deadline=None)
def test_an_address_gives_back_its_question(sample_engine: Engine, choice: Choice) -> None:
    county = _county(sample_engine)
    address = explore_address(choice, {})
    read = QueryParams(address.partition("?")[2])
    assert choice_from({name: read.getlist(name) for name in read}, county) == (choice, ())
    assert (
        choice_from({name: [v] if isinstance(v, str) else v for name, v in parameters(choice).items()}, county)[0]
        == choice
    )


def test_an_address_with_hundreds_of_values_asks_of_the_first_hundred(sample_engine: Engine) -> None:
    county = _county(sample_engine)
    values = [f"channel:{number}" for number in range(300)]
    choice, lost = choice_from({"is": [*values, values[0]], "count": ["x" * 5_000]}, county)
    assert sum(len(chosen) for _, chosen in choice.where) == MOST_VALUES
    assert len(lost) == 2
    assert all(len(one) <= 41 for one in lost)


def _county(engine: Engine, known: dict[int, queries.County] = {}) -> queries.County:  # noqa: B006  # kept between examples
    return known.setdefault(id(engine), queries.county(engine, UNRESTRICTED))


@given(
    given_=st.dictionaries(
        st.sampled_from(["count", "by", "is", "text", "show", "top", "rows", "cell", "which", "case", "look"]),
        st.lists(st.text(max_size=20), max_size=3),
    )
)
@settings(max_examples=200, deadline=None)
def test_any_address_is_a_question(sample_engine: Engine, given_: dict[str, list[str]]) -> None:
    county = _county(sample_engine)
    choice, _lost = choice_from(given_, county)
    again, lost = choice_from({k: [v] if isinstance(v, str) else v for k, v in parameters(choice).items()}, county)
    assert (again, lost) == (choice, ())


# --- The page -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"text": "没有这样的标题"}, "0"),
        ({"text": "没有这样的标题", "is": "timeliness:overdue"}, "0"),
        ({"text": "没有这样的标题", "count": "on_time_rate"}, "—"),
        # Who was never asked may be dissatisfied.
        ({"from": "2023-08", "to": "2023-08", "is": ["satisfaction:no", "status:待签收"]}, "—"),
    ],
)
def test_none_is_0_where_it_is_known_and_no_data_is_not(url: str, asked: dict[str, Any], shown: str) -> None:
    (cards,) = contents(page(**asked), "kpi_cards")
    assert cards["cards"][0]["value"] == shown


def test_a_township_of_which_nothing_is_known_has_no_0(url: str) -> None:
    """Nobody is asked about a case before it is closed: where there are such cases none is known, elsewhere there is none."""

    def told(*where: str) -> dict[str, str]:
        asked = {"from": "2023-08", "to": "2023-08", "is": list(where), "count": "received"}
        (table,) = contents(page(**asked, by="township_code", order="low"), "answer_table")
        return {row[0]["text"]: row[1]["text"] for row in table["rows"]}

    waiting = told("status:待签收")
    assert {place: "—" if count != "0" else "0" for place, count in waiting.items()} == told(
        "satisfaction:no", "status:待签收"
    )
    assert "0" in waiting.values()
    assert len(set(waiting.values())) > 1
    assert "—" not in told("satisfaction:no", "status:已办结").values()


def test_none_is_0_in_the_months_that_were_reported_alone(own_url: str) -> None:
    """A township left out a month: nothing is known there, nor in villages that may be its own."""
    engine = engine_for(own_url)
    with engine.begin() as connection:
        left_out = (petition.c.township_code == "370883103") & petition.c.received_at.between(
            "2023-07-01", "2023-08-01"
        )
        connection.execute(delete(petition).where(left_out))
        refresh(connection, "petitions")
    cache.look_again()
    asked = {"from": "2023-06", "to": "2023-08", "text": "没有这样的标题"}

    def told(**more: Any) -> tuple[list[str], dict[str, list[str]]]:
        (table,) = contents(page(**asked, **more), "answer_table")
        return [cell["text"] for cell in table["total"]], {
            row[0]["text"]: [cell["text"] for cell in row[1:]] for row in table["rows"]
        }

    total, months = told(street="大束镇", by="month", compare="none")
    assert total == ["合计", "0"]
    assert [*months.values()] == [["0"], ["—"], ["0"]]
    _, cells = told(by=["township_code", "month"], compare="none")
    assert cells["大束镇"] == ["0", "0", "—", "0"]
    assert cells["太平镇"] == ["0", "0", "0", "0"]
    asked = {"from": "2023-06", "to": "2023-08", "compare": "none"}
    _, villages = told(by=["village_code", "month"], street="大束镇", top=50)
    assert {cells[2] for cells in villages.values()} == {"—"}
    assert {cell for cells in villages.values() for cell in (cells[1], cells[3])} >= {"0", "1"}
    # Of a village it is not asked here whose it is.
    _, villages = told(by=["village_code", "month"], street=["大束镇", "太平镇"], top=50)
    assert "0" not in {cell for cells in villages.values() for cell in cells}
    _, villages = told(by=["village_code", "month"], street=["看庄镇", "太平镇"], top=50)
    assert "—" not in {cell for cells in villages.values() for cell in cells}


def test_a_total_has_its_course_and_few_rows_stand_below_it(url: str) -> None:
    few = {"from": "2023-03", "to": "2023-08", "street": "大束镇", "is": f"category_3:{STREET_LAMPS}"}
    app = page(**few)
    (cards,) = contents(app, "kpi_cards")
    (drawn,) = contents(app, "figure")
    assert f"合计 {cards['cards'][0]['value']} 件" in drawn["title"]
    assert len(app.dataframe[0].value) == int(cards["cards"][0]["value"])
    assert not [one for one in app.button if one.label.startswith("查看")]
    many = page(count="received")
    assert not many.dataframe
    assert [one.label for one in many.button if one.label.startswith("查看")] == ["查看受理量的明细"]
    # A rate's counts are no rows of its own, and one month has no course.
    assert not page(**few, count="on_time_rate").dataframe
    assert not contents(page(**{**few, "to": "2023-03"}), "figure")


QUESTIONS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "numbers": {"count": ["received", "on_time_rate", "overdue_open"], "is": [f"category_3:{STREET_LAMPS}"]},
    "names": {"by": "village_code", "count": ["received", "on_time_rate"]},
    "time": {"by": "week", "count": ["received", "handling_days"]},
    "two": {"by": ["category_2", "month"], "count": ["received", "satisfaction_rate"]},
    "two as lines": {"by": ["department", "month"], "show": "line"},
    "weekday and hour": {"by": ["weekday", "hour"]},
    "table": {"by": "channel", "show": "table"},
    "answers": {"by": ["timeliness", "satisfaction"], "text": "路灯"},
    "cameras": {"count": ["off_over_24h", "online_rate"], "by": "camera_kind"},
    "teams": {"count": ["quiet_teams"], "by": "township_code", "rows": "quiet_teams"},
    "projects": {"count": ["projects", "schedule_gap"], "is": ["over_budget:yes", "is_behind:yes"], "rows": "projects"},
    "grid": {"count": ["grid_events"], "by": ["event_kind", "league"]},
    "reported": {"count": ["cases_per_10k"], "by": ["league", "month"]},
    "rows": {
        "rows": "on_time_rate",
        "count": ["on_time_rate"],
        "which": "rest",
        "by": "month",
        "cell": "month:2023-05",
    },
    "nothing found": {"text": "没有这样的标题", "by": "village_code"},
    "causes": {"look": "causes"},
    "again": {"look": "again"},
    "forecast": {"look": "forecast"},
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_kind_of_question_is_answered(url: str, name: str, lang: str) -> None:
    app = page(lang=lang, **QUESTIONS[name])
    assert not app.error
    assert app.title[0].value == ("邹城市 · 自由筛选" if lang == "zh" else "邹城市 · Explore")
    shown = json.dumps([contents(app, kind) for kind in ("figure", "answer_table", "kpi_cards")], ensure_ascii=False)
    assert "nan" not in shown.lower().replace("finance", "")
    if lang == "en" and name == "numbers":
        assert "Cases received" in shown
    if name == "names":
        (table,) = contents(app, "answer_table")
        total = queries.measure(engine_for(url), [INDICATORS["received"]], _scope()).iloc[0]["received"]
        assert table["total"][1]["sort"] == total
        assert sum(row[1]["sort"] or 0 for row in table["rows"]) == total
    if name == "rows":
        assert len(app.dataframe) == 1
    if name == "weekday and hour":
        figures = contents(app, "figure")
        assert len(figures[0]["figure"]["data"][0]["x"]) > 100


def _scope() -> queries.Scope:
    return queries.Scope(UNRESTRICTED, None, "2023-01", "2023-08")


def test_ratios_in_totals_and_others_are_made_anew(url: str) -> None:
    app = page(by=["category_3", "month"], count=["on_time_rate"])
    (table,) = contents(app, "answer_table")
    whole = queries.measure(engine_for(url), [INDICATORS["on_time_rate"]], _scope(), ("month",))
    assert [cell["sort"] for cell in table["total"][2:]] == pytest.approx(whole["on_time_rate"].tolist())
    others = next(row for row in table["rows"] if row[0]["text"] == "其他")
    kept = {row[0]["sort"] for row in table["rows"]}
    each = queries.measure(engine_for(url), [INDICATORS["on_time_rate"]], _scope(), ("category_3",))
    rest = each[~each["category_3"].isin(kept)]
    assert others[1]["sort"] == pytest.approx(100 * rest["on_time_rate:n"].sum() / rest["on_time_rate:d"].sum())


def test_what_is_not_there_any_more_is_said(url: str) -> None:
    app = page(count=["received", "abolished"], by="starsign", **{"is": ["category_3:路灯坏了", "phase:full"]})
    told = " ".join(warning.value for warning in app.warning)
    assert "abolished" in told and "starsign" in told and plain("phase:full") in told
    # A category that was renamed: the filter stays, and the new name is offered.
    assert "路灯坏了" in told
    button = next(one for one in app.button if one.label == f"改用“{STREET_LAMPS}”")
    button.click().run()
    assert listed(app, "is") == [f"category_3:{STREET_LAMPS}"]
    assert not app.warning


INJECTIONS = (
    "' OR 1=1 --",
    '"; DROP TABLE petition; --',
    "%' UNION SELECT phone FROM petition --",
    "<script>",
    "\x00路灯",
)


@pytest.mark.parametrize("words", INJECTIONS)
def test_nothing_typed_becomes_sql(url: str, words: str) -> None:
    before = engine_for(url).connect().scalar(select(petition.c.case_no).limit(1))
    for asked in ({"text": words}, {"is": [f"category_3:{words}"]}, {"case": words, "rows": "received"}, {"by": words}):
        app = page(**asked)
        assert not app.error
    assert (
        matches(QueryParams([("q", words), ("is", f"village_code:{words}"), ("text", words)]), UNRESTRICTED)["rows"]
        is not None
    )
    assert engine_for(url).connect().scalar(select(petition.c.case_no).limit(1)) == before


def test_choosing_and_dropping(url: str) -> None:
    app = page()
    app.multiselect(key="explore by").select("category_1").run()
    assert listed(app, "by") == ["category_1"]
    app.multiselect(key="explore count").select("handling_days").run()
    assert listed(app, "count") == ["received", "handling_days"]
    assert len(contents(app, "figure")) == 2
    # What cameras are not known by is not asked of them.
    app.multiselect(key="explore count").set_value(["cameras"]).run()
    assert "by" not in app.query_params
    assert not app.exception


# --- The search box -------------------------------------------------------------------------------


def test_matches_say_how_many_cases_each_has(url: str) -> None:
    rows = matches(QueryParams("q=dsz"), UNRESTRICTED)["rows"]
    assert rows[0]["name"] == "大束镇"
    count = queries.measure(engine_for(url), [INDICATORS["received"]], _scope(), ("township_code",))
    expected = count.set_index("township_code").loc["370883103", "received"]
    assert rows[0]["count"] == f"{expected:,.0f} 件"
    narrowed = matches(QueryParams([("q", "dsz"), ("is", f"category_3:{STREET_LAMPS}")]), UNRESTRICTED)["rows"]
    assert int(narrowed[0]["count"].split()[0]) < expected
    english = matches(QueryParams("q=repeat&lang=en"), UNRESTRICTED)["rows"]
    assert ["count", "repeat_rate"] in [json.loads(row["key"]) for row in english if "key" in row]


# --- Saved views ----------------------------------------------------------------------------------


def _saved(url: str, name: str = "路灯", **question: Any) -> str:
    kept: dict[str, Any] = {
        "parameters": {"by": ["village_code"], "is": [f"category_3:{STREET_LAMPS}"]},
        "townships": {"370883103": "大束镇"},
        "period": ["latest", 3],
        "compare": "none",
        "names": {"category_3": {STREET_LAMPS: STREET_LAMPS}},
    }
    return saved_views.save_view(
        engine_for(url),
        name=name,
        description="每周一看",
        question={**kept, **question},
        is_shared=True,
        by=Viewer("a"),
    )


def test_a_view_opens_by_its_link_with_its_filters(own_url: str) -> None:
    view_id = _saved(own_url)
    app = page(view=view_id)
    assert listed(app, "by") == ["village_code"]
    assert listed(app, "street") == ["大束镇"]
    assert "view" not in app.query_params
    assert app.caption[0].value == "大束镇 · 2023年6月至8月 · 数据截至 2023-08-31"
    assert any("路灯" in caption.value and "每周一看" in caption.value for caption in app.caption)


def test_a_link_of_no_view_says_so(own_url: str) -> None:
    view_id = _saved(own_url)
    saved_views.remove_view(engine_for(own_url), view_id, by=UNRESTRICTED)
    for one in (view_id, "nosuchid", "' OR 1=1 --"):
        app = page(view=one)
        assert any("已被删除" in error.value for error in app.error)


def test_a_view_survives_what_was_renamed(own_url: str) -> None:
    view_id = _saved(own_url)
    with engine_for(own_url).begin() as connection:
        connection.execute(update(petition).where(petition.c.category_3 == STREET_LAMPS).values(category_3="路灯故障"))

        refresh(connection, "petitions")
    cache.look_again()
    app = page(view=view_id)
    assert any(STREET_LAMPS in warning.value for warning in app.warning)
    next(one for one in app.button if one.label == "改用“路灯故障”").click().run()
    assert not app.warning
    (table,) = contents(app, "answer_table")
    assert table["total"][1]["sort"] > 0


def test_townships_are_kept_by_code_and_by_name(own_url: str) -> None:
    engine = engine_for(own_url)
    county = queries.county(engine, UNRESTRICTED)
    _saved(own_url, townships={"370883103": "旧名", "999": "太平镇", "998": "撤销的镇"})
    with engine.connect() as connection:
        (saved,) = saved_views.saved_views(connection, Viewer())
    choice, lost, scope, compare = restored(saved, county, UNRESTRICTED)
    assert {county.names[code] for code in scope.townships} == {"大束镇", "太平镇"}
    assert lost == ("撤销的镇",)
    assert (scope.start, scope.end, compare) == ("2023-06", "2023-08", "none")
    assert choice.by == ("village_code",)


def test_who_sees_which_view(own_url: str) -> None:
    engine = engine_for(own_url)
    shared = _saved(own_url, "公开的")
    own = saved_views.save_view(engine, name="我的", description="", question={}, is_shared=False, by=Viewer("王"))
    with engine.connect() as connection:
        assert [view.id for view in saved_views.saved_views(connection, Viewer("李"))] == [shared]
        assert {view.id for view in saved_views.saved_views(connection, Viewer("王"))} == {shared, own}
        assert saved_views.saved_view_of(connection, own) is not None
    for name in ("", "   ", "长" * 81):
        with pytest.raises(saved_views.ViewProblem):
            saved_views.save_view(engine, name=name, description="", question={}, is_shared=True, by=Viewer(""))


def test_a_view_can_stand_on_the_overview_and_the_screen(own_url: str) -> None:
    from ui.screen.frames import content
    from ui.screen.settings import settings as screen_settings

    view_id = _saved(own_url, "大束路灯")
    saved_views.place_view(engine_for(own_url), view_id, "overview", by=UNRESTRICTED)
    cache.look_again()
    app = AppTest.from_file(str(ROOT / "ui" / "frame" / "app.py"), default_timeout=60).run()
    assert any("大束路灯" in one.value for one in app.markdown)
    saved_views.place_view(engine_for(own_url), view_id, "screen", by=UNRESTRICTED)
    cache.look_again()
    frames = content(screen_settings(QueryParams("")), UNRESTRICTED)["frames"]
    assert frames[-1]["title"] == "大束路灯"
    # Few cases could be somebody's.
    told = json.dumps(frames[-1], ensure_ascii=False)
    assert "少于 5" in told
    assert not any(f'"{few} 件"' in told for few in (1, 2, 3, 4))


def test_gone_values_name_what_is_now_so_called() -> None:
    known = (Findable("category_3", "路灯故障", "路灯故障"), Findable("village_code", "9", "孟庄村"))
    gone = saved_views.gone_values(
        [("category_3", ("路灯不亮",)), ("village_code", ("1", "9")), ("department", ("x",))],
        {"village_code": {"1": "孟庄村"}},
        known,
    )
    assert [(one.name, one.now and one.now.value) for one in gone] == [("路灯不亮", "路灯故障"), ("孟庄村", "9")]
    # Alike enough to be offered
    (renamed,) = saved_views.gone_values(
        [("category_3", ("路灯不亮了",))], {}, (Findable("category_3", "路灯不亮", "路灯不亮"),)
    )
    assert renamed.now is not None


# --- Files ----------------------------------------------------------------------------------------

DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", '=HYPERLINK("http://x")')


def _writing(rows: int, name: str) -> Callable[[Path, Advance], None]:
    def batches(advance: Advance) -> Iterator[pd.DataFrame]:
        for first in range(0, rows, 100):
            size = min(100, rows - first)
            titles = [DANGEROUS[(first + n) % len(DANGEROUS)] for n in range(size)]
            when = pd.Timestamp("2023-08-01 12:30")
            yield pd.DataFrame(
                {"=标题": titles, "时间": [when] * size, "数": range(first, first + size), "空": [None] * size}
            )
            advance(size, rows)

    def write(path: Path, advance: Advance) -> None:
        answer = pd.DataFrame({"类": ["=x\x07"], "数": [3.5]})
        if name.endswith("csv"):
            write_csv(path, batches(advance))
        else:
            write_workbook(
                path, [Sheet("答案", answer), Sheet("明细", batches(advance)), Sheet("说明", None, ["=说明"])]
            )

    return write


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_files_hold_every_row_and_no_formula(kind: str) -> None:
    recorded: list[int] = []
    export = start_export("导出", f"x.{kind}", UNRESTRICTED, _writing(1234, kind), recorded.append)
    export.task.wait(60)
    assert export.is_ready and export.task.outcome() == 1234
    assert recorded == [1234]
    if kind == "csv":
        body = export.path.read_bytes()
        assert body.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
        assert rows[0] == ["'=标题", "时间", "数", "空"]
        assert [row[2] for row in rows[1:]] == [str(n) for n in range(1234)]
        assert rows[1][1] == "2023-08-01 12:30:00"
        assert all(row[0].startswith("'") for row in rows[1:])
    else:
        book = openpyxl.load_workbook(export.path)
        assert book.sheetnames == ["答案", "明细", "说明"]
        assert book["答案"]["A2"].value == "=x"
        assert book["说明"]["A1"].value == "=说明"
        assert book["明细"].max_row == 1235
        assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)
        # As they stand: text is never calculated, and loaded again changes nothing.
        assert {cell.value for cell in book["明细"]["A"][1:]} == {*DANGEROUS}
    export.path.unlink()


def test_an_export_can_be_stopped_and_leaves_nothing() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def batches(advance: Advance) -> Iterator[pd.DataFrame]:
        while True:
            yield pd.DataFrame({"a": [1]})
            begun.set()
            go_on.wait(30)
            advance(1, None)

    recorded: list[int] = []
    export = start_export(
        "导出", "x.csv", UNRESTRICTED, lambda path, advance: write_csv(path, batches(advance)), recorded.append
    )
    assert begun.wait(30)
    stop_export(export)
    go_on.set()
    export.task.wait(60)
    with pytest.raises(ExportStopped):
        export.task.outcome()
    assert not export.path.exists()
    assert recorded == []


def test_an_export_that_cannot_be_recorded_cannot_be_fetched() -> None:
    def refuse(_rows: int) -> None:
        raise OSError("disk full")

    export = start_export("导出", "x.csv", UNRESTRICTED, _writing(3, "csv"), refuse)
    export.task.wait(60)
    assert not export.is_ready
    assert not export.path.exists()


def test_who_exported_what_is_kept(own_url: str) -> None:
    engine = engine_for(own_url)
    record_export(engine, by=Viewer("王主任"), format="csv", question="受理量", rows=12)
    with engine.connect() as connection:
        (row,) = deeds(connection, UNRESTRICTED, Wanted(kinds=("exported",), by="王主任")).to_dict("records")
    assert (row["done_by"], row["subject"]) == ("王主任", "受理量")
    assert json.loads(row["after"]) == {"format": "csv", "question": "受理量", "rows": 12}


@pytest.mark.parametrize("cell", DANGEROUS)
def test_what_a_spreadsheet_would_run_is_text(cell: str) -> None:
    assert str(guarded(cell)).startswith("'")


# --- Stopping -------------------------------------------------------------------------------------

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


class _Pressed(Exception):
    """Somebody pressed a button."""


def _endless(connection: Connection, _part: int) -> list[Any]:
    return list(connection.execute(text(ENDLESS)))


def test_stopping_a_question_frees_its_connection(own_url: str) -> None:
    closed = threading.Event()

    def asked(connection: Connection, part: int) -> list[Any]:
        try:
            return _endless(connection, part)
        finally:
            closed.set()

    def press(_done: int) -> None:
        raise _Pressed

    with pytest.raises(_Pressed):
        cache.answers(asked, [1], press)
    # It would never end by itself.
    assert closed.wait(30)


def test_a_question_that_takes_too_long_is_stopped(own_url: str) -> None:
    with pytest.raises(cache.QuestionTooSlow):
        cache.answers(_endless, [2], lambda _done: None, seconds=0.0)


def test_questions_cannot_write(own_url: str) -> None:
    with reading_engine_for(own_url).connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(insert(saved_view).values(id="x"))


def test_an_answer_is_kept_until_the_data_change(own_url: str) -> None:
    asked: list[int] = []

    def ask(_connection: Connection, part: int) -> list[int]:
        asked.append(part)
        return [part]

    assert cache.answers(ask, [1, 2, 1], lambda _done: None) == [[1], [2], [1]]
    assert cache.answers(ask, [2], lambda _done: None) == [[2]]
    assert asked == [1, 2]
    _saved(own_url)
    cache.look_again()
    cache.answers(ask, [2], lambda _done: None)
    assert asked == [1, 2, 2]
