"""What a column of a list of rows is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ListColumn:
    """A column by the name that it has in rows that are read: what it is called, and how its values are shown.

    ``kind``: number is counted as it is, tenths has one decimal, share is percent of a whole, ten_thousand_yuan is
    read as yuan; moment and day are times.
    """

    code: str
    zh: str
    en: str
    kind: Literal["text", "number", "tenths", "share", "ten_thousand_yuan", "moment", "day"] = "text"
