"""Lists on paper: all rows, told as on the screen, within the paper's width."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st

from ui.elements.row_table import more_on_paper, paper_content

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
    content = json.loads(paper_content(table, formats, "还有", "—"))
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


def test_what_is_left_out_is_told() -> None:
    assert more_on_paper(200, 200) is None
    assert "1,234 条中的前 200 条" in (more_on_paper(200, 1234) or "")
    assert "前 200 条" in (more_on_paper(200, None) or "")


def test_every_list_is_on_paper_too() -> None:
    """Streamlit's table is a picture of what is in sight: whoever shows a list takes what shows it on paper as well."""
    showers = [
        str(path.relative_to(ROOT))
        for folder in ("ui", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bst\.(dataframe|data_editor)\(", path.read_text("utf-8"))
    ]
    assert showers == ["ui/elements/row_table.py"]
