"""The page of the record of deeds: searched by who administers, closed to all others."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from data_access.access import RIGHTS, Viewer
from data_access.audit.deeds import record
from data_access.audit.tables import deed
from data_access.database import begin_writing, engine_for
from tests.counties import copied
from tests.page_contents import page
from ui.frame.pages import page_titles


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
    app.multiselect(key="deeds kinds").set_value(["imported"]).run()
    assert app.dataframe[0].value["对象"].tolist() == ["批次一"]
    app.text_input(key="deeds words").set_value("没有这样的").run()
    assert "没有" in app.info[0].value


def test_a_changed_deed_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine_for(url).begin() as connection:
        connection.execute(update(deed).where(deed.c.number == 1).values(done_by="李某"))
    app = page("record", url, monkeypatch)
    assert "第 1 条" in app.error[0].value


def test_nobody_else_opens_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: Viewer("王某", rights=frozenset({"evaluate"})))
    app = page("record", url, monkeypatch)
    assert not app.dataframe
    assert any(RIGHTS["administer"][0] in one.value for one in app.info)
    assert "record" not in page_titles(Viewer("王某", rights=frozenset({"evaluate"})))
