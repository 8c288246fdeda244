"""Administrators set a county up on a page, which says what holds, who changed it, and what saving has changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select
from starlette.datastructures import QueryParams

from data_access.access import UNRESTRICTED, Viewer
from data_access.audit.deeds import FIELDS
from data_access.audit.tables import deed
from data_access.database import engine_for
from data_access.evaluation.schemes import load_schemes, scheme_in, written
from data_access.evaluation.tables import evaluation_scheme
from data_access.importing.headers import county_headers, titles_of
from data_access.importing.tables import TABLES
from data_access.indicators import INDICATORS
from data_access.persons.__main__ import main as forget
from data_access.queries import county
from data_access.settings.county import name_county
from data_access.settings.kept import Rotation, kept_schemes, own_event_kinds, rotation
from data_access.settings.lists import set_event_kinds
from data_access.settings.schemes import save_scheme
from tests.counties import copied, empty_file, sqlite_url
from tests.page_contents import cards, contents, page
from ui.screen.settings import settings
from ui.settings.schemes import criteria_table, edited, toml_of
from ui.text import written_in

WANG = Viewer("王某", "10.0.0.9")


@pytest.fixture
def url(sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: WANG)
    return copied(sample_engine, tmp_path / "county.sqlite")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = engine_for(url)
    yield engine
    with engine.connect() as connection:
        told = connection.execute(select(deed.c.before, deed.c.after).where(deed.c.kind == "setting-changed")).all()
    # What deeds say is named on the page of the record.
    assert {field for row in told for text in row if text for field in json.loads(text)} <= set(FIELDS)
    engine.dispose()


def field(app: Any, label: str) -> Any:
    fields = (*app.text_input, *app.text_area, *app.number_input, *app.selectbox, *app.multiselect, *app.checkbox)
    return next(one for one in fields if one.label.startswith(label))


def press(app: Any, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def told(app: Any) -> str:
    return str(app.success[0].value)


def test_a_county_without_anything_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty_file(tmp_path / "county.sqlite").dispose()
    app = page("settings", sqlite_url(tmp_path / "county.sqlite"), monkeypatch)
    assert app.title[0].value == "设置"
    field(app, "县（市、区）名").set_value("某县")
    press(app, "save county")
    assert told(app) == "已保存：县名：某县"
    assert app.title[0].value == "某县 · 设置"


def test_the_name_and_the_sample_mark_are_changed(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("settings", url, monkeypatch)
    field(app, "县（市、区）名").set_value("邹县")
    field(app, "这是示例数据").uncheck()
    press(app, "save county")
    assert told(app) == "已保存：县名：邹城市 → 邹县，示例数据：是 → 否"
    assert any("王某 于" in one.value for one in app.caption)
    assert not county(engine, UNRESTRICTED).is_sample
    # What is unfolded stays so: a message leaves the parts of the page in their places.
    parts = [part.type for part in app.main.children.values()]
    app.run()
    assert not app.success
    assert [part.type for part in app.main.children.values()] == parts
    # Somebody else changes it while this page is open: what they said stays.
    name_county(engine, Viewer("李某"), "邹市", is_sample=False)
    field(app, "县（市、区）名").set_value("新县")
    press(app, "save county")
    assert "李某 已于" in app.error[0].value
    assert county(engine, UNRESTRICTED).name == "邹市"
    # What was typed is still there, beside what holds now, and can be saved by who has seen that.
    assert any(one.value.startswith("邹市") for one in app.markdown)
    assert field(app, "县（市、区）名").value == "新县"
    press(app, "save county")
    assert told(app) == "已保存：县名：邹市 → 新县"


def test_what_is_typed_stays_while_others_save(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("settings", url, monkeypatch)
    app.selectbox(key="scheme chosen").select("+proposed").run()
    press(app, "save scheme")
    known = [(one.key, one.value) for one in (*app.text_input, *app.text_area)]
    set_event_kinds(engine, Viewer("李某"), ["安全隐患"])
    content = kept_schemes(engine)["county_rates"]
    save_scheme(engine, Viewer("李某"), "county_rates", content.replace("三率考评", "李某的三率"))
    # The page runs again by itself: its fields are the same ones, beside what holds now.
    app.run()
    assert [(one.key, one.value) for one in (*app.text_input, *app.text_area)] == known
    for key, label, typed in (("save event kinds", "一行一类", "噪音"), ("save scheme", "名称", "我的三率")):
        field(app, label).set_value(typed)
        press(app, key)
        assert "李某 已于" in app.error[0].value
        assert field(app, label).value == typed
        assert any(one.value.startswith("1 类：") or "李某的三率" in one.value for one in app.markdown)
        press(app, key)
        assert told(app).startswith("已保存")
    assert "我的三率" in kept_schemes(engine)["county_rates"]
    assert own_event_kinds(county(engine, UNRESTRICTED).settings) == ("噪音",)


def test_townships_are_put_in_a_league_and_taken_out(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("settings", url, monkeypatch)
    field(app, "新组的镇街").set_value(["370883001", "370883103"])
    press(app, "save leagues")
    assert "名称" in app.error[0].value
    field(app, "新的组").set_value("城区组")
    press(app, "save leagues")
    assert "城区组" in told(app)
    assert county(engine, UNRESTRICTED).kinds["城区组"] == ("370883001", "370883103")
    field(app, "城区组").set_value([])
    press(app, "save leagues")
    assert not county(engine, UNRESTRICTED).own_leagues


def test_an_alias_is_added_and_removed(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("settings", url, monkeypatch)
    field(app, "文件里的叫法").set_value("老城")
    field(app, "指哪个镇街").select("370883001")
    press(app, "add alias")
    assert "老城" in told(app)
    words = list(app.dataframe[0].value["叫法"])
    with engine.connect() as connection:
        last = connection.scalar(select(deed.c.number).where(deed.c.subject == "alias 老城"))
    app.session_state[f"aliases {last}"] = {"selection": {"rows": [words.index("老城")], "columns": []}}
    app.run()
    press(app, "remove alias")
    assert "不再认作镇街" in told(app)
    assert "老城" not in list(app.dataframe[0].value["叫法"])


def test_a_target_is_set_and_months_before_keep_theirs(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("settings", url, monkeypatch)
    app.selectbox(key="target indicator").select("on_time_rate").run()
    field(app, "从哪个月起").set_value("2023-06")
    field(app, "目标（%").set_value(97.0)
    press(app, "save target")
    assert "依据的文件" in app.error[0].value
    field(app, "依据文件").set_value("县办发〔2023〕6号")
    press(app, "save target")
    assert told(app) == "已保存：指标：按期办结率，目标：97，起始月份：2023-06，依据文件：县办发〔2023〕6号"
    for month, expected in (("2023-05", "目标 ≥95%"), ("2023-06", "目标 ≥97%")):
        shown = page("petitions", url, monkeypatch, **{"from": [month], "to": [month]})
        assert cards(shown)["按期办结率"]["target"] == expected


def test_a_years_total_is_cut_by_the_year_before(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("settings", url, monkeypatch)
    app.segmented_control(key="target kind").set_value("year").run()
    app.selectbox(key="total indicator").select("service_hours").run()
    app.number_input(key="total year").set_value(2023)
    field(app, "全年总数").set_value(12_000.0).run()
    field(app, "依据文件").set_value("县办发〔2023〕1号").run()
    press(app, "save total")
    months = [f"2023-{month:02}" for month in range(1, 13)]
    targets = county(engine, UNRESTRICTED).targets
    assert targets.target(INDICATORS["service_hours"], months) == 12_000
    assert len({targets.target(INDICATORS["service_hours"], [month]) for month in months}) > 6
    # All of it is taken back at once.
    with engine.connect() as connection:
        last = connection.scalar(select(func.max(deed.c.number)))
    app.session_state[f"target rows {last}"] = {"selection": {"rows": list(range(13)), "columns": []}}
    app.run()
    press(app, "remove target")
    assert told(app) == "已保存：收回了 13 个目标"
    assert not county(engine, UNRESTRICTED).targets.rows
    # A year whose last year nobody knows cannot be cut by it.
    app.number_input(key="total year").set_value(2030).run()
    field(app, "全年总数").set_value(12_000.0).run()
    assert "平均分" in app.warning[0].value


def test_a_proposed_scheme_is_kept_and_offered(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("settings", url, monkeypatch)
    app.selectbox(key="scheme chosen").select("+proposed").run()
    name = next(one for one in app.text_input if one.label == "名称")
    assert name.value == "三率考评"
    name.set_value("")
    press(app, "save scheme")
    assert "请写方案的名称" in app.error[0].value
    next(one for one in app.text_input if one.label == "名称").set_value("本县三率")
    press(app, "save scheme")
    assert told(app) == "已保存：方案“本县三率”自 2022-01 起"
    assert app.selectbox(key="scheme chosen").value == "county_rates"
    shown = page("evaluation", url, monkeypatch, scheme=["county_rates"])
    assert "本县三率" in [shown.selectbox(key="scheme").format_func(one) for one in kept_schemes(engine)]
    press(app, "remove scheme")
    assert "已删去" in told(app)
    assert not kept_schemes(engine)


def test_a_scheme_that_cannot_be_used_can_be_removed(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine.begin() as connection:
        # As of an indicator that is no more, or of two who saved at the same moment
        broken = written(load_schemes()[0]).replace("on_time_rate", "gone")
        connection.execute(insert(evaluation_scheme).values(id="broken", content=broken))
    app = page("settings", url, monkeypatch)
    assert any("broken.toml" in one.value and "没有指标 gone" in one.value for one in app.markdown)
    # The others can be looked at nevertheless.
    assert "三率考评" in app.selectbox(key="scheme chosen").options
    press(app, "remove scheme broken")
    assert "已删去" in told(app)
    assert not kept_schemes(engine)


def test_a_scheme_of_a_file_is_read_into_the_form(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("settings", url, monkeypatch)
    app.selectbox(key="scheme chosen").select("+file").run()
    (three,) = (one for one in load_schemes() if one.id == "three_rates")
    content = written(replace(three, series="town", zh="乡镇三率"))
    app.file_uploader(key="scheme file").upload("乡镇三率.toml", content.encode(), "application/toml").run()
    press(app, "save scheme")
    assert told(app) == "已保存：方案“乡镇三率”自 2000-01 起"
    assert list(kept_schemes(engine)) == ["county_1"]
    app.selectbox(key="scheme chosen").select("+file").run()
    app.file_uploader(key="scheme file").upload("x.toml", b"name = ", "application/toml").run()
    assert "x.toml" in app.error[0].value


def test_the_form_says_what_the_scheme_says() -> None:
    with written_in("zh"):
        for scheme in load_schemes():
            head = {"name": scheme.zh, "name_en": scheme.en, "series": scheme.series, "from": scheme.first}
            head |= {"min_cases": scheme.min_cases, "source": scheme.source}
            table = criteria_table(scheme)
            assert scheme_in(scheme.id, toml_of(head, table, INDICATORS), is_form=True) == scheme
    changes = {
        "edited_rows": {"0": {"权重": 40}},
        "deleted_rows": [1, 2, 3],
        "added_rows": [{"指标": "办结率", "权重": 60, "计分": "按名次", "只算渠道": "信访，一级类别=城乡建设"}],
    }
    with written_in("zh"):
        (scheme,) = (one for one in load_schemes() if one.id == "four_parts")
        content = toml_of({"name": "新", "from": "2024-01"}, edited(criteria_table(scheme), changes), INDICATORS)
    first, second = scheme_in("new", content, is_form=True).criteria
    assert (first.indicator.code, first.weight, first.per_point) == ("signed_in_time_rate", 40, 1)
    assert (second.key, second.weight, second.rule) == ("completion_rate channel=信访 category_1=城乡建设", 60, "rank")


def test_kinds_of_events_are_the_countys_and_then_those_of_before(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page("settings", url, monkeypatch)
    area = field(app, "一行一类")
    shipped = area.value
    area.set_value("安全隐患\n 矛盾纠纷 \n\n安全隐患\n噪音")
    press(app, "save event kinds")
    assert own_event_kinds(county(engine, UNRESTRICTED).settings) == ("安全隐患", "矛盾纠纷", "噪音")
    titles = [one["title"] for one in contents(page("grid", url, monkeypatch), "figure")]
    assert any(title.startswith("3 类事项") for title in titles)
    field(app, "一行一类").set_value("")
    press(app, "save event kinds")
    assert field(app, "一行一类").value == shipped


def test_persons_are_kept_as_long_as_is_set(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert forget(["forget", "--url", url]) == 1
    assert "没有设保存期限" in capsys.readouterr().err
    app = page("settings", url, monkeypatch)
    field(app, "办结后保存几个月").set_value(6)
    press(app, "save retention")
    assert told(app) == "已保存：保存月数：无 → 6"
    (state,) = [one.value for one in app.markdown if one.value.startswith("办结后保存 6 个月")]
    assert "现有 0 件" not in state
    press(app, "forget persons")
    assert "已删去" in told(app)
    (state,) = [one.value for one in app.markdown if one.value.startswith("办结后保存 6 个月")]
    assert "现有 0 件" in state
    assert forget(["forget", "--url", url]) == 0


def test_the_wall_rotates_as_is_set(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("settings", url, monkeypatch)
    field(app, "画面，按").set_value(["cameras", "petitions"])
    field(app, "每屏几秒").set_value(45)
    press(app, "save rotation")
    assert "雪亮监控" in told(app)
    own = rotation(county(engine, UNRESTRICTED).settings)
    wanted = settings(QueryParams(""), own)
    assert (wanted.show, wanted.every, wanted.has_views) == (("cameras", "petitions"), 45, True)
    # What an address says comes first.
    asked = settings(QueryParams("show=overview&every=10"), own)
    assert (asked.show, asked.every, asked.has_views) == (("overview",), 10, False)
    assert settings(QueryParams("by=street"), Rotation(("evaluation", "cameras"))).show == ("cameras",)


def test_a_header_of_the_county_is_known_from_then_on(
    url: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMPORT_MAPPINGS", str(tmp_path / "mappings"))
    app = page("settings", url, monkeypatch)
    app.selectbox(key="headers table").select("petitions").run()
    app.selectbox(key="headers column petitions").select("closed_at").run()
    field(app, "县里的文件还怎样称").set_value("办毕日\n 办毕日 \n了结时间")
    press(app, "save headers")
    assert told(app).startswith("已保存：这一列在县里的文件里另有 2 个叫法")
    (column,) = [one for one in TABLES["petitions"].fields if one.name == "closed_at"]
    assert {"办毕日", "了结时间"} <= set(titles_of(column, TABLES["petitions"]))
    assert any("王某 于" in one.value for one in app.caption)
    field(app, "县里的文件还怎样称").set_value("")
    press(app, "save headers")
    assert county_headers() == {}


def test_the_page_is_in_english(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("settings", url, monkeypatch, lang=["en"])
    assert [one.value for one in app.header] == [
        "County",
        "Leagues",
        "Aliases of townships",
        "Boundaries",
        "Figures reported by hand",
        "Targets",
        "Evaluation schemes",
        "Kinds of events",
        "Bands of grids",
        "Headers of imports",
        "How long petitioners are kept",
        "The wall's rotation",
    ]
    # Of the page itself: names of places and kinds are data.
    labels = [one.label for one in (*app.button, *app.text_input, *app.selectbox, *app.multiselect, *app.number_input)]
    assert not [
        label
        for label in (*labels, *(one.value for one in app.caption if not one.value.startswith("Known")))
        if re.search(r"[\u4e00-\u9fff]", label)
    ]
