"""The page of the audit log: searched by who administers, closed to all others."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from data_access.access import RIGHTS, Viewer
from data_access.accounts.administering import _seen
from data_access.audit.deeds import FIELDS, VALUES, canonical, record
from data_access.audit.tables import deed
from data_access.database import begin_writing, engine_for
from data_access.evaluation.schemes import load_schemes, written
from data_access.evaluation.tables import evaluation_exclusion, evaluation_item
from data_access.importing.loading import Outcome
from data_access.importing.mapping import ColumnMapping
from data_access.indicators import INDICATORS
from data_access.model.target import Target
from data_access.settings.kept import Rotation
from data_access.settings.lists import set_rotation
from data_access.settings.schemes import save_scheme
from data_access.settings.targets import set_target
from tests.counties import copied, memory_engine
from tests.page_contents import page
from ui.audit.words import change_words, subject_words
from ui.frame.pages import page_links
from ui.text import written_in


@pytest.fixture
def url(sample_engine: Engine, tmp_path: Path) -> str:
    url = copied(sample_engine, tmp_path / "county.sqlite")
    with engine_for(url).begin() as connection:
        begin_writing(connection)
        record(connection, Viewer("王某", "10.0.0.1"), "imported", "批次一", after={"new": 3})
        record(connection, Viewer(), "undone", "批次一")
    return url


def test_the_latest_deed_is_first_and_words_find(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("record", url, monkeypatch)
    assert "记录完整" in app.success[0].value
    # Below them stands what was done with the sample before.
    assert app.dataframe[0].value["做了什么"].tolist()[:2] == ["撤销导入", "导入"]
    assert app.dataframe[0].value["谁"].tolist()[:2] == ["命令行", "王某"]
    assert app.dataframe[0].value["内容"].tolist()[1] == "新增 3 行"
    app.multiselect(key="deeds kinds").set_value(["imported"]).run()
    assert app.dataframe[0].value["对象"].tolist() == ["批次一"]
    app.text_input(key="deeds words").set_value("没有这样的").run()
    assert "没有" in app.info[0].value


def test_a_changed_deed_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine_for(url).begin() as connection:
        connection.execute(update(deed).where(deed.c.number == 1).values(done_by="李某"))
    app = page("record", url, monkeypatch)
    assert "第 1 条" in app.error[0].value


@pytest.mark.parametrize(
    ("before", "after", "zh", "en"),
    [
        (None, None, None, None),
        (None, {"new": 120, "changed": 3, "unchanged": 0}, "新增 120 行，变更 3 行", "120 rows new, 3 rows changed"),
        (
            {"role_code": "duty_officer", "is_locked": False, "townships": ["1"]},
            {"role_code": "evaluator", "is_locked": False, "townships": []},
            "角色：值班人员 → 考评人员，镇街：钢山街道 → 无",
            "role: 值班人员 → 考评人员, townships: 钢山街道 → none",
        ),
        ({"by": "赵某"}, {"removed": 1200}, "导入人：赵某，删去 1,200 行", "loaded by: 赵某, 1,200 rows removed"),
        ({"place": ""}, {"place": "screen"}, "显示在：只在自由筛选 → 会议大屏", "shown: here only → screen"),
        (None, {"points": -1.5, "version": 2}, "-1.5 分，第 2 版", "-1.5 points, version 2"),
        (None, {"later": {"a": 1}, "is_new": True}, "is_new：是，later：a=1", "is_new: yes, later: a=1"),
    ],
)
def test_before_and_after_are_words(
    before: dict[str, object] | None, after: dict[str, object] | None, zh: str | None, en: str | None
) -> None:
    names = {"role_code": {"duty_officer": "值班人员", "evaluator": "考评人员"}, "townships": {"1": "钢山街道"}}
    kept = [None if said is None else canonical(said) for said in (before, after)]
    for language, words in (("zh", zh), ("en", en)):
        with written_in(language):
            assert change_words(kept[0], kept[1], names) == words


def test_deeds_of_settings_are_words(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, wang = engine_for(url), Viewer("王某")
    on_time = INDICATORS["on_time_rate"]
    set_target(engine, wang, on_time, Target("on_time_rate", "370883001", "2023-03", 97.25, "某办发〔2023〕3号"))
    set_rotation(engine, wang, Rotation(("cameras",), 45), ("cameras",))
    save_scheme(engine, wang, "all_areas", written(load_schemes()[0]))
    with engine.begin() as connection:
        begin_writing(connection)
        record(connection, wang, "persons-shown", "370883001/YX-1", after={"reason": "回访核实"})
    told = page("record", url, monkeypatch).dataframe[0].value.head(4)
    assert told["对象"].tolist() == ["钢山街道/YX-1", "评比方案：全域综合考评", "大屏轮播", "目标：按期办结率"]
    _, scheme, rotation, target = told["内容"]
    assert scheme.startswith("方案：全域综合考评，自 2000-01：按期办结率 15、满意率 15")
    assert rotation == "大屏画面：无 → 雪亮监控，每屏 20 → 45 秒"
    assert target == "镇街：钢山街道，指标：按期办结率，目标：97.25，起始月份：2023-03，依据文件：某办发〔2023〕3号"
    # What the page calls them finds them.
    app = page("record", url, monkeypatch)
    app.text_input(key="deeds words").set_value("钢山街道").run()
    assert {"钢山街道/YX-1", "目标：按期办结率"} <= set(app.dataframe[0].value["对象"])
    with written_in("en"):
        assert [subject_words("setting-changed", one, {}) for one in ("county", "alias 老城", "else 1")] == [
            *("county", "alias “老城”", "else 1")
        ]
    engine.dispose()


def test_what_is_no_deed_is_shown_as_it_is() -> None:
    assert change_words("[1]", "{", {}) == "[1] → {"


def test_every_field_that_the_product_records_is_named() -> None:
    """Each is a name in a dictionary that goes to the record; of those that come from tables, their columns."""
    assert all(zh and en for zh, en in (*FIELDS.values(), *(words for of in VALUES.values() for words in of.values())))
    columns = {one.name for table in (evaluation_item, evaluation_exclusion) for one in table.c}
    assert columns - {"id", "withdrawn_at"} <= set(FIELDS)
    assert {one.name for one in fields(Outcome)} | {one.name for one in fields(ColumnMapping)} <= set(FIELDS)
    with memory_engine().connect() as connection:
        assert set(_seen(connection, "nobody")) <= set(FIELDS)


def test_nobody_else_opens_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: Viewer("王某", rights=frozenset({"evaluate"})))
    app = page("record", url, monkeypatch)
    assert not app.dataframe
    assert any(RIGHTS["administer"][0] in one.value for one in app.info)
    assert "record" not in page_links(Viewer("王某", rights=frozenset({"evaluate"})))
