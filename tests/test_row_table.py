"""Lists on paper: all rows, told as on the screen, within the paper's width."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from starlette.requests import Request
from starlette.responses import Response

from data_access.access import Viewer
from data_access.database import DatabaseBusy
from tests.page_contents import in_a_loop
from ui.elements.element import gathered
from ui.elements.row_table import more_on_paper, paper_content, show_on_paper
from ui.files import downloads, whole_lists
from ui.files.whole_lists import WholeList, print_route

ROOT = Path(__file__).resolve().parent.parent


def test_cells_are_told_as_on_the_screen() -> None:
    table = pd.DataFrame(
        {
            "编号": ["007", None],
            "件": [12345, 3],
            "率": [95.25, float("nan")],
            "份额": [0.0, 12.34],
            "时间": pd.to_datetime(["2023-08-01 09:30", None]),
            "日": pd.to_datetime(["2023-08-01", "2023-08-02"]),
            "是": [True, False],
        }
    )
    formats = {
        "件": st.column_config.NumberColumn(format="localized"),
        "份额": st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100),
        "时间": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
        "日": st.column_config.DateColumn(format="YYYY-MM-DD"),
    }
    content = json.loads(paper_content(table, formats, "—", note="还有"))
    assert content["rows"] == [
        ["007", "12,345", "95.25", "0.0%", "2023-08-01 09:30", "2023-08-01", "✓"],
        ["—", "3", "—", "12.3%", "—", "2023-08-02", "—"],
    ]
    assert content["note"] == "还有"
    assert [column["title"] for column in content["columns"] if column["number"]] == ["件", "率", "份额"]


@pytest.mark.parametrize("columns", [1, 6, 17, 40])
def test_columns_fit_the_paper(columns: int) -> None:
    """A4 upright, in the smallest letters; what does not fit goes on in the next line of its cell."""
    table = pd.DataFrame({f"第{at}列": ["长" * (at % 20), "1"] for at in range(columns)})
    content = json.loads(paper_content(table, {}))
    widths = [column["width"] for column in content["columns"]]
    assert sum(widths) <= 190
    # Beside wide columns narrow ones keep what they need.
    assert widths[0] >= min(widths)


def test_a_table_without_rows_has_its_heading() -> None:
    content = json.loads(paper_content(pd.DataFrame({"编号": [], "件": []}), {}))
    assert [column["title"] for column in content["columns"]] == ["编号", "件"]
    assert content["rows"] == []


@pytest.mark.parametrize(
    ("count", "rights", "told"),
    [
        (1234, None, "1,234 条中的前 200 条；用页面右上角的“打印”打出全部。"),
        (5001, None, "5,001 条中的前 200 条；超过 5,000 条的不整份打印，全部请导出 Excel。"),
        (None, None, "前 200 条；超过 5,000 条的不整份打印，全部请导出 Excel。"),
        (1234, frozenset[str](), "1,234 条中的前 200 条；要更多的，先点“显示更多”。"),
    ],
)
def test_what_is_left_out_is_told_and_how_to_have_it(
    count: int | None, rights: frozenset[str] | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_lists, "viewer", lambda: Viewer("甲", rights=rights))
    assert more_on_paper(200, WholeList("件", count, pd.DataFrame, "清单")).endswith(told)


TABLE = pd.DataFrame({"编号": ["1", "2", "3"]})


def asked(way: str) -> Response:
    request = Request(
        {"type": "http", "path_params": {"token": way.removeprefix("print/")}, "headers": [], "client": None}
    )
    answer = in_a_loop(print_route.endpoint(request))
    assert isinstance(answer, Response)
    return answer


def test_all_rows_are_got_as_a_file_is_and_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """By whom the page was shown to, while they have the right; each time it is printed."""
    record: list[dict[str, Any]] = []
    first, other = Viewer("甲", rights=frozenset({"export"})), Viewer("乙", rights=frozenset({"export"}))
    monkeypatch.setattr(
        downloads, "record_export", lambda _engine, by, **entry: record.append({**entry, "by": by.name})
    )
    monkeypatch.setattr(downloads.cache, "reachable_engine", lambda: None)
    for module in (downloads, whole_lists):
        monkeypatch.setattr(module, "viewer", lambda: first)
    whole = WholeList(("件", "超期"), 3, lambda: TABLE, "诉求清单 · 全部镇街")
    with gathered() as contents:
        show_on_paper(TABLE[:1], "cases", {}, whole)
        show_on_paper(TABLE[:1], "cases", {}, replace(whole, asked=("件", "未结")))
        show_on_paper(TABLE, "cases", {}, whole)
        show_on_paper(TABLE[:1], "cases", {}, replace(whole, count=5001))
        show_on_paper(TABLE[:1], "cases", {}, whole)
    ways = [json.loads(content)["way"] for content in contents]
    assert [bool(way) for way in ways] == [True, True, False, False, True]
    # A page that is run again shows the same.
    assert ways[0] == ways[4] != ways[1]
    assert not record
    monkeypatch.setattr(whole_lists, "viewer_of", lambda _request: first)
    answer = asked(ways[0])
    assert json.loads(answer.body)["rows"] == [["1"], ["2"], ["3"]]
    assert answer.headers["Cache-Control"] == "no-store"
    assert record == [{"format": "print", "rows": 3, "question": "诉求清单 · 全部镇街", "right": "export", "by": "甲"}]
    for viewer in (other, replace(first, rights=frozenset())):
        monkeypatch.setattr(whole_lists, "viewer_of", lambda _request, viewer=viewer: viewer)
        assert asked(ways[0]).status_code == 404
    assert asked("print/unknown").status_code == 404
    assert len(record) == 1


def test_why_no_rows_are_given_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise DatabaseBusy("正在装入数据，请稍后。", "A load is going on.")

    monkeypatch.setattr(downloads, "record_export", busy)
    monkeypatch.setattr(downloads.cache, "reachable_engine", lambda: None)
    for module in (downloads, whole_lists):
        monkeypatch.setattr(module, "viewer", lambda: Viewer("甲"))
    monkeypatch.setattr(whole_lists, "viewer_of", lambda _request: Viewer("甲"))
    answer = asked(WholeList("件", 3, lambda: TABLE, "清单").way(lambda rows: paper_content(rows, {})))
    assert answer.status_code == 503
    assert bytes(answer.body).decode() == "正在装入数据，请稍后。"


def test_every_list_is_on_paper_too() -> None:
    """Streamlit's table is a picture of what is in sight: whoever shows a list takes what shows it on paper as well."""
    showers = [
        str(path.relative_to(ROOT))
        for folder in ("ui", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bst\.(dataframe|data_editor)\(", path.read_text("utf-8"))
    ]
    assert showers == ["ui/elements/row_table.py"]
