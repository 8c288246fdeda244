"""Typing finds: Chinese, pinyin, initials; the most relevant first."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from data_access.access import UNRESTRICTED
from data_access.exploring.finding import Findable, findable_values, found, relevance


@pytest.fixture(scope="module")
def values(sample_engine: Engine) -> tuple[Findable, ...]:
    with sample_engine.connect() as connection:
        return findable_values(connection, UNRESTRICTED)


@pytest.mark.parametrize("typed", ["大束", "大束镇", "dsz", "dashu", "DaShuZhen", "da shu"])
def test_a_township_is_found_first_however_it_is_typed(values: tuple[Findable, ...], typed: str) -> None:
    best = found(typed, values)[0]
    assert (best.kind, best.name) == ("township_code", "大束镇")


@pytest.mark.parametrize(
    ("typed", "kind", "name"),
    [
        ("路灯", "category_3", "路灯不亮"),
        ("ludeng", "category_3", "路灯不亮"),
        ("gsgr", "category_2", "供水供热"),
        ("swj", "department", "市水务局"),
        ("孟庄", "village_code", "孟庄社区居委会"),
    ],
)
def test_other_names_are_found(values: tuple[Findable, ...], typed: str, kind: str, name: str) -> None:
    assert (kind, name) in [(one.kind, one.name) for one in found(typed, values)[:4]]


def test_the_better_answer_comes_first() -> None:
    scores = [relevance("dsz", name) for name in ("大束镇", "大束镇人民医院", "北大束镇")]
    assert scores == sorted(scores, key=lambda score: (score is None, score))
    assert scores[0] == 1
    assert relevance("大束镇", "大束镇") == 0
    assert relevance("zz", "大束镇") is None
    assert relevance("", "大束镇") is None
    # 重 is zhong or chong
    assert relevance("chongxing", "重兴村") is not None
    assert relevance("zhongxing", "重兴村") is not None


@pytest.mark.parametrize("typed", ["%", "_", "' OR 1=1 --", "\\", "<script>", "*(", "[", "。"])
def test_signs_find_nothing_and_break_nothing(values: tuple[Findable, ...], typed: str) -> None:
    assert found(typed, values) == []
