"""The import page asks a clerk once: which column, what words mean, which year, and whether to overwrite."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.volunteers.imports import ACTIVITIES
from data_access.importing import import_file
from data_access.importing.mapping import ColumnMapping
from data_access.importing.tables import TABLES
from data_access.model.import_table import ImportTable
from tests.files import text_file, xlsx_file
from tests.page_contents import page
from ui.importing.file import Draft
from ui.text import plain


@pytest.fixture
def app(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("IMPORT_MAPPINGS", str(tmp_path / "mappings"))
    return page("data_import", str(engine.url), monkeypatch)


def given(app: AppTest, path: Path, table: ImportTable = PETITIONS, upload: str = "token") -> None:
    """Have the page find the file that somebody gave it."""
    app.session_state["import table"] = table.name
    app.session_state["import draft"] = Draft(upload, path, table)
    checked(app)


def checked(app: AppTest) -> None:
    """Run the page until its check, if one has begun, is done and shown."""
    app.run()
    draft: Draft = app.session_state["import draft"]
    if draft.check is not None:
        draft.check.wait()
        app.run()
    assert not app.exception


def click(app: AppTest, label: str) -> None:
    next(button for button in app.button if label in button.label).click()
    checked(app)


def said(app: AppTest) -> str:
    shown = (*app.markdown, *app.caption, *app.warning, *app.error)
    return "\n".join(element.value for element in shown)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button if not button.disabled]


CASES = "单据,镇街,受理时间,满意度,办结那天\nA-7,钢山街道,2025-03-01,比较满意,2025-03-02\nA-9,香城镇,2025-03-01,一般,\n"


def test_columns_and_words_are_asked_once(app: AppTest, tmp_path: Path) -> None:
    given(app, text_file(tmp_path / "a.csv", CASES))
    assert "没有用到：单据、办结那天" in said(app)
    choice = next(box for box in app.selectbox if box.label == "哪一列是工单编号？")
    choice.select("单据")
    checked(app)
    # What is chosen is used; what is not costs indicators, which are named.
    assert "没有用到：办结那天" in said(app)
    assert "办结量、平均办理时长（缺办结时间）" in said(app)
    words = {box.label: box for box in app.selectbox if "满意：" in box.label}
    assert {label: box.value for label, box in words.items()} == {
        "是否满意：比较满意（1 行）": "是",
        "是否满意：一般（1 行）": None,
    }
    words["是否满意：一般（1 行）"].select("否")
    app.run()
    click(app, "记下这 2 个词的意思")
    assert "装入 2 行" in labels(app)
    assert "是否满意：一般 → 否" in said(app)
    click(app, "重新问")
    click(app, "检查")
    assert [box.label for box in app.selectbox if "满意：" in box.label] == list(words)
    # Nothing on the page is called as the program calls it.
    assert not any(word in said(app) for word in ("satisfied", "case_no", "closed_at", "[values]"))


@pytest.mark.parametrize("sheet", ["台账__八月", "台账___八月", "__", "_台账_"])
@pytest.mark.parametrize("upload", ["upload", "up__load"])
def test_neither_a_sheet_nor_an_upload_breaks_the_page(app: AppTest, tmp_path: Path, sheet: str, upload: str) -> None:
    """Both stand in the keys of elements, in which two underlines are Streamlit's own."""
    path = xlsx_file(tmp_path / "a.xlsx", [line.split(",") for line in CASES.splitlines()], [["说明"], ["无"]])
    workbook = load_workbook(path)
    workbook.worksheets[0].title = sheet
    workbook.save(path)
    given(app, path, upload=upload)
    assert f"工作表“{plain(sheet)}”" in said(app)
    assert "没有料到" not in said(app)


def test_a_running_number_is_not_loaded_without_a_tick(app: AppTest, engine: Engine, tmp_path: Path) -> None:
    rows = "".join(f"{n},钢山街道,2025-01-0{n},一月\n" for n in (1, 2, 3))
    january = text_file(tmp_path / "a.csv", f"序号,镇街,受理时间,诉求标题\n{rows}")
    import_file(engine, PETITIONS, january, ColumnMapping({"case_no": "序号"}), by=UNRESTRICTED)
    given(app, text_file(tmp_path / "b.csv", january.read_text("utf-8").replace("2025-01", "2025-02")))
    next(box for box in app.selectbox if "工单编号" in box.label).select("序号")
    checked(app)
    assert "像是序号" in said(app) and "在库里已经是别的内容（受理时间、诉求标题不同）" in said(app)
    assert "装入 3 行" not in labels(app)
    app.checkbox(key="overwrite token").check()
    app.run()
    assert "装入 3 行" in labels(app)
    # Or the file has no numbers.
    next(box for box in app.selectbox if "工单编号" in box.label).select("\n")
    app.run()
    click(app, "检查")
    assert "按每行的内容编号" in said(app) and "别的内容" not in said(app)


def test_equal_rows_long_texts_and_years(app: AppTest, engine: Engine, tmp_path: Path) -> None:
    team = text_file(tmp_path / "t.csv", "队伍编号,镇街,队伍名称,成立日期\nT1,钢山街道,甲队,2024-01-01\n")
    import_file(engine, TABLES["volunteer_teams"], team, by=UNRESTRICTED)
    row = f"4月1日,钢山街道,T1,{'清扫' * 150}\n"
    log = text_file(tmp_path / "log.csv", f"2025年4月活动,,,\n活动日期,镇街,队伍编号,活动类型\n{row}{row}")
    given(app, log, ACTIVITIES)
    click(app, "按2025年4月读")
    click(app, "截短后装入")
    assert "有 1 行和前面的行相同" in said(app)
    click(app, "只算一次")
    assert "装入 1 行" in labels(app)
