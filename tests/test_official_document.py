"""The .docx, opened again, keeps to the page grid of GB/T 9704-2012."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.enum.text import WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from ui.files.official_document import CHARACTERS, OfficialDocument


@pytest.fixture(scope="module")
def document() -> Any:
    made = OfficialDocument("某县通报")
    made.addressee("各镇街")
    for number in range(11):
        made.heading(f"第{number + 1}项", 1)
        made.heading("甲", 2)
        made.heading("子", 3)
        made.heading("丑", 4)
        made.heading("乙", 2)
        made.paragraph("正文" * 40)
    made.table("表", ("名次", "镇街"), [("1", "甲镇"), ("—", "乙镇")], (1, 3))
    made.signature("某县", "2023年9月5日")
    return Document(BytesIO(made.as_bytes()))


def eastern(paragraph: Any) -> str:
    return str(paragraph.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")))


def paragraph_of(document: Any, text: str) -> Any:
    return next(paragraph for paragraph in document.paragraphs if paragraph.text == text)


def test_the_page(document: Any) -> None:
    section = document.sections[0]
    for measure, millimetres in (
        (section.page_width, 210),
        (section.page_height, 297),
        (section.top_margin, 37),
        (section.left_margin, 28),
        (section.bottom_margin, 35),
        (section.right_margin, 26),
        (section.page_width - section.left_margin - section.right_margin, 156),
        (section.page_height - section.top_margin - section.bottom_margin, 225),
    ):
        assert abs(measure - Mm(millimetres)) <= Pt(0.05)
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:linePitch")) == "579"


def test_lines_and_characters(document: Any) -> None:
    body = paragraph_of(document, "正文" * 40)
    assert body.paragraph_format.line_spacing == Pt(28.95)
    assert body.paragraph_format.line_spacing_rule == WD_LINE_SPACING.EXACTLY
    height, width = Mm(225).pt, Mm(156).pt
    assert 22 <= height / 28.95 < 23
    run = body.runs[0]
    assert run.font.size == Pt(16)
    closer = int(run._element.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
    assert CHARACTERS <= width / (16 + closer) < CHARACTERS + 1
    assert body._p.pPr.ind.get(qn("w:firstLineChars")) == "200"


def test_fonts_and_numbers(document: Any) -> None:
    title = document.paragraphs[0]
    assert (eastern(title), title.runs[0].font.size) == ("方正小标宋简体", Pt(22))
    for text, font in (
        ("一、第1项", "黑体"),
        ("十一、第11项", "黑体"),
        ("（一）甲", "楷体_GB2312"),
        ("（二）乙", "楷体_GB2312"),
        ("1.子", "仿宋_GB2312"),
        ("（1）丑", "仿宋_GB2312"),
        ("正文" * 40, "仿宋_GB2312"),
    ):
        assert eastern(paragraph_of(document, text)) == font


def test_page_numbers_stand_outside(document: Any) -> None:
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        (paragraph,) = footer.paragraphs
        assert paragraph.text == "—  —"
        assert "PAGE" in paragraph._p.xml
        assert paragraph.runs[0].font.size == Pt(14)
        assert eastern(paragraph) == "宋体"
        assert paragraph._p.pPr.ind.get(qn(f"w:{side}Chars")) == "100"
        assert paragraph._p.pPr.jc.get(qn("w:val")) == side


def test_the_date_is_four_characters_from_the_right(document: Any) -> None:
    date = paragraph_of(document, "2023年9月5日")
    assert date._p.pPr.ind.get(qn("w:rightChars")) == "400"
    assert date._p.pPr.jc.get(qn("w:val")) == "right"


def test_a_table_repeats_its_header(document: Any) -> None:
    (table,) = document.tables
    assert [cell.text for cell in table.rows[0].cells] == ["名次", "镇街"]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    assert table.rows[1].cells[1].width == pytest.approx(3 * table.rows[1].cells[0].width, rel=0.01)
