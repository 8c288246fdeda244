"""Official documents (.docx) on the page grid of GB/T 9704-2012. Fonts are named, not shipped."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt
from docx.text.paragraph import Paragraph

from data_access.spreadsheets import in_xml

TITLE_FONT, BODY_FONT, HEADING_FONT, SECOND_FONT, PAGE_FONT = (
    "方正小标宋简体",
    "仿宋_GB2312",
    "黑体",
    "楷体_GB2312",
    "宋体",
)
LATIN_FONT = "Times New Roman"
# 2号, 3号, 小四, 4号
TITLE_SIZE, BODY_SIZE, TABLE_SIZE, PAGE_SIZE = Pt(22), Pt(16), Pt(12), Pt(14)
# 22 lines of 28 characters in 156 x 225 mm
LINE = Pt(28.95)
CHARACTERS = 28
WIDTH = Mm(156)
# Twentieths of a point that characters of the body stand closer, so that 28 fit a line
_CLOSER = -5
_CHINESE = "〇一二三四五六七八九十"


def _chinese(number: int) -> str:
    """1 to 99 as 一 to 九十九."""
    tens, ones = divmod(number, 10)
    lead = "" if tens == 0 else "十" if tens == 1 else f"{_CHINESE[tens]}十"
    return lead + (_CHINESE[ones] if ones else "")


class OfficialDocument:
    """A document under way: title (a line break may divide it), then headings, paragraphs, tables and pictures in the order of the calls."""

    def __init__(self, title: str) -> None:
        self._document: DocumentType = Document()
        self._numbers = [0, 0, 0, 0]
        self._lay_out()
        self._paragraph(title, TITLE_FONT, TITLE_SIZE, alignment=WD_ALIGN_PARAGRAPH.CENTER, indent=0, spacing=Pt(35))
        self._paragraph("", indent=0)

    def _lay_out(self) -> None:
        section = self._document.sections[0]
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.left_margin = Mm(37), Mm(28)
        section.bottom_margin, section.right_margin = Mm(35), Mm(26)
        # The page number's line stands 7 mm below the body.
        section.footer_distance = Mm(23)
        grid = OxmlElement("w:docGrid")
        # A grid of characters, too, would be drawn differently by each program; see _CLOSER.
        grid.set(qn("w:type"), "lines")
        grid.set(qn("w:linePitch"), str(round(LINE.pt * 20)))
        for old in section._sectPr.findall(qn("w:docGrid")):
            section._sectPr.remove(old)
        section._sectPr.append(grid)
        self._document.settings.odd_and_even_pages_header_footer = True
        for footer, alignment in (
            (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
            (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
        ):
            footer.is_linked_to_previous = False
            paragraph = footer.paragraphs[0]
            paragraph.alignment = alignment
            _indent(paragraph, "right" if alignment == WD_ALIGN_PARAGRAPH.RIGHT else "left", 1, PAGE_SIZE)
            _number_of_page(paragraph)
        style = self._document.styles["Normal"]
        _set_font(style.element.get_or_add_rPr(), BODY_FONT)
        style.font.size = BODY_SIZE

    def _paragraph(
        self,
        text: str,
        font: str = BODY_FONT,
        size: Length = BODY_SIZE,
        *,
        alignment: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY,
        indent: int = 2,
        spacing: Length = LINE,
    ) -> Paragraph:
        paragraph: Paragraph = self._document.add_paragraph()
        _space(paragraph, spacing)
        paragraph.alignment = alignment
        if indent:
            _indent(paragraph, "firstLine", indent, size)
        run = paragraph.add_run(in_xml(text))
        run.font.size = size
        _set_font(run._element.get_or_add_rPr(), font)
        if size == BODY_SIZE:
            closer = OxmlElement("w:spacing")
            closer.set(qn("w:val"), str(_CLOSER))
            # After the fonts and before the size, as the schema orders them
            run._element.get_or_add_rPr().find(qn("w:sz")).addprevious(closer)
        return paragraph

    def heading(self, text: str, level: int) -> None:
        """A heading: 一、 of level 1, （一） of level 2, 1. of level 3, （1） of level 4, numbered here."""
        self._numbers[level - 1] += 1
        self._numbers[level:] = [0] * (4 - level)
        number = self._numbers[level - 1]
        mark = (f"{_chinese(number)}、", f"（{_chinese(number)}）", f"{number}.", f"（{number}）")[level - 1]
        paragraph = self._paragraph(mark + text, (HEADING_FONT, SECOND_FONT, BODY_FONT, BODY_FONT)[level - 1])
        paragraph.paragraph_format.keep_with_next = True

    def paragraph(self, text: str) -> None:
        """A paragraph of the body, its first line indented by two characters."""
        self._paragraph(text)

    def addressee(self, text: str) -> None:
        """Whom it goes to: flush left, with a colon."""
        self._paragraph(f"{text}：", indent=0)

    def signature(self, signer: str, date: str) -> None:
        """Who signs and when; the date right-indented by four characters."""
        self._paragraph("", indent=0)
        for text in (signer, date):
            paragraph = self._paragraph(text, alignment=WD_ALIGN_PARAGRAPH.RIGHT, indent=0)
            _indent(paragraph, "right", 4, BODY_SIZE)
            paragraph.paragraph_format.keep_together = True

    def table(
        self, caption: str, header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]
    ) -> None:
        """A table with its caption above; ``widths`` are shares of the body's width. The header repeats on each page."""
        title = self._paragraph(caption, HEADING_FONT, TABLE_SIZE, alignment=WD_ALIGN_PARAGRAPH.CENTER, indent=0)
        title.paragraph_format.keep_with_next = True
        table = self._document.add_table(rows=0, cols=len(header), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Length(round(WIDTH * width / sum(widths)))
        for number, cells in enumerate([header, *rows]):
            row = table.add_row()
            properties = row._tr.get_or_add_trPr()
            properties.append(OxmlElement("w:cantSplit"))
            if number == 0:
                properties.append(OxmlElement("w:tblHeader"))
            for cell, text, width in zip(row.cells, cells, widths, strict=True):
                cell.width = Length(round(WIDTH * width / sum(widths)))
                paragraph = cell.paragraphs[0]
                _space(paragraph, Pt(19))
                is_number = number > 0 and text[:1] in "0123456789+-−—" and not any("一" <= one <= "鿿" for one in text)
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if number == 0 or is_number else WD_ALIGN_PARAGRAPH.LEFT
                run = paragraph.add_run(in_xml(text))
                run.font.size = TABLE_SIZE
                _set_font(run._element.get_or_add_rPr(), HEADING_FONT if number == 0 else BODY_FONT)
        self._paragraph("", indent=0, spacing=Pt(14))

    def picture(self, png: bytes, caption: str) -> None:
        """A picture across the body with its caption below."""
        paragraph = self._document.add_paragraph()
        # On the grid's exact lines a picture would show one line of itself.
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.keep_with_next = True
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        picture = paragraph.add_run().add_picture(BytesIO(png), width=WIDTH)
        picture._inline.docPr.set("descr", in_xml(caption))
        self._paragraph(caption, HEADING_FONT, TABLE_SIZE, alignment=WD_ALIGN_PARAGRAPH.CENTER, indent=0)

    def as_bytes(self) -> bytes:
        """The .docx file."""
        file = BytesIO()
        self._document.save(file)
        return file.getvalue()


def _space(paragraph: Paragraph, spacing: Length) -> None:
    form = paragraph.paragraph_format
    form.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    form.line_spacing = spacing
    form.space_before = form.space_after = Pt(0)


def _indent(paragraph: Paragraph, side: str, characters: int, size: Length) -> None:
    """Indent in characters, as Word counts them, and in the length that this is, for programs that do not."""
    properties = paragraph._p.get_or_add_pPr()
    indent: Any = properties.find(qn("w:ind"))
    if indent is None:
        indent = properties.get_or_add_ind()
    indent.set(qn(f"w:{side}Chars"), str(100 * characters))
    indent.set(qn(f"w:{side}"), str(round(characters * size.pt * 20)))


def _set_font(properties: Any, font: str, latin: str = LATIN_FONT) -> None:
    fonts = properties.get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    for script in ("w:ascii", "w:hAnsi"):
        fonts.set(qn(script), latin)


def _number_of_page(paragraph: Paragraph) -> None:
    """— 1 —"""
    for text in ("— ", None, " —"):
        run = paragraph.add_run(text or "")
        run.font.size = PAGE_SIZE
        _set_font(run._element.get_or_add_rPr(), PAGE_FONT, PAGE_FONT)
        if text is None:
            for kind in ("begin", None, "end"):
                if kind is None:
                    code = OxmlElement("w:instrText")
                    code.set(qn("xml:space"), "preserve")
                    code.text = "PAGE"
                    run._element.append(code)
                else:
                    mark = OxmlElement("w:fldChar")
                    mark.set(qn("w:fldCharType"), kind)
                    run._element.append(mark)
