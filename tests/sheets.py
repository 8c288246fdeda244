"""The sheets that a browser prints, as the words of each."""

from __future__ import annotations

import io
import unicodedata

from playwright.sync_api import Page
from pypdf import PdfReader

# Radicals that are drawn as characters are, and that no normal form makes one of
RADICALS = str.maketrans(
    "⻘⻩⻓⻋⻔⻢⻅⻉⻛⻜⻝⻚⻥⻦⻨⻬⻮⻰⻳⺠⻄⺟⻆⻣⻤⻙⻁戶",
    "青黄长车门马见贝风飞食页鱼鸟麦齐齿龙龟民西母角骨鬼韦虎户",
)


def printed(page: Page, format: str, *, across: bool) -> list[str]:
    return pages_of(page.pdf(format=format, landscape=across))


def pages_of(pdf: bytes) -> list[str]:
    """The words of each page, squeezed."""
    return [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def squeezed(words: str) -> str:
    """Words without spaces, of Chinese characters those that stand for their likes: a PDF says which shapes it draws."""
    return "".join(unicodedata.normalize("NFKC", words).translate(RADICALS).split())
