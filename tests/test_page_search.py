"""The pages that the box beside every page offers: by their names, and by what sentences ask that they tell."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.datastructures import QueryParams

from data_access.access import UNRESTRICTED, Viewer
from ui.explore.matches import matches
from ui.frame.pages import PAGES


@pytest.fixture(autouse=True)
def _url(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sample_url)


def offered(typed: str, viewer: Viewer = UNRESTRICTED, box: str = "everywhere") -> dict[str, Any]:
    lang = "en" if typed.isascii() else "zh"
    return matches(QueryParams({"q": typed, "box": box, "lang": lang}), viewer)


def paths(typed: str, viewer: Viewer = UNRESTRICTED) -> list[str]:
    return [row["way"]["path"] for row in offered(typed, viewer)["rows"]]


@pytest.mark.parametrize(
    ("typed", "page", "townships"),
    [
        ("太平镇今天到期的有哪些", "today", ["太平镇"]),
        ("what is due today in 太平镇", "today", ["太平镇"]),
        ("唐村镇这个月会不会完不成按期办结率", "warning", ["唐村镇"]),
        ("will 唐村镇 miss on-time this month", "warning", ["唐村镇"]),
        ("上月议定的事办得怎么样", "decisions", []),
        ("what came of last month's decisions", "decisions", []),
        ("我要报数", "reporting", []),
        ("report my figures", "reporting", []),
        ("jrdb", "today", []),
    ],
)
def test_what_a_page_tells_leads_to_it(typed: str, page: str, townships: list[str]) -> None:
    found = offered(typed)
    assert found["rows"][0]["way"] == {"path": page, "query": urlencode({"street": townships}, doseq=True)}
    # It is one of several where a question was understood in part.
    assert found["choose"] == any("asks" in row for row in found["rows"])
    # The other box adds to a question, but offers it too.
    assert page in [row["way"]["path"] for row in offered(typed, box="")["rows"] if "way" in row]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_found_by_its_name(name: str) -> None:
    for typed in (PAGES[name].zh, PAGES[name].en):
        assert (paths(typed)[0], offered(typed)["choose"]) == (name, False)


def test_a_question_that_is_understood_whole_comes_first() -> None:
    assert paths("今年到期未办结的") == ["explore", "today"]
    # Words in letters count as a whole.
    assert paths("overdue by township") == ["explore"]


def test_nobody_is_led_to_a_page_that_they_may_not_open() -> None:
    reporting = Viewer("official", rights=frozenset({"report"}))
    found = paths("账号 填报", reporting)
    assert "reporting" in found
    assert "accounts" not in found
