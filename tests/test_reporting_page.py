"""The page 填报 and what follows from it: typed figures, bad cells, returning, who is late on the overview, and 其他工作."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.reports.definition import Definition
from data_access.areas.reports.reporting import Number, counted_numbers, report_figures, standings
from data_access.cache import look_again
from data_access.database import engine_for
from data_access.indicators import INDICATORS
from data_access.places.tables import township
from data_access.queries import county, measure
from data_access.scope import Scope
from data_access.settings.reported_figures import save_reported_figure
from tests.counties import copied, empty_file, sqlite_url
from tests.page_contents import contents, page

WANG = Viewer("王某", "10.0.0.9")
TAIPING = "370883107"
LI = Viewer("李某", rights=frozenset({"cases", "report"}), case_townships=frozenset({TAIPING}))
SUN = Viewer("孙某", rights=frozenset({"evaluate"}))
VISITS = Definition("visits", "农业农村", "走访农户", "Households visited", "户", due_day=5, first_month="2023-08")
VOLUNTEERS = replace(
    VISITS, code="heads", name_zh="志愿者在册数", unit="人", over_months="last", counted_as="volunteers"
)
RATE = replace(
    VISITS,
    code="rate",
    name_zh="承包款清收率",
    unit="万元",
    numerator_zh="已收",
    numerator_en="Collected",
    denominator_zh="应收",
    denominator_en="Owed",
    contact="经管站",
)


@pytest.fixture
def url(sample_engine: Engine, tmp_path: Path) -> str:
    return copied(sample_engine, tmp_path / "county.sqlite")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = engine_for(url)
    for one in (VISITS, VOLUNTEERS, RATE):
        save_reported_figure(engine, WANG, one)
    yield engine
    engine.dispose()


def opened(who: Viewer, url: str, monkeypatch: pytest.MonkeyPatch, name: str = "reporting", **asked: list[str]) -> Any:
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: who)
    return page(name, url, monkeypatch, **asked)


def fill(app: Any, block: str) -> None:
    app.text_area[0].set_value(block)
    press(app, "reporting paste")


def press(app: Any, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def table(app: Any) -> Any:
    return app.dataframe[0].value.set_index("指标")


def test_a_township_pastes_mends_and_submits_its_figures(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(LI, url, monkeypatch)
    assert "太平镇" in [one.value for one in app.header]
    assert not [one for one in app.selectbox if one.label == "镇街"]
    # What facts say stands beside it.
    told = measure(engine, [INDICATORS["volunteers"]], Scope(UNRESTRICTED, (TAIPING,), "2023-08", "2023-08"))
    assert float(table(app).loc["志愿者在册数", "参考值"]) == told["volunteers"].iloc[0]
    fill(app, "走访农户\t十二\n承包款清收率：应收\t300\n承包款清收率：已收\t257.92")
    press(app, "reporting submit")
    assert "走访农户“十二”" in app.error[0].value
    assert table(app).loc["承包款清收率：已收", "2023年8月"] == "257.92"
    assert not [code for code, _ in counted_numbers(engine, LI, TAIPING, ["2023-08"]) if code == "rate"]
    fill(app, "走访农户\t12")
    press(app, "reporting draft")
    assert "草稿" in app.success[0].value
    press(app, "reporting submit")
    assert "已提交 2 项" in app.success[0].value
    press(app, "reporting suggest")
    press(app, "reporting submit")
    kept = counted_numbers(engine, LI, TAIPING, ["2023-08"])
    assert kept["rate", "2023-08"] == Number(257.92, 300)
    assert kept["heads", "2023-08"].numerator == told["volunteers"].iloc[0]
    # A correction asks why, and the record tells it.
    fill(app, "走访农户\t15")
    press(app, "reporting submit")
    assert "更正要写明原因" in app.error[0].value
    app.text_input[0].set_value("漏了一个村")
    press(app, "reporting submit")
    assert "其中更正 1 项" in app.success[0].value
    record = next(one.value for one in app.dataframe if "原来计入" in one.value)
    assert "漏了一个村" in set(record["原因"])
    # Somebody else reports while the form is open: what was typed stays, and is saved once that has been seen.
    report_figures(
        engine, WANG, TAIPING, "2023-08", {"visits": Number(20)}, standings(engine, WANG, TAIPING, "2023-08"),
        is_submitted=True, reason="复核",
    )  # fmt: skip
    fill(app, "走访农户\t16")
    app.text_input[0].set_value("再核")
    press(app, "reporting submit")
    assert "王某" in app.error[0].value
    assert table(app).loc["走访农户", "2023年8月"] == "16"
    press(app, "reporting submit")
    assert counted_numbers(engine, LI, TAIPING, ["2023-08"])["visits", "2023-08"] == Number(16)


def test_what_is_typed_stays_in_the_other_language(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(LI, url, monkeypatch)
    fill(app, "走访农户\t12")
    next(one for one in app.segmented_control if one.key == "lang").set_value("en").run()
    assert not app.exception
    assert "12" in app.dataframe[0].value.set_index("Figure")["Aug 2023"].tolist()


def test_what_is_typed_stays_while_another_month_is_looked_at(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(LI, url, monkeypatch)
    fill(app, "走访农户\t12")
    assert any("1 格还没有保存" in one.value for one in app.caption)
    month = next(one for one in app.selectbox if one.label == "月份")
    month.select("2023-07").run()
    assert "走访农户" not in table(app).index
    next(one for one in app.selectbox if one.label == "月份").select("2023-08").run()
    assert table(app).loc["走访农户", "2023年8月"] == "12"
    press(app, "reporting every")
    assert table(app).loc["走访农户", "2023年8月"] == "12"
    assert "专班" in table(app).index
    press(app, "reporting submit")
    assert "已提交 1 项" in app.success[0].value
    assert not [one for one in app.caption if "还没有保存" in one.value]


def test_an_evaluator_returns_and_reports_nothing(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    report_figures(engine, WANG, TAIPING, "2023-08", {"visits": Number(20)}, {}, is_submitted=True)
    app = opened(SUN, url, monkeypatch, street=["太平镇"])
    assert "reporting submit" not in [one.key for one in app.button]
    app.multiselect(key="returned figures").set_value(["visits"])
    app.text_input(key="returning reason").set_value("与台账不符")
    press(app, "return figures")
    assert "已退回 1 项" in app.success[0].value
    assert "退回：与台账不符" in set(table(opened(LI, url, monkeypatch))["状态"])


def test_who_is_late_is_told_anew_each_day(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Day(date):
        now = date(2023, 9, 5)

        @classmethod
        def today(cls) -> date:
            return cls.now

    def late() -> str:
        look_again()
        (told,) = contents(opened(WANG, url, monkeypatch, "overview"), "attention")
        return str(next(item for item in told["items"] if item["name"] == "unreported").get("detail"))

    for place in ("data_access.cache", "data_access.areas.reports.reporting"):
        monkeypatch.setattr(f"{place}.date", Day)
    # A due day is late once it is over.
    assert "填报逾期" not in late()
    Day.now = date(2023, 9, 6)
    assert "填报逾期" in late()


def test_who_is_late_stands_on_the_overview_and_in_other_work(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (before,) = contents(opened(WANG, url, monkeypatch, "overview"), "attention")
    late = next(item for item in before["items"] if item["name"] == "unreported")
    assert f"填报逾期 {3 * 16 + 5} 项：郭里镇 8、" in late["detail"]
    report_figures(
        engine, WANG, TAIPING, "2023-08", {"visits": Number(20), "rate": Number(257.92, 300)}, {}, is_submitted=True
    )
    look_again()
    (after,) = contents(opened(WANG, url, monkeypatch, "overview"), "attention")
    late = next(item for item in after["items"] if item["name"] == "unreported")
    assert f"填报逾期 {3 * 16 + 5 - 2} 项" in late["detail"]
    app = opened(WANG, url, monkeypatch, "other_work")
    of_one, rows = (one.value.set_index("指标") for one in app.dataframe)
    assert of_one.loc["承包款清收率", "说明"] == "应收 300 万元，已收 257.92 万元，尚差 42.08 万元"
    assert of_one.loc["专班", "镇街"] == "钢山街道"
    assert rows.loc["志愿者在册数", "谁欠报"].startswith(f"全部 {len(county(engine, UNRESTRICTED).names)} 个镇街")
    assert "太平镇" not in rows.loc["承包款清收率", "谁欠报"]
    assert rows.loc["承包款清收率", "联系单位"] == "经管站"
    assert not [one for one in app.markdown if "：未报" in one.value]
    app = opened(WANG, url, monkeypatch, "today", todo=["figures_owed"], lang=["en"])
    names = set(app.dataframe[0].value["Figure"])
    assert "Households visited" in names
    assert all(name.isascii() for name in names)


def test_a_figure_is_added_changed_and_ended_in_the_settings(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(WANG, url, monkeypatch, "settings")
    fields = {one.label: one for one in (*app.text_input, *app.selectbox, *app.number_input) if "report new" in one.key}
    fields["指标名称"].set_value("慰问老党员")
    fields["英文名（可不写）"].set_value("Old members visited")
    fields["单位"].set_value("人")
    press(app, "save reported figure")
    assert "领域" in app.error[0].value
    next(one for one in app.selectbox if one.label.startswith("领域") and "report new" in one.key).set_value("grid")
    press(app, "save reported figure")
    assert "慰问老党员" in app.success[0].value
    assert county(engine, UNRESTRICTED).definitions["old_members_visited"].area == "grid"
    app.selectbox(key="reported figure chosen").select("visits").run()
    press(app, "end reported figure")
    assert county(engine, UNRESTRICTED).definitions["visits"].last_month
    assert "止月" in app.success[0].value


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["reporting", "other_work"])
def test_the_pages_read_in_both_languages(
    name: str, lang: str, url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(WANG, url, monkeypatch, name, lang=[lang])
    assert not app.error


def test_a_county_may_begin_with_what_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = empty_file(tmp_path / "county.sqlite")
    with engine.begin() as connection:
        connection.execute(insert(township).values(code="100000001", name="独一镇", kind="镇"))
    save_reported_figure(engine, WANG, replace(VISITS, first_month="2020-01"))
    app = opened(WANG, sqlite_url(tmp_path / "county.sqlite"), monkeypatch)
    fill(app, "3")
    press(app, "reporting submit")
    assert "已提交 1 项" in app.success[0].value
    assert len(county(engine, UNRESTRICTED).months) == 1
    engine.dispose()
