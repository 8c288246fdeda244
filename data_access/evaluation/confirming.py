"""Whether a second person confirms what is frozen, and who is a second person."""

from __future__ import annotations

import os
import unicodedata

from data_access.problems import Problem


def takes_two() -> bool:
    """``FREEZE_BY_TWO``: whether a month is frozen (1) only once another person has confirmed it. Raises Problem for another."""
    given = os.environ.get("FREEZE_BY_TWO", "").strip() or "0"
    if given not in ("0", "1"):
        raise Problem(f"FREEZE_BY_TWO={given} 不对，应为 1 或 0。", f"FREEZE_BY_TWO={given} should be 1 or 0.")
    return given == "1"


def is_same_person(one: str, other: str) -> bool:
    """Whether two names of accounts are one person's: they may differ in case, width and spaces around them."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()
