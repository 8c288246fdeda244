"""Decisions on the page: taken from where one stands, listed, gone through in the meeting, on the wall and in the bulletin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, select
from starlette.datastructures import QueryParams

from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.petitions.tables import petition
from data_access.database import engine_for
from data_access.decisions.items import items
from data_access.decisions.records import Owner
from data_access.decisions.verdicts import Counted
from data_access.decisions.writing import Draft, decide, extend
from data_access.indicators import INDICATORS
from tests.browser import Opener, Server, settle
from tests.counties import copied
from tests.page_contents import cards, contents, page
from ui.bulletin.sentences import decided_rows, decided_sentence
from ui.bulletin.told import bulletin
from ui.screen.frames import content
from ui.screen.settings import settings
from ui.text import written_in

WANG = Viewer("王某", "10.0.0.9")
LATE, GOOD = "370883103", "370883114"


def fill(engine: Engine) -> dict[str, str]:
    """Decisions of July and August in the sample county, whose data end with August 2023; their ids."""
    on_time = INDICATORS["on_time_rate"]
    due, met = date(2023, 8, 31), date(2023, 7, 28)
    (reached,) = decide(
        engine, Draft("按期办结率提高到 50%", (Owner(GOOD),), met, due, indicator=on_time, promised=50), by=WANG
    )
    (missed,) = decide(
        engine, Draft("按期办结率提高到 100%", (Owner(LATE),), met, due, indicator=on_time, promised=100), by=WANG
    )
    (text,) = decide(engine, Draft("组织一次巡查", (Owner("", "县水务局"),), met, due), by=WANG)
    (running,) = decide(engine, Draft("修好路灯", (Owner(LATE),), date(2023, 8, 30), date(2023, 9, 3)), by=WANG)
    return {"reached": reached, "missed": missed, "text": text, "running": running}


@pytest.fixture(scope="module")
def filled_url(sample_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = copied(sample_engine, tmp_path_factory.mktemp("decisions") / "county.sqlite")
    engine = engine_for(url)
    fill(engine)
    engine.dispose()
    return url


@pytest.fixture
def url(sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: WANG)
    return copied(sample_engine, tmp_path / "county.sqlite")


def table(app: Any) -> dict[str, list[str]]:
    """The cells of the list, by what was decided."""
    return {row["cells"][1]: row["cells"] for one in contents(app, "league_table") for row in one["rows"]}


def button(app: Any, label: str) -> Any:
    return next(one for one in app.button if one.label == label)


def field(app: Any, label: str) -> Any:
    fields = (*app.text_input, *app.text_area, *app.date_input, *app.multiselect, *app.number_input)
    return next(one for one in fields if one.label.startswith(label))


def press(app: Any, label: str) -> None:
    button(app, label).click().run()
    assert not app.exception


def test_a_figure_becomes_a_decision_with_its_value_then_and_its_target(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page("petitions", url, monkeypatch, street=["钢山街道"])
    mark = cards(app)["按期办结率"]["decide"]
    assert mark["path"] == "decisions"
    asked = {name: [value] for name, value in (pair.split("=") for pair in mark["query"].split("&"))}
    app = page("decisions", url, monkeypatch, street=["钢山街道"], **asked)
    assert field(app, "要办什么").value.startswith("按期办结率保持在 ")
    assert field(app, "要办什么").value.endswith("95.0% 以上")
    assert (field(app, "承办").value, field(app, "承诺值").value) == (["钢山街道"], 95)
    assert any("现值" in one.value and "2023年9月" in one.value for one in app.caption)
    # What cannot be kept is told, and what was typed stays.
    field(app, "要办什么").set_value(" ")
    press(app, "立督办")
    assert "请写明要办什么" in app.error[0].value
    field(app, "要办什么").set_value("盯住按期办结")
    press(app, "立督办")
    assert app.success[0].value == "已立 1 件。"
    (cells,) = table(app).values()
    assert cells[1:4] == ["盯住按期办结", "钢山街道", "2023-09-30"]
    assert (cells[0], cells[7]) == ("进行中", "≥ 95.0%")
    assert not app.text_input


def test_a_case_and_a_matter_that_needs_attention_become_decisions(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_for(url)
    with engine.connect() as connection:
        case_no = connection.scalar(
            select(petition.c.case_no)
            .where(
                petition.c.township_code == LATE, petition.c.closed_at.is_(None), petition.c.invalid_reason.is_(None)
            )
            .limit(1)
        )
    app = page("decisions", url, monkeypatch, case=[f"{LATE}/{case_no}"])
    assert field(app, "要办什么").value == f"办结诉求 {case_no}"
    press(app, "立督办")
    (item,) = items(engine, UNRESTRICTED)
    assert (item.decision.kind, item.decision.cases, item.state) == ("cases", ((LATE, case_no),), "running")
    assert next(iter(table(app).values()))[6:8] == ["0/1 件", "办结 1 件"]
    engine.dispose()
    (attention,) = contents(page("overview", url, monkeypatch), "attention")
    queries = {item["name"]: item["decide"]["query"] for item in attention["items"] if item["decide"]}
    assert queries["petitions"] == "promise=overdue_open"


def test_the_open_cases_of_a_list_become_one_decision(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"tab": ["rows"], "state": ["overdue"], "street": ["太平镇"]}
    app = page("petitions", url, monkeypatch, **asked)
    numbers = set(app.dataframe[0].value["编号"])
    app.button(key="decide about the list").click().run()
    assert not app.exception
    assert field(app, "要办什么").value == f"办结诉求 {len(numbers)} 件（全部超期）"
    assert field(app, "承办").value == ["太平镇"]
    press(app, "立督办")
    engine = engine_for(url)
    (item,) = items(engine, UNRESTRICTED)
    assert {number for _, number in item.decision.cases} == numbers
    assert item.verdict.now == Counted(None, 0, len(numbers))
    engine.dispose()


def test_the_open_ones_of_the_cases_that_stand_out_become_one_decision(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As common causes open them: cases of a kind in a place, closed ones too.
    asked = {"count": ["received"], "is": ["category_1:城乡建设"], "rows": ["received"], "street": ["太平镇"]}
    app = page("explore", url, monkeypatch, **asked)
    rows = app.dataframe[0].value
    numbers = set(rows[rows["办结时间"].isna()]["编号"])
    assert 0 < len(numbers) < len(rows)
    app.button(key="decide about the list").click().run()
    assert not app.exception
    assert field(app, "要办什么").value == f"办结诉求 {len(numbers)} 件（城乡建设）"
    press(app, "立督办")
    engine = engine_for(url)
    (item,) = items(engine, UNRESTRICTED)
    assert {number for _, number in item.decision.cases} == numbers
    engine.dispose()


def test_a_figure_of_a_question_has_a_way_to_a_decision_unless_it_is_of_some_cases(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate = {"count": ["on_time_rate"]}
    assert cards(page("explore", url, monkeypatch, **rate))["按期办结率"]["decide"]["query"] == "promise=on_time_rate"
    narrowed = page("explore", url, monkeypatch, **rate, **{"is": ["category_1:城乡建设"]})
    assert cards(narrowed)["按期办结率"]["decide"] is None
    assert cards(page("explore", url, monkeypatch, count=["received"]))["受理量"]["decide"] is None


def test_the_list_says_what_came_of_last_months_decisions(filled_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("decisions", filled_url, monkeypatch)
    found = table(app)
    assert list(found)[:2] == ["组织一次巡查", "修好路灯"]
    assert {what: cells[0] for what, cells in found.items() if "100%" not in what} == {
        "组织一次巡查": "待判定",
        "修好路灯": "进行中",
        "按期办结率提高到 50%": "兑现",
    }
    assert found["按期办结率提高到 100%"][0] in ("部分兑现", "未兑现")
    assert found["修好路灯"][4] == "剩 3 天"
    (rows,) = [one["rows"] for one in contents(app, "league_table")]
    assert [row["tones"][4] for row in rows] == ["red", "red", "", ""]
    press(app, "上月议定（3）")
    assert "修好路灯" not in table(app)
    assert app.query_params["met"] == "2023-07"


def test_one_decision_has_its_figures_and_what_may_be_done(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_for(url)
    made = fill(engine)
    app = page("decisions", url, monkeypatch, decision=[made["reached"]])
    assert [one.label for one in app.metric] == ["立项时", "现在", "承诺"]
    assert any(one.value.startswith("兑现；按期办结率立项时") and "95% 区间" in one.value for one in app.markdown)
    app = page("decisions", url, monkeypatch, decision=[made["text"]])
    # Somebody else extends it while this page is open: what is typed stays, and is told.
    extend(engine, made["text"], date(2023, 9, 30), "等雨停", by=Viewer("李某"), seen=1)
    next(one for one in app.text_area if one.key.startswith("judge why")).set_value("巡查过了")
    press(app, "判定")
    assert "没有保存：李某 已于" in app.error[0].value
    assert next(one for one in app.text_area if one.key.startswith("judge why")).value == "巡查过了"
    assert any("原定 2023-08-31" in one.value for one in app.caption)
    press(app, "判定")
    assert app.success[0].value == "已保存。"
    assert table(app)["组织一次巡查"][0] == "兑现"
    engine.dispose()


def test_in_the_meeting_one_at_a_time_and_a_new_one_in_a_line(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_for(url)
    fill(engine)
    app = page("decisions", url, monkeypatch, mode=["meeting"])
    seen = {app.header[-1].value}
    while not button(app, "下一件").disabled:
        press(app, "下一件")
        seen.add(app.header[-1].value)
    assert len(seen) == 4
    field(app, "要办什么").set_value("月底前修完")
    field(app, "承办").set_value(["钢山街道", "县住建局"])
    press(app, "立督办")
    assert app.success[0].value == "已立 2 件。"
    owners = {one.decision.owner for one in items(engine, UNRESTRICTED) if one.decision.what == "月底前修完"}
    assert owners == {Owner("370883001"), Owner("", "县住建局")}
    engine.dispose()


def test_who_may_not_decide_has_no_form_and_no_marks(filled_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: Viewer("看的人", rights=frozenset()))
    app = page("decisions", filled_url, monkeypatch, promise=["on_time_rate"])
    assert len(table(app)) == 4
    assert not [one for one in app.text_input if one.label.startswith("要办什么")]
    assert not [one for one in app.button if one.label in ("新立督办", "立督办")]
    assert cards(page("petitions", filled_url, monkeypatch))["按期办结率"]["decide"] is None


def test_the_wall_and_the_bulletin_tell_of_them(filled_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", filled_url)
    (frame,) = content(settings(QueryParams("show=decisions")), UNRESTRICTED)["frames"]
    assert {one["name"]: one["value"] for one in frame["cards"]}["兑现"] == "1"
    assert [one["state"] for one in frame["decisions"]] == ["act", "act"]
    assert [one["title"] for one in frame["charts"]] == ["限期最近的", "2023年7月议定的"]
    assert all("%" in row["text"] for row in frame["charts"][1]["rows"] if "办结率" in row["name"])
    engine = engine_for(filled_url)
    told = bulletin(engine, UNRESTRICTED, "2023-08")
    with written_in("zh"):
        assert decided_sentence(told).startswith("2023年8月议定和到期的督办事项共 4 件：进行中 1 件，兑现 1 件")
        assert {row[:3] for row in decided_rows(told)} >= {("组织一次巡查", "县水务局", "2023-08-31")}
    engine.dispose()


def test_what_came_of_last_months_decisions_takes_three_presses(
    serve: Callable[[str], Server], filled_url: str, open_page: Opener
) -> None:
    opened = open_page("/", host=serve(filled_url).url)
    opened.evaluate("() => { window.presses = 0; addEventListener('click', () => { window.presses += 1; }, true); }")
    opened.get_by_role("link", name="督办", exact=True).click()
    opened.get_by_role("button", name="上月议定").click()
    settle(opened)
    rows = opened.locator(".league_table tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="按期办结率提高到 50%")).to_contain_text("兑现")
    rows.filter(has_text="按期办结率提高到 50%").click()
    expect(opened.get_by_text("兑现；按期办结率立项时")).to_be_visible()
    assert opened.evaluate("() => window.presses") == 3
